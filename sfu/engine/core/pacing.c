#include "pacing.h"

#include <stdlib.h>
#include <string.h>

#include "congestion.h"
#include "sink.h"
#include "state.h"
#include "transport.h"

static const double TURN = 0.005;       /* seconds between two releases */
static const double PROBE_TURN = 0.001; /* where packets have to leave evenly */

static const double LONGEST_PROBE = 0.2; /* seconds; what is slower tells nothing of a rate */

enum { MAX_BACK = 64 }; /* so many of a sink's packets are repeated, the latest */

/* What waits */

static void send_waiting(struct transport *transport, struct waiting *waiting) {
    uint8_t *room = egress_reserve(&transport->engine->egress);
    memcpy(room, waiting->packet, waiting->size);
    transport_send_now(transport, room, waiting->size);
    free(waiting);
}

static void release(struct congestion *congestion, double now) {
    struct waiting *waiting;
    while ((waiting = pacer_release(&congestion->pacer, now)))
        send_waiting(congestion->transport, waiting);
}

/* Probes */

bool pacing_can_probe(const struct congestion *congestion) {
    const struct list *sinks = &congestion->transport->sinks;
    for (size_t i = 0; i < sinks->count; i++)
        if (sink_can_pad(sinks->items[i]))
            return true;
    return false;
}

/* A packet the receiver has had lately, sent again: if it was lost after all, it is of use. Its size;
 * 0 if there is none. */
static size_t repeat(const struct list *sinks, struct probe_run *run) {
    for (size_t i = 0; i < sinks->count; i++) {
        size_t size = sink_repeat(sinks->items[i], run->back % MAX_BACK);
        if (!size && (size = sink_repeat(sinks->items[i], 0)))
            run->back = 0;
        run->back++;
        if (size)
            return size;
    }
    return 0;
}

/* Where no picture flows, mere padding. */
static size_t pad(const struct list *sinks) {
    for (size_t i = 0; i < sinks->count; i++)
        if (sink_can_pad(sinks->items[i]))
            return sink_pad(sinks->items[i]);
    return 0;
}

static bool send_extra(struct congestion *congestion) {
    struct transport *transport = congestion->transport;
    size_t size = repeat(&transport->sinks, &congestion->run);
    if (!size)
        size = pad(&transport->sinks);
    transport->padding_bytes += size;
    return size != 0;
}

static bool fill(struct congestion *congestion) {
    struct waiting *waiting = pacer_take(&congestion->pacer);
    if (!waiting)
        return send_extra(congestion);
    send_waiting(congestion->transport, waiting);
    return true;
}

/* Sends what is due of it. Pictures that leave meanwhile are part of it, too. */
static void go_on(struct congestion *congestion, double now) {
    struct probe_run *run = &congestion->run;
    double rate = (double)run->probe.bitrate / 8;
    if (now - run->began > LONGEST_PROBE)
        run->running = false;
    while (run->running && run->bytes <= rate * (now - run->began))
        if (!fill(congestion))
            run->running = false;
}

uint8_t pacing_cluster(struct congestion *congestion, size_t size) {
    struct probe_run *run = &congestion->run;
    if (!run->running)
        return 0;
    run->packets++;
    run->bytes += (uint32_t)size;
    if (run->packets >= run->probe.packets && run->bytes >= run->probe.bytes)
        run->running = false;
    return run->probe.cluster;
}

/* Turns */

static void run_turns(void *owner, double now) {
    struct engine *engine = owner;
    size_t kept = 0;
    bool probing = false;
    for (size_t i = 0; i < engine->paced.count; i++) {
        struct congestion *congestion = engine->paced.items[i];
        release(congestion, now);
        go_on(congestion, now);
        congestion->transport->queued_bytes = congestion->pacer.queued;
        congestion->paced = congestion->pacer.queued || congestion->run.running;
        probing |= congestion->run.running;
        if (congestion->paced)
            engine->paced.items[kept++] = congestion;
    }
    engine->paced.count = kept;
    if (kept)
        timers_set(&engine->timers, &engine->pacing, now + (probing ? PROBE_TURN : TURN));
}

/* It is one of those that `run_turns` looks after. False without memory. */
static bool take_turns(struct congestion *congestion) {
    struct engine *engine = congestion->transport->engine;
    double due = engine->now + (congestion->run.running ? PROBE_TURN : TURN);
    if (!congestion->paced)
        congestion->paced = list_add(&engine->paced, congestion);
    if (congestion->paced && (!timer_is_set(&engine->pacing) || due < engine->pacing.due))
        timers_set(&engine->timers, &engine->pacing, due);
    return congestion->paced;
}

bool pacing_wait(struct congestion *congestion, enum urgency urgency, const uint8_t *packet,
                 size_t size) {
    if (!take_turns(congestion) || !pacer_wait(&congestion->pacer, urgency, packet, size))
        return false;
    congestion->transport->queued_bytes = congestion->pacer.queued;
    return true;
}

void pacing_probe(struct congestion *congestion, const struct probe *probe) {
    congestion->run = (struct probe_run){
        .running = true, .probe = *probe, .began = congestion->transport->engine->now};
    if (take_turns(congestion))
        go_on(congestion, congestion->run.began);
    else
        congestion->run.running = false;
}

size_t pacing_forget(struct congestion *congestion, uint32_t ssrc, uint16_t newest) {
    size_t numbers = pacer_forget(&congestion->pacer, ssrc, newest);
    congestion->transport->queued_bytes = congestion->pacer.queued;
    return numbers;
}

/* Life */

void pacing_init(struct engine *engine) {
    engine->pacing = (struct timer){.run = run_turns, .owner = engine};
}

void pacing_stop(struct congestion *congestion) {
    pacer_clear(&congestion->pacer);
    if (congestion->paced)
        list_remove(&congestion->transport->engine->paced, congestion);
}
