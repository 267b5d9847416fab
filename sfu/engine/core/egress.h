/* What is on its way out. Packets are written and protected in place in one buffer, and handed over
 * in bursts: a burst is small enough to stay in the cache, and long enough for one system call. */
#ifndef TERTULIA_EGRESS_H
#define TERTULIA_EGRESS_H

#include <stddef.h>
#include <stdint.h>

#include "address.h"

enum { EGRESS_DATAGRAMS = 64, EGRESS_SLOT = 2048 };

/* `to` stays valid and unchanged until the burst is handed over; equal pointers are equal addresses,
 * and neighbours with equal pointers are one receiver's: send them together. */
struct outgoing {
    const struct address *to;
    const uint8_t *data;
    size_t size;
};

/* Sends a burst, in order, without blocking. */
typedef void (*egress_function)(void *context, const struct outgoing *burst, size_t count);

struct egress {
    egress_function send;
    void *context;
    size_t count;
    struct outgoing burst[EGRESS_DATAGRAMS];
    uint8_t (*slots)[EGRESS_SLOT]; /* EGRESS_DATAGRAMS of them, aligned as libsrtp likes it */
};

/* The next `count` datagrams go into one burst if they can: they are one receiver's. */
void egress_keep_together(struct egress *egress, size_t count);
/* Room for one datagram of at most EGRESS_SLOT bytes; sends the burst first if it is full. */
uint8_t *egress_reserve(struct egress *egress);
/* What was written into the room goes to `to`. */
void egress_commit(struct egress *egress, const struct address *to, size_t size);
void egress_flush(struct egress *egress);

#endif
