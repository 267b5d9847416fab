/* An outgoing RTP stream: one slot of a receiver, whatever source it shows. Sequence numbers,
 * timestamps and picture ids go on over every switch as if one sender had made them all. */
#ifndef TERTULIA_SINK_H
#define TERTULIA_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history.h"
#include "media.h"
#include "names.h"
#include "segment.h"
#include "source.h"

struct engine;
struct transport;

enum { SEGMENTS = 4 }; /* whose packets can be sent again: more switches than a second ever sees */

struct sink_parameters {
    enum kind kind;
    uint32_t ssrc;
    bool has_rtx;
    uint32_t rtx_ssrc;
    struct text cname;
    struct payload_types payload_types[CODECS];
    uint8_t extensions[FORWARDED];
    uint32_t sequence; /* the numbers to begin with */
    uint32_t timestamp;
    uint32_t rtx_sequence;
};

struct sink_stats {
    uint64_t packets;
    uint64_t bytes; /* of payload */
    uint64_t retransmitted;
    uint64_t nacks_received;
    uint64_t keyframe_requests_received;
    double fraction_lost;
    bool has_round_trip;
    double round_trip; /* seconds */
};

/* What is remembered of the packet with the highest sequence number that was sent. */
struct last_sent {
    struct source_clock *clock; /* NULL before the first */
    struct newest packet;
};

struct sink {
    uint64_t id;
    struct engine *engine;
    struct transport *transport;
    enum kind kind;
    uint32_t ssrc;
    uint32_t rtx_ssrc;
    bool has_rtx;
    bool paused;
    struct payload_types payload_types[CODECS];
    struct extension_map extensions;
    struct layer limits;      /* inside `source`; ALL_LAYERS for none */
    struct layer next_limits; /* inside `next` */
    bool has_route;        /* to a source, which may be paused or closed */
    uint64_t route;        /* its id */
    struct source *source; /* what is forwarded, or waits for its keyframe to be; NULL if paused */
    struct source *next;   /* what shall be forwarded from its next keyframe on (layer switch) */
    struct segment *segment; /* one of `segments`; NULL while nothing flows */
    struct segment segments[SEGMENTS];
    uint32_t segment_count; /* ever begun; the latest are kept */
    struct last_sent last;
    int64_t sequence;  /* highest sent, unwrapped */
    int64_t cut_at;    /* sequence number up to which nothing is sent again */
    int64_t timestamp; /* latest sent, unwrapped */
    int64_t picture_id; /* the next after the latest sent; so are the two below */
    int64_t tl0picidx;
    int64_t frame_number;
    int64_t rtx_sequence;
    struct history *repeats; /* what was sent where RTX was not negotiated, byte by byte */
    struct resend_limit resends;
    struct sink_stats stats;
    uint8_t cname_size;
    uint8_t cname[];
};

struct sink *sink_new(struct engine *engine, uint64_t id, struct transport *transport,
                      const struct sink_parameters *parameters);
/* Empties it; its transport has forgotten it. */
void sink_free(struct sink *sink);

void sink_route(struct sink *sink, struct source *source, enum switch_kind kind, bool paused,
                struct layer limits);
void sink_close(struct sink *sink);
void sink_source_closed(struct sink *sink, struct source *source);
/* The source's encoder began afresh with other numbers. */
void sink_source_restarted(struct sink *sink);
/* The followed source can be joined at `media`, which is forwarded next. */
void sink_promote(struct sink *sink, const struct media *media);

bool sink_accepts(const struct sink *sink, uint8_t codec);
/* Nothing flows until a keyframe in `codec` comes. */
bool sink_waits_for(const struct sink *sink, uint8_t codec);
void sink_forward(struct sink *sink, struct media *media);
/* The RTP timestamp of this moment, for a sender report; false while nothing flows. */
bool sink_timestamp_at(const struct sink *sink, double now, uint32_t *timestamp);

/* Feedback of the receiver. */
void sink_keyframe_wanted(struct sink *sink);
void sink_transport_ready(struct sink *sink);
void sink_resend(struct sink *sink, const uint16_t *sequences, size_t count);

/* Sends the packet `back` before the last once more as RTX, though nobody asked. Its size; 0 if it
 * cannot. */
size_t sink_repeat(struct sink *sink, uint32_t back);
/* It can send RTX packets of nothing but padding (RFC 3550, section 5.1). */
bool sink_can_pad(const struct sink *sink);
/* Sends one. Its size; 0 if it went nowhere. */
size_t sink_pad(struct sink *sink);

#endif
