/* How the numbers of a source become those of a sink, from one switch to the next. Within a segment
 * every number differs by a constant, so late and lost packets need no memory. Where layers are left
 * out, sequence numbers and picture ids differ by other constants from then on: `struct place`. */
#ifndef TERTULIA_SEGMENT_H
#define TERTULIA_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "history.h"
#include "media.h"
#include "source.h"
#include "thinning.h"

struct segment {
    uint8_t codec;
    struct payload_types payload_types;
    struct history *history; /* of the source; NULL where the receiver takes no RTX */
    int64_t first_timestamp; /* of the source; what is older would break `RouteSwitched` */
    int64_t began;           /* the sink's own first sequence number in it */
    int64_t timestamp_offset;
    int64_t tl0picidx_offset;
    int64_t frame_number_offset;
    struct place place;        /* the first; what is older belongs to no segment */
    struct thinning *thinning; /* the later places; NULL while every layer flows and has always done */
};

/* Lets go what it holds. */
void segment_clear(struct segment *segment);
/* From now on layers may be left out. `last`: the newest packet sent in it; NULL for none. */
void segment_thin(struct segment *segment, const struct newest *last);

/* What was sent as `sequence` of the sink (unwrapped), if it can be had again; else NULL. */
struct media *segment_sent(const struct segment *segment, int64_t sequence, double now,
                           const struct place **place);
/* The payload in the form that the receiver takes. */
struct text segment_payload(const struct segment *segment, const struct media *media);
/* Writes the sink's packet; its size in bytes. */
size_t segment_write(const struct segment *segment, struct media *media,
                     const struct place *place, const struct extension_map *extensions,
                     uint32_t ssrc, uint8_t *at);
/* Writes the packet's retransmission (RFC 4588, section 4); its size in bytes. */
size_t segment_write_rtx(const struct segment *segment, const struct media *media,
                         const struct place *place, const struct extension_map *extensions,
                         const uint8_t *abs_send_time, uint16_t sequence, uint32_t ssrc,
                         uint8_t *at);

#endif
