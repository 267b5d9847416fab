/* What left a transport, by transport-wide number, until its receiver has told when it came. */
#ifndef TERTULIA_DEPARTURES_H
#define TERTULIA_DEPARTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the receiver has told of a packet. A lost one may have come after all. */
enum fate { UNTOLD, TOLD_LOST, TOLD_RECEIVED };

struct departure {
    uint32_t sent; /* µs, modulo 2^32 */
    uint16_t size; /* bytes */
    uint8_t cluster; /* of the probe it was part of; 0 for none */
    uint8_t fate;    /* enum fate */
};

/* A ring that grows with what is on its way. All zero is an empty one. */
struct departures {
    struct departure *ring; /* NULL before the first */
    uint32_t room;          /* a power of two */
    int64_t next;           /* unwrapped */
};

/* Takes the next number. `told`: the receiver has told of some, so that it is worth to remember all
 * that is on its way. */
void departures_add(struct departures *departures, double now, size_t size, uint8_t cluster,
                    bool told);
/* The number that has these 16 bits and is nearest to the last one given. */
int64_t departures_unwrap(const struct departures *departures, uint16_t number);
/* NULL if it is no longer, or was never, known. */
struct departure *departures_get(struct departures *departures, int64_t number);
/* When it left (seconds); `now` is less than half an hour later. */
double departures_time(const struct departure *departure, double now);
void departures_free(struct departures *departures);

#endif
