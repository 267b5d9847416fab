/* What Python is to know, encoded as wire.py decodes it. */
#ifndef TERTULIA_EVENTS_H
#define TERTULIA_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "buffer.h"
#include "names.h"

/* Events that packets of peers caused and that may wait to be taken. Answers to commands are not
 * counted: there are as many as commands. */
enum { MAX_EVENTS = 4096 };

enum event {
    STUN_RECEIVED = 1,
    DTLS_RECEIVED,
    SOURCE_ACTIVE,
    SOURCE_SILENT,
    ROUTE_SWITCHED,
    VOICE_STARTED,
    AUDIO_LEVELS,
    EVENTS_LOST,
    BANDWIDTH_ESTIMATE,
    SOURCE_RATES,
};

/* All zero is an empty one. */
struct events {
    struct buffer encoded;
    size_t observed;
    uint32_t lost;
};

void events_datagram(struct events *events, enum event kind, uint64_t transport,
                     const struct address *from, const uint8_t *data, size_t size);
void events_source_active(struct events *events, uint64_t source, uint32_t ssrc, uint8_t codec);
void events_source(struct events *events, enum event kind, uint64_t source);
/* `source` is NULL for an emptied sink. An answer: never lost. */
void events_route_switched(struct events *events, uint64_t sink, const uint64_t *source,
                           uint32_t timestamp);
/* `levels`: as they are encoded; each source, its level, and how many recent ones follow. */
void events_audio_levels(struct events *events, const struct buffer *levels);
/* `rates`: as they are encoded; each source, and how many layers with their bitrates follow. */
void events_source_rates(struct events *events, const struct buffer *rates);
void events_bandwidth_estimate(struct events *events, uint64_t transport, uint64_t bitrate,
                               enum bandwidth_source by);
/* Moves what there is to the end of `into`, and says how much was lost. */
void events_take(struct events *events, struct buffer *into);

#endif
