#include "clock.h"

#include <math.h>
#include <stdlib.h>

static const double MAX_DISAGREEMENT = 2.0; /* seconds; more is a step of a clock, or a lie */
static const double WINDOW = 60.0;          /* seconds over which the least delay is taken */
static const double NTP_EPOCH = 2208988800.0; /* seconds from 1900 to 1970 */
static const double ERA = 4294967296.0;       /* NTP seconds, or units of one; 2^32 */
enum { MAX_ROUND_TRIP = 10 << 16 };           /* 1/65536 s; more is about something else */

uint64_t ntp64(double unix_time) {
    return (uint64_t)(fmod(unix_time + NTP_EPOCH, ERA) * ERA);
}

double round_trip(uint64_t ntp, uint32_t lsr, uint32_t dlsr) {
    int32_t ticks = distance32((uint32_t)(ntp >> 16) - lsr, dlsr);
    if (lsr == 0 || ticks >= MAX_ROUND_TRIP || ticks <= -MAX_ROUND_TRIP)
        return -1;
    /* A receiver rounds its delay, so that a very short trip may come out below nothing. */
    return ticks > 0 ? ticks / 65536.0 : 0;
}

static const struct least_delay NO_DELAY = {INFINITY, INFINITY, -INFINITY};

static double least(const struct least_delay *delay) {
    return delay->before < delay->current ? delay->before : delay->current;
}

static void update(struct least_delay *delay, double value, double now) {
    if (value - least(delay) > MAX_DISAGREEMENT)
        delay->before = delay->current = INFINITY;
    if (now >= delay->turn) {
        delay->before = now < delay->turn + WINDOW / 2 ? delay->current : INFINITY;
        delay->current = INFINITY;
        delay->turn = now + WINDOW / 2;
    }
    if (value < delay->current)
        delay->current = value;
}

struct transport_clock *transport_clock_new(void) {
    struct transport_clock *clock = malloc(sizeof *clock);
    if (clock)
        *clock = (struct transport_clock){.references = 1, .delay = NO_DELAY};
    return clock;
}

void transport_clock_release(struct transport_clock *clock) {
    if (clock && --clock->references == 0)
        free(clock);
}

struct source_clock *source_clock_new(int rate, struct transport_clock *transport) {
    struct source_clock *clock = malloc(sizeof *clock);
    if (!clock)
        return NULL;
    transport->references++;
    *clock = (struct source_clock){
        .references = 1,
        .rate = rate,
        .transport = transport,
        .delay = NO_DELAY,
    };
    return clock;
}

void source_clock_release(struct source_clock *clock) {
    if (!clock || --clock->references > 0)
        return;
    transport_clock_release(clock->transport);
    free(clock);
}

void source_clock_received(struct source_clock *clock, uint32_t timestamp, double now) {
    double sent = (double)unwrap32(&clock->unwrapper, timestamp) / clock->rate;
    update(&clock->delay, now - sent, now);
}

void source_clock_sender_report(struct source_clock *clock, uint64_t ntp, uint32_t timestamp,
                                double now) {
    if (ntp == 0)
        return; /* the sender has no such clock */
    double seconds = (double)ntp / ERA;
    update(&clock->transport->delay, now - seconds, now);
    clock->has_report = true;
    clock->report_ntp = seconds;
    clock->report_timestamp = timestamp;
}

/* One moment in both clocks. */
struct anchor {
    double time;
    uint32_t timestamp;
};

static double time_at(const struct source_clock *clock, const struct anchor *anchor,
                      uint32_t timestamp) {
    return anchor->time + (double)distance32(timestamp, anchor->timestamp) / clock->rate;
}

/* The report is believed unless it puts the stream far off its own packets. */
static bool find_anchor(const struct source_clock *clock, struct anchor *anchor) {
    int64_t highest = clock->unwrapper.highest;
    if (highest == 0)
        return false;
    anchor->time = least(&clock->delay) + (double)highest / clock->rate;
    anchor->timestamp = (uint32_t)highest;
    if (!clock->has_report)
        return true;
    double time = clock->report_ntp + least(&clock->transport->delay);
    if (fabs(time - time_at(clock, anchor, clock->report_timestamp)) <= MAX_DISAGREEMENT)
        *anchor = (struct anchor){.time = time, .timestamp = clock->report_timestamp};
    return true;
}

bool source_clock_server_time(const struct source_clock *clock, uint32_t timestamp, double *time) {
    struct anchor anchor;
    if (!find_anchor(clock, &anchor))
        return false;
    *time = time_at(clock, &anchor, timestamp);
    return true;
}

bool source_clock_timestamp_at(const struct source_clock *clock, double time,
                               uint32_t *timestamp) {
    struct anchor anchor;
    if (!find_anchor(clock, &anchor))
        return false;
    double ticks = fmod(rint((time - anchor.time) * clock->rate), ERA);
    *timestamp = anchor.timestamp + (uint32_t)(int64_t)ticks;
    return true;
}
