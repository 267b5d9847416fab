/* What the layers of the sources take, for those who decide which of them fit a link. */
#ifndef TERTULIA_RATES_H
#define TERTULIA_RATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layer.h"

struct engine;

enum { SPATIAL_LAYERS = 8, TEMPORAL_LAYERS = 8 }; /* as far as VP9 counts; the others stay below */

/* Bytes of payload by layer. */
struct layer_bytes {
    uint32_t of[SPATIAL_LAYERS][TEMPORAL_LAYERS];
};

/* Of one source; counts in two halves of the window. */
struct rate_meter {
    double since; /* seconds */
    double before_since;
    struct layer_bytes counted;
    struct layer_bytes before;
};

/* The source is active from now on (seconds). */
void rate_meter_begin(struct rate_meter *meter, double now);
static inline void rate_meter_count(struct rate_meter *meter, struct layer layer, size_t size) {
    meter->counted.of[layer.spatial][layer.temporal] += (uint32_t)size;
}

/* Reports are made while there is an active source of video. */
void rates_init(struct engine *engine);
void rates_source_active(struct engine *engine);

#endif
