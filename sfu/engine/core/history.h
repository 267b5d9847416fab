/* Packets kept for a while so that they can be sent again (RFC 4588; RFC 4585, section 6.2.1), and
 * how often that may be done. */
#ifndef TERTULIA_HISTORY_H
#define TERTULIA_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media.h"

struct history_entry {
    int64_t sequence;
    double at; /* seconds */
    struct media *media;
};

/* A ring over unwrapped sequence numbers, counted: segments of sinks outlive their source. The
 * ring costs nothing before the first packet, and packets too old for anybody are let go. */
struct history {
    int references;
    size_t capacity; /* a power of two */
    struct history_entry *ring;
    int64_t oldest; /* nothing before it is kept */
    int64_t end;    /* nothing from here on has been kept yet */
};

struct history *history_new(size_t capacity); /* one reference; NULL without memory */
static inline void history_keep(struct history *history) {
    history->references++;
}
void history_release(struct history *history); /* NULL is allowed */
void history_clear(struct history *history);
/* Lets go all that is too old for anybody. */
void history_age(struct history *history, double now);
void history_put(struct history *history, int64_t sequence, double now, struct media *media);
/* NULL if it was never there, is gone, or too old. */
struct media *history_get(const struct history *history, int64_t sequence, double now);
/* The next newer than `*sequence` that is not too old, which `*sequence` becomes; NULL after all. */
struct media *history_next(const struct history *history, int64_t *sequence, double now);

struct resend {
    double last; /* seconds */
    uint32_t sequence;
    uint8_t times;
};

/* How often one receiver may have a packet again, however often it asks. All zero is a new one;
 * memory is taken when something is sent again for the first time. */
struct resend_limit {
    struct resend *ring;
};

/* False if it was sent again less than a round trip (seconds) ago, or too often. */
bool resend_take(struct resend_limit *limit, int64_t sequence, double now, double round_trip);
void resend_free(struct resend_limit *limit);

#endif
