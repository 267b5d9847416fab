/* The dependency descriptor, an RTP header extension that says which frames each frame needs and
 * who may leave it out ("RTP Payload Format For AV1" of AOMedia, appendix A). */
#ifndef TERTULIA_DEPENDENCY_H
#define TERTULIA_DEPENDENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layer.h"

enum { MAX_DECODE_TARGETS = 32, MAX_TEMPLATES = 64, MAX_SPATIAL = 3, MAX_TEMPORAL = 7 };

/* Bytes: without extended fields, the longest, and what one may grow by if it is to tell the active
 * decode targets. */
enum { DEPENDENCY_MIN = 3, DEPENDENCY_MAX = 255, ACTIVE_GROWTH = 5 };

/* What a frame is to a decode target. From one that is a SWITCH on, who has it can decode that. */
enum indication { NOT_PRESENT, DISCARDABLE, SWITCH, REQUIRED };

/* Comes with keyframes and serves all descriptors until the next. Counted: packets are kept. */
struct dependency_structure {
    int references;
    uint8_t first_template; /* its id */
    uint8_t template_count;
    uint8_t target_count;
    uint8_t chain_count;
    struct layer layers[MAX_TEMPLATES];
    uint64_t indications[MAX_TEMPLATES];      /* 2 bits for each target, 0 lowest */
    struct layer targets[MAX_DECODE_TARGETS]; /* the highest layers each needs */
    uint64_t needs[MAX_DECODE_TARGETS];       /* the templates each needs, bit by bit */
};

/* What a descriptor tells about its frame, with the structure it belongs to. */
struct dependency {
    bool has_structure;
    bool has_active;
    uint8_t target_count;
    struct layer layer;
    uint64_t indications;
    uint32_t active;    /* the targets that are sent, bit by bit, as far as is known by this frame */
    uint16_t active_at; /* bits: where they are told, or would be */
    uint16_t end;       /* bits: where padding begins */
};

/* Of at least DEPENDENCY_MIN bytes: mandatory fields. */
static inline bool dependency_starts(const uint8_t *data) {
    return data[0] & 0x80; /* first packet of its frame */
}
static inline bool dependency_ends(const uint8_t *data) {
    return data[0] & 0x40; /* last packet of its frame */
}
static inline uint16_t dependency_frame_number(const uint8_t *data) {
    return (uint16_t)(data[1] << 8 | data[2]); /* counts frames of all layers */
}

/* False if malformed, or if it belongs to no structure: `known`, which may be NULL, with its
 * `active` targets, or one that comes with it, which is written to `fresh`. */
bool dependency_read(const uint8_t *data, size_t size, const struct dependency_structure *known,
                     uint32_t active, struct dependency_structure *fresh,
                     struct dependency *dependency);

/* Writes a copy that tells that `active` targets are sent and reads the same otherwise; its size.
 * `at` has room for DEPENDENCY_MAX + ACTIVE_GROWTH. */
size_t dependency_write_active(const uint8_t *data, const struct dependency *dependency,
                               uint32_t active, uint8_t *at);

static inline enum indication dependency_indication(const struct dependency *dependency,
                                                    int target) {
    return (enum indication)(dependency->indications >> 2 * target & 3);
}

static inline uint32_t dependency_all_active(const struct dependency_structure *structure) {
    return UINT32_MAX >> (MAX_DECODE_TARGETS - structure->target_count);
}

/* The targets, bit by bit, that need nothing which `target` does not. */
uint32_t dependency_within(const struct dependency_structure *structure, int target);

#endif
