/* Whether a queue builds up on the way: the slope of one-way delay over time, as in Google congestion
 * control (draft-ietf-rmcat-gcc-02, section 5; the constants are those of libwebrtc's trendline
 * estimator). Packets are compared by groups sent within a burst, because the network and the sender
 * both clump them. */
#ifndef TERTULIA_TRENDLINE_H
#define TERTULIA_TRENDLINE_H

#include <stdbool.h>
#include <stddef.h>

enum { TREND_WINDOW = 20 }; /* groups the slope is fitted to */

enum usage { USAGE_NORMAL, USAGE_OVER, USAGE_UNDER };

struct packet_group {
    bool begun;
    double first_sent; /* seconds, our clock */
    double last_sent;
    double first_received; /* seconds, the receiver's clock */
    double last_received;
};

struct trend_point {
    double at;    /* milliseconds since the first group, the receiver's clock */
    double delay; /* against the first group, smoothed, milliseconds */
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
    double threshold; /* adapts, so that flows with other aims do not starve us */
    double threshold_at; /* seconds, when it was last adapted; negative: never */
    double over_for;  /* milliseconds the slope has been above the threshold; negative: it is not */
    int over_count;
    enum usage usage;
};

void trendline_init(struct trendline *trendline);
/* One packet that arrived, in sending order; seconds. */
void trendline_packet(struct trendline *trendline, double sent_at, double received_at);

#endif
