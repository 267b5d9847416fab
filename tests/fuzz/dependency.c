/* Dependency descriptors: the input is the size of the first, the first, and a second one, which may
 * need the structure of the first. */
#include "dependency.h"

#include "fuzz.h"

static void check_target(const struct dependency_structure *structure, int target) {
    CHECK(structure->targets[target].spatial <= MAX_SPATIAL);
    CHECK(structure->targets[target].temporal <= MAX_TEMPORAL);
    CHECK(dependency_within(structure, target) >> target & 1);
    CHECK(!(dependency_within(structure, target) & ~dependency_all_active(structure)));
}

static void check_structure(const struct dependency_structure *structure) {
    CHECK(structure->template_count >= 1 && structure->template_count <= MAX_TEMPLATES);
    CHECK(structure->target_count >= 1 && structure->target_count <= MAX_DECODE_TARGETS);
    CHECK(structure->chain_count <= structure->target_count);
    for (int i = 0; i < structure->target_count; i++)
        check_target(structure, i);
}

static void check_places(const struct dependency *dependency, size_t size) {
    CHECK(dependency->end <= 8 * size);
    CHECK(dependency->active_at + (dependency->has_active ? dependency->target_count : 0u) <=
          dependency->end);
}

static bool says_the_same(const struct dependency *a, const struct dependency *b) {
    return a->has_structure == b->has_structure && a->layer.spatial == b->layer.spatial &&
           a->layer.temporal == b->layer.temporal && a->indications == b->indications;
}

/* With other decode targets it is read as before, but for them. */
static void check_active(const uint8_t *data, const struct dependency *before,
                         const struct dependency_structure *known, uint32_t active) {
    uint8_t written[DEPENDENCY_MAX + ACTIVE_GROWTH];
    struct dependency_structure fresh;
    struct dependency after;
    size_t size = dependency_write_active(data, before, active, written);
    if (size > DEPENDENCY_MAX)
        return;
    CHECK(8 * size <= before->end + 8u * ACTIVE_GROWTH + 7u);
    CHECK(memcmp(written, data, DEPENDENCY_MIN) == 0);
    CHECK(dependency_read(written, size, known, 0, &fresh, &after));
    CHECK(says_the_same(before, &after));
    CHECK(after.has_active);
    CHECK(after.active == (active & UINT32_MAX >> (MAX_DECODE_TARGETS - after.target_count)));
}

static bool check_one(const uint8_t *data, size_t size, const struct dependency_structure *known,
                      struct dependency_structure *fresh) {
    uint8_t *copy = exact_copy(data, size);
    struct dependency dependency;
    bool good = dependency_read(copy, size, known, 1, fresh, &dependency);
    if (good) {
        CHECK(known || dependency.has_structure);
        if (dependency.has_structure)
            check_structure(fresh);
        check_places(&dependency, size);
        check_active(copy, &dependency, known, 0);
        check_active(copy, &dependency, known, 0x5A5A5A5A);
        check_active(copy, &dependency, known, dependency.active);
    }
    free(copy);
    return good && dependency.has_structure;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct dependency_structure structure, fresh;
    if (size == 0)
        return 0;
    size_t first = data[0] < size ? data[0] : size - 1;
    bool has_structure = check_one(data + 1, first, NULL, &structure);
    check_one(data + 1 + first, size - 1 - first, has_structure ? &structure : NULL, &fresh);
    return 0;
}
