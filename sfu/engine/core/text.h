/* Bytes of somebody else's: short texts that peers or Python name things by, parts of packets. Not
 * terminated. */
#ifndef TERTULIA_TEXT_H
#define TERTULIA_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    const uint8_t *bytes;
    size_t size;
};

static inline bool text_equal(struct text a, struct text b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

#endif
