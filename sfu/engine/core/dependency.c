#include "dependency.h"

#include <string.h>

#include "bits.h"

enum { MANDATORY_BITS = 8 * DEPENDENCY_MIN, FLAGS_BITS = 5 };

enum {
    HAS_STRUCTURE = 16,
    HAS_ACTIVE = 8,
    CUSTOM_INDICATIONS = 4,
    CUSTOM_DIFFERENCES = 2,
    CUSTOM_CHAINS = 1
};

enum next_layer { SAME_LAYER, NEXT_TEMPORAL, NEXT_SPATIAL, NO_MORE_LAYERS };

/* Moves on to the layer of the next template. */
static bool next_layer(enum next_layer step, struct layer *layer) {
    if (step == NEXT_TEMPORAL) {
        layer->temporal++;
    } else if (step == NEXT_SPATIAL) {
        layer->temporal = 0;
        layer->spatial++;
    }
    return layer->spatial <= MAX_SPATIAL && layer->temporal <= MAX_TEMPORAL;
}

static bool read_layers(struct bits *bits, struct dependency_structure *structure) {
    struct layer layer = {0};
    for (int i = 0; i < MAX_TEMPLATES && !bits->overrun; i++) {
        structure->layers[i] = layer;
        structure->template_count = (uint8_t)(i + 1);
        enum next_layer step = (enum next_layer)bits_take(bits, 2);
        if (step == NO_MORE_LAYERS)
            return true;
        if (!next_layer(step, &layer))
            return false;
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

static void find_needs(struct dependency_structure *structure, int target) {
    struct layer *highest = &structure->targets[target];
    for (int i = 0; i < structure->template_count; i++) {
        const struct layer *layer = &structure->layers[i];
        if ((structure->indications[i] >> 2 * target & 3) == NOT_PRESENT)
            continue;
        structure->needs[target] |= (uint64_t)1 << i;
        if (layer->spatial > highest->spatial)
            highest->spatial = layer->spatial;
        if (layer->temporal > highest->temporal)
            highest->temporal = layer->temporal;
    }
}

static void skip_resolutions(struct bits *bits, const struct dependency_structure *structure) {
    if (!bits_flag(bits))
        return;
    for (int i = 0; i <= structure->layers[structure->template_count - 1].spatial; i++)
        bits_take(bits, 32);
}

static bool read_structure(struct bits *bits, struct dependency_structure *structure) {
    *structure = (struct dependency_structure){0};
    structure->first_template = (uint8_t)bits_take(bits, 6);
    structure->target_count = (uint8_t)(bits_take(bits, 5) + 1);
    if (!read_layers(bits, structure))
        return false;
    for (int i = 0; i < structure->template_count; i++)
        structure->indications[i] = read_indications(bits, structure->target_count);
    for (int i = 0; i < structure->template_count; i++)
        skip_differences(bits);
    skip_chains(bits, structure);
    for (int target = 0; target < structure->target_count; target++)
        find_needs(structure, target);
    skip_resolutions(bits, structure);
    return !bits->overrun;
}

static void skip_custom_differences(struct bits *bits) {
    uint32_t size;
    while ((size = bits_take(bits, 2)))
        bits_take(bits, (int)(4 * size));
}

/* What the frame is to each target, and what else it says instead of its template. */
static bool read_frame(struct bits *bits, const struct dependency_structure *structure,
                       uint8_t template, uint32_t flags, struct dependency *dependency) {
    int index = (template - structure->first_template) & (MAX_TEMPLATES - 1);
    if (index >= structure->template_count)
        return false;
    dependency->layer = structure->layers[index];
    dependency->indications = structure->indications[index];
    if (flags & CUSTOM_INDICATIONS)
        dependency->indications = read_indications(bits, structure->target_count);
    if (flags & CUSTOM_DIFFERENCES)
        skip_custom_differences(bits);
    if (flags & CUSTOM_CHAINS)
        for (int i = 0; i < structure->chain_count; i++)
            bits_take(bits, 8);
    return true;
}

static void read_active(struct bits *bits, const struct dependency_structure *structure,
                        uint32_t active, struct dependency *dependency) {
    dependency->target_count = structure->target_count;
    dependency->active_at = (uint16_t)bits->at;
    if (dependency->has_active)
        dependency->active = bits_take(bits, structure->target_count);
    else
        dependency->active = dependency->has_structure ? dependency_all_active(structure) : active;
}

bool dependency_read(const uint8_t *data, size_t size, const struct dependency_structure *known,
                     uint32_t active, struct dependency_structure *fresh,
                     struct dependency *dependency) {
    struct bits bits = {.data = data, .size = 8 * size, .at = MANDATORY_BITS};
    if (size < DEPENDENCY_MIN || size > DEPENDENCY_MAX)
        return false;
    uint32_t flags = size > DEPENDENCY_MIN ? bits_take(&bits, FLAGS_BITS) : 0;
    *dependency = (struct dependency){.has_structure = flags & HAS_STRUCTURE,
                                      .has_active = flags & HAS_ACTIVE};
    if (dependency->has_structure && !read_structure(&bits, fresh))
        return false;
    const struct dependency_structure *structure = dependency->has_structure ? fresh : known;
    if (!structure)
        return false;
    read_active(&bits, structure, active, dependency);
    bool good = read_frame(&bits, structure, data[0] & 0x3F, flags, dependency);
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
    memcpy(at, data, DEPENDENCY_MIN);
    bits_put(&writer, (extended ? data[DEPENDENCY_MIN] >> 3u : 0u) | HAS_ACTIVE, FLAGS_BITS);
    copy_bits(&writer, data, MANDATORY_BITS + FLAGS_BITS, dependency->active_at);
    bits_put(&writer, active, dependency->target_count);
    size_t told = dependency->has_active ? dependency->target_count : 0;
    copy_bits(&writer, data, dependency->active_at + told, dependency->end);
    return (writer.at + 7) / 8;
}

uint32_t dependency_within(const struct dependency_structure *structure, int target) {
    uint32_t targets = 0;
    for (int other = 0; other < structure->target_count; other++)
        if (!(structure->needs[other] & ~structure->needs[target]))
            targets |= (uint32_t)1 << other;
    return targets;
}
