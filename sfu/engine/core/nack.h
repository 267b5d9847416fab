/* Which packets of a stream are missing and when to ask for them (RFC 4585, section 6.2.1). */
#ifndef TERTULIA_NACK_H
#define TERTULIA_NACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sequence.h"

enum { NACK_MAX_ASKED = 250 };

struct gap {
    int64_t number;
    double since;
    double ask_at;
    int tries;
};

/* All zero, but for `nack_init`, is a new one. Memory is taken at the first gap only. */
struct nack_generator {
    struct unwrapper unwrapper;
    struct gap *gaps; /* oldest number first */
    size_t count;
    size_t room;
    double round_trip; /* seconds; a number is asked for again after that long */
    double next_due;   /* seconds; INFINITY for never */
};

void nack_init(struct nack_generator *nack);
void nack_free(struct nack_generator *nack);
/* Every packet of the stream, repaired ones too. */
void nack_received(struct nack_generator *nack, uint16_t sequence, double now);
/* Writes at most NACK_MAX_ASKED sequence numbers to ask for now, oldest first; their count. */
size_t nack_due(struct nack_generator *nack, double now, uint16_t *asked);
/* A keyframe begins at `sequence`: nobody needs what was lost before it. */
void nack_clear_before(struct nack_generator *nack, uint16_t sequence);

#endif
