/* Which layers of a source a sink gets, and the numbers it gets them under.
 *
 * A selection changes only where a frame begins, and only for what the receiver can decode from
 * there on. Everything that holds from some packet of the source on, numbers and selection, is a
 * `struct place`: so a late packet is treated as it would have been in time, and what is sent again
 * is what was sent. Dropped packets leave no gap in the numbers, so the constant offset of a segment
 * becomes piecewise constant. */
#ifndef TERTULIA_THINNING_H
#define TERTULIA_THINNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layer.h"
#include "media.h"
#include "names.h"

enum { PLACES = 64 }; /* kept for late packets and for what is sent again: seconds of them */

/* What flows. */
struct selection {
    struct layer highest;
    uint8_t target; /* the decode target that flows, with dependency descriptors */
    struct dependency_structure *structure; /* its structure; NULL without */
};

struct place {
    int64_t first; /* the sequence number of the source from which on it holds, unwrapped */
    int64_t sequence_offset;
    int64_t picture_id_offset;
    int64_t tells_at; /* the packet that tells the active targets from now on; -1 for none */
    struct selection selection;
};

/* The packet that ends the picture may be of a layer that does not flow. */
static inline bool place_marker(const struct place *place, const struct media *media) {
    const struct placing *placing = &media->placing;
    return media->marker || (media->has_placing && placing->ends &&
                             placing->layer.spatial == place->selection.highest.spatial);
}
/* It is of a layer that flows, or of none that is known. */
bool place_flows(const struct place *place, const struct media *media);
/* True if the packet's dependency descriptor shall tell `active` decode targets, which it does not. */
bool place_active(const struct place *place, const struct media *media, uint32_t *active);

/* What is remembered of the newest packet that was sent. */
struct newest {
    int64_t sequence; /* of its source */
    int64_t timestamp;
    int spatial; /* -1 if not known */
};

/* Of one segment, from the first limit on. */
struct thinning {
    struct place *places; /* a ring that grows to PLACES */
    size_t room;
    size_t begin; /* the oldest */
    size_t count;
    int64_t newest;    /* sequence number of the source */
    bool has_picture;  /* a packet has come, and `timestamp` is its picture's */
    int64_t timestamp; /* a picture has one, and no other */
    int sent_spatial;  /* of the newest of that picture that flowed; -1 for none or not known */
    bool up_next;      /* all temporal layers may flow from the next picture on */
    bool has_dropped;
    uint16_t dropped_picture; /* its picture id */
    bool has_active;
    uint32_t active;     /* the decode targets last told to be active */
    bool missing_layers; /* the packet taken last would have flowed, had there been a keyframe */
};

/* `last`: the newest packet of the segment, NULL if there is none yet. NULL without memory. */
struct thinning *thinning_new(const struct place *place, const struct newest *last);
void thinning_free(struct thinning *thinning); /* NULL is allowed */

/* From 0, the newest, on. */
static inline const struct place *thinning_place(const struct thinning *thinning, size_t index) {
    size_t at = thinning->begin + thinning->count - 1 - index;
    return &thinning->places[at % thinning->room];
}
static inline const struct place *thinning_oldest(const struct thinning *thinning) {
    return &thinning->places[thinning->begin];
}

/* Where the packet goes, valid until the next is taken; NULL if it is of a layer that does not flow.
 * It must not be older than all places. */
const struct place *thinning_take(struct thinning *thinning, const struct media *media,
                                  struct layer limits);

#endif
