/* The snapshot of all counters, as wire.py decodes it. */
#include "engine.h"
#include "sink.h"
#include "source.h"
#include "state.h"
#include "transport.h"

static void put_drops(struct buffer *into, const uint64_t *drops) {
    int count = 0;
    for (int i = 0; i < DROPS; i++)
        count += drops[i] != 0;
    buffer_put8(into, (uint8_t)count);
    for (int i = 0; i < DROPS; i++) {
        if (!drops[i])
            continue;
        buffer_put8(into, (uint8_t)i);
        buffer_put64(into, drops[i]);
    }
}

static void put_transport(struct buffer *into, const struct transport *transport) {
    buffer_put64(into, transport->id);
    buffer_put64(into, transport->datagrams_received);
    buffer_put64(into, transport->bytes_received);
    buffer_put64(into, transport->datagrams_sent);
    buffer_put64(into, transport->bytes_sent);
    buffer_put8(into, transport->has_remb);
    buffer_put64(into, transport->remb);
    buffer_put8(into, transport->has_estimate);
    buffer_put64(into, transport->estimate);
    buffer_put64(into, transport->padding_bytes);
    buffer_put64(into, transport->queued_bytes);
    put_drops(into, transport->drops);
}

static void put_source(struct buffer *into, const struct source *source) {
    const struct source_stats *stats = &source->stats;
    const struct stream *stream = source->stream;
    buffer_put64(into, source->id);
    buffer_put64(into, stats->packets);
    buffer_put64(into, stats->bytes);
    buffer_put64(into, stream ? (uint64_t)reception_lost(&stream->reception) : 0);
    buffer_put64(into, stats->packets_recovered);
    buffer_put64(into, stats->nacks_sent);
    buffer_put64(into, stats->keyframes);
    buffer_put64(into, stats->keyframe_requests_sent);
    buffer_put_double(into,
                      stream ? stream->reception.jitter / stream->reception.clock_rate : 0.0);
}

static void put_sink(struct buffer *into, const struct sink *sink) {
    const struct sink_stats *stats = &sink->stats;
    buffer_put64(into, sink->id);
    buffer_put64(into, stats->packets);
    buffer_put64(into, stats->bytes);
    buffer_put64(into, stats->retransmitted);
    buffer_put64(into, stats->nacks_received);
    buffer_put64(into, stats->keyframe_requests_received);
    buffer_put_double(into, stats->fraction_lost);
    buffer_put8(into, stats->has_round_trip);
    buffer_put_double(into, stats->round_trip);
}

void engine_stats(const struct engine *engine, struct buffer *into) {
    for (int i = 0; i < DROPS; i++)
        buffer_put64(into, engine->drops[i]);
    buffer_put32(into, (uint32_t)engine->transports.count);
    for (size_t i = 0; i < engine->transports.room; i++)
        if (engine->transports.entries[i].item)
            put_transport(into, engine->transports.entries[i].item);
    buffer_put32(into, (uint32_t)engine->sources.count);
    for (size_t i = 0; i < engine->sources.room; i++)
        if (engine->sources.entries[i].item)
            put_source(into, engine->sources.entries[i].item);
    buffer_put32(into, (uint32_t)engine->sinks.count);
    for (size_t i = 0; i < engine->sinks.room; i++)
        if (engine->sinks.entries[i].item)
            put_sink(into, engine->sinks.entries[i].item);
}
