/* An incoming RTP stream: one encoding of a track, with its retransmissions put back in. */
#ifndef TERTULIA_SOURCE_H
#define TERTULIA_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "binding.h"
#include "history.h"
#include "keyframes.h"
#include "levels.h"
#include "list.h"
#include "media.h"
#include "names.h"
#include "rates.h"
#include "rtp.h"
#include "stream.h"
#include "timers.h"

struct engine;
struct sink;
struct transport;

/* Packets that go to the sinks together: subscriber-outer, packet-inner. */
enum { MAX_RUN = 64 };

enum { NO_PAYLOAD_TYPE = 0xFF };

struct payload_types {
    uint8_t media; /* NO_PAYLOAD_TYPE: the codec is not negotiated */
    uint8_t rtx;
    uint8_t red; /* RFC 2198, around the codec itself */
};

struct source_stats {
    uint64_t packets;
    uint64_t bytes;
    uint64_t packets_recovered;
    uint64_t nacks_sent;
    uint64_t keyframes;
    uint64_t keyframe_requests_sent;
};

struct source_parameters {
    enum kind kind;
    struct stream_name *name; /* taken */
    bool has_ssrc;
    bool has_rtx_ssrc;
    bool nack;
    uint32_t ssrc;
    uint32_t rtx_ssrc;
    struct payload_types payload_types[CODECS];
};

struct source {
    uint64_t id;
    struct engine *engine;
    struct transport *transport;
    struct source_parameters parameters;
    struct stream *stream; /* NULL before the first packet: nobody knows the SSRC yet */
    struct history *history; /* by unwrapped sequence number; one for all sinks */
    struct list sinks;     /* get every packet */
    struct list followers; /* wait for a keyframe to change over to this source */
    struct source_stats stats;
    struct level_meter meter; /* of sound */
    struct rate_meter rates;  /* of pictures */
    struct descriptor_reader descriptors;
    struct keyframe_requester keyframes;
    struct timer silence;
    struct timer nack;
    double last_packet_at;
    bool has_keyframe;
    int64_t last_keyframe;
    uint8_t codec; /* of the last packet; NO_CODEC while silent */
    bool unsettled; /* some sink may not be in a segment of the codec that comes */
    uint8_t run_count;
    struct media *run[MAX_RUN];
};

/* NULL without memory; then the parameters are not taken. */
struct source *source_new(struct engine *engine, uint64_t id, struct transport *transport,
                          const struct source_parameters *parameters);
/* Sinks that show it are emptied; the transport has forgotten it. */
void source_free(struct source *source);
void source_close(struct source *source);

static inline bool source_is_active(const struct source *source) {
    return source->codec != NO_CODEC;
}
static inline bool source_is_redundant(const struct source *source, uint8_t payload_type) {
    return source->parameters.payload_types[OPUS].red == payload_type;
}
bool source_is_repair(const struct source *source, uint8_t payload_type);
/* The encoder's SSRC is known, or it began afresh with another. */
void source_bind(struct source *source, uint32_t ssrc);
/* The packet as its sinks get it; its numbers are unwrapped. NULL for one that cannot be read. */
struct media *source_read(struct source *source, const struct rtp_packet *packet, uint8_t codec,
                          int64_t sequence, int64_t timestamp);
void source_receive(struct source *source, const struct rtp_packet *packet, bool repaired);
void source_receive_rtx(struct source *source, const struct rtp_packet *packet);
/* Forwards what waits in the run. */
void source_flush(struct source *source);
void source_request_keyframe(struct source *source);
/* A sink may have begun to wait, or the source can be asked (again). */
void source_sink_waits(struct source *source);
void source_sender_report(struct source *source, uint64_t ntp, uint32_t timestamp);

#endif
