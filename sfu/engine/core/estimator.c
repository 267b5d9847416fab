#include "estimator.h"

#include <math.h>

static const double LOWEST = 30e3; /* bits/s */
static const double HIGHEST = 100e6;
static const double START = 300e3; /* carries sound and a small picture nearly everywhere */
static const double FIRST_ROUND_TRIP = 0.1; /* seconds */
static const double DECREASE = 0.85;          /* of what arrives, when a queue builds up */
static const double DRAINING = 1.5;           /* … until it drains less by so much for a second of
                                                 waiting … */
static const double LEAST_SHARE = 0.4;        /* … down to this */
static const double SHORT_QUEUE = 0.03;       /* seconds */
static const double LONGEST_DRAIN = 1.0;      /* seconds */
static const double PACE = 1.3;               /* times the estimate: pictures come in bursts */
static const double OURS = 1.1;               /* times the estimate, what comes out of a queue */
static const double SAME = 0.8;               /* times the queue that was answered */
static const double ANSWER = 2.0;             /* seconds in which that should have helped */
static const double CLEAN_JITTER = 0.003;      /* seconds */
static const double CLEAN_LOSS = 0.02;
static const double INCREASE = 0.08;          /* a second, while the limit is not known */
static const double HEADROOM = 1.25;          /* no more than this times what arrives … */
static const double HEADROOM_MORE = 10e3;     /* … plus this, bits/s, is believed unprobed */
static const double RESPONSE = 0.1;           /* seconds to hear of more, besides a round trip */
static const double PACKET = 1200 * 8;        /* bits of a usual packet */
static const double FRAME_RATE = 30;          /* a second */
static const double LEAST_INCREASE = 4e3;     /* bits/s, a second */
static const double SMOOTHING = 0.05;         /* of the known capacity … */
static const double SMOOTHING_DOWN = 0.5;     /* … when it was less: more would only be a queue */
static const double SILENCE = 1.0;     /* seconds without feedback before the estimate falls … */
static const double SILENCE_STEP = 0.5; /* … every so many seconds … */
static const double SILENCE_FALL = 0.8; /* … to this part of it */

void estimator_init(struct estimator *estimator, double now) {
    *estimator = (struct estimator){
        .delay_based = START,
        .round_trip = FIRST_ROUND_TRIP,
        .increased_at = -1,
        .decreased_at = -1,
        .queue = INFINITY,
        .feedback_at = now,
    };
    trendline_init(&estimator->trendline);
    losses_init(&estimator->losses);
    prober_init(&estimator->prober, now);
}

static double limited(double bitrate) {
    return fmin(fmax(bitrate, LOWEST), HIGHEST);
}

static double estimate(const struct estimator *estimator) {
    return limited(fmin(estimator->delay_based, estimator->losses.limit));
}

uint64_t estimator_bitrate(const struct estimator *estimator) {
    return (uint64_t)estimate(estimator);
}

uint64_t estimator_pace(const struct estimator *estimator) {
    double usual = PACE * estimate(estimator);
    return (uint64_t)(estimator->draining > 0 ? fmin(estimator->draining, usual) : usual);
}

/* Capacity: where the link was overused, as a running mean with its deviation. */

static void remember_capacity(struct estimator *estimator, double arriving) {
    if (estimator->capacity <= 0) {
        estimator->capacity = arriving;
        estimator->deviation = 0.1;
        return;
    }
    double distance = arriving / estimator->capacity - 1;
    double smoothing = distance < 0 ? SMOOTHING_DOWN : SMOOTHING;
    estimator->deviation += SMOOTHING * (fabs(distance) - estimator->deviation);
    estimator->capacity *= 1 + smoothing * distance;
}

static bool near_capacity(const struct estimator *estimator, double bitrate) {
    double margin = fmax(3 * estimator->deviation, 0.1);
    return estimator->capacity > 0 && fabs(bitrate / estimator->capacity - 1) <= margin;
}

/* A queue builds up: send less than what gets through, so that it drains. Once per round trip, else
 * the same queue would be answered twice. */
static void decrease(struct estimator *estimator, double now) {
    double pause = estimator->round_trip + RESPONSE;
    if (estimator->decreased_at >= 0 && now - estimator->decreased_at < pause)
        return;
    double arriving = outflow_bitrate(&estimator->outflow);
    if (arriving <= 0)
        arriving = acknowledged_bitrate(&estimator->acknowledged);
    estimator->queue = lateness_least(&estimator->lateness);
    if (arriving > 0) {
        if (!near_capacity(estimator, arriving))
            estimator->capacity = 0;
        remember_capacity(estimator, arriving);
    } else {
        arriving = estimator->delay_based;
    }
    double share = fmax(DECREASE - DRAINING * estimator->queue, LEAST_SHARE);
    estimator->draining = limited(share * arriving);
    estimator->delay_based = limited(fmin(estimator->delay_based, DECREASE * arriving));
    estimator->decreased_at = estimator->increased_at = now;
    prober_wait(&estimator->prober, now);
}

/* Bits/s more in a second near the known capacity: a packet of a usual frame per two response
 * times. */
static double careful_increase(const struct estimator *estimator) {
    double frame = estimator->delay_based / FRAME_RATE;
    double packet = frame / ceil(frame / PACKET);
    return fmax(packet / (2 * (estimator->round_trip + RESPONSE)), LEAST_INCREASE);
}

static void increase(struct estimator *estimator, double now) {
    double elapsed =
        estimator->increased_at < 0 ? 0 : fmin(now - estimator->increased_at, 1);
    estimator->increased_at = now;
    double arriving = acknowledged_bitrate(&estimator->acknowledged);
    double bitrate = estimator->delay_based;
    double more = near_capacity(estimator, arriving)
                      ? careful_increase(estimator) * elapsed
                      : fmax(bitrate * (pow(1 + INCREASE, elapsed) - 1), 1e3 * elapsed);
    double most = HEADROOM * arriving + HEADROOM_MORE;
    if (bitrate < most)
        estimator->delay_based = limited(fmin(bitrate + more, most));
}

/* Less was just sent than got through, and packets sent since are as late as those before: the way
 * takes longer now, or others fill its queue. To send still less would only leave it to them. */
static bool is_not_ours(const struct estimator *estimator, double now) {
    double arriving = outflow_bitrate(&estimator->outflow);
    double since = now - estimator->decreased_at;
    return estimator->decreased_at >= 0 && since < ANSWER &&
           since > estimator->round_trip + RESPONSE + estimator->queue &&
           estimator->trendline.usage != USAGE_OVER && arriving > 0 &&
           arriving <= OURS * (double)estimator_pace(estimator) &&
           estimator->losses.fraction < CLEAN_LOSS &&
           lateness_least(&estimator->lateness) > SAME * estimator->queue;
}

static void judge_delay(struct estimator *estimator, double now) {
    const struct lateness *lateness = &estimator->lateness;
    if (lateness_least(lateness) <= SAME * estimator->queue)
        estimator->queue = INFINITY; /* the answer helped */
    enum usage usage = estimator->trendline.usage;
    bool grows = usage == USAGE_OVER || losses_are_many(&estimator->losses);
    if (lateness_is_long(lateness) && is_not_ours(estimator, now))
        lateness_accept(&estimator->lateness);
    if (lateness_is_long(lateness) || (grows && lateness_shows_queue(lateness))) {
        decrease(estimator, now);
    } else if (usage == USAGE_UNDER && lateness_shows_queue(lateness)) { /* it drains: let it */
        estimator->increased_at = now;
    } else {
        increase(estimator, now);
    }
    if (lateness_least(lateness) < SHORT_QUEUE || now - estimator->decreased_at > LONGEST_DRAIN)
        estimator->draining = 0;
}

/* Packets come evenly and whole, so that a probe that finds less than was thought says something. */
static bool is_clean(const struct estimator *estimator) {
    return estimator->lateness.jitter < CLEAN_JITTER && estimator->losses.fraction < CLEAN_LOSS;
}

static void take_probe(struct estimator *estimator, double now, double found) {
    double bitrate = limited(found);
    double least = fmax(bitrate, acknowledged_bitrate(&estimator->acknowledged));
    if (bitrate > estimator->delay_based)
        estimator->delay_based = bitrate;
    else if (is_clean(estimator)) /* what arrives anyway is there */
        estimator->delay_based = limited(fmin(estimator->delay_based, least));
    if (bitrate < estimator->capacity)
        estimator->capacity = 0;
    if (bitrate > estimator->losses.limit)
        estimator->losses.limit = bitrate;
    estimator->increased_at = now;
}

static void take_result(struct estimator *estimator, double now,
                        const struct packet_result *packet) {
    bool lost = packet->received_at < 0;
    losses_packet(&estimator->losses, packet->sent_at, lost, packet->told_lost);
    if (lost)
        return;
    trendline_packet(&estimator->trendline, packet->sent_at, packet->received_at);
    lateness_packet(&estimator->lateness, packet->sent_at, packet->received_at);
    outflow_packet(&estimator->outflow, packet->received_at, packet->size,
                   lateness_has_waited(&estimator->lateness, packet->sent_at, packet->received_at));
    acknowledged_packet(&estimator->acknowledged, packet->received_at, packet->size);
    if (!packet->probe)
        return;
    double found = prober_packet(&estimator->prober, now, packet->probe, packet->size,
                                 packet->sent_at, packet->received_at);
    if (found > 0)
        take_probe(estimator, now, found);
}

void estimator_feedback(struct estimator *estimator, double now,
                        const struct packet_result *results, size_t count, double round_trip) {
    if (count == 0)
        return;
    if (round_trip > 0)
        estimator->round_trip = fmin(round_trip, 1);
    estimator->feedback_at = now;
    for (size_t i = 0; i < count; i++)
        take_result(estimator, now, &results[i]);
    losses_judge(&estimator->losses, acknowledged_bitrate(&estimator->acknowledged),
                 estimate(estimator));
    judge_delay(estimator, now);
}

void estimator_tick(struct estimator *estimator, double now) {
    if (now - estimator->feedback_at < SILENCE + estimator->round_trip)
        return;
    estimator->feedback_at = now - SILENCE - estimator->round_trip + SILENCE_STEP;
    estimator->delay_based = limited(estimate(estimator) * SILENCE_FALL);
    estimator->capacity = 0;
    prober_wait(&estimator->prober, now);
}

void estimator_set_target(struct estimator *estimator, double now, uint64_t sending,
                          uint64_t probe_up_to) {
    (void)now;
    (void)sending; /* what was sent is seen in the feedback */
    estimator->prober.up_to = probe_up_to;
}

bool estimator_next_probe(struct estimator *estimator, double now, struct probe *probe) {
    return prober_next(&estimator->prober, now, estimate(estimator), probe);
}
