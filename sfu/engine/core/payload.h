/* What an engine reads from a payload: whether a sink may begin here, the numbers of the picture
 * that a sink continues, and the layer it belongs to. One file for each codec's header. */
#ifndef TERTULIA_PAYLOAD_H
#define TERTULIA_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layer.h"
#include "names.h"

/* Places are bytes from the beginning of the payload; 0 for a field that is not there. */
struct picture {
    uint16_t picture_id_at;
    uint16_t tl0picidx_at;
    uint16_t picture_id;
    uint8_t tl0picidx;
    bool wide; /* the picture id has 15 bits, not 7 */
};

struct description {
    bool joinable; /* any audio packet, the first packet of a keyframe */
    bool has_picture;
    bool has_placing;
    struct picture picture;
    struct placing placing;
};

/* False for a payload that is not of its codec. An empty one (padding, which senders probe with) is
 * joinable for audio only. */
bool payload_describe(enum codec codec, const uint8_t *payload, size_t size,
                      struct description *description);

bool vp8_describe(const uint8_t *payload, size_t size, struct description *description);
bool vp9_describe(const uint8_t *payload, size_t size, struct description *description);
bool h264_describe(const uint8_t *payload, size_t size, struct description *description);
bool av1_describe(const uint8_t *payload, size_t size, struct description *description);

/* Overwrites the fields in place; the numbers are cut to their bits. */
void picture_patch(uint8_t *payload, const struct picture *picture, uint16_t picture_id,
                   uint8_t tl0picidx);

#endif
