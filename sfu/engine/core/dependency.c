#include "dependency.h"

#include <string.h>

#include "bits.h"

enum { MANDATORY = 3, MANDATORY_BITS = 24, FLAGS_BITS = 5 };

enum {
    HAS_STRUCTURE = 16,
    HAS_ACTIVE = 8,
    CUSTOM_INDICATIONS = 4,
    CUSTOM_DIFFERENCES = 2,
    CUSTOM_CHAINS = 1
};

enum next_layer { SAME_LAYER, NEXT_TEMPORAL, NEXT_SPATIAL, NO_MORE_LAYERS };

static bool read_templates(struct bits *bits, struct dependency_structure *structure) {
    struct layer layer = {0};
    for (int i = 0; i < MAX_TEMPLATES && !bits->overrun; i++) {
        structure->templates[i] = layer;
        structure->template_count = (uint8_t)(i + 1);
        switch (bits_take(bits, 2)) {
        case NEXT_TEMPORAL:
            layer.temporal++;
            break;
        case NEXT_SPATIAL:
            layer.temporal = 0;
            layer.spatial++;
            break;
        case NO_MORE_LAYERS:
            return true;
        }
    }
    return false;
}

static uint64_t read_indications(struct bits *bits, int targets) {
    uint64_t indications = 0;
    for (int target = 0; target < targets; target++)
        indications |= (uint64_t)bits_take(bits, 2) << 2 * target;
    return indications;
}

/* Frames a template refers to. */
static void skip_differences(struct bits *bits) {
    while (bits_flag(bits))
        bits_take(bits, 4);
}

/* Frames that must have come for a target to be decodable. */
static void skip_chains(struct bits *bits, struct dependency_structure *structure) {
    structure->chain_count = (uint8_t)bits_take_below(bits, structure->target_count + 1u);
    if (structure->chain_count == 0)
        return;
    for (int target = 0; target < structure->target_count; target++)
        bits_take_below(bits, structure->chain_count);
    for (int i = 0; i < structure->template_count * structure->chain_count; i++)
        bits_take(bits, 4);
}

static void find_targets(struct dependency_structure *structure) {
    for (int target = 0; target < structure->target_count; target++) {
        struct layer *highest = &structure->targets[target];
        for (int i = 0; i < structure->template_count; i++) {
            const struct layer *layer = &structure->templates[i];
            if ((structure->indications[i] >> 2 * target & 3) == NOT_PRESENT)
                continue;
            if (layer->spatial > highest->spatial)
                highest->spatial = layer->spatial;
            if (layer->temporal > highest->temporal)
                highest->temporal = layer->temporal;
        }
    }
}

static void skip_resolutions(struct bits *bits, const struct dependency_structure *structure) {
    if (!bits_flag(bits))
        return;
    for (int i = 0; i <= structure->templates[structure->template_count - 1].spatial; i++)
        bits_take(bits, 32);
}

static bool read_structure(struct bits *bits, struct dependency_structure *structure) {
    *structure = (struct dependency_structure){0};
    structure->first_template = (uint8_t)bits_take(bits, 6);
    structure->target_count = (uint8_t)(bits_take(bits, 5) + 1);
    if (!read_templates(bits, structure))
        return false;
    for (int i = 0; i < structure->template_count; i++)
        structure->indications[i] = read_indications(bits, structure->target_count);
    for (int i = 0; i < structure->template_count; i++)
        skip_differences(bits);
    skip_chains(bits, structure);
    find_targets(structure);
    skip_resolutions(bits, structure);
    return !bits->overrun;
}

static void skip_custom_differences(struct bits *bits) {
    uint32_t size;
    while ((size = bits_take(bits, 2)))
        bits_take(bits, (int)(4 * size));
}

static void read_mandatory(struct bits *bits, struct dependency *dependency) {
    dependency->first = bits_flag(bits);
    dependency->last = bits_flag(bits);
    dependency->template = (uint8_t)bits_take(bits, 6);
    dependency->frame_number = (uint16_t)bits_take(bits, 16);
}

/* What the frame is to each target, and what else it says instead of its template. */
static bool read_frame(struct bits *bits, const struct dependency_structure *structure,
                       uint32_t custom, struct dependency *dependency) {
    int index = (dependency->template - structure->first_template) & (MAX_TEMPLATES - 1);
    if (index >= structure->template_count)
        return false;
    dependency->layer = structure->templates[index];
    dependency->indications = structure->indications[index];
    if (custom & CUSTOM_INDICATIONS)
        dependency->indications = read_indications(bits, structure->target_count);
    if (custom & CUSTOM_DIFFERENCES)
        skip_custom_differences(bits);
    if (custom & CUSTOM_CHAINS)
        for (int i = 0; i < structure->chain_count; i++)
            bits_take(bits, 8);
    return true;
}

bool dependency_read(const uint8_t *data, size_t size, const struct dependency_structure *known,
                     struct dependency_structure *fresh, struct dependency *dependency) {
    struct bits bits = {.data = data, .size = 8 * size};
    *dependency = (struct dependency){0};
    if (size < MANDATORY || size > DEPENDENCY_MAX)
        return false;
    read_mandatory(&bits, dependency);
    uint32_t flags = size > MANDATORY ? bits_take(&bits, FLAGS_BITS) : 0;
    dependency->has_structure = flags & HAS_STRUCTURE;
    dependency->has_active = flags & HAS_ACTIVE;
    if (dependency->has_structure && !read_structure(&bits, fresh))
        return false;
    const struct dependency_structure *structure = dependency->has_structure ? fresh : known;
    if (!structure)
        return false;
    dependency->target_count = structure->target_count;
    dependency->active_at = (uint16_t)bits.at;
    dependency->active = UINT32_MAX >> (MAX_DECODE_TARGETS - structure->target_count);
    if (dependency->has_active)
        dependency->active = bits_take(&bits, structure->target_count);
    bool good = read_frame(&bits, structure, flags, dependency);
    dependency->end = (uint16_t)bits.at;
    return good && !bits.overrun;
}

static void copy_bits(struct bit_writer *writer, const uint8_t *data, size_t from, size_t end) {
    struct bits rest = {.data = data, .size = end, .at = from};
    while (rest.at < end)
        bits_put(writer, bits_flag(&rest), 1);
}

size_t dependency_write_active(const uint8_t *data, const struct dependency *dependency,
                               uint32_t active, uint8_t *at) {
    struct bit_writer writer = {.data = at, .at = MANDATORY_BITS};
    bool extended = dependency->end > MANDATORY_BITS;
    memset(at, 0, DEPENDENCY_MAX + ACTIVE_GROWTH);
    memcpy(at, data, MANDATORY);
    bits_put(&writer, (extended ? data[MANDATORY] >> 3u : 0u) | HAS_ACTIVE, FLAGS_BITS);
    copy_bits(&writer, data, MANDATORY_BITS + FLAGS_BITS, dependency->active_at);
    bits_put(&writer, active, dependency->target_count);
    size_t told = dependency->has_active ? dependency->target_count : 0;
    copy_bits(&writer, data, dependency->active_at + told, dependency->end);
    return (writer.at + 7) / 8;
}
