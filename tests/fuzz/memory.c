#define TERTULIA_PLENTY
#include "memory.h"

#include <stdlib.h>

struct scarcity scarcity;

static bool is_granted(void) {
    if (!scarcity.on || scarcity.left-- > 0)
        return true;
    scarcity.on = !scarcity.once;
    scarcity.left = 0;
    return false;
}

void *scarce_malloc(size_t size) {
    return is_granted() ? malloc(size) : NULL;
}

void *scarce_calloc(size_t count, size_t size) {
    return is_granted() ? calloc(count, size) : NULL;
}

void *scarce_realloc(void *old, size_t size) {
    return is_granted() ? realloc(old, size) : NULL;
}
