#include "descriptor.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"

void structure_release(struct dependency_structure *structure) {
    if (structure && --structure->references == 0)
        free(structure);
}

static struct dependency_structure *structure_new(const struct dependency_structure *read) {
    struct dependency_structure *structure = malloc(sizeof *structure);
    if (!structure)
        return NULL;
    *structure = *read;
    structure->references = 1;
    return structure;
}

void descriptor_reader_clear(struct descriptor_reader *reader) {
    structure_release(reader->structure);
    *reader = (struct descriptor_reader){0};
}

static void learn(struct descriptor_reader *reader, const struct descriptor *descriptor,
                  int64_t sequence) {
    structure_release(reader->structure);
    reader->structure = structure_keep(descriptor->structure);
    reader->active = descriptor->frame.active;
    reader->sequence = sequence;
}

struct descriptor *descriptor_new(struct descriptor_reader *reader, const uint8_t *data,
                                  size_t size, int64_t sequence) {
    struct dependency_structure fresh;
    if (size < DEPENDENCY_MIN || size > DEPENDENCY_MAX)
        return NULL;
    struct descriptor *descriptor = malloc(sizeof *descriptor + size);
    if (!descriptor)
        return NULL;
    descriptor->structure = NULL;
    descriptor->size = (uint8_t)size;
    memcpy(descriptor->data, data, size);
    if (!dependency_read(data, size, reader->structure, reader->active, &fresh,
                         &descriptor->frame))
        return descriptor;
    descriptor->structure = descriptor->frame.has_structure ? structure_new(&fresh)
                                                            : structure_keep(reader->structure);
    if (descriptor->structure && descriptor_tells(descriptor) && sequence > reader->sequence)
        learn(reader, descriptor, sequence);
    return descriptor;
}

void descriptor_free(struct descriptor *descriptor) {
    if (!descriptor)
        return;
    structure_release(descriptor->structure);
    free(descriptor);
}

size_t descriptor_write(const struct descriptor *descriptor, uint16_t frame_number,
                        const uint32_t *active, uint8_t *at) {
    size_t size = DEPENDENCY_MAX + 1;
    if (active && descriptor->structure)
        size = dependency_write_active(descriptor->data, &descriptor->frame, *active, at);
    if (size > DEPENDENCY_MAX) {
        size = descriptor->size;
        memcpy(at, descriptor->data, size);
    }
    store16(at + 1, frame_number);
    return size;
}
