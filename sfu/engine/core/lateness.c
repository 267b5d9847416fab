#include "lateness.h"

#include <math.h>

/* Seconds. */
static const double SPAN = 0.04;
static const double BASE_PERIOD = 5.0;
static const double CLOCK_JUMP = 3.0;
static const double SOME = 0.005; /* a packet sent in a frame waits so long for those before it */
static const double QUEUE = 0.02;
static const double STANDING = 0.035; /* for as long as … */
static const double STANDING_FOR = 0.5;
static const double SUDDEN = 0.06;
static const double MAX_TURN = 0.2; /* more is not jitter */

static const double USUAL = 4.0; /* times the jitter */

enum { SPANS = 20 }; /* that the jitter is averaged over */

static void begin(struct lateness *lateness, double delay, double now) {
    *lateness = (struct lateness){
        .begun = true,
        .began = now,
        .least = delay,
        .before = delay,
        .base = delay,
        .next_base = delay,
        .base_began = now,
        .long_since = now,
    };
}

double lateness_least(const struct lateness *lateness) {
    return fmin(lateness->least, lateness->before) - lateness->base;
}

static double usual(const struct lateness *lateness) {
    return USUAL * lateness->jitter;
}

/* A queue that grows or drains does so steadily; jitter turns. */
static void end_span(struct lateness *lateness, double now) {
    double step = lateness->least - lateness->before;
    double turn = fmin(fabs(step - lateness->step), MAX_TURN);
    lateness->step = step;
    if (lateness->spans < SPANS)
        lateness->spans++;
    lateness->jitter += (turn - lateness->jitter) / lateness->spans;
    if (lateness_least(lateness) <= STANDING + usual(lateness))
        lateness->long_since = now;
    if (now - lateness->base_began > BASE_PERIOD) {
        lateness->base = lateness->next_base;
        lateness->next_base = INFINITY;
        lateness->base_began = now;
    }
}

void lateness_packet(struct lateness *lateness, double sent_at, double received_at) {
    double delay = received_at - sent_at;
    if (!lateness->begun || fabs(delay - lateness->least) > CLOCK_JUMP ||
        fabs(received_at - lateness->began) > CLOCK_JUMP) {
        begin(lateness, delay, received_at);
        return;
    }
    if (received_at - lateness->began > SPAN) {
        end_span(lateness, received_at);
        lateness->before = lateness->least;
        lateness->least = delay;
        lateness->began = received_at;
    }
    lateness->least = fmin(lateness->least, delay);
    lateness->base = fmin(lateness->base, delay);
    lateness->next_base = fmin(lateness->next_base, delay);
}

bool lateness_shows_queue(const struct lateness *lateness) {
    return lateness_least(lateness) > QUEUE + usual(lateness);
}

bool lateness_is_long(const struct lateness *lateness) {
    double least = lateness_least(lateness) - usual(lateness);
    return least > SUDDEN ||
           (least > STANDING && lateness->began - lateness->long_since > STANDING_FOR);
}

void lateness_accept(struct lateness *lateness) {
    lateness->base += lateness_least(lateness);
    lateness->next_base = lateness->base;
    lateness->long_since = lateness->began;
}

bool lateness_has_waited(const struct lateness *lateness, double sent_at, double received_at) {
    return received_at - sent_at - lateness->base > SOME + lateness->jitter;
}
