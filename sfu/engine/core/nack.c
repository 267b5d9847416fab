#include "nack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_TRIES = 10,
    MAX_MISSING = 1000, /* a longer jump is a new beginning, not a loss: nothing is asked for */
    FIRST_ROOM = 16,
};

static const double FIRST_ROUND_TRIP = 0.1; /* seconds, here and below */
static const double REORDER_TOLERANCE = 0.010; /* a packet may be overtaken that long */
static const double MAX_AGE = 1.0;             /* then it is of no use to anybody */
/* On a local network a round trip says nothing about how long an answer takes. */
static const double MIN_RETRY = 0.020;

void nack_init(struct nack_generator *nack) {
    *nack = (struct nack_generator){.round_trip = FIRST_ROUND_TRIP, .next_due = INFINITY};
}

void nack_free(struct nack_generator *nack) {
    free(nack->gaps);
    nack->gaps = NULL;
    nack->count = nack->room = 0;
}

static bool make_room(struct nack_generator *nack, size_t count) {
    if (count <= nack->room)
        return true;
    size_t room = nack->room ? nack->room : FIRST_ROOM;
    while (room < count)
        room *= 2;
    struct gap *gaps = realloc(nack->gaps, room * sizeof *gaps);
    if (!gaps)
        return false;
    nack->gaps = gaps;
    nack->room = room;
    return true;
}

/* The place of the first gap that is not before `number`. */
static size_t find(const struct nack_generator *nack, int64_t number) {
    size_t low = 0;
    size_t high = nack->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (nack->gaps[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void drop(struct nack_generator *nack, size_t place, size_t count) {
    if (count == 0)
        return;
    nack->count -= count;
    struct gap *at = nack->gaps + place;
    memmove(at, at + count, (nack->count - place) * sizeof *at);
}

static void miss(struct nack_generator *nack, int64_t first, int64_t end, double now) {
    size_t missing = (size_t)(end - first);
    size_t excess = nack->count + missing > MAX_MISSING ? nack->count + missing - MAX_MISSING : 0;
    /* Without memory for them nothing is asked for either. */
    if (missing > MAX_MISSING || !make_room(nack, nack->count - excess + missing)) {
        nack->count = 0;
        nack->next_due = INFINITY;
        return;
    }
    drop(nack, 0, excess);
    double ask_at = now + REORDER_TOLERANCE;
    for (int64_t number = first; number < end; number++)
        nack->gaps[nack->count++] = (struct gap){.number = number, .since = now, .ask_at = ask_at};
    if (ask_at < nack->next_due)
        nack->next_due = ask_at;
}

void nack_received(struct nack_generator *nack, uint16_t sequence, double now) {
    int64_t highest = nack->unwrapper.highest;
    int64_t number = unwrap16(&nack->unwrapper, sequence);
    if (highest == 0 || number == highest + 1)
        return;
    if (number > highest) {
        miss(nack, highest + 1, number, now);
        return;
    }
    size_t place = find(nack, number);
    if (place < nack->count && nack->gaps[place].number == number)
        drop(nack, place, 1);
}

static bool is_hopeless(const struct gap *gap, double now) {
    return gap->tries == MAX_TRIES || now - gap->since > MAX_AGE;
}

size_t nack_due(struct nack_generator *nack, double now, uint16_t *asked) {
    if (now < nack->next_due)
        return 0;
    double retry_at = now + (nack->round_trip > MIN_RETRY ? nack->round_trip : MIN_RETRY);
    double next_due = INFINITY;
    size_t count = 0;
    size_t kept = 0;
    for (size_t i = 0; i < nack->count; i++) {
        struct gap *gap = &nack->gaps[i];
        if (gap->ask_at <= now && count < NACK_MAX_ASKED) {
            if (is_hopeless(gap, now))
                continue;
            gap->tries++;
            gap->ask_at = retry_at;
            asked[count++] = (uint16_t)gap->number;
        }
        if (gap->ask_at < next_due)
            next_due = gap->ask_at;
        nack->gaps[kept++] = *gap;
    }
    nack->count = kept;
    nack->next_due = next_due;
    return count;
}

void nack_clear_before(struct nack_generator *nack, uint16_t sequence) {
    if (nack->count > 0)
        drop(nack, 0, find(nack, unwrap16(&nack->unwrapper, sequence)));
}
