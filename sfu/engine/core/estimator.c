#include "estimator.h"

#include <math.h>

static const double LOWEST = 30e3; /* bits/s */
static const double HIGHEST = 100e6;
static const double START = 300e3; /* carries sound and a small picture nearly everywhere */
static const double FIRST_ROUND_TRIP = 0.1; /* seconds */
static const double DECREASE = 0.85;          /* of what arrives, when a queue builds up */
static const double DRAINING = 2.0;           /* … and less by so much for a second of waiting … */
static const double LEAST_SHARE = 0.25;       /* … down to this */
static const double LONG_QUEUE = 0.15;        /* seconds */
static const double SHORT_QUEUE = 0.03;
static const double INCREASE = 0.08;          /* a second, while the limit is not known */
static const double HEADROOM = 1.5;           /* no more than this times what arrives … */
static const double HEADROOM_MORE = 10e3;     /* … plus this, bits/s, is believed unprobed */
static const double RESPONSE = 0.1;           /* seconds to hear of more, besides a round trip */
static const double PACKET = 1200 * 8;        /* bits of a usual packet */
static const double SMOOTHING = 0.05;         /* of the known capacity */
static const double LOSS_WINDOW = 1.0;        /* seconds */
static const double HEAVY_LOSS_WINDOW = 0.2;
static const double LOW_LOSS = 0.02;
static const double HIGH_LOSS = 0.10;
static const double HEAVY_LOSS = 0.20;
static const double SILENCE = 1.0;     /* seconds without feedback before the estimate falls … */
static const double SILENCE_STEP = 0.5; /* … every so many seconds … */
static const double SILENCE_FALL = 0.8; /* … to this part of it */

enum { FEW = 20 }; /* packets of which no loss is judged */

void estimator_init(struct estimator *estimator, double now) {
    *estimator = (struct estimator){
        .delay_based = START,
        .loss_based = INFINITY,
        .round_trip = FIRST_ROUND_TRIP,
        .increased_at = -1,
        .decreased_at = -1,
        .feedback_at = now,
    };
    trendline_init(&estimator->trendline);
    prober_init(&estimator->prober, now, (uint64_t)START);
}

static double limited(double bitrate) {
    return fmin(fmax(bitrate, LOWEST), HIGHEST);
}

static double estimate(const struct estimator *estimator) {
    return limited(fmin(estimator->delay_based, estimator->loss_based));
}

uint64_t estimator_bitrate(const struct estimator *estimator) {
    return (uint64_t)estimate(estimator);
}

/* Capacity: where the link was overused, as a running mean with its deviation. */

static void remember_capacity(struct estimator *estimator, double arriving) {
    if (estimator->capacity <= 0) {
        estimator->capacity = arriving;
        estimator->deviation = 0.1;
        return;
    }
    double distance = fabs(arriving - estimator->capacity) / estimator->capacity;
    estimator->deviation += SMOOTHING * (distance - estimator->deviation);
    estimator->capacity += SMOOTHING * (arriving - estimator->capacity);
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
    double arriving = acknowledged_bitrate(&estimator->acknowledged);
    double queue = trendline_queue(&estimator->trendline);
    if (queue > LONG_QUEUE)
        arriving = fmin(arriving, estimator->acknowledged.sample); /* what was before is past */
    double share = fmax(DECREASE - DRAINING * queue, LEAST_SHARE);
    double lower = share * (arriving > 0 ? arriving : estimator->delay_based);
    if (arriving > 0) {
        if (!near_capacity(estimator, arriving))
            estimator->capacity = 0;
        remember_capacity(estimator, arriving);
    }
    estimator->delay_based = limited(fmin(estimator->delay_based, lower));
    estimator->decreased_at = estimator->increased_at = now;
    prober_wait(&estimator->prober, now);
}

/* A queue has drained that was answered by less than the link carries. */
static void return_to_capacity(struct estimator *estimator) {
    double carried = DECREASE * estimator->capacity;
    if (estimator->delay_based < carried && trendline_queue(&estimator->trendline) < SHORT_QUEUE)
        estimator->delay_based = limited(carried);
}

/* Near the known capacity by a packet per response time, else by a share of it. */
static void increase(struct estimator *estimator, double now) {
    double elapsed =
        estimator->increased_at < 0 ? 0 : fmin(now - estimator->increased_at, 1);
    estimator->increased_at = now;
    double arriving = acknowledged_bitrate(&estimator->acknowledged);
    double bitrate = estimator->delay_based;
    double more = near_capacity(estimator, arriving)
                      ? fmax(PACKET / (estimator->round_trip + RESPONSE), 4e3) * elapsed
                      : fmax(bitrate * (pow(1 + INCREASE, elapsed) - 1), 1e3 * elapsed);
    double most = HEADROOM * arriving + HEADROOM_MORE;
    if (bitrate < most)
        estimator->delay_based = limited(fmin(bitrate + more, most));
}

static void judge_delay(struct estimator *estimator, double now) {
    switch (estimator->trendline.usage) {
    case USAGE_OVER:
        decrease(estimator, now);
        break;
    case USAGE_NORMAL:
        return_to_capacity(estimator);
        increase(estimator, now);
        break;
    case USAGE_UNDER: /* a queue drains: let it */
        estimator->increased_at = now;
        break;
    }
}

static void judge_loss(struct estimator *estimator, double fraction) {
    double arriving = acknowledged_bitrate(&estimator->acknowledged);
    if (fraction < LOW_LOSS) {
        estimator->loss_based = INFINITY;
    } else if (fraction > HIGH_LOSS && arriving > 0) {
        double sent = arriving / (1 - fraction);
        double lower = estimate(estimator) * (1 - fraction / 2);
        estimator->loss_based = fraction > HEAVY_LOSS ? arriving : fmax(lower, sent);
    }
}

static void count_loss(struct estimator *estimator, double now, const struct packet_result *results,
                       size_t count) {
    struct loss_window *loss = &estimator->loss;
    if (loss->packets == 0)
        loss->began = now;
    for (size_t i = 0; i < count; i++) {
        loss->packets++;
        loss->lost += results[i].received_at < 0;
    }
    loss->fraction = (double)loss->lost / loss->packets;
    double window = loss->fraction > HEAVY_LOSS ? HEAVY_LOSS_WINDOW : LOSS_WINDOW;
    if (loss->packets < FEW || now - loss->began < window)
        return;
    loss->packets = loss->lost = 0;
    judge_loss(estimator, loss->fraction);
}

static void take_probe(struct estimator *estimator, double now, double found) {
    double bitrate = limited(found);
    if (bitrate > estimator->delay_based)
        estimator->delay_based = bitrate;
    if (bitrate > estimator->loss_based)
        estimator->loss_based = bitrate;
    estimator->increased_at = now;
    prober_learnt(&estimator->prober, now, bitrate);
}

static void take_result(struct estimator *estimator, double now,
                        const struct packet_result *packet) {
    if (packet->received_at < 0)
        return;
    trendline_packet(&estimator->trendline, packet->sent_at, packet->received_at);
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
    count_loss(estimator, now, results, count);
    judge_delay(estimator, now);
}

void estimator_tick(struct estimator *estimator, double now) {
    if (now - estimator->feedback_at < SILENCE + estimator->round_trip)
        return;
    estimator->feedback_at = now - SILENCE - estimator->round_trip + SILENCE_STEP;
    estimator->delay_based = limited(estimate(estimator) * SILENCE_FALL);
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
