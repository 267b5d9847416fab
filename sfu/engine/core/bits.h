/* Reads and writes bit by bit, most significant first. Beyond the end there are zeros, and it is
 * remembered that they were asked for: so a parser may read on and need not look before each. */
#ifndef TERTULIA_BITS_H
#define TERTULIA_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bits {
    const uint8_t *data;
    size_t size; /* bits */
    size_t at;   /* bits from the beginning */
    bool overrun;
};

static inline bool bits_flag(struct bits *bits) {
    if (bits->at >= bits->size) {
        bits->overrun = true;
        return false;
    }
    bool set = bits->data[bits->at / 8] >> (7 - bits->at % 8) & 1;
    bits->at++;
    return set;
}

/* At most 32 bits. */
static inline uint32_t bits_take(struct bits *bits, int count) {
    uint32_t value = 0;
    while (count--)
        value = value << 1 | bits_flag(bits);
    return value;
}

/* A number below `values` in as few bits as it needs: ns(n) of the AV1 specification, 4.10.7. */
static inline uint32_t bits_take_below(struct bits *bits, uint32_t values) {
    int width = 0;
    for (uint32_t left = values; left; left >>= 1)
        width++;
    uint32_t short_ones = ((uint32_t)1 << width) - values;
    uint32_t value = width ? bits_take(bits, width - 1) : 0;
    if (value < short_ones)
        return value;
    return (value << 1) - short_ones + bits_flag(bits);
}

/* `data` has room for what is put, and is zero from `at` on. */
struct bit_writer {
    uint8_t *data;
    size_t at; /* bits from the beginning */
};

static inline void bits_put(struct bit_writer *writer, uint32_t value, int count) {
    while (count--) {
        if (value >> count & 1)
            writer->data[writer->at / 8] |= (uint8_t)(0x80 >> writer->at % 8);
        writer->at++;
    }
}

#endif
