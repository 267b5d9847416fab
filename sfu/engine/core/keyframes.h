/* When to ask a publisher for a keyframe. Keyframes are the dearest thing to ask for: requests of
 * all viewers of a source become one, and never more than one per KEYFRAME_INTERVAL. */
#ifndef TERTULIA_KEYFRAMES_H
#define TERTULIA_KEYFRAMES_H

#include <stdbool.h>

#include "timers.h"

struct source;

struct keyframe_requester {
    struct timer timer; /* its owner is the source */
    bool asked;
    bool has_sent;
    double sent_at; /* seconds */
};

/* A route waits for a keyframe: then a request is repeated until one has come. */
bool keyframes_needed(const struct source *source);
void keyframes_init(struct source *source);
/* A receiver lost its picture, or a route begins to wait. */
void keyframes_request(struct source *source, double now);
/* A keyframe came: it answers whatever was asked before. */
void keyframes_arrived(struct source *source);

#endif
