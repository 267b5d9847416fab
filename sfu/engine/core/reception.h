/* Receiver statistics of one incoming stream (RFC 3550, section 6.4.1, appendices A.3 and A.8). */
#ifndef TERTULIA_RECEPTION_H
#define TERTULIA_RECEPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "rtcp.h"
#include "sequence.h"

struct reception {
    int clock_rate;
    struct unwrapper unwrapper;
    int64_t base;
    int64_t packets; /* received; duplicates count */
    int64_t expected_before;
    int64_t received_before;
    double arrival;
    uint32_t timestamp;
    double jitter; /* RTP clock ticks */
    uint64_t report_ntp;
    double report_time;
    bool has_report;
};

void reception_init(struct reception *reception, int clock_rate);
/* Every packet of the original stream, not the RTX ones (RFC 4588, section 6.1). */
void reception_received(struct reception *reception, uint16_t sequence, uint32_t timestamp,
                        double now);
void reception_sender_report(struct reception *reception, uint64_t ntp, double now);
int64_t reception_lost(const struct reception *reception);
/* False before the first packet. Begins a new interval. */
bool reception_report(struct reception *reception, uint32_t ssrc, double now,
                      struct report_block *block);

#endif
