#include "thinning.h"

#include <stdlib.h>

#include "descriptor.h"

enum { FIRST_ROOM = 4, UNKNOWN = -1 };

/* The descriptor of a packet whose frame it tells about; else NULL. */
static const struct descriptor *frame_of(const struct media *media) {
    const struct descriptor *descriptor = media->descriptor;
    return descriptor && descriptor->structure ? descriptor : NULL;
}

/* Selections */

/* Also what belongs to another structure, as nothing is known of it. */
static bool holds(const struct selection *selection, const struct media *media) {
    const struct descriptor *descriptor = frame_of(media);
    const struct layer *layer = &media->placing.layer;
    if (!descriptor)
        return layer->spatial <= selection->highest.spatial &&
               layer->temporal <= selection->highest.temporal;
    return descriptor->structure != selection->structure ||
           dependency_indication(&descriptor->frame, selection->target) != NOT_PRESENT;
}

/* The decode targets that a receiver gets all it needs for. */
static uint32_t active_of(const struct selection *selection,
                          const struct descriptor *descriptor) {
    uint32_t active = descriptor->frame.active;
    if (descriptor->structure != selection->structure)
        return active;
    uint32_t within = active & dependency_within(selection->structure, selection->target);
    return within ? within : active;
}

static bool are_equal(const struct selection *a, const struct selection *b) {
    return a->highest.spatial == b->highest.spatial &&
           a->highest.temporal == b->highest.temporal && a->structure == b->structure &&
           a->target == b->target;
}

bool place_flows(const struct place *place, const struct media *media) {
    return !media->has_placing || holds(&place->selection, media);
}

bool place_active(const struct place *place, const struct media *media, uint32_t *active) {
    const struct descriptor *descriptor = frame_of(media);
    if (!descriptor)
        return false;
    *active = active_of(&place->selection, descriptor);
    if (descriptor_tells(descriptor))
        return *active != descriptor->frame.active;
    return media->sequence == place->tells_at;
}

/* Places */

struct thinning *thinning_new(const struct place *place, const struct newest *last) {
    struct thinning *thinning = calloc(1, sizeof *thinning);
    if (!thinning)
        return NULL;
    thinning->places = malloc(FIRST_ROOM * sizeof *thinning->places);
    if (!thinning->places) {
        free(thinning);
        return NULL;
    }
    thinning->room = FIRST_ROOM;
    thinning->count = 1;
    thinning->places[0] = *place;
    structure_keep(place->selection.structure);
    thinning->newest = last ? last->sequence : place->first - 1;
    thinning->has_picture = last != NULL;
    thinning->timestamp = last ? last->timestamp : 0;
    thinning->sent_spatial = last ? last->spatial : UNKNOWN;
    return thinning;
}

void thinning_free(struct thinning *thinning) {
    if (!thinning)
        return;
    for (size_t i = 0; i < thinning->count; i++)
        structure_release(thinning_place(thinning, i)->selection.structure);
    free(thinning->places);
    free(thinning);
}

static struct place *latest(struct thinning *thinning) {
    return &thinning->places[(thinning->begin + thinning->count - 1) % thinning->room];
}

/* Without memory the ring stays as small as it is. */
static void grow(struct thinning *thinning) {
    if (thinning->count < thinning->room || thinning->room == PLACES || thinning->begin)
        return;
    size_t room = 2 * thinning->room;
    struct place *places = realloc(thinning->places, room * sizeof *places);
    if (!places)
        return;
    thinning->places = places;
    thinning->room = room;
}

static void replace(struct thinning *thinning, struct place place) {
    structure_keep(place.selection.structure);
    structure_release(latest(thinning)->selection.structure);
    *latest(thinning) = place;
}

static void append(struct thinning *thinning, struct place place) {
    grow(thinning);
    if (thinning->count == thinning->room) {
        structure_release(thinning_oldest(thinning)->selection.structure);
        thinning->begin = (thinning->begin + 1) % thinning->room;
        thinning->count--;
    }
    structure_keep(place.selection.structure);
    thinning->count++;
    *latest(thinning) = place;
}

/* `place` holds from now on; the latest one is forgotten if it began with this very packet. */
static void put(struct thinning *thinning, const struct media *media, struct place place) {
    place.tells_at = -1;
    if (latest(thinning)->first == media->sequence)
        replace(thinning, place);
    else
        append(thinning, place);
}

static const struct place *find(const struct thinning *thinning, int64_t sequence) {
    for (size_t i = 0; i < thinning->count; i++)
        if (thinning_place(thinning, i)->first <= sequence)
            return thinning_place(thinning, i);
    return NULL;
}

/* Selecting */

/* The decode target with the highest layers that are wanted and sent; -1 if there is none. */
static int best_target(const struct descriptor *descriptor, struct layer limits) {
    const struct layer *targets = descriptor->structure->targets;
    int best = UNKNOWN;
    for (int target = 0; target < descriptor->structure->target_count; target++) {
        struct layer layer = targets[target];
        if (!(descriptor->frame.active >> target & 1) || layer.spatial > limits.spatial ||
            layer.temporal > limits.temporal)
            continue;
        if (best == UNKNOWN || layer.spatial > targets[best].spatial ||
            (layer.spatial == targets[best].spatial && layer.temporal > targets[best].temporal))
            best = target;
    }
    return best;
}

static bool is_same_picture(const struct thinning *thinning, const struct media *media) {
    return thinning->has_picture && media->timestamp == thinning->timestamp;
}

/* True if what the receiver decodes allows for `target` instead from this packet on. */
static bool may_switch(const struct descriptor *descriptor, int before, int target,
                       bool begins_picture) {
    const struct dependency *frame = &descriptor->frame;
    /* What flows can be decoded, so a switch at a frame that flows can be, too. */
    if (dependency_indication(frame, before) != NOT_PRESENT &&
        dependency_indication(frame, target) == SWITCH)
        return true;
    return begins_picture && dependency_within(descriptor->structure, before) >> target & 1;
}

static struct selection select_target(struct thinning *thinning, const struct media *media,
                                      const struct selection *before, struct layer limits) {
    const struct descriptor *descriptor = media->descriptor;
    struct dependency_structure *structure = descriptor->structure;
    int target = best_target(descriptor, limits);
    if (target == UNKNOWN)
        return media->joinable ? (struct selection){.highest = {ALL_LAYERS, ALL_LAYERS}} : *before;
    bool begins_picture = !is_same_picture(thinning, media);
    struct selection wanted = {structure->targets[target], (uint8_t)target, structure};
    if (media->joinable)
        return wanted;
    if (structure != before->structure)
        return begins_picture ? wanted : *before;
    if (may_switch(descriptor, before->target, target, begins_picture))
        return wanted;
    thinning->missing_layers = wanted.highest.spatial != before->highest.spatial;
    return *before;
}

/* Within a picture: up to the next spatial layer, if its frame needs no earlier picture. */
static void select_spatial(const struct thinning *thinning, const struct placing *placing,
                           struct layer limits, struct layer *highest) {
    bool next = thinning->sent_spatial == highest->spatial &&
                placing->layer.spatial == highest->spatial + 1;
    if (next && placing->independent && placing->layer.spatial <= limits.spatial)
        highest->spatial = placing->layer.spatial;
}

static struct selection select_layer(struct thinning *thinning, const struct media *media,
                                     const struct selection *before, struct layer limits) {
    const struct placing *placing = &media->placing;
    struct layer highest = before->highest;
    if (media->joinable) {
        thinning->up_next = false;
        return (struct selection){.highest = limits};
    }
    if (is_same_picture(thinning, media)) {
        select_spatial(thinning, placing, limits, &highest);
        return (struct selection){.highest = highest};
    }
    if (highest.spatial > limits.spatial)
        highest.spatial = limits.spatial;
    if (highest.temporal > limits.temporal)
        highest.temporal = limits.temporal;
    if (thinning->up_next)
        highest.temporal = limits.temporal;
    else if (placing->sync && placing->layer.temporal == highest.temporal + 1 &&
             highest.temporal < limits.temporal)
        highest.temporal++;
    thinning->up_next = false;
    return (struct selection){.highest = highest};
}

/* What flows from this packet on. */
static void select_from(struct thinning *thinning, const struct media *media,
                        struct layer limits) {
    struct place place = *latest(thinning);
    struct selection before = place.selection;
    bool described = frame_of(media) != NULL;
    if (media->placing.begins)
        place.selection = described ? select_target(thinning, media, &before, limits)
                                    : select_layer(thinning, media, &before, limits);
    if (!described && !holds(&place.selection, media)) {
        uint8_t spatial = media->placing.layer.spatial;
        thinning->missing_layers =
            spatial > place.selection.highest.spatial && spatial <= limits.spatial;
    }
    if (are_equal(&place.selection, &before))
        return;
    place.first = media->sequence;
    put(thinning, media, place);
}

/* Taking */

/* What follows closes up, but not what may still come from before. */
static void drop(struct thinning *thinning, const struct media *media) {
    struct place place = *latest(thinning);
    uint16_t picture = media->picture.picture_id;
    bool news = !thinning->has_dropped || picture != thinning->dropped_picture;
    if (media->codec == VP8 && media->has_picture && news) {
        /* VP8 counts pictures, so receivers would wait for it; VP9 refers to them by number. */
        thinning->has_dropped = true;
        thinning->dropped_picture = picture;
        place.picture_id_offset--;
    }
    place.first = media->sequence + 1;
    place.sequence_offset--;
    put(thinning, media, place);
}

static void tell(struct thinning *thinning, const struct media *media) {
    const struct descriptor *descriptor = frame_of(media);
    struct place *place = latest(thinning);
    uint32_t active = active_of(&place->selection, descriptor);
    uint32_t before = thinning->has_active ? thinning->active : descriptor->frame.active;
    if (!descriptor_tells(descriptor) && active != before)
        place->tells_at = media->sequence;
    thinning->has_active = true;
    thinning->active = active;
}

/* The packet flows, and is the newest. */
static void note(struct thinning *thinning, const struct media *media) {
    if (!media->has_placing)
        return;
    thinning->sent_spatial = media->placing.layer.spatial;
    if (media->placing.switch_up)
        thinning->up_next = true;
    if (frame_of(media) && media->placing.begins)
        tell(thinning, media);
}

static const struct place *take_late(const struct thinning *thinning, const struct media *media) {
    const struct place *place = find(thinning, media->sequence);
    return place && place_flows(place, media) ? place : NULL;
}

const struct place *thinning_take(struct thinning *thinning, const struct media *media,
                                  struct layer limits) {
    thinning->missing_layers = false;
    if (media->sequence <= thinning->newest)
        return take_late(thinning, media);
    if (media->has_placing)
        select_from(thinning, media, limits);
    if (!is_same_picture(thinning, media))
        thinning->sent_spatial = UNKNOWN;
    thinning->newest = media->sequence;
    thinning->has_picture = true;
    thinning->timestamp = media->timestamp;
    if (!place_flows(latest(thinning), media)) {
        drop(thinning, media);
        return NULL;
    }
    note(thinning, media);
    return latest(thinning);
}
