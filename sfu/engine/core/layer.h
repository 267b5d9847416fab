/* Layers inside one stream of video. */
#ifndef TERTULIA_LAYER_H
#define TERTULIA_LAYER_H

#include <stdbool.h>
#include <stdint.h>

struct layer {
    uint8_t spatial;
    uint8_t temporal;
};

/* Where a packet belongs, and what that allows. With a dependency descriptor `sync` and what follows
 * are not known, nor needed. */
struct placing {
    struct layer layer;
    bool begins; /* first packet of its frame (of one spatial layer) */
    bool ends;   /* last packet of its frame, where layers of one picture are frames of their own */
    bool sync;   /* its frame needs none but the lowest temporal layer */
    bool switch_up; /* pictures of higher temporal layers that follow need none before this one */
    bool independent; /* its frame needs none but lower spatial layers of its own picture */
};

#endif
