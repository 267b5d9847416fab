/* A small meeting around one engine: two publishers with sources of all codecs, three receivers
 * with sinks of different kinds, and the time. */
#ifndef TERTULIA_FUZZ_MEETING_H
#define TERTULIA_FUZZ_MEETING_H

#include "encode.h"
#include "engine.h"
#include "events.h"
#include "stream.h"
#include "stub_srtp.h"

enum { PUBLISHERS = 2, RECEIVERS = 3, CLIENTS = PUBLISHERS + RECEIVERS, PATHS = 2 };
enum { SOURCES = 4, SINKS = 4 };

static const struct extension_id PUBLISHED[] = {
    {AUDIO_LEVEL, 1}, {ABS_SEND_TIME, 2}, {VIDEO_ORIENTATION, 13}, {DEPENDENCY_DESCRIPTOR, 12},
    {MID, 4},         {RID, 10},          {REPAIRED_RID, 11},
};
/* Receivers name mid too; the last one's ids need the two-byte form. */
static const struct extension_id NARROW[] = {
    {AUDIO_LEVEL, 5}, {ABS_SEND_TIME, 3}, {VIDEO_ORIENTATION, 7}, {DEPENDENCY_DESCRIPTOR, 8},
    {MID, 9}};
static const struct extension_id WIDE[] = {
    {AUDIO_LEVEL, 20}, {ABS_SEND_TIME, 3}, {VIDEO_ORIENTATION, 200}, {DEPENDENCY_DESCRIPTOR, 33},
    {MID, 9}};

static const struct codec_types PUBLISHED_AUDIO[] = {{OPUS, 111, NO_RTX, 63}};
static const struct codec_types PUBLISHED_VIDEO[] = {
    {VP8, 96, 97, NO_RTX}, {VP9, 98, 99, NO_RTX}, {H264, 102, 103, NO_RTX}, {AV1, 45, 46, NO_RTX}};
static const struct codec_types AUDIO_TYPES[] = {{OPUS, 63, NO_RTX, 64}};
static const struct codec_types ALL_TYPES[] = {
    {VP8, 100, 101, NO_RTX}, {VP9, 107, 108, NO_RTX}, {H264, 127, 121, NO_RTX},
    {AV1, 35, 36, NO_RTX}};
static const struct codec_types PLAIN_TYPES[] = {
    {VP8, 100, NO_RTX, NO_RTX}, {VP9, 107, NO_RTX, NO_RTX}, {H264, 127, NO_RTX, NO_RTX}};
static const struct codec_types MIXED_TYPES[] = {
    {VP8, 100, 101, NO_RTX}, {VP9, 107, NO_RTX, NO_RTX}, {H264, 127, 121, NO_RTX}};

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct source_description {
    uint64_t id;
    uint64_t transport;
    enum kind kind;
    const char *mid;
    const char *rid;
    uint32_t ssrc; /* declared; 0 if the mid has to tell */
};

static const struct source_description DESCRIBED[SOURCES] = {
    {11, 1, AUDIO, "0", NULL, 0},
    {12, 1, VIDEO, "1", "q", 0},
    {13, 1, VIDEO, "1", "f", 0},
    {14, 2, VIDEO, "v", NULL, 0x2000},
};

struct sink_description {
    uint64_t id;
    uint64_t transport;
    enum kind kind;
    bool has_rtx;
    const struct codec_types *types;
    size_t type_count;
    const struct extension_id *extensions;
    size_t extension_count;
};

static const struct sink_description SHOWN[SINKS] = {
    {21, 3, VIDEO, true, ALL_TYPES, COUNT(ALL_TYPES), NARROW, COUNT(NARROW)},
    {22, 4, VIDEO, false, PLAIN_TYPES, COUNT(PLAIN_TYPES), NARROW, 1},
    {23, 5, VIDEO, true, MIXED_TYPES, COUNT(MIXED_TYPES), WIDE, COUNT(WIDE)},
    {24, 3, AUDIO, false, AUDIO_TYPES, COUNT(AUDIO_TYPES), WIDE, COUNT(WIDE)},
};

/* A publisher's encoder and packetizer. */
struct encoding {
    uint32_t ssrc;
    uint32_t rtx_ssrc;
    uint16_t sequence; /* of the last packet */
    uint16_t rtx_sequence;
    uint32_t timestamp;
    uint16_t picture_id;
    uint16_t frame_number;
};

struct meeting {
    struct engine *engine;
    double now;
    double wake_at;
    bool disordered; /* publishers' packets were lost, or came late */
    bool mixed;      /* publishers have sent payloads or names that nothing is known about */
    bool wild;       /* or even numbers */
    unsigned refusals;
    uint32_t next_ssrc;
    struct buffer commands;
    struct buffer events;
    struct encoding encodings[SOURCES];
    struct stream streams[SINKS];
};

static struct meeting meeting;

static const struct address *path_of(uint64_t transport, size_t number) {
    static struct address paths[CLIENTS + 1][PATHS];
    struct address *path = &paths[transport][number];
    path->host[0] = (uint8_t)transport;
    path->port[1] = (uint8_t)(1 + number);
    return path;
}

static struct stream *stream_of(uint32_t ssrc) {
    size_t i = 0;
    while (i < SINKS && meeting.streams[i].ssrc != ssrc && meeting.streams[i].rtx_ssrc != ssrc)
        i++;
    CHECK(i < SINKS);
    return &meeting.streams[i];
}

static uint64_t transport_of(const struct stream *stream) {
    return SHOWN[stream - meeting.streams].transport;
}

static void protecting(void *context, const uint8_t *packet, size_t size) {
    struct stream *stream = stream_of(load32(packet + 8));
    CHECK(transport_of(stream) == *(const uint64_t *)context);
    stream_protecting(stream, packet, size, meeting.wild);
}

static void leave(const struct outgoing *outgoing) {
    size_t size = outgoing->size;
    CHECK(size > SENT_TRAILER && size <= LONGEST_PLAIN + SENT_TRAILER);
    for (size_t i = size - SENT_TRAILER; i < size; i++)
        CHECK(outgoing->data[i] == SENT_TRAILER_BYTE);
    uint8_t transport = outgoing->to->host[0];
    CHECK(transport > 0 && transport <= CLIENTS);
    bool is_rtcp = outgoing->data[1] >= 192 && outgoing->data[1] < 224;
    if (is_rtcp)
        return;
    const struct stream *stream = stream_of(load32(outgoing->data + 8));
    CHECK(transport_of(stream) == transport);
    if (!meeting.wild)
        stream_leaving(stream, outgoing->data, size - SENT_TRAILER);
}

static void leave_burst(void *context, const struct outgoing *burst, size_t count) {
    CHECK(context == &meeting && count > 0 && count <= EGRESS_DATAGRAMS);
    for (size_t i = 0; i < count; i++)
        leave(&burst[i]);
}

/* Commands */

static void run_commands_now(void) {
    CHECK(engine_command(meeting.engine, meeting.commands.data, meeting.commands.size));
    meeting.commands.size = 0;
}

static void open_client(uint64_t id) {
    static uint64_t ids[CLIENTS + 1];
    struct buffer *out = &meeting.commands;
    struct session *receive = session_new(), *send = session_new();
    ids[id] = id;
    send->protecting = protecting;
    send->context = &ids[id];
    send->refusals = &meeting.refusals;
    char ufrag[] = {'u', (char)('0' + id), '\0'};
    put_open_transport(out, id, ufrag, PUBLISHED, COUNT(PUBLISHED));
    for (size_t i = 0; i < PATHS; i++)
        put_about(out, VALIDATE_PATH, id, path_of(id, i));
    put_select_path(out, id, path_of(id, 0));
    put_start_srtp(out, id, receive, send);
    run_commands_now();
}

static void open_source_of(size_t number) {
    const struct source_description *source = &DESCRIBED[number];
    struct buffer *out = &meeting.commands;
    bool video = source->kind == VIDEO;
    size_t body = begin_command(out, OPEN_SOURCE);
    buffer_put64(out, source->id);
    buffer_put64(out, source->transport);
    buffer_put8(out, (uint8_t)source->kind);
    put_text(out, source->mid);
    buffer_put8(out, source->rid != NULL);
    put_text(out, source->rid ? source->rid : "");
    put_optional32(out, source->ssrc);
    put_optional32(out, source->ssrc ? source->ssrc + 1 : 0);
    buffer_put8(out, video);
    if (video)
        put_types(out, PUBLISHED_VIDEO, COUNT(PUBLISHED_VIDEO));
    else
        put_types(out, PUBLISHED_AUDIO, COUNT(PUBLISHED_AUDIO));
    end_command(out, body);
    run_commands_now();
}

/* Every sink has an SSRC that was never used before, as its numbers begin anew. */
static void open_sink_of(size_t number) {
    const struct sink_description *sink = &SHOWN[number];
    struct stream *stream = &meeting.streams[number];
    struct buffer *out = &meeting.commands;
    uint32_t sequence = 0x3F00, timestamp = 0x7FFFFFF0, rtx_sequence = 7;
    memset(stream, 0, sizeof *stream);
    stream->ssrc = meeting.next_ssrc++;
    stream->rtx_ssrc = sink->has_rtx ? meeting.next_ssrc++ : 0;
    stream->types = sink->types;
    stream->type_count = sink->type_count;
    stream->extensions = sink->extensions;
    stream->extension_count = sink->extension_count;
    stream->orderly = !meeting.disordered;
    stream->sequence = (uint16_t)sequence;
    stream->timestamp = stream->floor = timestamp;
    stream->rtx_sequence = (uint16_t)rtx_sequence;
    size_t body = begin_command(out, OPEN_SINK);
    buffer_put64(out, sink->id);
    buffer_put64(out, sink->transport);
    buffer_put8(out, (uint8_t)sink->kind);
    buffer_put32(out, stream->ssrc);
    put_optional32(out, stream->rtx_ssrc);
    put_text(out, "cname");
    put_types(out, sink->types, sink->type_count);
    put_extensions(out, sink->extensions, sink->extension_count);
    buffer_put32(out, sequence);
    buffer_put32(out, timestamp);
    buffer_put32(out, rtx_sequence);
    end_command(out, body);
    run_commands_now();
}

/* Events */

static void route_switched(struct reader *event) {
    uint64_t sink = read64(event);
    read8(event);
    read64(event);
    uint32_t timestamp = read32(event);
    CHECK(event->good && sink >= SHOWN[0].id && sink < SHOWN[0].id + SINKS);
    struct stream *stream = &meeting.streams[sink - SHOWN[0].id];
    if (meeting.wild)
        return;
    stream->floor = stream->timestamp + 1;
    CHECK(timestamp == (uint32_t)stream->floor);
}

static void take_events(void) {
    meeting.events.size = 0;
    engine_take_events(meeting.engine, &meeting.events);
    if (meeting.events.size == 0)
        return;
    struct reader all = {meeting.events.data, meeting.events.data + meeting.events.size, true};
    while (all.at < all.end) {
        uint8_t kind = read8(&all);
        uint32_t size = read32(&all);
        const uint8_t *body = read_bytes(&all, size);
        CHECK(body && kind >= STUN_RECEIVED && kind <= SOURCE_RATES);
        struct reader event = {body, body + size, true};
        if (kind == ROUTE_SWITCHED)
            route_switched(&event);
    }
}

/* Time */

static void end_round(void) {
    meeting.wake_at = engine_end(meeting.engine);
    CHECK(meeting.wake_at > 0);
    take_events();
}

static void empty_round(double now) {
    meeting.now = now;
    engine_begin(meeting.engine, now);
    end_round();
}

/* Nothing comes. What is due at one moment takes a few rounds at most: it wakes nobody for ever. */
static void let_time_pass(double seconds) {
    enum { MOST_WAKES = 10, MOST_ROUNDS = 6 };
    end_round();
    double end = meeting.now + seconds;
    for (int i = 0; i < MOST_WAKES && meeting.wake_at <= end; i++)
        empty_round(meeting.wake_at > meeting.now ? meeting.wake_at : meeting.now);
    empty_round(end);
    for (int i = 1; i < MOST_ROUNDS && meeting.wake_at <= end; i++)
        empty_round(end);
    CHECK(meeting.wake_at > end);
    engine_begin(meeting.engine, meeting.now);
}

/* From beginning to end */

static void open_meeting(void) {
    memset(&meeting, 0, sizeof meeting);
    meeting.now = 1000.0;
    meeting.next_ssrc = 0x5000;
    meeting.engine = engine_new(&stub_library, 1.7e9);
    CHECK(meeting.engine);
    engine_set_egress(meeting.engine, leave_burst, &meeting);
    engine_begin(meeting.engine, meeting.now);
    for (uint64_t id = 1; id <= CLIENTS; id++)
        open_client(id);
    for (size_t i = 0; i < SOURCES; i++) {
        uint32_t ssrc = DESCRIBED[i].ssrc ? DESCRIBED[i].ssrc : (uint32_t)(0x1000 + 2 * i);
        meeting.encodings[i] = (struct encoding){
            .ssrc = ssrc, .rtx_ssrc = ssrc + 1, .sequence = 0xFFF0, .timestamp = 0xFFFFF000};
        open_source_of(i);
    }
    for (size_t i = 0; i < SINKS; i++)
        open_sink_of(i);
}

/* The engine has counted the packets that were seen. */
static void check_sinks(struct reader *stats) {
    for (uint32_t left = read32(stats); left; left--) {
        uint64_t id = read64(stats);
        uint64_t packets = read64(stats);
        CHECK(stats->good && id >= SHOWN[0].id && id < SHOWN[0].id + SINKS);
        CHECK(packets == meeting.streams[id - SHOWN[0].id].packets);
        CHECK(read_bytes(stats, 4 * 8 + 8 + 1 + 8));
    }
}

static void check_stats(void) {
    struct buffer into = {0};
    engine_stats(meeting.engine, &into);
    struct reader stats = {into.data, into.data + into.size, true};
    CHECK(read_bytes(&stats, DROPS * 8));
    for (uint32_t left = read32(&stats); left; left--) {
        CHECK(read_bytes(&stats, 5 * 8 + 2 * (1 + 8) + 2 * 8));
        CHECK(read_bytes(&stats, 9 * (size_t)read8(&stats)));
    }
    for (uint32_t left = read32(&stats); left; left--)
        CHECK(read_bytes(&stats, 9 * 8));
    check_sinks(&stats);
    CHECK(stats.good && stats.at == stats.end);
    buffer_free(&into);
}

static void close_meeting(void) {
    end_round();
    check_stats();
    engine_free(meeting.engine);
    buffer_free(&meeting.commands);
    buffer_free(&meeting.events);
    CHECK(session_count == 0);
}

#endif
