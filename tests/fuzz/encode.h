/* Commands as `wire.py` encodes them. */
#ifndef TERTULIA_ENCODE_H
#define TERTULIA_ENCODE_H

#include <stdbool.h>

#include "address.h"
#include "buffer.h"
#include "commands.h"
#include "fuzz.h"
#include "layer.h"
#include "names.h"

enum { NO_RTX = 0xFF };

struct codec_types {
    uint8_t codec;
    uint8_t media;
    uint8_t rtx;
    uint8_t red;
};

struct extension_id {
    uint8_t extension;
    uint8_t id;
};

/* Where the command's body begins. */
static inline size_t begin_command(struct buffer *out, enum command kind) {
    CHECK(buffer_put8(out, (uint8_t)kind) && buffer_put32(out, 0));
    return out->size;
}

static inline void end_command(struct buffer *out, size_t body) {
    uint32_t size = (uint32_t)(out->size - body);
    for (size_t i = 0; i < 4; i++)
        out->data[body - 4 + i] = (uint8_t)(size >> 8 * i);
}

static inline void put_text(struct buffer *out, const char *text) {
    buffer_put8(out, (uint8_t)strlen(text));
    buffer_append(out, text, strlen(text));
}

static inline void put_optional32(struct buffer *out, uint32_t value) {
    buffer_put8(out, value != 0);
    buffer_put32(out, value);
}

static inline void put_extensions(struct buffer *out, const struct extension_id *ids,
                                  size_t count) {
    buffer_put8(out, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        buffer_put8(out, ids[i].extension);
        buffer_put8(out, ids[i].id);
    }
}

static inline void put_types(struct buffer *out, const struct codec_types *types, size_t count) {
    buffer_put8(out, (uint8_t)count);
    buffer_append(out, types, count * sizeof *types);
}

/* Commands that are an identifier and an address, or an identifier only (`address` NULL). */
static inline void put_about(struct buffer *out, enum command kind, uint64_t id,
                             const struct address *address) {
    size_t body = begin_command(out, kind);
    buffer_put64(out, id);
    if (address)
        buffer_append(out, address, sizeof *address);
    end_command(out, body);
}

static inline void put_open_transport(struct buffer *out, uint64_t id, const char *ufrag,
                                      const struct extension_id *ids, size_t count) {
    size_t body = begin_command(out, OPEN_TRANSPORT);
    buffer_put64(out, id);
    buffer_put8(out, 1);
    put_text(out, ufrag);
    put_extensions(out, ids, count);
    end_command(out, body);
}

static inline void put_select_path(struct buffer *out, uint64_t id,
                                   const struct address *address) {
    static const struct address none;
    size_t body = begin_command(out, SELECT_PATH);
    buffer_put64(out, id);
    buffer_put8(out, address != NULL);
    buffer_append(out, address ? address : &none, sizeof none);
    end_command(out, body);
}

static inline void put_start_srtp(struct buffer *out, uint64_t id, const void *receive,
                                  const void *send) {
    size_t body = begin_command(out, START_SRTP);
    buffer_put64(out, id);
    buffer_put64(out, (uint64_t)(uintptr_t)receive);
    buffer_put64(out, (uint64_t)(uintptr_t)send);
    end_command(out, body);
}

static inline void put_limited_route(struct buffer *out, uint64_t sink, const uint64_t *source,
                                     enum switch_kind kind, bool paused, struct layer limits) {
    size_t body = begin_command(out, ROUTE);
    buffer_put64(out, sink);
    buffer_put8(out, source != NULL);
    buffer_put64(out, source ? *source : 0);
    buffer_put8(out, (uint8_t)kind);
    buffer_put8(out, paused);
    buffer_put8(out, limits.spatial);
    buffer_put8(out, limits.temporal);
    end_command(out, body);
}

static inline void put_route(struct buffer *out, uint64_t sink, const uint64_t *source,
                             enum switch_kind kind, bool paused) {
    put_limited_route(out, sink, source, kind, paused, (struct layer){ALL_LAYERS, ALL_LAYERS});
}

#endif
