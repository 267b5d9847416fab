/* A token bucket and those who wait for it: packets leave a transport no faster than a multiple of
 * what its link is thought to carry, so that a keyframe does not flood a thin one. What waits is not
 * protected yet: numbers, times and keys are those of the moment it leaves. */
#ifndef TERTULIA_PACER_H
#define TERTULIA_PACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sound and reports never wait, and what was lost goes before what is new. */
enum urgency { REPAIR, PICTURE, QUEUES, AT_ONCE = QUEUES };

struct waiting {
    struct waiting *next;
    size_t size;
    uint8_t packet[];
};

struct waiting_line {
    struct waiting *first;
    struct waiting *last;
};

/* All zero is one that lets everything pass. */
struct pacer {
    double rate;   /* bytes/s; 0 for no limit */
    double tokens; /* bytes; below 0 after what could not wait */
    double filled; /* when; seconds */
    size_t queued; /* bytes */
    struct waiting_line lines[QUEUES];
};

/* 0 for no limit. */
void pacer_set_rate(struct pacer *pacer, double bytes_per_second, double now);
/* A packet of that urgency may leave now; else it has to wait. */
bool pacer_allows(struct pacer *pacer, enum urgency urgency, double now);
/* So much has left. */
static inline void pacer_spend(struct pacer *pacer, size_t size) {
    pacer->tokens -= (double)size;
}
/* A copy of the packet waits. False if too much does already, or without memory. */
bool pacer_wait(struct pacer *pacer, enum urgency urgency, const uint8_t *packet, size_t size);
/* The next that waits, for the caller to free; NULL if none does. */
struct waiting *pacer_take(struct pacer *pacer);
/* The next that may leave now, for the caller to free; NULL if none may. */
struct waiting *pacer_release(struct pacer *pacer, double now);
/* Lets go what waits of one SSRC, of which `newest` is the last sequence number. Returns how many
 * numbers, up to that, were those of the packets let go: nobody has seen them. */
size_t pacer_forget(struct pacer *pacer, uint32_t ssrc, uint16_t newest);
/* Lets go all that waits. */
void pacer_clear(struct pacer *pacer);

#endif
