#include "totals.h"

#include "engine.h"
#include "sink.h"
#include "source.h"
#include "state.h"
#include "transport.h"

void totals_add_transport(struct totals *totals, const struct transport *transport) {
    totals->datagrams_received += transport->datagrams_received;
    totals->bytes_received += transport->bytes_received;
    totals->datagrams_sent += transport->datagrams_sent;
    totals->bytes_sent += transport->bytes_sent;
}

void totals_add_source(struct totals *totals, const struct source *source) {
    struct kind_totals *kind = &totals->kinds[source->parameters.kind];
    const struct source_stats *stats = &source->stats;
    int64_t lost = source->stream ? reception_lost(&source->stream->reception) : 0;
    kind->packets_received += stats->packets;
    kind->bytes_received += stats->bytes;
    kind->packets_lost += lost > 0 ? (uint64_t)lost : 0; /* less than none: some came twice */
    kind->packets_recovered += stats->packets_recovered;
    kind->nacks_sent += stats->nacks_sent;
    kind->keyframes += stats->keyframes;
    kind->keyframe_requests_sent += stats->keyframe_requests_sent;
}

void totals_add_sink(struct totals *totals, const struct sink *sink) {
    struct kind_totals *kind = &totals->kinds[sink->kind];
    const struct sink_stats *stats = &sink->stats;
    kind->packets_sent += stats->packets;
    kind->bytes_sent += stats->bytes;
    kind->retransmitted += stats->retransmitted;
    kind->nacks_received += stats->nacks_received;
    kind->keyframe_requests_received += stats->keyframe_requests_received;
}

static void put_kind(struct buffer *into, const struct kind_totals *kind) {
    buffer_put64(into, kind->packets_received);
    buffer_put64(into, kind->bytes_received);
    buffer_put64(into, kind->packets_lost);
    buffer_put64(into, kind->packets_recovered);
    buffer_put64(into, kind->nacks_sent);
    buffer_put64(into, kind->keyframes);
    buffer_put64(into, kind->keyframe_requests_sent);
    buffer_put64(into, kind->packets_sent);
    buffer_put64(into, kind->bytes_sent);
    buffer_put64(into, kind->retransmitted);
    buffer_put64(into, kind->nacks_received);
    buffer_put64(into, kind->keyframe_requests_received);
}

void engine_totals(const struct engine *engine, struct buffer *into) {
    struct totals totals = engine->closed;
    for (size_t i = 0; i < engine->transports.room; i++)
        if (engine->transports.entries[i].item)
            totals_add_transport(&totals, engine->transports.entries[i].item);
    for (size_t i = 0; i < engine->sources.room; i++)
        if (engine->sources.entries[i].item)
            totals_add_source(&totals, engine->sources.entries[i].item);
    for (size_t i = 0; i < engine->sinks.room; i++)
        if (engine->sinks.entries[i].item)
            totals_add_sink(&totals, engine->sinks.entries[i].item);
    for (int i = 0; i < DROPS; i++)
        buffer_put64(into, engine->drops[i]);
    buffer_put64(into, totals.datagrams_received);
    buffer_put64(into, totals.bytes_received);
    buffer_put64(into, totals.datagrams_sent);
    buffer_put64(into, totals.bytes_sent);
    buffer_put64(into, totals.full_intra_requests);
    buffer_put64(into, totals.layer_switches);
    for (int i = 0; i < TOTALS_KINDS; i++)
        put_kind(into, &totals.kinds[i]);
}
