/* A media packet on its way from a source to its sinks: parsed once, numbers unwrapped. Counted,
 * because it waits in runs and histories; what differs per sink is a `struct segment`'s. */
#ifndef TERTULIA_MEDIA_H
#define TERTULIA_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "descriptor.h"
#include "payload.h"
#include "red.h"
#include "rtp.h"
#include "text.h"

enum { BLOCK_MAX = 32 }; /* bytes of a header extension without a dependency descriptor */

struct media {
    int references;
    uint8_t codec;
    bool marker;
    bool joinable; /* a sink may begin here */
    bool has_picture;
    bool has_placing; /* its layer is known; else it is forwarded whatever a route wants */
    bool has_element[FORWARDED];
    uint8_t element[FORWARDED]; /* one byte each; the others are below */
    uint8_t abs_send_time[3];   /* when it came */
    struct red red;             /* the payload is in that form, unless it has no blocks */
    struct placing placing;
    struct picture picture;
    struct descriptor *descriptor; /* of codecs that it is forwarded for; else NULL */
    int64_t sequence;  /* unwrapped */
    int64_t timestamp; /* RTP clock ticks, unwrapped */
    struct source_clock *clock; /* says when it was captured, also when its source is long gone */
    /* The last header extension made of it: most sinks of a source have equal ids. */
    uint64_t block_key;
    uint8_t block_size;
    uint8_t block[BLOCK_MAX];
    size_t payload_size;
    uint8_t payload[];
};

/* One reference; `clock` is kept. NULL without memory. */
struct media *media_new(const uint8_t *payload, size_t size, struct source_clock *clock);
static inline void media_keep(struct media *media) {
    media->references++;
}
void media_release(struct media *media);

/* With redundancy, if that is wanted and it came in that form; else the primary block alone. */
static inline struct text media_payload(const struct media *media, bool redundant) {
    size_t from = redundant ? 0 : media->red.primary;
    return (struct text){media->payload + from, media->payload_size - from};
}

/* What a sink forwards, with its receiver's ids; 0 for none. */
struct extension_map {
    uint8_t ids[FORWARDED];
    uint64_t key; /* equal for equal maps; never 0, which no block has been made for */
};

void extension_map_init(struct extension_map *map, const uint8_t *ids);
/* Writes the header extension without a dependency descriptor; its size, 0 for none. At most
 * BLOCK_MAX bytes. */
size_t media_write_block(struct media *media, const struct extension_map *map, uint8_t *at);
/* The same with a descriptor as the receiver shall get it, and with another abs-send-time. At most
 * RTP_EXTENSION_MAX bytes. */
size_t media_write_block_with(const struct media *media, const struct extension_map *map,
                              struct text descriptor, const uint8_t *abs_send_time, uint8_t *at);

/* 24 bits of NTP time in 6.18 fixed point; the difference of the epochs falls out of it. */
void write_abs_send_time(uint8_t *at, double unix_time);

#endif
