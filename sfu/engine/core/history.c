#include "history.h"

#include <stdlib.h>

static const double MAX_AGE = 1.0; /* seconds after which no receiver can use a packet any more */

enum {
    MAX_RESENDS = 10,
    RESEND_RING = 1024, /* no history is longer */
    SWEEP = 4,          /* entries looked at per packet: more than one, so that it gets there */
};

struct history *history_new(size_t capacity) {
    struct history *history = calloc(1, sizeof *history);
    if (history) {
        history->references = 1;
        history->capacity = capacity;
    }
    return history;
}

static struct history_entry *entry_of(const struct history *history, int64_t sequence) {
    return &history->ring[(uint64_t)sequence & (history->capacity - 1)];
}

static void drop_entry(struct history_entry *entry) {
    if (entry->media)
        media_release(entry->media);
    entry->media = NULL;
}

void history_clear(struct history *history) {
    for (size_t i = 0; history->ring && i < history->capacity; i++)
        drop_entry(&history->ring[i]);
    free(history->ring);
    history->ring = NULL;
    history->oldest = history->end = 0;
}

void history_release(struct history *history) {
    if (!history || --history->references)
        return;
    history_clear(history);
    free(history);
}

/* Lets go what nobody can use any more: memory follows the bitrate, not the length of the ring. */
static void sweep(struct history *history, double now) {
    int64_t first = history->end - (int64_t)history->capacity;
    if (history->oldest < first)
        history->oldest = first;
    for (int i = 0; i < SWEEP && history->oldest < history->end; i++) {
        struct history_entry *entry = entry_of(history, history->oldest);
        if (entry->media && now - entry->at <= MAX_AGE)
            return;
        drop_entry(entry);
        history->oldest++;
    }
}

void history_age(struct history *history, double now) {
    for (size_t i = 0; history->ring && i < history->capacity; i++)
        if (now - history->ring[i].at > MAX_AGE)
            drop_entry(&history->ring[i]);
}

void history_put(struct history *history, int64_t sequence, double now, struct media *media) {
    if (!history->ring)
        history->ring = calloc(history->capacity, sizeof *history->ring);
    if (!history->ring)
        return;
    if (history->end == 0)
        history->oldest = sequence;
    struct history_entry *entry = entry_of(history, sequence);
    drop_entry(entry);
    media_keep(media);
    *entry = (struct history_entry){sequence, now, media};
    if (sequence >= history->end)
        history->end = sequence + 1;
    if (sequence < history->oldest)
        history->oldest = sequence;
    sweep(history, now);
}

struct media *history_get(const struct history *history, int64_t sequence, double now) {
    if (!history->ring)
        return NULL;
    const struct history_entry *entry = entry_of(history, sequence);
    if (!entry->media || entry->sequence != sequence || now - entry->at > MAX_AGE)
        return NULL;
    return entry->media;
}

struct media *history_next(const struct history *history, int64_t *sequence, double now) {
    while (++*sequence < history->end) {
        struct media *media = history_get(history, *sequence, now);
        if (media)
            return media;
    }
    return NULL;
}

bool resend_take(struct resend_limit *limit, int64_t sequence, double now, double round_trip) {
    if (!limit->ring)
        limit->ring = calloc(RESEND_RING, sizeof *limit->ring);
    if (!limit->ring)
        return false;
    struct resend *resend = &limit->ring[(uint64_t)sequence % RESEND_RING];
    if (resend->sequence != (uint32_t)sequence)
        *resend = (struct resend){.sequence = (uint32_t)sequence};
    if (resend->times == MAX_RESENDS || (resend->times && now - resend->last < round_trip))
        return false;
    resend->times++;
    resend->last = now;
    return true;
}

void resend_free(struct resend_limit *limit) {
    free(limit->ring);
    limit->ring = NULL;
}
