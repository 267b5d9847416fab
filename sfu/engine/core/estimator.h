/* What the way to a receiver carries, estimated by its transport-wide feedback: delay
 * (trendline.h), loss, and probes. After Google congestion control (draft-ietf-rmcat-gcc-02), with
 * the constants of libwebrtc's goog_cc (main branch of 2025, as mirrored at JumpingYang001/webrtc
 * 0b51f0288ec1), without its field trials. Where it differs, and why:
 *
 * - Loss alone lowers the estimate only to what arrives, and up to 20 % of it not below what is
 *   sent: wireless links lose packets at random, and what is sent here are layers that somebody
 *   chose; to fall below them would lower them again and again.
 * - Jitter is no queue: besides the slope of the delay, all packets of a few dozen milliseconds must
 *   be later than usual (lateness.h). A queue that stands counts even if it no longer grows.
 * - A queue that is seen is drained: the longer it is, the less is sent for a while, compared with
 *   what comes out of it (outflow.h). One that stays however little is sent is not ours.
 * - What more a receiver could use is known, so probes are made for that, and only then. */
#ifndef TERTULIA_ESTIMATOR_H
#define TERTULIA_ESTIMATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acknowledged.h"
#include "lateness.h"
#include "losses.h"
#include "outflow.h"
#include "probing.h"
#include "trendline.h"

struct packet_result {
    double sent_at;     /* seconds, our clock */
    double received_at; /* seconds, the receiver's clock; negative: lost */
    uint32_t size;      /* bytes on the wire */
    uint8_t probe;      /* cluster, 0: none */
    bool told_lost;     /* it was, before, and has come after all */
};

struct estimator {
    struct trendline trendline;
    struct lateness lateness;
    struct outflow outflow;
    struct acknowledged acknowledged;
    struct losses losses;
    struct prober prober;
    double delay_based; /* bits/s */
    double draining;    /* bits/s that may leave while a queue drains; 0: none does */
    double capacity;    /* bits/s at which the link was overused lately; 0: not known */
    double deviation;   /* of it, relative */
    double queue;       /* seconds packets waited when the estimate was last lowered; INFINITY: they
                           have waited less since */
    double round_trip;  /* seconds */
    double increased_at; /* seconds; negative: never */
    double decreased_at;
    double feedback_at;
};

void estimator_init(struct estimator *estimator, double now);
/* One transport-wide feedback: packets in sending order. `round_trip` in seconds, <= 0: unknown. */
void estimator_feedback(struct estimator *estimator, double now,
                        const struct packet_result *results, size_t count, double round_trip);
/* About ten times a second while packets are on their way: that no feedback comes is news too. */
void estimator_tick(struct estimator *estimator, double now);
/* Bits/s, 30,000 to 100,000,000. */
uint64_t estimator_bitrate(const struct estimator *estimator);
/* Bits/s at which packets may leave now: more than that, or less while a queue drains. */
uint64_t estimator_pace(const struct estimator *estimator);
/* Bits/s that are meant to be sent, and that would be of use; 0: nothing more would be. */
void estimator_set_target(struct estimator *estimator, double now, uint64_t sending,
                          uint64_t probe_up_to);
/* The next probe to make, if one is due: its cluster then counts as begun. */
bool estimator_next_probe(struct estimator *estimator, double now, struct probe *probe);

#endif
