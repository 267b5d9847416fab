#include "media.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"

struct media *media_new(const uint8_t *payload, size_t size, struct source_clock *clock) {
    struct media *media = malloc(sizeof *media + size);
    if (!media)
        return NULL;
    memset(media, 0, sizeof *media);
    media->references = 1;
    media->clock = clock;
    if (clock)
        source_clock_keep(clock);
    media->payload_size = size;
    if (size)
        memcpy(media->payload, payload, size);
    return media;
}

void media_release(struct media *media) {
    if (--media->references)
        return;
    source_clock_release(media->clock);
    descriptor_free(media->descriptor);
    free(media);
}

static const uint8_t UNSTAMPED[2]; /* the transport stamps it when the packet leaves */

void extension_map_init(struct extension_map *map, const uint8_t *ids) {
    map->key = (uint64_t)1 << 8 * FORWARDED;
    for (int i = 0; i < FORWARDED; i++) {
        map->ids[i] = ids[i];
        map->key |= (uint64_t)ids[i] << 8 * i;
    }
}

size_t media_write_block_with(const struct media *media, const struct extension_map *map,
                              struct text descriptor, const uint8_t *abs_send_time, uint8_t *at) {
    struct rtp_element elements[FORWARDED];
    size_t count = 0;
    for (int i = 0; i < FORWARDED; i++) {
        if (!map->ids[i])
            continue;
        if (i == TRANSPORT_CC)
            elements[count++] = (struct rtp_element){map->ids[i], 2, UNSTAMPED};
        else if (i == ABS_SEND_TIME)
            elements[count++] = (struct rtp_element){map->ids[i], 3, abs_send_time};
        else if (i == DEPENDENCY_DESCRIPTOR && descriptor.size)
            elements[count++] =
                (struct rtp_element){map->ids[i], (uint8_t)descriptor.size, descriptor.bytes};
        else if (media->has_element[i])
            elements[count++] = (struct rtp_element){map->ids[i], 1, &media->element[i]};
    }
    return rtp_write_extension(at, elements, count);
}

size_t media_write_block(struct media *media, const struct extension_map *map, uint8_t *at) {
    if (media->block_key != map->key) {
        size_t size = media_write_block_with(media, map, (struct text){0}, media->abs_send_time,
                                             media->block);
        media->block_size = (uint8_t)size;
        media->block_key = map->key;
    }
    memcpy(at, media->block, media->block_size);
    return media->block_size;
}

void write_abs_send_time(uint8_t *at, double unix_time) {
    store24(at, (uint32_t)((int64_t)(unix_time * (1 << 18)) & 0xFFFFFF));
}
