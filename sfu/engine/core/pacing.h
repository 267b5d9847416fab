/* When what waits for thin links leaves, and what fills probes: one timer for all transports, set
 * only while there is something to do. */
#ifndef TERTULIA_PACING_H
#define TERTULIA_PACING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pacer.h"
#include "probing.h"

struct congestion;
struct engine;

/* A probe (probing.h) being made. */
struct probe_run {
    bool running;
    struct probe probe;
    double began;     /* seconds */
    uint32_t packets; /* that have left */
    uint32_t bytes;
    uint32_t back; /* the packet of a sink to repeat next, counted from its latest */
};

void pacing_init(struct engine *engine);
/* The packet has to wait for its turn. False if it cannot. */
bool pacing_wait(struct congestion *congestion, enum urgency urgency, const uint8_t *packet,
                 size_t size);
/* There is something to fill a probe with. */
bool pacing_can_probe(const struct congestion *congestion);
void pacing_probe(struct congestion *congestion, const struct probe *probe);
/* The probe that a packet of that size, which leaves now, is part of; 0 for none. */
uint8_t pacing_cluster(struct congestion *congestion, size_t size);
/* What waits of one SSRC never leaves: as `pacer_forget`. */
size_t pacing_forget(struct congestion *congestion, uint32_t ssrc, uint16_t newest);
/* The transport closes. */
void pacing_stop(struct congestion *congestion);

#endif
