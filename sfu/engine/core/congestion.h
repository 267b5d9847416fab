/* Congestion control of one transport by transport-wide feedback: every packet gets a number, its
 * receiver tells when it came, and from that it is estimated what the way there carries. Only for
 * receivers that negotiated it; others say themselves what they can take (REMB). */
#ifndef TERTULIA_CONGESTION_H
#define TERTULIA_CONGESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "departures.h"
#include "estimator.h"
#include "pacer.h"
#include "pacing.h"
#include "sequence.h"

struct transport;

struct congestion {
    struct transport *transport;
    struct estimator estimator;
    struct departures departures;
    struct pacer pacer;
    struct probe_run run;
    bool paced;      /* takes turns (pacing.h) */
    bool heard;      /* feedback has come */
    bool awaited;    /* some packet has left since then */
    uint8_t element; /* id of the header extension with the number */
    double awaited_since;    /* seconds */
    struct unwrapper clock;  /* ticks (twcc.h) of the receiver's */
    uint64_t reported;       /* as an event; bits/s, 0 for none yet */
    double reported_at;      /* seconds */
};

/* The receiver takes numbers in the header extension `element`. */
void congestion_begin(struct transport *transport, uint8_t element);
void congestion_end(struct transport *transport);

/* A packet of that urgency may leave now. */
bool congestion_admits(struct congestion *congestion, enum urgency urgency);
/* Writes its number into the packet, if it has room for one. False if it has not. */
bool congestion_number(const struct congestion *congestion, uint8_t *packet, size_t size);
/* A packet left, with a number or without. */
void congestion_left(struct congestion *congestion, size_t size, bool numbered);
/* As it came in RTCP: not looked at yet. */
void congestion_told(struct congestion *congestion, const uint8_t *body, size_t size);
void congestion_set_target(struct congestion *congestion, uint64_t bitrate, uint64_t probe);

#endif
