#include "segment.h"

#include <string.h>

#include "bytes.h"

enum { HEADER = 12 };

void segment_clear(struct segment *segment) {
    history_release(segment->history);
    thinning_free(segment->thinning);
}

void segment_thin(struct segment *segment, const struct newest *last) {
    if (!segment->thinning)
        segment->thinning = thinning_new(&segment->place, last);
}

/* The newest place that `sequence` of the sink can be of; NULL if it was before all of them. */
static const struct place *find_place(const struct segment *segment, int64_t sequence) {
    const struct thinning *thinning = segment->thinning;
    if (!thinning)
        return &segment->place;
    for (size_t i = 0; i < thinning->count; i++) {
        const struct place *place = thinning_place(thinning, i);
        if (sequence - place->sequence_offset >= place->first)
            return place;
    }
    return NULL;
}

struct media *segment_sent(const struct segment *segment, int64_t sequence, double now,
                           const struct place **place) {
    if (!segment->history)
        return NULL;
    *place = find_place(segment, sequence);
    if (!*place)
        return NULL;
    struct media *media =
        history_get(segment->history, sequence - (*place)->sequence_offset, now);
    bool was_sent =
        media && media->timestamp >= segment->first_timestamp && place_flows(*place, media);
    return was_sent ? media : NULL;
}

static bool is_redundant(const struct segment *segment, const struct media *media) {
    return media->red.blocks && segment->payload_types.red != NO_PAYLOAD_TYPE;
}

struct text segment_payload(const struct segment *segment, const struct media *media) {
    return media_payload(media, is_redundant(segment, media));
}

static void patch_picture(const struct segment *segment, const struct media *media,
                          const struct place *place, uint8_t *payload) {
    if (media->has_picture)
        picture_patch(payload, &media->picture,
                      (uint16_t)(media->picture.picture_id + place->picture_id_offset),
                      (uint8_t)(media->picture.tl0picidx + segment->tl0picidx_offset));
}

/* With its dependency descriptor as the receiver shall get it. */
static size_t write_described(const struct segment *segment, const struct media *media,
                              const struct place *place, const struct extension_map *extensions,
                              const uint8_t *abs_send_time, uint8_t *at) {
    const struct descriptor *descriptor = media->descriptor;
    uint8_t written[DEPENDENCY_MAX + ACTIVE_GROWTH];
    uint32_t active;
    uint16_t number = (uint16_t)(dependency_frame_number(descriptor->data) +
                                 segment->frame_number_offset);
    size_t size = descriptor_write(
        descriptor, number, place_active(place, media, &active) ? &active : NULL, written);
    return media_write_block_with(media, extensions, (struct text){written, size}, abs_send_time,
                                  at);
}

static bool is_described(const struct media *media, const struct extension_map *extensions) {
    return media->descriptor && extensions->ids[DEPENDENCY_DESCRIPTOR];
}

size_t segment_write(const struct segment *segment, struct media *media,
                     const struct place *place, const struct extension_map *extensions,
                     uint32_t ssrc, uint8_t *at) {
    const struct payload_types *types = &segment->payload_types;
    bool redundant = is_redundant(segment, media);
    size_t block = is_described(media, extensions)
                       ? write_described(segment, media, place, extensions, media->abs_send_time,
                                         at + HEADER)
                       : media_write_block(media, extensions, at + HEADER);
    uint8_t *payload = at + HEADER + block;
    struct text original = media_payload(media, redundant);
    rtp_write_header(at, block != 0, redundant ? types->red : types->media,
                     place_marker(place, media),
                     (uint16_t)(media->sequence + place->sequence_offset),
                     (uint32_t)(media->timestamp + segment->timestamp_offset), ssrc);
    memcpy(payload, original.bytes, original.size);
    patch_picture(segment, media, place, payload);
    if (redundant)
        red_relabel(payload, media->red, types->media);
    return HEADER + block + original.size;
}

size_t segment_write_rtx(const struct segment *segment, const struct media *media,
                         const struct place *place, const struct extension_map *extensions,
                         const uint8_t *abs_send_time, uint16_t sequence, uint32_t ssrc,
                         uint8_t *at) {
    size_t block = is_described(media, extensions)
                       ? write_described(segment, media, place, extensions, abs_send_time,
                                         at + HEADER)
                       : media_write_block_with(media, extensions, (struct text){0},
                                                abs_send_time, at + HEADER);
    uint8_t *payload = at + HEADER + block + 2;
    struct text original = media_payload(media, false);
    rtp_write_header(at, block != 0, segment->payload_types.rtx, place_marker(place, media),
                     sequence, (uint32_t)(media->timestamp + segment->timestamp_offset), ssrc);
    store16(payload - 2, (uint16_t)(media->sequence + place->sequence_offset));
    memcpy(payload, original.bytes, original.size);
    patch_picture(segment, media, place, payload);
    return HEADER + block + 2 + original.size;
}
