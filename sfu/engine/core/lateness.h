/* How much longer than the way itself takes packets are on it now. The least of a few dozen
 * milliseconds is looked at: a burst delays the packets behind it, and jitter some of them, but only a
 * queue that stands delays them all. How much that least jumps about shows what is usual on this
 * way; less is no sign of a queue. */
#ifndef TERTULIA_LATENESS_H
#define TERTULIA_LATENESS_H

#include <stdbool.h>

/* All zero before the first packet. Seconds; a delay is the difference of two clocks, so that only
 * its changes mean anything. */
struct lateness {
    bool begun;
    double began;   /* of the span under way, the receiver's clock */
    double least;   /* delay in the span */
    double before;  /* … in the one before */
    double base;    /* the least lately: what the way itself takes */
    double next_base;
    double base_began;
    double step;    /* from the span before last to the last */
    double jitter;  /* how much steps differ, on average */
    int spans;      /* up to as many as the jitter is averaged over */
    double long_since; /* when it was last not late by a standing queue */
};

void lateness_packet(struct lateness *lateness, double sent_at, double received_at);
/* Seconds that even the luckiest packets of the last span waited. */
double lateness_least(const struct lateness *lateness);
/* More than jitter makes up: packets wait in a queue. */
bool lateness_shows_queue(const struct lateness *lateness);
/* So much more, or for so long, that it does not matter whether it grows. */
bool lateness_is_long(const struct lateness *lateness);
/* What packets wait now belongs to the way. */
void lateness_accept(struct lateness *lateness);
/* This packet alone has waited. */
bool lateness_has_waited(const struct lateness *lateness, double sent_at, double received_at);

#endif
