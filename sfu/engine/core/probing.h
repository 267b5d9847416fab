/* Probes: short bursts of padding at a higher bitrate, which tell whether the way carries that. */
#ifndef TERTULIA_PROBING_H
#define TERTULIA_PROBING_H

#include <stdbool.h>
#include <stdint.h>

enum { PROBE_PACKETS = 5 }; /* at least; fewer tell nothing */

struct probe {
    uint8_t cluster; /* from 1; 0 marks packets of none */
    uint64_t bitrate;
    uint32_t packets; /* at least so many … */
    uint32_t bytes;   /* … and at least so much */
};

/* One cluster on its way. */
struct cluster {
    struct probe probe;
    double began; /* seconds; when it was given out */
    uint32_t packets;
    uint32_t bytes;
    uint32_t last_sent_size;
    uint32_t first_received_size;
    double first_sent, last_sent;
    double first_received, last_received;
};

struct prober {
    bool under_way;
    struct cluster cluster;
    uint8_t last_cluster;
    double next_at;      /* seconds; when the next may be made */
    uint64_t up_to;      /* bits/s that would be of use */
};

void prober_init(struct prober *prober, double now);
/* A packet of the cluster that arrived. Bits/s when the cluster is complete and its result can be
 * told, else 0. */
double prober_packet(struct prober *prober, double now, uint8_t cluster, uint32_t size,
                     double sent_at, double received_at);
/* The link has just shown its limit: not now. */
void prober_wait(struct prober *prober, double now);
bool prober_next(struct prober *prober, double now, double estimate, struct probe *probe);

#endif
