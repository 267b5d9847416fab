/* Numbers that wrap around (RFC 1982; RFC 3550, appendix A.1). */
#ifndef TERTULIA_SEQUENCE_H
#define TERTULIA_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

/* a - b on a circle of 2^32: -2147483648..2147483647. */
static inline int32_t distance32(uint32_t a, uint32_t b) {
    return (int32_t)(a - b);
}

/* Extends wrapped numbers by the nearest one to the highest seen so far. The first is lifted by one
 * turn, so that late ones before it stay positive. All zero is a new one. */
struct unwrapper {
    int64_t highest; /* 0 before the first number */
};

static inline int64_t unwrap16(struct unwrapper *unwrapper, uint16_t value) {
    int64_t highest = unwrapper->highest;
    if (highest == 0)
        return unwrapper->highest = (int64_t)value + 0x10000;
    /* Exactly half the circle away is behind, as in the reference engine. */
    int64_t number = highest + (((int64_t)value - highest + 0x8000) & 0xFFFF) - 0x8000;
    if (number > highest)
        unwrapper->highest = number;
    return number;
}

static inline int64_t unwrap32(struct unwrapper *unwrapper, uint32_t value) {
    int64_t highest = unwrapper->highest;
    if (highest == 0)
        return unwrapper->highest = (int64_t)value + 0x100000000;
    int64_t number =
        highest + (((int64_t)value - highest + 0x80000000) & 0xFFFFFFFF) - 0x80000000;
    if (number > highest)
        unwrapper->highest = number;
    return number;
}

#endif
