/* How the numbers of a source become those of a sink, from one switch to the next. Within a segment
 * every number differs by a constant, so late and lost packets need no memory. */
#ifndef TERTULIA_SEGMENT_H
#define TERTULIA_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "history.h"
#include "media.h"
#include "source.h"

struct segment {
    uint8_t codec;
    struct payload_types payload_types;
    struct history *history; /* of the source; NULL where the receiver takes no RTX */
    int64_t first_sequence;  /* of the source; what is older belongs to no segment */
    int64_t first_timestamp; /* of the source; what is older would break `RouteSwitched` */
    int64_t sequence_offset;
    int64_t timestamp_offset;
    int64_t picture_id_offset;
    int64_t tl0picidx_offset;
};

/* The sink's own first sequence number in it. */
static inline int64_t segment_began(const struct segment *segment) {
    return segment->first_sequence + segment->sequence_offset;
}
/* What was sent as `sequence` of the sink (unwrapped), if it can be had again; else NULL. */
struct media *segment_sent(const struct segment *segment, int64_t sequence, double now);
/* Writes the sink's packet; its size in bytes. */
size_t segment_write(const struct segment *segment, struct media *media,
                     const struct extension_map *extensions, uint32_t ssrc, uint8_t *at);
/* Writes the packet's retransmission (RFC 4588, section 4); its size in bytes. */
size_t segment_write_rtx(const struct segment *segment, const struct media *media,
                         const struct extension_map *extensions, const uint8_t *abs_send_time,
                         uint16_t sequence, uint32_t ssrc, uint8_t *at);

#endif
