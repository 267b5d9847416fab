/* PictureID and TL0PICIDX, which VP8 and VP9 descriptors share (RFC 7741, RFC 9628). */
#ifndef TERTULIA_PICTURE_H
#define TERTULIA_PICTURE_H

#include "cursor.h"
#include "payload.h"

static inline void read_picture_id(struct cursor *cursor, struct description *description) {
    struct picture *picture = &description->picture;
    description->has_picture = true;
    picture->picture_id_at = (uint16_t)cursor->at;
    uint8_t first = cursor_take(cursor);
    picture->wide = first > 0x7F;
    picture->picture_id = first & 0x7F;
    if (picture->wide)
        picture->picture_id = (uint16_t)(picture->picture_id << 8 | cursor_take(cursor));
}

static inline void read_tl0picidx(struct cursor *cursor, struct description *description) {
    description->has_picture = true;
    description->picture.tl0picidx_at = (uint16_t)cursor->at;
    description->picture.tl0picidx = cursor_take(cursor);
}

#endif
