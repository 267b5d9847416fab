/* The dependency descriptor, an RTP header extension that says which frames each frame needs and
 * who may leave it out ("RTP Payload Format For AV1" of AOMedia, appendix A). */
#ifndef TERTULIA_DEPENDENCY_H
#define TERTULIA_DEPENDENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_DECODE_TARGETS = 32, MAX_TEMPLATES = 64 };

/* Bytes: of a descriptor, and that one may grow by where the active decode targets are added. */
enum { DEPENDENCY_MAX = 255, ACTIVE_GROWTH = 5 };

/* What a frame is to a decode target. */
enum indication { NOT_PRESENT, DISCARDABLE, SWITCH, REQUIRED };

struct layer {
    uint8_t spatial;
    uint8_t temporal;
};

/* Comes with keyframes and serves all descriptors until the next. Counted, because packets in
 * histories need theirs. */
struct dependency_structure {
    int references;
    uint8_t first_template; /* id of the first */
    uint8_t template_count;
    uint8_t target_count;
    uint8_t chain_count;
    struct layer templates[MAX_TEMPLATES];
    uint64_t indications[MAX_TEMPLATES]; /* 2 bits each, target 0 lowest */
    struct layer targets[MAX_DECODE_TARGETS]; /* the highest layer in each */
};

struct dependency {
    bool first; /* packet of its frame */
    bool last;
    bool has_structure;
    bool has_active;
    uint8_t template;
    uint8_t target_count;
    uint16_t frame_number;
    uint32_t active; /* decode targets, 0 lowest: all of a new structure if not told */
    struct layer layer;
    uint64_t indications;
    uint16_t active_at; /* bits: where `active` is or would be */
    uint16_t end;       /* bits: where padding begins */
};

/* False if malformed, or if it has no structure and `known` is NULL or does not have its template.
 * A structure that comes with it is written to `fresh` and used at once. */
bool dependency_read(const uint8_t *data, size_t size, const struct dependency_structure *known,
                     struct dependency_structure *fresh, struct dependency *dependency);

/* Writes a copy with `active` decode targets, which is read the same otherwise; its size. `at` has
 * room for DEPENDENCY_MAX + ACTIVE_GROWTH. */
size_t dependency_write_active(const uint8_t *data, const struct dependency *dependency,
                               uint32_t active, uint8_t *at);

static inline enum indication dependency_indication(const struct dependency *dependency,
                                                    int target) {
    return (enum indication)(dependency->indications >> 2 * target & 3);
}

#endif
