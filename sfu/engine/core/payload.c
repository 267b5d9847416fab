#include "payload.h"

bool payload_describe(enum codec codec, const uint8_t *payload, size_t size,
                      struct description *description) {
    *description = (struct description){.joinable = codec == OPUS};
    /* Padding only, which senders use to probe: nothing begins here, but its number was used. */
    if (size == 0)
        return true;
    switch (codec) {
    case VP8:
        return vp8_describe(payload, size, description);
    case VP9:
        return vp9_describe(payload, size, description);
    case H264:
        return h264_describe(payload, size, description);
    case AV1:
        return av1_describe(payload, size, description);
    default:
        return codec == OPUS;
    }
}

void picture_patch(uint8_t *payload, const struct picture *picture, uint16_t picture_id,
                   uint8_t tl0picidx) {
    if (picture->picture_id_at) {
        uint8_t *at = payload + picture->picture_id_at;
        if (picture->wide) {
            at[0] = (uint8_t)(0x80 | picture_id >> 8);
            at[1] = (uint8_t)picture_id;
        } else {
            at[0] = picture_id & 0x7F;
        }
    }
    if (picture->tl0picidx_at)
        payload[picture->tl0picidx_at] = tl0picidx;
}
