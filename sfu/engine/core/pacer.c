#include "pacer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

static const double BURST = 0.015;     /* seconds at the rate that may leave at once, */
static const double LEAST_BURST = 6000; /* but some packets in any case; bytes */
static const double LONGEST_WAIT = 0.5; /* seconds; what comes later is of no use */

static const double LEAST_QUEUE = 48 << 10; /* bytes: a keyframe of a usual picture */
static const double LARGEST_QUEUE = 512 << 10;

enum { SEQUENCE_AT = 2, SSRC_AT = 8 };

/* With much waiting it goes faster: a lower rate must not make it wait longer. */
static double rate_of(const struct pacer *pacer) {
    return fmax(pacer->rate, (double)pacer->queued / LONGEST_WAIT);
}

static void fill(struct pacer *pacer, double now) {
    double most = fmax(pacer->rate * BURST, LEAST_BURST);
    pacer->tokens = fmax(pacer->tokens, -most); /* sound may not block pictures for long */
    pacer->tokens = fmin(pacer->tokens + rate_of(pacer) * (now - pacer->filled), most);
    pacer->filled = now;
}

void pacer_set_rate(struct pacer *pacer, double bytes_per_second, double now) {
    if (pacer->rate > 0)
        fill(pacer, now);
    else
        pacer->tokens = LEAST_BURST;
    pacer->filled = now;
    pacer->rate = bytes_per_second;
}

/* Nothing may overtake what waits and is as urgent. */
static bool is_behind_others(const struct pacer *pacer, enum urgency urgency) {
    for (int before = 0; before <= (int)urgency; before++)
        if (pacer->lines[before].first)
            return true;
    return false;
}

bool pacer_allows(struct pacer *pacer, enum urgency urgency, double now) {
    if (urgency == AT_ONCE)
        return true;
    if (pacer->queued && is_behind_others(pacer, urgency))
        return false;
    if (now > pacer->filled)
        fill(pacer, now);
    return pacer->rate <= 0 || pacer->tokens > 0;
}

/* Bytes that may wait; new pictures leave room for what was lost. */
static double room_for(const struct pacer *pacer, enum urgency urgency) {
    double room = fmin(fmax(pacer->rate * LONGEST_WAIT, LEAST_QUEUE), LARGEST_QUEUE);
    return urgency == REPAIR ? room * 1.5 : room;
}

bool pacer_wait(struct pacer *pacer, enum urgency urgency, const uint8_t *packet, size_t size) {
    if ((double)(pacer->queued + size) > room_for(pacer, urgency))
        return false;
    struct waiting *waiting = malloc(sizeof *waiting + size);
    if (!waiting)
        return false;
    waiting->next = NULL;
    waiting->size = size;
    memcpy(waiting->packet, packet, size);
    struct waiting_line *line = &pacer->lines[urgency];
    if (line->first)
        line->last->next = waiting;
    else
        line->first = waiting;
    line->last = waiting;
    pacer->queued += size;
    return true;
}

struct waiting *pacer_take(struct pacer *pacer) {
    for (int urgency = 0; urgency < QUEUES; urgency++) {
        struct waiting *first = pacer->lines[urgency].first;
        if (!first)
            continue;
        pacer->lines[urgency].first = first->next;
        pacer->queued -= first->size;
        return first;
    }
    return NULL;
}

struct waiting *pacer_release(struct pacer *pacer, double now) {
    fill(pacer, now);
    return pacer->rate > 0 && pacer->tokens <= 0 ? NULL : pacer_take(pacer);
}

/* What was let go of one SSRC. */
struct forgotten {
    size_t count;
    size_t numbers; /* from the oldest to the newest there ever was */
};

static void forget(struct pacer *pacer, struct waiting_line *line, uint32_t ssrc, uint16_t newest,
                   struct forgotten *forgotten) {
    struct waiting **at = &line->first;
    line->last = NULL;
    while (*at) {
        struct waiting *waiting = *at;
        if (load32(waiting->packet + SSRC_AT) != ssrc) {
            line->last = waiting;
            at = &waiting->next;
            continue;
        }
        size_t numbers = (size_t)1 + (uint16_t)(newest - load16(waiting->packet + SEQUENCE_AT));
        if (numbers > forgotten->numbers)
            forgotten->numbers = numbers;
        forgotten->count++;
        *at = waiting->next;
        pacer->queued -= waiting->size;
        free(waiting);
    }
}

size_t pacer_forget(struct pacer *pacer, uint32_t ssrc, uint16_t newest) {
    struct forgotten forgotten = {0};
    for (int urgency = 0; urgency < QUEUES; urgency++)
        forget(pacer, &pacer->lines[urgency], ssrc, newest, &forgotten);
    /* If one between them has left, its number must not come again. */
    return forgotten.count == forgotten.numbers ? forgotten.count : 0;
}

void pacer_clear(struct pacer *pacer) {
    struct waiting *waiting;
    while ((waiting = pacer_take(pacer)))
        free(waiting);
}
