/* The VP9 payload descriptor (RFC 9628, section 4.2), flexible and non-flexible mode. */
#include "payload.h"
#include "picture.h"

enum { MAX_REFERENCES = 3 };

static void read_layers(struct cursor *cursor, bool flexible, struct description *description) {
    uint8_t layers = cursor_take(cursor);
    description->has_placing = true;
    description->placing.layer.temporal = layers >> 5;
    description->placing.layer.spatial = layers >> 1 & 0x07;
    description->placing.switch_up = layers & 0x10;
    if (!flexible)
        read_tl0picidx(cursor, description);
}

/* P_DIFF: up to three, each but the last marked by its lowest bit. */
static bool skip_references(struct cursor *cursor) {
    for (int i = 0; i < MAX_REFERENCES; i++) {
        if (!(cursor_take(cursor) & 0x01))
            return true;
    }
    return false;
}

/* The scalability structure (section 4.2.1), which key pictures carry. */
static void skip_scalability(struct cursor *cursor) {
    uint8_t flags = cursor_take(cursor);
    if (flags & 0x10)
        cursor->at += 4 * (size_t)((flags >> 5) + 1);
    if (!(flags & 0x08))
        return;
    uint8_t pictures = cursor_take(cursor);
    for (int i = 0; i < pictures; i++) {
        uint8_t references = cursor_take(cursor) >> 2 & 0x03;
        cursor->at += references;
    }
}

bool vp9_describe(const uint8_t *payload, size_t size, struct description *description) {
    struct cursor cursor = {.data = payload, .size = size};
    *description = (struct description){0};
    uint8_t first = cursor_take(&cursor);
    bool inter = first & 0x40;
    bool flexible = first & 0x10;
    bool start = first & 0x08;
    if (first & 0x80)
        read_picture_id(&cursor, description);
    if (first & 0x20)
        read_layers(&cursor, flexible, description);
    if (flexible && inter && !skip_references(&cursor))
        return false;
    if (first & 0x02)
        skip_scalability(&cursor);
    cursor_peek(&cursor); /* VP9 data must follow */
    description->placing.begins = start;
    description->placing.ends = first & 0x04;
    description->placing.independent = !inter;
    description->joinable = start && !inter && description->placing.layer.spatial == 0;
    return !cursor.overrun;
}
