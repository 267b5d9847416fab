/* The packet path in a thread of its own, which needs nobody else to go on: it runs the engine's
 * rounds on one UDP socket. Commands reach it, and events leave it, as encoded bytes (wire.py) in
 * queues with an eventfd each. Linux only. */
#ifndef TERTULIA_THREAD_H
#define TERTULIA_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

struct engine;
struct thread;

/* What should not happen and is told as long as the thread lives. */
enum thread_notice {
    SEGMENTATION_REFUSED = 1, /* the kernel does not send several datagrams as one (GSO) */
    COMMANDS_MALFORMED = 2,   /* a bug of ours: commands were left out */
};

/* From here to `thread_stop` nobody else touches the engine or reads the socket (non-blocking, UDP,
 * bound). `events`: a non-blocking eventfd, written when events wait. Both stay the caller's to
 * close, afterwards. `segment`: use GSO where packets allow it. The engine's clock is
 * CLOCK_MONOTONIC, in seconds. NULL and errno if it cannot be. */
struct thread *thread_start(struct engine *engine, int socket, int events, bool segment);

/* Bounds of `thread_load.delays` in seconds; one more counts what took longer. */
enum { DELAYS = 11 };
extern const double DELAY_BOUNDS[DELAYS];

struct thread_load {
    double cpu; /* seconds of the processor that the thread has used */
    /* Datagrams, by the time from when they were read until all that they caused was sent. What
     * waits in the pacer is not in it. */
    uint64_t delays[DELAYS + 1];
    double delay_sum; /* seconds */
};

/* These six may be called by any thread. */

/* False if too much waits already: nothing of it is done. */
bool thread_post(struct thread *thread, const uint8_t *commands, size_t size);
/* Moves the events that wait into `into`, which is empty. Read the eventfd before, not after. */
void thread_take_events(struct thread *thread, struct buffer *into);
/* Appends a snapshot (engine_stats); false if none came within a second. */
bool thread_stats(struct thread *thread, struct buffer *into);
/* The same of engine_totals. */
bool thread_totals(struct thread *thread, struct buffer *into);
struct thread_load thread_load(const struct thread *thread);
/* Of enum thread_notice, or-ed. */
unsigned thread_notices(const struct thread *thread);

/* Applies what was posted, sends it, ends and frees the thread; the engine is the caller's again.
 * Appends to `last` the events that nobody has taken. */
void thread_stop(struct thread *thread, struct buffer *last);

#endif
