#include "lives.h"

#include <stdlib.h>
#include <string.h>

#include "audio.h"
#include "congestion.h"
#include "sink.h"
#include "source.h"
#include "state.h"
#include "transport.h"

/* Transports */

struct transport *open_transport(struct engine *engine, uint64_t id) {
    if (table_find_id(&engine->transports, id))
        return NULL;
    struct transport *transport = transport_new(engine, id);
    if (!transport)
        return NULL;
    if (table_add_id(&engine->transports, transport))
        return transport;
    transport_free(transport);
    return NULL;
}

void close_transport(struct engine *engine, struct transport *transport) {
    while (transport->sinks.count)
        close_sink(engine, transport->sinks.items[0]);
    while (transport->ssrcs.sources.count)
        close_source(engine, transport->ssrcs.sources.items[0]);
    forget_ufrags(engine, transport);
    paths_forget(engine, transport);
    totals_add_transport(&engine->closed, transport);
    table_remove_id(&engine->transports, transport);
    transport_free(transport);
}

static bool is_ufrag(const void *item, const void *key, size_t key_size) {
    const struct ufrag *ufrag = item;
    return ufrag->size == key_size && memcmp(ufrag->bytes, key, key_size) == 0;
}

static struct ufrag *lookup(const struct engine *engine, struct text text) {
    return table_find(&engine->ufrags, hash_bytes(text.bytes, text.size), is_ufrag, text.bytes,
                      text.size);
}

struct transport *find_ufrag(const struct engine *engine, struct text ufrag) {
    struct ufrag *found = lookup(engine, ufrag);
    return found ? found->transport : NULL;
}

static void remove_ufrag(struct engine *engine, struct ufrag *ufrag) {
    table_remove(&engine->ufrags, hash_bytes(ufrag->bytes, ufrag->size), ufrag);
    list_remove(&ufrag->transport->ufrags, ufrag);
    free(ufrag);
}

void forget_ufrags(struct engine *engine, struct transport *transport) {
    while (transport->ufrags.count)
        remove_ufrag(engine, transport->ufrags.items[0]);
}

void add_ufrag(struct engine *engine, struct transport *transport, struct text text) {
    struct ufrag *taken = lookup(engine, text);
    if (taken)
        remove_ufrag(engine, taken);
    struct ufrag *ufrag = malloc(sizeof *ufrag + text.size);
    if (!ufrag)
        return;
    ufrag->transport = transport;
    ufrag->size = text.size;
    if (text.size)
        memcpy(ufrag->bytes, text.bytes, text.size);
    if (!list_add(&transport->ufrags, ufrag))
        free(ufrag);
    else if (!table_add(&engine->ufrags, hash_bytes(text.bytes, text.size), ufrag))
        remove_ufrag(engine, ufrag);
}

/* Sources */

static void forget_source(struct engine *engine, struct source *source) {
    table_remove_id(&engine->sources, source);
    list_remove(&engine->source_order, source);
    source_free(source);
}

void open_source(struct engine *engine, uint64_t id, struct transport *transport,
                 const struct source_parameters *parameters) {
    struct source *source = NULL;
    if (!table_find_id(&engine->sources, id))
        source = source_new(engine, id, transport, parameters);
    if (!source) {
        stream_name_release(parameters->name);
        return;
    }
    if (!table_add_id(&engine->sources, source) || !list_add(&engine->source_order, source) ||
        !ssrcs_add(&transport->ssrcs, source)) {
        forget_source(engine, source);
        return;
    }
    audio_source_opened(engine);
}

void close_source(struct engine *engine, struct source *source) {
    source_close(source);
    totals_add_source(&engine->closed, source);
    ssrcs_remove(&source->transport->ssrcs, source);
    forget_source(engine, source);
}

/* Sinks */

void open_sink(struct engine *engine, uint64_t id, struct transport *transport,
               const struct sink_parameters *parameters) {
    struct sink *sink = NULL;
    if (!table_find_id(&engine->sinks, id))
        sink = sink_new(engine, id, transport, parameters);
    if (!sink)
        return;
    if (!table_add_id(&engine->sinks, sink) || !list_add(&transport->sinks, sink)) {
        table_remove_id(&engine->sinks, sink);
        sink_free(sink);
        return;
    }
    if (parameters->extensions[TRANSPORT_CC])
        congestion_begin(transport, parameters->extensions[TRANSPORT_CC]);
}

void close_sink(struct engine *engine, struct sink *sink) {
    sink_close(sink);
    totals_add_sink(&engine->closed, sink);
    list_remove(&sink->transport->sinks, sink);
    table_remove_id(&engine->sinks, sink);
    sink_free(sink);
}
