#include "engine.h"

#include <stdlib.h>

#include "audio.h"
#include "commands.h"
#include "demux.h"
#include "feedback.h"
#include "lives.h"
#include "pacing.h"
#include "rates.h"
#include "source.h"
#include "state.h"
#include "transport.h"

struct engine *engine_new(const struct srtp_library *srtp, double unix_at_zero) {
    struct engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return NULL;
    engine->srtp = *srtp;
    engine->unix_at_zero = unix_at_zero;
    engine->egress.slots = calloc(EGRESS_DATAGRAMS, EGRESS_SLOT);
    audio_init(engine);
    rates_init(engine);
    pacing_init(engine);
    if (engine->egress.slots)
        return engine;
    free(engine);
    return NULL;
}

/* Closing moves the entries of a table: begin anew after each. */
static struct transport *any_transport(const struct engine *engine) {
    for (size_t i = 0; i < engine->transports.room; i++)
        if (engine->transports.entries[i].item)
            return engine->transports.entries[i].item;
    return NULL;
}

void engine_free(struct engine *engine) {
    struct transport *transport;
    engine_set_egress(engine, NULL, NULL); /* what is not sent yet is not sent any more */
    while ((transport = any_transport(engine)))
        close_transport(engine, transport);
    table_free(&engine->transports);
    table_free(&engine->sources);
    table_free(&engine->sinks);
    table_free(&engine->ufrags);
    table_free(&engine->paths);
    list_free(&engine->source_order);
    list_free(&engine->runs);
    list_free(&engine->paced);
    timers_free(&engine->timers);
    buffer_free(&engine->events.encoded);
    free(engine->egress.slots);
    free(engine);
}

void engine_set_egress(struct engine *engine, egress_function send, void *context) {
    engine->egress.send = send;
    engine->egress.context = context;
}

void engine_begin(struct engine *engine, double now) {
    engine->now = now;
}

bool engine_command(struct engine *engine, const uint8_t *commands, size_t size) {
    engine_flush_runs(engine);
    return run_commands(engine, commands, size);
}

void engine_flush_runs(struct engine *engine) {
    for (size_t i = 0; i < engine->runs.count; i++)
        source_flush(engine->runs.items[i]);
    engine->runs.count = 0;
}

static void drop(struct engine *engine, struct transport *transport, enum drop reason) {
    if (transport)
        transport_drop(transport, reason);
    else
        engine_drop(engine, reason);
}

static void receive_stun(struct engine *engine, const struct path *path,
                         const struct address *from, const uint8_t *data, size_t size) {
    struct transport *sender = path ? path->validated : NULL;
    struct text ufrag;
    if (!stun_ufrag(data, size, &ufrag.bytes, &ufrag.size)) {
        drop(engine, sender, DROP_STUN_MALFORMED);
        return;
    }
    struct transport *named = path ? path->expected : NULL;
    if (ufrag.bytes)
        named = find_ufrag(engine, ufrag);
    if (named)
        events_datagram(&engine->events, STUN_RECEIVED, named->id, from, data, size);
    else
        drop(engine, sender, DROP_STUN_UNKNOWN_UFRAG);
}

/* What only a validated path may send. */
static void receive_private(struct engine *engine, enum protocol protocol,
                            struct transport *transport, const struct address *from,
                            uint8_t *data, size_t size) {
    if (!transport)
        engine_drop(engine, DROP_UNVALIDATED_PATH);
    else if (protocol == PROTOCOL_RTP)
        transport_receive_rtp(transport, data, size);
    else if (protocol == PROTOCOL_RTCP)
        receive_rtcp(transport, data, size);
    else
        events_datagram(&engine->events, DTLS_RECEIVED, transport->id, from, data, size);
}

void engine_receive(struct engine *engine, const struct address *from, uint8_t *data,
                    size_t size) {
    const struct path *path = paths_find(engine, from);
    struct transport *transport = path ? path->validated : NULL;
    if (transport) {
        transport->datagrams_received++;
        transport->bytes_received += size;
    }
    if (size == 0 || size > MAX_DATAGRAM) {
        drop(engine, transport, size ? DROP_OVERSIZED : DROP_EMPTY);
        return;
    }
    enum protocol protocol = classify(data, size);
    if (protocol == PROTOCOL_UNKNOWN)
        drop(engine, transport, DROP_UNKNOWN_PROTOCOL);
    else if (protocol == PROTOCOL_STUN)
        receive_stun(engine, path, from, data, size);
    else
        receive_private(engine, protocol, transport, from, data, size);
}

double engine_end(struct engine *engine) {
    engine_flush_runs(engine);
    timers_run(&engine->timers, engine->now);
    egress_flush(&engine->egress);
    return timers_next_due(&engine->timers);
}

void engine_not_sent(struct engine *engine, const struct address *to, enum drop reason,
                     size_t count) {
    const struct path *path = paths_find(engine, to);
    struct transport *transport = path ? path->validated : NULL;
    while (count--)
        drop(engine, transport, reason);
}

void engine_take_events(struct engine *engine, struct buffer *into) {
    events_take(&engine->events, into);
}

size_t engine_events_waiting(const struct engine *engine) {
    return engine->events.encoded.size;
}
