/* What is due later, in virtual time: a heap of timers that live in their owners. */
#ifndef TERTULIA_TIMERS_H
#define TERTULIA_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
    void (*run)(void *owner, double now);
    void *owner;
    double due;
    uint64_t serial; /* of equal dues the one set first runs first */
    size_t place;    /* in the heap, from 1; 0 for a timer that is not set */
    struct timer *following; /* of those that run now */
};

/* All zero is an empty one. */
struct timers {
    struct timer **heap; /* heap[0] is not used */
    size_t count;
    size_t room;
    uint64_t serial;
};

static inline bool timer_is_set(const struct timer *timer) {
    return timer->place != 0;
}

/* Run once at `due` (seconds); a timer that is set already is moved. */
void timers_set(struct timers *timers, struct timer *timer, double due);
void timers_cancel(struct timers *timers, struct timer *timer);
/* INFINITY for never. */
double timers_next_due(const struct timers *timers);
/* Runs what is due. A timer that is set again for `now` meanwhile waits for the next call. What runs
 * must not free or cancel other timers. */
void timers_run(struct timers *timers, double now);
void timers_free(struct timers *timers);

#endif
