/* Reads a payload byte by byte. Beyond the end there are zeros, and it is remembered that they were
 * asked for: so a parser may read on and need not look before each byte. */
#ifndef TERTULIA_CURSOR_H
#define TERTULIA_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
    const uint8_t *data;
    size_t size;
    size_t at;
    bool overrun;
};

static inline uint8_t cursor_peek(struct cursor *cursor) {
    if (cursor->at < cursor->size)
        return cursor->data[cursor->at];
    cursor->overrun = true;
    return 0;
}

static inline uint8_t cursor_take(struct cursor *cursor) {
    uint8_t byte = cursor_peek(cursor);
    cursor->at++;
    return byte;
}

#endif
