/* Any commands, whole or broken, any datagrams from anywhere, and no memory when it is needed:
 * nothing crashes, leaks, or keeps a session of libsrtp.
 *
 * The input is a list of steps: what, size (2 bytes), body. `what` is a command kind, whose header
 * is made here, or one of the steps below. */
#define TERTULIA_PLENTY
#include "encode.h"
#include "engine.h"
#include "memory.h"
#include "stub_srtp.h"

enum {
    BROKEN_COMMANDS = SEND + 1, /* the body is all: kinds and sizes too */
    DATAGRAM,                   /* address number, bytes */
    TIME,                       /* milliseconds, 4 bytes */
    STATS,
    SCARCITY, /* allocations that still succeed, once */
    STEPS
};

enum { ADDRESSES = 4, START_SRTP_SIZE = 24 };

struct run {
    struct engine *engine;
    double now;
    struct buffer commands;
    unsigned batch;
    bool unsent; /* the network is full: every other burst is given back */
};

static void send_burst(void *context, const struct outgoing *burst, size_t count) {
    struct run *run = context;
    CHECK(count > 0 && count <= EGRESS_DATAGRAMS);
    for (size_t i = 0; i < count; i++)
        CHECK(burst[i].to && burst[i].data && burst[i].size <= EGRESS_SLOT);
    run->unsent = !run->unsent;
    if (run->unsent)
        engine_not_sent(run->engine, burst[0].to, DROP_SEND_BUFFER_FULL, count);
}

static struct address address_of(uint8_t number) {
    struct address address = {.host = {[10] = 0xFF, [11] = 0xFF, [12] = 127, [15] = 1}};
    address.port[1] = number % ADDRESSES;
    return address;
}

static void put_session(uint8_t *at, unsigned batch) {
    struct session *session = session_new();
    session->batch = batch;
    uint64_t pointer = (uint64_t)(uintptr_t)session;
    for (size_t byte = 0; byte < 8; byte++)
        at[byte] = (uint8_t)(pointer >> 8 * byte);
}

/* Where commands start SRTP they get real sessions. False if there are too many. */
static bool put_sessions(uint8_t *commands, size_t size, unsigned batch) {
    struct reader reader = {commands, commands + size, true};
    while (reader.at < reader.end) {
        uint8_t kind = read8(&reader);
        uint32_t body_size = read32(&reader);
        size_t body = (size_t)(reader.at - commands);
        if (!read_bytes(&reader, body_size))
            return true;
        if (kind != START_SRTP || body_size < START_SRTP_SIZE)
            continue;
        if (session_count + 2 > MOST_SESSIONS)
            return false;
        put_session(commands + body + 8, batch);
        put_session(commands + body + 16, batch);
    }
    return true;
}

/* The engine owns the sessions of the commands it has taken; if it has not taken all, of some. */
static void command(struct run *run, const uint8_t *commands, size_t size) {
    uint8_t *copy = exact_copy(commands, size);
    run->batch++;
    if (!put_sessions(copy, size, run->batch) || !engine_command(run->engine, copy, size))
        for (size_t i = 0; i < session_count; i++)
            sessions_alive[i]->forsaken |= sessions_alive[i]->batch == run->batch;
    free(copy);
}

static void free_forsaken(void) {
    for (size_t i = session_count; i-- > 0;)
        if (sessions_alive[i]->forsaken)
            stub_deallocate(sessions_alive[i]);
}

static void framed_command(struct run *run, uint8_t kind, const uint8_t *body, size_t size) {
    bool scarce = scarcity.on;
    scarcity.on = false; /* for the engine only */
    run->commands.size = 0;
    size_t begin = begin_command(&run->commands, (enum command)kind);
    if (size)
        CHECK(buffer_append(&run->commands, body, size));
    end_command(&run->commands, begin);
    scarcity.on = scarce;
    command(run, run->commands.data, run->commands.size);
}

static void datagram(struct run *run, const uint8_t *body, size_t size) {
    if (size == 0)
        return;
    struct address from = address_of(body[0]);
    uint8_t *data = exact_copy(body + 1, size - 1);
    engine_receive(run->engine, &from, data, size - 1);
    free(data);
}

static void round_over(struct run *run) {
    struct buffer events = {0};
    double wake_at = engine_end(run->engine);
    CHECK(wake_at > 0);
    engine_take_events(run->engine, &events);
    CHECK(engine_events_waiting(run->engine) == 0);
    buffer_free(&events);
}

static void step(struct run *run, uint8_t what, const uint8_t *body, size_t size) {
    struct reader reader = {body, body + size, true};
    struct buffer stats = {0};
    switch (what) {
    case BROKEN_COMMANDS:
        command(run, body, size);
        break;
    case DATAGRAM:
        datagram(run, body, size);
        break;
    case TIME:
        round_over(run);
        run->now += read32(&reader) / 1000.0;
        engine_begin(run->engine, run->now);
        break;
    case STATS:
        engine_stats(run->engine, &stats);
        buffer_free(&stats);
        break;
    case SCARCITY:
        scarcity = (struct scarcity){.on = true, .left = read8(&reader), .once = read8(&reader)};
        break;
    default:
        framed_command(run, what, body, size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct run run = {.engine = engine_new(&stub_library, 1e9), .now = 1000.0};
    CHECK(run.engine);
    engine_set_egress(run.engine, send_burst, &run);
    engine_begin(run.engine, run.now);
    struct reader input = {data, data + size, true};
    while (input.at < input.end) {
        uint8_t what = read8(&input) % STEPS;
        size_t body_size = read8(&input);
        body_size |= (size_t)read8(&input) << 8;
        size_t left = (size_t)(input.end - input.at);
        body_size = body_size < left ? body_size : left;
        const uint8_t *body = read_bytes(&input, body_size);
        if (!input.good)
            break;
        step(&run, what, body, body_size);
    }
    scarcity.on = false;
    round_over(&run);
    engine_free(run.engine);
    buffer_free(&run.commands);
    free_forsaken();
    CHECK(session_count == 0);
    return 0;
}
