/* What a link carries, told by how fast packets come out of its queue. While they wait there, it is
 * busy all the time, however little is sent on average. */
#ifndef TERTULIA_OUTFLOW_H
#define TERTULIA_OUTFLOW_H

#include <stdbool.h>
#include <stdint.h>

struct outflow_span {
    double began; /* seconds, the receiver's clock */
    double bytes;
};

/* All zero before the first packet. */
struct outflow {
    bool busy;
    uint32_t packets;
    double last; /* seconds */
    struct outflow_span before;
    struct outflow_span current;
};

/* A packet that arrived, and whether it had waited. */
void outflow_packet(struct outflow *outflow, double received_at, uint32_t size, bool waited);
/* Bits/s; 0 while nothing waits, or it is too early to tell. */
double outflow_bitrate(const struct outflow *outflow);

#endif
