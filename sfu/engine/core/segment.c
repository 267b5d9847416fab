#include "segment.h"

#include <string.h>

#include "bytes.h"

enum { HEADER = 12 };

struct media *segment_sent(const struct segment *segment, int64_t sequence, double now) {
    if (!segment->history)
        return NULL;
    struct media *media = history_get(segment->history, sequence - segment->sequence_offset, now);
    return media && media->timestamp >= segment->first_timestamp ? media : NULL;
}

/* The payload with the sink's picture numbers. */
static void write_payload(const struct segment *segment, const struct media *media, uint8_t *at) {
    memcpy(at, media->payload, media->payload_size);
    if (media->has_picture)
        picture_patch(at, &media->picture,
                      (uint16_t)(media->picture.picture_id + segment->picture_id_offset),
                      (uint8_t)(media->picture.tl0picidx + segment->tl0picidx_offset));
}

size_t segment_write(const struct segment *segment, struct media *media,
                     const struct extension_map *extensions, uint32_t ssrc, uint8_t *at) {
    size_t block = media_write_block(media, extensions, at + HEADER);
    rtp_write_header(at, block != 0, segment->payload_types.media, media->marker,
                     (uint16_t)(media->sequence + segment->sequence_offset),
                     (uint32_t)(media->timestamp + segment->timestamp_offset), ssrc);
    write_payload(segment, media, at + HEADER + block);
    return HEADER + block + media->payload_size;
}

size_t segment_write_rtx(const struct segment *segment, const struct media *media,
                         const struct extension_map *extensions, const uint8_t *abs_send_time,
                         uint16_t sequence, uint32_t ssrc, uint8_t *at) {
    size_t block = media_write_block_at(media, extensions, abs_send_time, at + HEADER);
    rtp_write_header(at, block != 0, segment->payload_types.rtx, media->marker, sequence,
                     (uint32_t)(media->timestamp + segment->timestamp_offset), ssrc);
    store16(at + HEADER + block, (uint16_t)(media->sequence + segment->sequence_offset));
    write_payload(segment, media, at + HEADER + block + 2);
    return HEADER + block + 2 + media->payload_size;
}
