/* What loss alone says about what the way carries, about once a second. Receivers tell of a gap as
 * soon as they see it; where packets overtake each other, they are given time to come after all. */
#ifndef TERTULIA_LOSSES_H
#define TERTULIA_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

struct loss_count {
    uint32_t packets;
    uint32_t lost;
};

struct losses {
    struct loss_count current; /* of what was sent since `began` … */
    struct loss_count before;  /* … and in the second before */
    double began;              /* seconds, our clock */
    double newest;             /* seconds; the last that was sent of those we heard of */
    double reordered;          /* seconds; the last that came after all. Negative: none */
    double fraction; /* 0..1, of the last that were judged */
    double answered; /* what it was when less was last sent for it; 0: never */
    double limit;    /* bits/s; INFINITY: none */
};

void losses_init(struct losses *losses);
/* What is told of a packet, and whether it was told to be lost before. */
void losses_packet(struct losses *losses, double sent_at, bool lost, bool told_lost);
/* `arriving`: bits/s, 0 if unknown; `estimate`: bits/s now. */
void losses_judge(struct losses *losses, double arriving, double estimate);
/* More than there should be where a queue is seen, too: it is full. */
bool losses_are_many(const struct losses *losses);

#endif
