/* The packets of one incoming SSRC: their order, what is missing, whose time they carry. */
#ifndef TERTULIA_STREAM_H
#define TERTULIA_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "names.h"
#include "nack.h"
#include "reception.h"
#include "rtp.h"
#include "sequence.h"

enum { STREAM_WINDOW = 2048 }; /* packets; what is older is no repair but a replay */

struct stream {
    uint32_t ssrc;
    struct source_clock *clock;
    struct reception reception;
    struct nack_generator missing;
    struct unwrapper sequences;
    struct unwrapper timestamps;
    /* Per place in the window, the turn of the window in which its packet came, modulo 256. */
    uint8_t seen[STREAM_WINDOW];
};

struct stream *stream_new(uint32_t ssrc, int clock_rate, struct transport_clock *clock);
void stream_free(struct stream *stream); /* NULL is allowed */
/* Unwrapped numbers of a new packet; or why it is none. */
enum drop stream_place(struct stream *stream, const struct rtp_packet *packet, double now,
                       bool repaired, int64_t *sequence, int64_t *timestamp);

#endif
