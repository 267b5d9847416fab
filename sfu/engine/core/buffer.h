/* Growing bytes with an owner, and the little-endian numbers of the border to Python (wire.py). */
#ifndef TERTULIA_BUFFER_H
#define TERTULIA_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
    uint8_t *data;
    size_t size;
    size_t room;
};

/* Place for `size` more bytes at the end, which count from now on; NULL without memory. */
uint8_t *buffer_extend(struct buffer *buffer, size_t size);
bool buffer_append(struct buffer *buffer, const void *bytes, size_t size);
bool buffer_put8(struct buffer *buffer, uint8_t value);
bool buffer_put32(struct buffer *buffer, uint32_t value);
bool buffer_put64(struct buffer *buffer, uint64_t value);
bool buffer_put_double(struct buffer *buffer, double value);
void buffer_free(struct buffer *buffer);

/* Reads what the other side wrote. After the end everything is 0 and `good` is false. */
struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool good;
};

const uint8_t *read_bytes(struct reader *reader, size_t size); /* NULL beyond the end */
uint8_t read8(struct reader *reader);
uint32_t read32(struct reader *reader);
uint64_t read64(struct reader *reader);

#endif
