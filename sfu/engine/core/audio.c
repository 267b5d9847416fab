#include "audio.h"

#include "source.h"
#include "state.h"

static const double INTERVAL = 0.2; /* seconds */

/* All of a source or, without memory, nothing. */
static void put_levels(struct buffer *levels, struct source *source, double now) {
    uint8_t recent[RECENT_LEVELS];
    size_t count = level_meter_take_recent(&source->meter, recent);
    size_t size = levels->size;
    bool fits = buffer_put64(levels, source->id) &&
                buffer_put8(levels, (uint8_t)level_meter_level(&source->meter, now)) &&
                buffer_put8(levels, (uint8_t)count) && buffer_append(levels, recent, count);
    if (!fits)
        levels->size = size;
}

static void report(void *owner, double now) {
    struct engine *engine = owner;
    struct buffer levels = {0};
    bool heard = false;
    for (size_t i = 0; i < engine->source_order.count; i++) {
        struct source *source = engine->source_order.items[i];
        if (source->parameters.kind != AUDIO)
            continue;
        heard = true;
        if (source_is_active(source))
            put_levels(&levels, source, now);
    }
    if (heard)
        timers_set(&engine->timers, &engine->levels, now + INTERVAL);
    if (levels.size)
        events_audio_levels(&engine->events, &levels);
    buffer_free(&levels);
}

void audio_init(struct engine *engine) {
    engine->levels = (struct timer){.run = report, .owner = engine};
}

void audio_source_opened(struct engine *engine) {
    if (!timer_is_set(&engine->levels))
        timers_set(&engine->timers, &engine->levels, engine->now + INTERVAL);
}
