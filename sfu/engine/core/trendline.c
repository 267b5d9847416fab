#include "trendline.h"

#include <math.h>

static const double BURST = 0.005;         /* seconds between packets that are one group */
static const double MAX_BURST = 0.1;       /* seconds a group may take to arrive */
static const double MAX_DELTA = 3.0;       /* seconds; a longer one is a pause, nothing is learnt of it */
static const double SMOOTHING = 0.9;
static const double GAIN = 4.0;
static const double FIRST_THRESHOLD = 12.5; /* milliseconds */
static const double MIN_THRESHOLD = 6.0;
static const double MAX_THRESHOLD = 600.0;
static const double RISE = 0.0087; /* of the threshold, per millisecond */
static const double FALL = 0.039;
static const double MAX_ADAPTION = 15.0; /* milliseconds above the threshold: a spike, not a rival */
static const double MAX_ADAPTION_TIME = 100.0; /* milliseconds */
static const double OVERUSE_TIME = 10.0;       /* milliseconds above the threshold before we believe */

enum { MAX_GROUPS = 60 }; /* how many count for the gain */

void trendline_init(struct trendline *trendline) {
    *trendline = (struct trendline){
        .threshold = FIRST_THRESHOLD, .threshold_at = -1, .over_for = -1};
}

/* Least squares over the window; 0 while it cannot be told. */
static double slope(const struct trendline *trendline) {
    double sum_x = 0, sum_y = 0, numerator = 0, denominator = 0;
    for (size_t i = 0; i < trendline->count; i++) {
        sum_x += trendline->received[i];
        sum_y += trendline->delays[i];
    }
    double mean_x = sum_x / (double)trendline->count;
    double mean_y = sum_y / (double)trendline->count;
    for (size_t i = 0; i < trendline->count; i++) {
        double x = trendline->received[i] - mean_x;
        numerator += x * (trendline->delays[i] - mean_y);
        denominator += x * x;
    }
    return denominator > 0 ? numerator / denominator : 0;
}

static void adapt_threshold(struct trendline *trendline, double offset, double now) {
    double before = trendline->threshold_at < 0 ? now : trendline->threshold_at;
    trendline->threshold_at = now;
    double distance = fabs(offset) - trendline->threshold;
    if (distance > MAX_ADAPTION)
        return;
    double speed = distance < 0 ? FALL : RISE;
    double elapsed = fmin(fmax(now - before, 0) * 1000, MAX_ADAPTION_TIME);
    double threshold = trendline->threshold + speed * distance * elapsed;
    trendline->threshold = fmin(fmax(threshold, MIN_THRESHOLD), MAX_THRESHOLD);
}

static void detect(struct trendline *trendline, double trend, double sent_delta, double now) {
    if (trendline->groups < 2) {
        trendline->usage = USAGE_NORMAL;
        return;
    }
    double offset = fmin(trendline->groups, MAX_GROUPS) * trend * GAIN;
    if (offset > trendline->threshold) {
        trendline->over_for =
            trendline->over_for < 0 ? sent_delta / 2 : trendline->over_for + sent_delta;
        trendline->over_count++;
        if (trendline->over_for > OVERUSE_TIME && trendline->over_count > 1 &&
            trend >= trendline->trend) {
            trendline->over_for = 0;
            trendline->over_count = 0;
            trendline->usage = USAGE_OVER;
        }
    } else {
        trendline->over_for = -1;
        trendline->over_count = 0;
        trendline->usage = offset < -trendline->threshold ? USAGE_UNDER : USAGE_NORMAL;
    }
    trendline->trend = trend;
    adapt_threshold(trendline, offset, now);
}

/* Two groups have come whole: how much later did the second arrive than it was sent? */
static void compare(struct trendline *trendline) {
    const struct packet_group *before = &trendline->previous, *group = &trendline->current;
    double sent = (group->last_sent - before->last_sent) * 1000;
    double received = (group->last_received - before->last_received) * 1000;
    if (received < 0 || fabs(received - sent) > MAX_DELTA * 1000)
        return; /* reordered, or a clock that jumped */
    if (trendline->groups == 0)
        trendline->origin = group->last_received;
    if (trendline->groups < MAX_GROUPS)
        trendline->groups++;
    trendline->accumulated += received - sent;
    trendline->smoothed =
        SMOOTHING * trendline->smoothed + (1 - SMOOTHING) * trendline->accumulated;
    trendline->received[trendline->next] = (group->last_received - trendline->origin) * 1000;
    trendline->delays[trendline->next] = trendline->smoothed;
    trendline->next = (trendline->next + 1) % TREND_WINDOW;
    if (trendline->count < TREND_WINDOW)
        trendline->count++;
    double trend = trendline->count == TREND_WINDOW ? slope(trendline) : trendline->trend;
    detect(trendline, trend, sent, group->last_received);
}

static bool belongs(const struct packet_group *group, double sent_at, double received_at) {
    if (sent_at - group->first_sent <= BURST)
        return true;
    double received = received_at - group->last_received;
    double propagation = received - (sent_at - group->last_sent);
    return propagation < 0 && received <= BURST &&
           received_at - group->first_received < MAX_BURST;
}

void trendline_packet(struct trendline *trendline, double sent_at, double received_at) {
    struct packet_group *group = &trendline->current;
    if (group->begun && sent_at < group->first_sent)
        return; /* an old one */
    if (!group->begun || !belongs(group, sent_at, received_at)) {
        if (group->begun && trendline->previous.begun)
            compare(trendline);
        if (group->begun)
            trendline->previous = *group;
        *group = (struct packet_group){true, sent_at, sent_at, received_at, received_at};
        return;
    }
    group->last_sent = fmax(group->last_sent, sent_at);
    group->last_received = fmax(group->last_received, received_at);
}
