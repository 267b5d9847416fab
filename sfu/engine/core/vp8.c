/* The VP8 payload descriptor (RFC 7741, section 4.2) and the key frame bit behind it (4.3). */
#include "payload.h"
#include "picture.h"

static void read_extension(struct cursor *cursor, struct description *description) {
    uint8_t flags = cursor_take(cursor);
    if (flags & 0x80)
        read_picture_id(cursor, description);
    if (flags & 0x40)
        read_tl0picidx(cursor, description);
    if (!(flags & 0x30))
        return;
    uint8_t layer = cursor_take(cursor); /* and key index */
    description->has_placing = flags & 0x20;
    description->placing.layer.temporal = layer >> 6;
    description->placing.sync = layer & 0x20;
}

bool vp8_describe(const uint8_t *payload, size_t size, struct description *description) {
    struct cursor cursor = {.data = payload, .size = size};
    *description = (struct description){0};
    uint8_t first = cursor_take(&cursor);
    if (first & 0x80)
        read_extension(&cursor, description);
    bool start = (first & 0x17) == 0x10; /* of the first partition */
    bool predicted = cursor_peek(&cursor) & 1;
    description->placing.begins = start;
    description->joinable = start && !predicted;
    return !cursor.overrun;
}
