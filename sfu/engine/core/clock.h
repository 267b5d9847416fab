/* Whose time is it? RTP and NTP clocks of publishers, mapped to the server's (RFC 3550, 6.4.1).
 * The idea is told in sfu/rtp/clock.py; this is the same arithmetic. */
#ifndef TERTULIA_CLOCK_H
#define TERTULIA_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "sequence.h"

/* 64-bit NTP timestamp of a Unix time in seconds. */
uint64_t ntp64(double unix_time);

/* Seconds to a receiver and back, by its report block that came at `ntp`; negative if it has had no
 * sender report of ours yet, or names one that cannot be. */
double round_trip(uint64_t ntp, uint32_t lsr, uint32_t dlsr);

/* Least value of the last minute (half of it at the least); a step up begins anew. */
struct least_delay {
    double before;
    double current;
    double turn;
};

/* From a publisher's NTP time to the server's; shared by all streams of his transport and, as it
 * is still needed when he has gone, counted. */
struct transport_clock {
    int references;
    struct least_delay delay;
};

struct transport_clock *transport_clock_new(void); /* one reference; NULL without memory */
void transport_clock_release(struct transport_clock *clock);

/* From RTP timestamps of one stream to the server's time (seconds) and back. Counted, as sinks keep
 * the clock of the last packet they sent. */
struct source_clock {
    int references;
    int rate; /* ticks per second */
    struct transport_clock *transport;
    struct unwrapper unwrapper;
    struct least_delay delay;
    bool has_report;
    double report_ntp; /* publisher's NTP seconds */
    uint32_t report_timestamp;
};

struct source_clock *source_clock_new(int rate, struct transport_clock *transport);
static inline void source_clock_keep(struct source_clock *clock) {
    clock->references++;
}
void source_clock_release(struct source_clock *clock); /* NULL is allowed */
void source_clock_received(struct source_clock *clock, uint32_t timestamp, double now);
void source_clock_sender_report(struct source_clock *clock, uint64_t ntp, uint32_t timestamp,
                                double now);
/* False before any packet. */
bool source_clock_server_time(const struct source_clock *clock, uint32_t timestamp, double *time);
bool source_clock_timestamp_at(const struct source_clock *clock, double time, uint32_t *timestamp);

#endif
