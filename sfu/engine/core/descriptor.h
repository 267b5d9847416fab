/* The dependency descriptors of one stream of video, and what later ones refer to. */
#ifndef TERTULIA_DESCRIPTOR_H
#define TERTULIA_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dependency.h"

struct descriptor {
    struct dependency_structure *structure; /* NULL if it has not come, or the rest is malformed */
    struct dependency frame;                /* only with a structure */
    uint8_t size;
    uint8_t data[];
};

/* All zero is a new one. */
struct descriptor_reader {
    struct dependency_structure *structure;
    uint32_t active; /* decode targets */
    int64_t sequence; /* of the latest packet that told structure or active targets, unwrapped */
};

void descriptor_reader_clear(struct descriptor_reader *reader);
/* NULL without memory, or if not even the mandatory fields are there. */
struct descriptor *descriptor_new(struct descriptor_reader *reader, const uint8_t *data,
                                  size_t size, int64_t sequence);
void descriptor_free(struct descriptor *descriptor); /* NULL is allowed */

/* It tells by itself which decode targets are active: one by one, or all of a new structure. */
static inline bool descriptor_tells(const struct descriptor *descriptor) {
    return descriptor->frame.has_structure || descriptor->frame.has_active;
}

/* As a receiver shall get it, its size. Without `active` it tells what it told before, and also if
 * there is no room. `at` has room for DEPENDENCY_MAX + ACTIVE_GROWTH. */
size_t descriptor_write(const struct descriptor *descriptor, uint16_t frame_number,
                        const uint32_t *active, uint8_t *at);

static inline struct dependency_structure *structure_keep(struct dependency_structure *structure) {
    if (structure)
        structure->references++;
    return structure;
}
void structure_release(struct dependency_structure *structure); /* NULL is allowed */

#endif
