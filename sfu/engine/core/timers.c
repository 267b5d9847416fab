#include "timers.h"

#include <math.h>
#include <stdlib.h>

enum { FIRST_ROOM = 64 };

static bool before(const struct timer *a, const struct timer *b) {
    return a->due < b->due || (a->due == b->due && a->serial < b->serial);
}

static void put(struct timers *timers, struct timer *timer, size_t place) {
    timers->heap[place] = timer;
    timer->place = place;
}

static void sift_up(struct timers *timers, struct timer *timer) {
    size_t place = timer->place;
    while (place > 1 && before(timer, timers->heap[place / 2])) {
        put(timers, timers->heap[place / 2], place);
        place /= 2;
    }
    put(timers, timer, place);
}

static void sift_down(struct timers *timers, struct timer *timer) {
    size_t place = timer->place;
    for (;;) {
        size_t child = place * 2;
        if (child > timers->count)
            break;
        if (child < timers->count && before(timers->heap[child + 1], timers->heap[child]))
            child++;
        if (!before(timers->heap[child], timer))
            break;
        put(timers, timers->heap[child], place);
        place = child;
    }
    put(timers, timer, place);
}

static bool make_room(struct timers *timers) {
    if (timers->count + 1 < timers->room)
        return true;
    size_t room = timers->room ? timers->room * 2 : FIRST_ROOM;
    struct timer **heap = realloc(timers->heap, room * sizeof(struct timer *));
    if (!heap)
        return false;
    timers->heap = heap;
    timers->room = room;
    return true;
}

void timers_set(struct timers *timers, struct timer *timer, double due) {
    if (!timer_is_set(timer)) {
        if (!make_room(timers))
            return;
        put(timers, timer, ++timers->count);
    }
    timer->due = due;
    timer->serial = timers->serial++;
    sift_up(timers, timer);
    sift_down(timers, timer);
}

void timers_cancel(struct timers *timers, struct timer *timer) {
    if (!timer_is_set(timer))
        return;
    size_t place = timer->place;
    timer->place = 0;
    struct timer *last = timers->heap[timers->count--];
    if (last == timer)
        return;
    put(timers, last, place);
    sift_up(timers, last);
    sift_down(timers, last);
}

double timers_next_due(const struct timers *timers) {
    return timers->count ? timers->heap[1]->due : INFINITY;
}

void timers_run(struct timers *timers, double now) {
    struct timer *ready = NULL;
    struct timer **end = &ready;
    /* All first: one that is set again, even for a time long past, must not run twice, nor keep
     * those behind it from running. */
    while (timers->count && timers->heap[1]->due <= now) {
        struct timer *timer = timers->heap[1];
        timers_cancel(timers, timer);
        timer->following = NULL;
        *end = timer;
        end = &timer->following;
    }
    while (ready) {
        struct timer *timer = ready;
        ready = timer->following;
        timer->run(timer->owner, now);
    }
}

void timers_free(struct timers *timers) {
    free(timers->heap);
    *timers = (struct timers){0};
}
