/* Memory that can run out: included before each file of the core (`-include`). */
#ifndef TERTULIA_FUZZ_MEMORY_H
#define TERTULIA_FUZZ_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

struct scarcity {
    bool on;
    bool once;  /* only one allocation fails */
    long left;  /* allocations that succeed before */
};

extern struct scarcity scarcity;

void *scarce_malloc(size_t size);
void *scarce_calloc(size_t count, size_t size);
void *scarce_realloc(void *old, size_t size);

#ifndef TERTULIA_PLENTY
#define malloc scarce_malloc
#define calloc scarce_calloc
#define realloc scarce_realloc
#endif

#endif
