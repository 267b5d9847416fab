/* Whether a queue builds up on the way: the slope of one-way delay over time, after Google
 * congestion control (draft-ietf-rmcat-gcc-02, section 5; the constants are those of libwebrtc's
 * trendline estimator). Packets are compared by groups sent within a burst, because the network and
 * the sender both clump them. Two things are added: a slope counts only if delays
 * really lie on a line, so that jitter is no queue; and a queue that has stopped growing,
 * because it is full, is one too. */
#ifndef TERTULIA_TRENDLINE_H
#define TERTULIA_TRENDLINE_H

#include <stdbool.h>
#include <stddef.h>

enum { TREND_WINDOW = 20 }; /* groups the slope is fitted to */

enum usage { USAGE_NORMAL, USAGE_OVER, USAGE_UNDER };

enum { SUDDEN_GROUPS = 2 }; /* that must all be very late before a jump is believed */

struct packet_group {
    bool begun;
    double first_sent; /* seconds, our clock */
    double last_sent;
    double first_received; /* seconds, the receiver's clock */
    double last_received;
};

struct trend_point {
    double at;       /* milliseconds since the first group, our clock */
    double delay;    /* against the first group, milliseconds */
    double smoothed;
};

struct trendline {
    struct packet_group current;
    struct packet_group first;
    double previous_sent; /* seconds; last_sent of the group before */
    struct trend_point points[TREND_WINDOW];
    size_t next;
    size_t count;    /* in the window */
    int groups;      /* ever, up to the most that counts */
    double smoothed; /* milliseconds */
    double trend;    /* of the group before */
    double base;     /* least delay of this and the last period, milliseconds */
    double next_base; /* least of this period */
    double period_began; /* seconds, our clock */
    double threshold; /* adapts, so that flows with other aims do not starve us */
    double threshold_at; /* seconds, when it was last adapted; negative: never */
    double over_for;  /* milliseconds the slope has been above the threshold; negative: it is not */
    int over_count;
    enum usage usage;
};

void trendline_init(struct trendline *trendline);
/* One packet that arrived, in sending order; seconds. */
void trendline_packet(struct trendline *trendline, double sent_at, double received_at);
/* Seconds that packets wait at least, above the way's own delay. */
double trendline_queue(const struct trendline *trendline);

#endif
