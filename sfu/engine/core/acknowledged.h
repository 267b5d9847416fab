/* The bitrate that arrives, from transport-wide feedback: what the way carries at least. Samples
 * are weighed by how far they are from what was believed, so that a real change is taken up within
 * a few and a burst is not. */
#ifndef TERTULIA_ACKNOWLEDGED_H
#define TERTULIA_ACKNOWLEDGED_H

#include <stdbool.h>
#include <stdint.h>

struct acknowledged {
    bool begun;
    bool known;
    double window_began; /* seconds, the receiver's clock */
    double last;
    double bytes;
    double estimate; /* bits/s */
    double variance;
};

/* A packet of `size` bytes that arrived; seconds on the receiver's clock. */
void acknowledged_packet(struct acknowledged *acknowledged, double received_at, uint32_t size);
/* Bits/s; 0 while not known. */
static inline double acknowledged_bitrate(const struct acknowledged *acknowledged) {
    return acknowledged->known ? acknowledged->estimate : 0;
}

#endif
