/* The promises of a codec's header parser; each codec's target is one line around it. */
#ifndef TERTULIA_PAYLOAD_TARGET_H
#define TERTULIA_PAYLOAD_TARGET_H

#include <stdbool.h>

#include "fuzz.h"
#include "payload.h"

static bool same_places(const struct picture *a, const struct picture *b) {
    return a->picture_id_at == b->picture_id_at && a->tl0picidx_at == b->tl0picidx_at &&
           a->wide == b->wide;
}

static bool is_picture_byte(const struct picture *picture, size_t at) {
    return (picture->picture_id_at && at == picture->picture_id_at) ||
           (picture->picture_id_at && picture->wide && at == picture->picture_id_at + 1u) ||
           (picture->tl0picidx_at && at == picture->tl0picidx_at);
}

static void check_places(const struct picture *picture, size_t size) {
    CHECK(picture->picture_id_at || picture->tl0picidx_at);
    CHECK(picture->picture_id_at + (picture->wide ? 1u : 0u) < size);
    CHECK(picture->tl0picidx_at < size);
    CHECK(!picture->wide || picture->picture_id_at);
    CHECK(picture->picture_id < (picture->wide ? 0x8000 : 0x80));
}

/* Other numbers change their own bytes only, and are read again as they were written. */
static void check_patch(enum codec codec, const uint8_t *payload, size_t size,
                        const struct description *before, uint16_t picture_id, uint8_t tl0picidx) {
    const struct picture *picture = &before->picture;
    uint8_t *patched = exact_copy(payload, size);
    picture_patch(patched, picture, picture_id, tl0picidx);
    for (size_t at = 0; at < size; at++)
        CHECK(patched[at] == payload[at] || is_picture_byte(picture, at));
    struct description after;
    CHECK(payload_describe(codec, patched, size, &after));
    CHECK(after.has_picture && after.joinable == before->joinable);
    CHECK(same_places(&after.picture, picture));
    if (picture->picture_id_at)
        CHECK(after.picture.picture_id == (picture_id & (picture->wide ? 0x7FFF : 0x7F)));
    if (picture->tl0picidx_at)
        CHECK(after.picture.tl0picidx == tl0picidx);
    free(patched);
}

static void check_same_numbers(const uint8_t *payload, size_t size, const struct picture *picture) {
    uint8_t *patched = exact_copy(payload, size);
    picture_patch(patched, picture, picture->picture_id, picture->tl0picidx);
    CHECK(memcmp(patched, payload, size) == 0);
    free(patched);
}

static void check_payload(enum codec codec, const uint8_t *data, size_t size) {
    static const uint16_t numbers[] = {0, 1, 0x7F, 0x80, 0x7FFF, 0xFFFF};
    uint8_t *payload = exact_copy(data, size);
    struct description description;
    memset(&description, 0, sizeof description);
    if (payload_describe(codec, payload, size, &description)) {
        CHECK(size || !description.joinable);
        CHECK(memcmp(payload, data, size) == 0);
        if (description.has_picture) {
            check_places(&description.picture, size);
            check_same_numbers(payload, size, &description.picture);
            for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
                check_patch(codec, payload, size, &description, numbers[i], (uint8_t)numbers[i]);
        }
    }
    free(payload);
}

#endif
