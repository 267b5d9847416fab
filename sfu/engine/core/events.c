#include "events.h"

enum { ROUTE_SWITCHED_SIZE = 8 + 1 + 8 + 4 };

static bool begin(struct events *events, enum event kind, size_t size) {
    return buffer_put8(&events->encoded, (uint8_t)kind) &&
           buffer_put32(&events->encoded, (uint32_t)size);
}

/* What a peer's packet caused: at most MAX_EVENTS of them wait. */
static bool observe(struct events *events, enum event kind, size_t size) {
    if (events->observed == MAX_EVENTS) {
        events->lost++;
        return false;
    }
    events->observed++;
    return begin(events, kind, size);
}

void events_datagram(struct events *events, enum event kind, uint64_t transport,
                     const struct address *from, const uint8_t *data, size_t size) {
    if (!observe(events, kind, 8 + ADDRESS_SIZE + size))
        return;
    buffer_put64(&events->encoded, transport);
    buffer_append(&events->encoded, from, ADDRESS_SIZE);
    buffer_append(&events->encoded, data, size);
}

void events_source_active(struct events *events, uint64_t source, uint32_t ssrc, uint8_t codec) {
    if (!observe(events, SOURCE_ACTIVE, 8 + 4 + 1))
        return;
    buffer_put64(&events->encoded, source);
    buffer_put32(&events->encoded, ssrc);
    buffer_put8(&events->encoded, codec);
}

void events_source(struct events *events, enum event kind, uint64_t source) {
    if (observe(events, kind, 8))
        buffer_put64(&events->encoded, source);
}

void events_route_switched(struct events *events, uint64_t sink, const uint64_t *source,
                           uint32_t timestamp) {
    if (!begin(events, ROUTE_SWITCHED, ROUTE_SWITCHED_SIZE))
        return;
    buffer_put64(&events->encoded, sink);
    buffer_put8(&events->encoded, source != NULL);
    buffer_put64(&events->encoded, source ? *source : 0);
    buffer_put32(&events->encoded, timestamp);
}

void events_audio_levels(struct events *events, const struct buffer *levels) {
    if (observe(events, AUDIO_LEVELS, levels->size))
        buffer_append(&events->encoded, levels->data, levels->size);
}

void events_source_rates(struct events *events, const struct buffer *rates) {
    if (observe(events, SOURCE_RATES, rates->size))
        buffer_append(&events->encoded, rates->data, rates->size);
}

void events_bandwidth_estimate(struct events *events, uint64_t transport, uint64_t bitrate,
                               enum bandwidth_source by) {
    if (!observe(events, BANDWIDTH_ESTIMATE, 8 + 8 + 1))
        return;
    buffer_put64(&events->encoded, transport);
    buffer_put64(&events->encoded, bitrate);
    buffer_put8(&events->encoded, (uint8_t)by);
}

void events_take(struct events *events, struct buffer *into) {
    if (events->lost && begin(events, EVENTS_LOST, 4))
        buffer_put32(&events->encoded, events->lost);
    buffer_append(into, events->encoded.data, events->encoded.size);
    events->encoded.size = 0;
    events->observed = 0;
    events->lost = 0;
}
