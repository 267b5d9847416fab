/* An engine with a publisher and one viewer whose packets are numbered transport-wide. The input is
 * a script: pictures, time, and feedback that is honest, changed or anything. Each step is one byte
 * for what happens and as many as it takes to say how; after the end all bytes are 0. */
#include "bytes.h"
#include "encode.h"
#include "engine.h"
#include "events.h"
#include "rtcp.h"
#include "stub_srtp.h"
#include "twcc.h"

enum { PUBLISHER = 1, VIEWER = 2, CAMERA = 11, MICROPHONE = 12, PICTURE_SINK = 21, SOUND_SINK = 22 };
enum { CAMERA_SSRC = 0x2000, MICROPHONE_SSRC = 0x2002, SOUND_SSRC = 0x4000 };
enum { NUMBER_SENT = 6, NUMBER_RECEIVED = 3 }; /* ids of the header extension */
enum { HAS_PADDING = 0x20 };
enum { MOST_STEPS = 120, MOST_ROUNDS = 400, LARGEST_QUEUE = 768 << 10 };

static const struct extension_id PUBLISHED[] = {{TRANSPORT_CC, NUMBER_RECEIVED}};
static const struct extension_id SHOWN[] = {{TRANSPORT_CC, NUMBER_SENT}, {ABS_SEND_TIME, 3}};
static const struct codec_types SOUND[] = {{OPUS, 111, NO_RTX, NO_RTX}};
static const struct codec_types PICTURES[] = {{VP8, 96, 97, NO_RTX}};
static const struct address HERE[] = {{.port = {0, 1}}, {.port = {0, 1}}, {.port = {0, 2}}};

static struct {
    struct engine *engine;
    struct reader script;
    struct buffer commands;
    double now;
    uint32_t picture_ssrc; /* RTX has the next */
    uint16_t number;       /* the next that leaves */
    uint16_t told;         /* the next that is told of */
    uint16_t last;         /* sequence number of a picture */
    uint8_t used[0x10000]; /* by sequence number: a packet of the picture's sink has left with it */
    uint16_t sequence[2];  /* the publisher's, of camera and microphone */
    uint16_t counted;      /* the publisher's own transport-wide number */
    uint32_t timestamp;
    unsigned refusals;
} call;

static uint8_t take(void) {
    return read8(&call.script);
}

/* What leaves */

/* A sequence number is used once, as GCM is broken otherwise, and what comes in order leaves in
 * order: the script lets a packet overtake no more than one. */
static void check_stream(const uint8_t *packet) {
    uint32_t ssrc = load32(packet + 8);
    if (ssrc != call.picture_ssrc) {
        CHECK(ssrc == call.picture_ssrc + 1 || ssrc == SOUND_SSRC);
        return;
    }
    uint16_t number = load16(packet + 2);
    CHECK(!call.used[number] && (!call.last || (int16_t)(number - call.last) > -3));
    call.used[number] = 1;
    call.last = number;
}

/* Every packet has the number after that of the packet before. */
static void protecting(void *context, const uint8_t *packet, size_t size) {
    (void)context;
    CHECK(size >= 20 && size <= MAX_DATAGRAM && (packet[0] & ~HAS_PADDING) == 0x90);
    CHECK(packet[16] == (NUMBER_SENT << 4 | 1) && load16(packet + 17) == call.number);
    call.number++;
    check_stream(packet);
}

static void leave(void *context, const struct outgoing *burst, size_t count) {
    (void)context;
    for (size_t i = 0; i < count; i++)
        CHECK(burst[i].size <= EGRESS_SLOT);
}

/* Commands */

static void run_commands_now(void) {
    CHECK(engine_command(call.engine, call.commands.data, call.commands.size));
    call.commands.size = 0;
}

static void open_client(uint64_t id, const char *ufrag) {
    struct session *receive = session_new(), *send = session_new();
    send->protecting = id == VIEWER ? protecting : NULL;
    send->refusals = id == VIEWER ? &call.refusals : NULL;
    put_open_transport(&call.commands, id, ufrag, PUBLISHED, id == PUBLISHER);
    put_about(&call.commands, VALIDATE_PATH, id, &HERE[id]);
    put_select_path(&call.commands, id, &HERE[id]);
    put_start_srtp(&call.commands, id, receive, send);
}

static void open_source(uint64_t id, enum kind kind, const char *mid, uint32_t ssrc) {
    size_t body = begin_command(&call.commands, OPEN_SOURCE);
    buffer_put64(&call.commands, id);
    buffer_put64(&call.commands, PUBLISHER);
    buffer_put8(&call.commands, (uint8_t)kind);
    put_text(&call.commands, mid);
    buffer_put8(&call.commands, 0);
    put_text(&call.commands, "");
    put_optional32(&call.commands, ssrc);
    put_optional32(&call.commands, ssrc + 1);
    buffer_put8(&call.commands, kind == VIDEO);
    put_types(&call.commands, kind == VIDEO ? PICTURES : SOUND, 1);
    end_command(&call.commands, body);
}

static void open_sink(uint64_t id, enum kind kind, uint32_t ssrc) {
    size_t body = begin_command(&call.commands, OPEN_SINK);
    buffer_put64(&call.commands, id);
    buffer_put64(&call.commands, VIEWER);
    buffer_put8(&call.commands, (uint8_t)kind);
    buffer_put32(&call.commands, ssrc);
    put_optional32(&call.commands, kind == VIDEO ? ssrc + 1 : 0);
    put_text(&call.commands, "cname");
    put_types(&call.commands, kind == VIDEO ? PICTURES : SOUND, 1);
    put_extensions(&call.commands, SHOWN, 2);
    buffer_put32(&call.commands, 100);
    buffer_put32(&call.commands, 100);
    buffer_put32(&call.commands, 100);
    end_command(&call.commands, body);
}

static void show(bool camera, enum switch_kind kind, bool paused) {
    uint64_t id = CAMERA;
    put_route(&call.commands, PICTURE_SINK, camera ? &id : NULL, kind, paused);
    run_commands_now();
}

static void show_some(void) {
    uint8_t how = take();
    show(how & 1, how % SWITCHES, how & 8);
}

/* Its SSRC was never used before, as its numbers begin anew. */
static void reopen_picture_sink(void) {
    put_about(&call.commands, CLOSE_SINK, PICTURE_SINK, NULL);
    run_commands_now();
    call.picture_ssrc += 2;
    memset(call.used, 0, sizeof call.used);
    call.last = 0;
    open_sink(PICTURE_SINK, VIDEO, call.picture_ssrc);
    show(true, SWITCH_PARTICIPANT, false);
}

static void set_target(void) {
    size_t body = begin_command(&call.commands, SET_TARGET);
    buffer_put64(&call.commands, VIEWER);
    buffer_put64(&call.commands, (uint64_t)take() << 14);
    buffer_put64(&call.commands, (uint64_t)take() << 16);
    end_command(&call.commands, body);
    run_commands_now();
}

/* What comes */

static void receive(uint64_t from, const uint8_t *data, size_t size) {
    uint8_t *datagram = malloc(size + RECEIVED_TRAILER);
    CHECK(datagram);
    memcpy(datagram, data, size);
    memset(datagram + size, 0, RECEIVED_TRAILER);
    engine_receive(call.engine, &HERE[from], datagram, size + RECEIVED_TRAILER);
    free(datagram);
}

static void send_media(int stream, uint8_t type, const uint8_t *payload, size_t size) {
    uint8_t packet[MAX_DATAGRAM] = {0x90, type};
    store16(packet + 2, call.sequence[stream]++);
    store32(packet + 4, call.timestamp);
    store32(packet + 8, stream ? MICROPHONE_SSRC : CAMERA_SSRC);
    store32(packet + 12, 0xBEDE0001);
    packet[16] = NUMBER_RECEIVED << 4 | 1;
    store16(packet + 17, call.counted++);
    memcpy(packet + 20, payload, size);
    receive(PUBLISHER, packet, 20 + size);
}

static void send_picture(void) {
    uint8_t payload[1200] = {0x10}; /* the first packet of a picture without a picture id */
    int packets = take() % 80;
    size_t size = 2 + (size_t)take() * 4;
    payload[1] = take() & 1; /* P of its frame header: 0 for a keyframe */
    bool late = take() & 1; /* one packet overtakes another */
    for (int i = 0; i < packets; i++, payload[0] = 0) {
        call.sequence[0] = (uint16_t)(call.sequence[0] + (late && i == 3) - 2 * (late && i == 4));
        send_media(0, 96, payload, size);
        call.sequence[0] = (uint16_t)(call.sequence[0] + (late && i == 4));
    }
    call.timestamp += 3000;
}

static void let_time_pass(double seconds) {
    double end = call.now + seconds;
    double wake_at = engine_end(call.engine);
    for (int i = 0; i < MOST_ROUNDS && wake_at <= end; i++) {
        call.now = wake_at > call.now ? wake_at : call.now;
        engine_begin(call.engine, call.now);
        wake_at = engine_end(call.engine);
    }
    call.now = end;
    engine_begin(call.engine, end);
    struct buffer events = {0};
    engine_take_events(call.engine, &events);
    buffer_free(&events);
}

static size_t write_feedback(uint8_t *packet) {
    uint32_t ticks[64];
    uint16_t under_way = (uint16_t)(call.number - call.told);
    size_t count = take() % 64;
    size_t told;
    uint32_t ticked = (uint32_t)(call.now * TWCC_TICKS);
    count = count < under_way ? count : under_way;
    uint8_t lost = take(), step = take();
    for (size_t i = 0; i < count; i++) {
        ticked += step;
        ticks[i] = lost >> i % 8 & 1 ? 0 : ticked;
    }
    size_t size = twcc_write(packet, 1, call.picture_ssrc, 0, call.told, ticks, count, &told);
    call.told = (uint16_t)(call.told + told);
    return size;
}

static void feed_back(bool changed) {
    uint8_t packet[TWCC_MAX_SIZE];
    size_t size = write_feedback(packet);
    if (changed)
        packet[4 + take() % (size - 4)] ^= take();
    receive(VIEWER, packet, size);
}

static void feed_back_anything(void) {
    uint8_t packet[8 + 4 * 64] = {0x80 | TWCC_FORMAT, 205};
    size_t size = 4 * (size_t)(take() % 64);
    store16(packet + 2, (uint16_t)(size / 4));
    for (size_t i = 0; i < size; i++)
        packet[4 + i] = take();
    receive(VIEWER, packet, 4 + size);
}

static void ask_again(void) {
    uint8_t nack[12 + 4 * 16];
    uint16_t lost[16];
    size_t count = 1 + take() % 16;
    uint8_t back = take();
    for (size_t i = 0; i < count; i++)
        lost[i] = (uint16_t)(call.last - back - i);
    receive(VIEWER, nack, rtcp_write_nack(nack, 1, call.picture_ssrc, lost, count));
}

static void change_path(bool away) {
    put_select_path(&call.commands, VIEWER, away ? NULL : &HERE[VIEWER]);
    run_commands_now();
}

/* From beginning to end */

static void step(void) {
    static const uint8_t sound[20] = {0xFC};
    switch (take() % 14) {
    case 0:
    case 1: return send_picture();
    case 2: return send_media(1, 111, sound, sizeof sound);
    case 3: return let_time_pass(take() * 1e-3);
    case 4: return let_time_pass(take() * 0.1);
    case 5:
    case 6: return feed_back(false);
    case 7: return feed_back(true);
    case 8: return feed_back_anything();
    case 9: return ask_again();
    case 10: return set_target();
    case 11: return take() & 1 ? change_path(take() & 1) : show_some();
    case 12: return reopen_picture_sink();
    default: call.counted = (uint16_t)(take() << 8), call.refusals = take() % 4;
    }
}

static void check_stats(void) {
    struct buffer into = {0};
    engine_stats(call.engine, &into);
    struct reader stats = {into.data, into.data + into.size, true};
    CHECK(read_bytes(&stats, DROPS * 8));
    for (uint32_t left = read32(&stats); left; left--) {
        CHECK(read_bytes(&stats, 5 * 8 + 1 + 8));
        bool has_estimate = read8(&stats);
        uint64_t estimate = read64(&stats);
        CHECK(!has_estimate || (estimate >= 30000 && estimate <= 100000000));
        CHECK(read_bytes(&stats, 8));
        CHECK(read64(&stats) <= LARGEST_QUEUE);
        CHECK(read_bytes(&stats, 9 * (size_t)read8(&stats)));
    }
    buffer_free(&into);
}

static void begin(const uint8_t *data, size_t size) {
    memset(&call, 0, sizeof call);
    call.script = (struct reader){data, data + size, true};
    call.now = 1000;
    call.picture_ssrc = 0x5000;
    call.engine = engine_new(&stub_library, 1.7e9);
    CHECK(call.engine);
    engine_set_egress(call.engine, leave, NULL);
    engine_begin(call.engine, call.now);
    open_client(PUBLISHER, "p");
    open_client(VIEWER, "v");
    open_source(CAMERA, VIDEO, "1", CAMERA_SSRC);
    open_source(MICROPHONE, AUDIO, "0", MICROPHONE_SSRC);
    open_sink(PICTURE_SINK, VIDEO, call.picture_ssrc);
    open_sink(SOUND_SINK, AUDIO, SOUND_SSRC);
    uint64_t microphone = MICROPHONE;
    put_route(&call.commands, SOUND_SINK, &microphone, SWITCH_PARTICIPANT, false);
    show(true, SWITCH_PARTICIPANT, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    begin(data, size);
    for (int i = 0; i < MOST_STEPS && call.script.at < call.script.end; i++)
        step();
    let_time_pass(1);
    check_stats();
    engine_free(call.engine);
    buffer_free(&call.commands);
    CHECK(session_count == 0);
    return 0;
}
