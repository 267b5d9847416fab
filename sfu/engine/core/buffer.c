#include "buffer.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 256 };

static bool grow(struct buffer *buffer, size_t needed) {
    size_t room = buffer->room ? buffer->room : FIRST_ROOM;
    while (room < needed)
        room *= 2;
    uint8_t *data = realloc(buffer->data, room);
    if (!data)
        return false;
    buffer->data = data;
    buffer->room = room;
    return true;
}

uint8_t *buffer_extend(struct buffer *buffer, size_t size) {
    size_t needed = buffer->size + size;
    if (needed > buffer->room && !grow(buffer, needed))
        return NULL;
    uint8_t *at = buffer->data + buffer->size;
    buffer->size = needed;
    return at;
}

bool buffer_append(struct buffer *buffer, const void *bytes, size_t size) {
    if (size == 0)
        return true;
    uint8_t *at = buffer_extend(buffer, size);
    if (at)
        memcpy(at, bytes, size);
    return at != NULL;
}

static bool put_little(struct buffer *buffer, uint64_t value, size_t size) {
    uint8_t *at = buffer_extend(buffer, size);
    if (!at)
        return false;
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> 8 * i);
    return true;
}

bool buffer_put8(struct buffer *buffer, uint8_t value) {
    return put_little(buffer, value, 1);
}

bool buffer_put32(struct buffer *buffer, uint32_t value) {
    return put_little(buffer, value, 4);
}

bool buffer_put64(struct buffer *buffer, uint64_t value) {
    return put_little(buffer, value, 8);
}

bool buffer_put_double(struct buffer *buffer, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return buffer_put64(buffer, bits);
}

void buffer_free(struct buffer *buffer) {
    free(buffer->data);
    *buffer = (struct buffer){0};
}

const uint8_t *read_bytes(struct reader *reader, size_t size) {
    if (size > (size_t)(reader->end - reader->at)) {
        reader->at = reader->end;
        reader->good = false;
        return NULL;
    }
    const uint8_t *bytes = reader->at;
    reader->at += size;
    return bytes;
}

static uint64_t read_little(struct reader *reader, size_t size) {
    const uint8_t *bytes = read_bytes(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; bytes && i < size; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

uint8_t read8(struct reader *reader) {
    return (uint8_t)read_little(reader, 1);
}

uint32_t read32(struct reader *reader) {
    return (uint32_t)read_little(reader, 4);
}

uint64_t read64(struct reader *reader) {
    return read_little(reader, 8);
}
