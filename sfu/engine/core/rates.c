#include "rates.h"

#include "source.h"
#include "state.h"

static const double INTERVAL = 0.5;    /* seconds between two reports; a rate is over twice as long */
static const double MIN_WINDOW = 0.25; /* over less a single frame would look like a bitrate */

void rate_meter_begin(struct rate_meter *meter, double now) {
    *meter = (struct rate_meter){.since = now, .before_since = now};
}

/* Bytes of the whole window. */
static uint64_t layer_total(const struct rate_meter *meter, size_t layer) {
    size_t spatial = layer / TEMPORAL_LAYERS, temporal = layer % TEMPORAL_LAYERS;
    return (uint64_t)meter->before.of[spatial][temporal] + meter->counted.of[spatial][temporal];
}

static uint8_t count_layers(const struct rate_meter *meter) {
    uint8_t count = 0;
    for (size_t layer = 0; layer < SPATIAL_LAYERS * TEMPORAL_LAYERS; layer++)
        count = (uint8_t)(count + (layer_total(meter, layer) != 0));
    return count;
}

static void put_rates(struct buffer *rates, const struct source *source, double window) {
    const struct rate_meter *meter = &source->rates;
    buffer_put64(rates, source->id);
    buffer_put8(rates, count_layers(meter));
    for (size_t layer = 0; layer < SPATIAL_LAYERS * TEMPORAL_LAYERS; layer++) {
        uint64_t total = layer_total(meter, layer);
        if (!total)
            continue;
        buffer_put8(rates, (uint8_t)(layer / TEMPORAL_LAYERS));
        buffer_put8(rates, (uint8_t)(layer % TEMPORAL_LAYERS));
        buffer_put32(rates, (uint32_t)((double)(8 * total) / window));
    }
}

/* The rates of the window, and a new half of it. */
static void take(struct buffer *rates, struct source *source, double now) {
    struct rate_meter *meter = &source->rates;
    double window = now - meter->before_since;
    if (window < MIN_WINDOW)
        return;
    put_rates(rates, source, window);
    meter->before = meter->counted;
    meter->counted = (struct layer_bytes){0};
    meter->before_since = meter->since;
    meter->since = now;
}

static void report(void *owner, double now) {
    struct engine *engine = owner;
    struct buffer rates = {0};
    bool active = false;
    for (size_t i = 0; i < engine->source_order.count; i++) {
        struct source *source = engine->source_order.items[i];
        if (source->parameters.kind != VIDEO || !source_is_active(source))
            continue;
        active = true;
        take(&rates, source, now);
    }
    if (active)
        timers_set(&engine->timers, &engine->rates, now + INTERVAL);
    if (rates.size)
        events_source_rates(&engine->events, &rates);
    buffer_free(&rates);
}

void rates_init(struct engine *engine) {
    engine->rates = (struct timer){.run = report, .owner = engine};
}

void rates_source_active(struct engine *engine) {
    if (!timer_is_set(&engine->rates))
        timers_set(&engine->timers, &engine->rates, engine->now + INTERVAL);
}
