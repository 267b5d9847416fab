#include "commands.h"

#include <string.h>

#include "audio.h"
#include "lives.h"
#include "sink.h"
#include "source.h"
#include "state.h"
#include "transport.h"

static struct text read_text(struct reader *reader) {
    uint8_t size = read8(reader);
    const uint8_t *bytes = read_bytes(reader, size);
    return bytes ? (struct text){bytes, size} : (struct text){0};
}

static const struct address *read_address(struct reader *reader) {
    return (const struct address *)read_bytes(reader, ADDRESS_SIZE);
}

static void read_payload_types(struct reader *reader, struct payload_types *types) {
    for (int codec = 0; codec < CODECS; codec++)
        types[codec] = (struct payload_types){NO_PAYLOAD_TYPE, NO_PAYLOAD_TYPE, NO_PAYLOAD_TYPE};
    for (uint8_t left = read8(reader); left && reader->good; left--) {
        uint8_t codec = read8(reader);
        uint8_t media = read8(reader);
        uint8_t rtx = read8(reader);
        uint8_t red = read8(reader);
        if (codec < CODECS)
            types[codec] = (struct payload_types){media, rtx, red};
        else
            reader->good = false;
    }
}

/* The id of each extension; 0 for none. */
static void read_extensions(struct reader *reader, uint8_t ids[EXTENSIONS]) {
    memset(ids, 0, EXTENSIONS);
    for (uint8_t left = read8(reader); left && reader->good; left--) {
        uint8_t extension = read8(reader);
        uint8_t id = read8(reader);
        if (extension < EXTENSIONS)
            ids[extension] = id;
        else
            reader->good = false;
    }
}

static struct transport *read_transport(struct engine *engine, struct reader *reader) {
    return table_find_id(&engine->transports, read64(reader));
}

/* Transports */

static void set_extensions(struct transport *transport, struct reader *reader) {
    uint8_t ids[EXTENSIONS];
    read_extensions(reader, ids);
    if (!transport)
        return;
    memset(transport->extension_of, NO_EXTENSION, sizeof transport->extension_of);
    for (uint8_t extension = 0; extension < EXTENSIONS; extension++)
        if (ids[extension])
            transport->extension_of[ids[extension]] = extension;
    transport->numbers_packets = ids[TRANSPORT_CC] != 0;
}

static void set_ufrags(struct engine *engine, struct transport *transport,
                       struct reader *reader) {
    if (transport)
        forget_ufrags(engine, transport);
    for (uint8_t left = read8(reader); left && reader->good; left--) {
        struct text ufrag = read_text(reader);
        if (transport && reader->good)
            add_ufrag(engine, transport, ufrag);
    }
}

static void run_open_transport(struct engine *engine, struct reader *reader) {
    struct transport *transport = open_transport(engine, read64(reader));
    set_ufrags(engine, transport, reader);
    set_extensions(transport, reader);
}

static void run_set_ufrags(struct engine *engine, struct reader *reader) {
    struct transport *transport = read_transport(engine, reader);
    set_ufrags(engine, transport, reader);
}

static void run_set_extensions(struct engine *engine, struct reader *reader) {
    struct transport *transport = read_transport(engine, reader);
    set_extensions(transport, reader);
}

static void run_expect_stun(struct engine *engine, struct reader *reader) {
    struct transport *transport = read_transport(engine, reader);
    const struct address *address = read_address(reader);
    if (transport && address)
        paths_expect(engine, transport, address);
}

static void run_validate_path(struct engine *engine, struct reader *reader) {
    struct transport *transport = read_transport(engine, reader);
    const struct address *address = read_address(reader);
    if (transport && address)
        paths_validate(engine, transport, address);
}

static void run_select_path(struct engine *engine, struct reader *reader) {
    struct transport *transport = read_transport(engine, reader);
    bool present = read8(reader);
    const struct address *address = read_address(reader);
    if (transport && address)
        transport_select(transport, present ? address : NULL);
}

static void run_start_srtp(struct engine *engine, struct reader *reader) {
    struct transport *transport = read_transport(engine, reader);
    void *receive = (void *)(uintptr_t)read64(reader);
    void *send = (void *)(uintptr_t)read64(reader);
    if (!reader->good || !receive || !send)
        return;
    if (transport) {
        transport_start_srtp(transport, receive, send);
    } else { /* closed meanwhile: the sessions are ours all the same */
        engine->srtp.deallocate(receive);
        engine->srtp.deallocate(send);
    }
}

static void run_close_transport(struct engine *engine, struct reader *reader) {
    struct transport *transport = read_transport(engine, reader);
    if (transport)
        close_transport(engine, transport);
}

static void run_set_receive_limit(struct engine *engine, struct reader *reader) {
    struct transport *transport = read_transport(engine, reader);
    uint64_t bitrate = read64(reader);
    if (transport && reader->good)
        transport_set_receive_limit(transport, bitrate);
}

static void run_set_target(struct engine *engine, struct reader *reader) {
    struct transport *transport = read_transport(engine, reader);
    uint64_t bitrate = read64(reader);
    uint64_t probe = read64(reader);
    if (transport && reader->good)
        transport_set_target(transport, bitrate, probe);
}

/* Sources */

static void run_open_source(struct engine *engine, struct reader *reader) {
    uint64_t id = read64(reader);
    struct transport *transport = read_transport(engine, reader);
    struct source_parameters parameters = {.kind = read8(reader) ? VIDEO : AUDIO};
    struct text mid = read_text(reader);
    bool has_rid = read8(reader);
    struct text rid = read_text(reader);
    parameters.has_ssrc = read8(reader);
    parameters.ssrc = read32(reader);
    parameters.has_rtx_ssrc = read8(reader);
    parameters.rtx_ssrc = read32(reader);
    parameters.nack = read8(reader);
    read_payload_types(reader, parameters.payload_types);
    if (!transport || !reader->good)
        return;
    parameters.name = stream_name_new(mid, has_rid, rid);
    if (parameters.name)
        open_source(engine, id, transport, &parameters);
}

static void run_close_source(struct engine *engine, struct reader *reader) {
    struct source *source = table_find_id(&engine->sources, read64(reader));
    if (source)
        close_source(engine, source);
}

/* Sinks */

static void run_open_sink(struct engine *engine, struct reader *reader) {
    uint64_t id = read64(reader);
    struct transport *transport = read_transport(engine, reader);
    struct sink_parameters parameters = {.kind = read8(reader) ? VIDEO : AUDIO};
    uint8_t ids[EXTENSIONS];
    parameters.ssrc = read32(reader);
    parameters.has_rtx = read8(reader);
    parameters.rtx_ssrc = read32(reader);
    parameters.cname = read_text(reader);
    read_payload_types(reader, parameters.payload_types);
    read_extensions(reader, ids);
    memcpy(parameters.extensions, ids, FORWARDED);
    parameters.sequence = read32(reader);
    parameters.timestamp = read32(reader);
    parameters.rtx_sequence = read32(reader);
    if (transport && reader->good)
        open_sink(engine, id, transport, &parameters);
}

static void run_close_sink(struct engine *engine, struct reader *reader) {
    struct sink *sink = table_find_id(&engine->sinks, read64(reader));
    if (sink)
        close_sink(engine, sink);
}

static void run_route(struct engine *engine, struct reader *reader) {
    struct sink *sink = table_find_id(&engine->sinks, read64(reader));
    bool has_source = read8(reader);
    uint64_t id = read64(reader);
    struct source *source = has_source ? table_find_id(&engine->sources, id) : NULL;
    uint8_t kind = read8(reader);
    bool paused = read8(reader);
    struct layer limits = {.spatial = read8(reader), .temporal = read8(reader)};
    if (kind >= SWITCHES)
        reader->good = false;
    if (sink && reader->good && (source || !has_source))
        sink_route(sink, source, (enum switch_kind)kind, paused, limits);
}

static void run_send(struct engine *engine, struct reader *reader) {
    const struct address *address = read_address(reader);
    size_t size = (size_t)(reader->end - reader->at);
    const uint8_t *data = read_bytes(reader, size);
    if (!address || size > EGRESS_SLOT) {
        engine_drop(engine, DROP_SEND_FAILED); /* no path we serve carries it */
        return;
    }
    struct path *path = paths_find(engine, address);
    if (path && path->validated)
        transport_count_sent(path->validated, size);
    memcpy(egress_reserve(&engine->egress), data, size);
    egress_commit(&engine->egress, address, size);
    egress_flush(&engine->egress); /* the address is gone with the command */
}

static void (*const RUN[])(struct engine *, struct reader *) = {
    [OPEN_TRANSPORT] = run_open_transport,
    [SET_UFRAGS] = run_set_ufrags,
    [SET_EXTENSIONS] = run_set_extensions,
    [EXPECT_STUN] = run_expect_stun,
    [VALIDATE_PATH] = run_validate_path,
    [SELECT_PATH] = run_select_path,
    [START_SRTP] = run_start_srtp,
    [CLOSE_TRANSPORT] = run_close_transport,
    [OPEN_SOURCE] = run_open_source,
    [CLOSE_SOURCE] = run_close_source,
    [OPEN_SINK] = run_open_sink,
    [CLOSE_SINK] = run_close_sink,
    [ROUTE] = run_route,
    [SET_RECEIVE_LIMIT] = run_set_receive_limit,
    [SEND] = run_send,
    [SET_TARGET] = run_set_target,
};

bool run_commands(struct engine *engine, const uint8_t *commands, size_t size) {
    struct reader all = {commands, commands + size, true};
    while (all.at < all.end) {
        uint8_t kind = read8(&all);
        uint32_t body_size = read32(&all);
        const uint8_t *body = read_bytes(&all, body_size);
        if (!body || kind >= sizeof RUN / sizeof *RUN || !RUN[kind])
            return false;
        struct reader reader = {body, body + body_size, true};
        RUN[kind](engine, &reader);
        if (!reader.good)
            return false;
    }
    return true;
}
