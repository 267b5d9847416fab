#include "trendline.h"

#include <math.h>

static const double BURST = 0.005;   /* seconds between packets that are one group */
static const double MAX_BURST = 0.1; /* seconds a group may take to arrive */
static const double MAX_DELTA = 3.0; /* seconds; by more a clock has jumped */
static const double SMOOTHING = 0.9;
static const double GAIN = 4.0;
static const double FIRST_THRESHOLD = 12.5; /* milliseconds */
static const double MIN_THRESHOLD = 6.0;
static const double MAX_THRESHOLD = 600.0;
static const double RISE = 0.0087; /* of the threshold, per millisecond */
static const double FALL = 0.039;
static const double MAX_ADAPTION = 15.0; /* milliseconds above it: a spike, not a rival */
static const double MAX_ADAPTION_TIME = 100.0; /* milliseconds */
static const double OVERUSE_TIME = 10.0; /* milliseconds above the threshold before we believe */

enum { MAX_GROUPS = 60 }; /* how many count for the gain */

void trendline_init(struct trendline *trendline) {
    *trendline = (struct trendline){
        .threshold = FIRST_THRESHOLD, .threshold_at = -1, .over_for = -1};
}

/* Least squares over the window; milliseconds of delay per millisecond. */
static double slope(const struct trendline *trendline) {
    double x = 0, y = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < trendline->count; i++) {
        x += trendline->points[i].at / (double)trendline->count;
        y += trendline->points[i].delay / (double)trendline->count;
    }
    for (size_t i = 0; i < trendline->count; i++) {
        const struct trend_point *point = &trendline->points[i];
        xx += (point->at - x) * (point->at - x);
        xy += (point->at - x) * (point->delay - y);
    }
    return xx > 0 ? xy / xx : 0;
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

static void begin(struct trendline *trendline) {
    trendline->first = trendline->current;
    trendline->previous_sent = trendline->current.last_sent;
    trendline->next = trendline->count = 0;
    trendline->groups = 0;
    trendline->smoothed = trendline->trend = 0;
    trendline->over_for = -1;
    trendline->over_count = 0;
    trendline->usage = USAGE_NORMAL;
}

/* A group has come whole: how much longer was it on its way than the first? */
static void take_group(struct trendline *trendline) {
    const struct packet_group *group = &trendline->current, *first = &trendline->first;
    double sent = group->last_sent - first->last_sent;
    double received = group->last_received - first->last_received;
    double delay = (received - sent) * 1000;
    if (!first->begun || fabs(delay - trendline->smoothed) > MAX_DELTA * 1000) {
        begin(trendline); /* a clock jumped, or it is another way */
        return;
    }
    double sent_delta = (group->last_sent - trendline->previous_sent) * 1000;
    trendline->previous_sent = group->last_sent;
    if (trendline->groups < MAX_GROUPS)
        trendline->groups++;
    trendline->smoothed = SMOOTHING * trendline->smoothed + (1 - SMOOTHING) * delay;
    trendline->points[trendline->next] =
        (struct trend_point){received * 1000, trendline->smoothed};
    trendline->next = (trendline->next + 1) % TREND_WINDOW;
    if (trendline->count < TREND_WINDOW)
        trendline->count++;
    if (trendline->count == TREND_WINDOW)
        detect(trendline, slope(trendline), sent_delta, group->last_received);
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
        if (group->begun)
            take_group(trendline);
        *group = (struct packet_group){true, sent_at, sent_at, received_at, received_at};
        return;
    }
    group->last_sent = fmax(group->last_sent, sent_at);
    group->last_received = fmax(group->last_received, received_at);
}
