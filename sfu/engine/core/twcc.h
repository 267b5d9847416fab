/* Transport-wide feedback: which packets of a transport came, and when
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1).
 *
 * Times are ticks of 250 µs modulo 2^32, as far as the format carries them: 24 bits of reference
 * time, each 256 ticks. They are of the receiver's clock, so only differences mean anything. */
#ifndef TERTULIA_TWCC_H
#define TERTULIA_TWCC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TWCC_FORMAT = 15, /* of transport layer feedback (RFC 4585, section 6.2) */
    TWCC_TICKS = 4000, /* per second */
    TWCC_MAX_SIZE = 1200, /* bytes of a feedback packet of ours */
};

/* A feedback packet that is well-formed, and how far it has been read. */
struct twcc_reader {
    uint16_t base;  /* what the first status is about */
    uint16_t count; /* of statuses */
    /* Of the walk. */
    const uint8_t *chunk;
    const uint8_t *delta;
    uint16_t sequence; /* of the next status */
    uint16_t left;     /* statuses */
    uint16_t index;    /* in the chunk */
    uint32_t ticks;    /* when the last one came */
};

/* One packet that came, or some in a row that did not. */
struct twcc_status {
    uint16_t sequence; /* of the first */
    uint16_t count;
    bool received;
    uint32_t ticks; /* when it came */
};

/* `body`: what follows the RTCP header, padding taken away. False if it is malformed. Views it. */
bool twcc_read(const uint8_t *body, size_t size, struct twcc_reader *reader);
/* False after the last status. */
bool twcc_next(struct twcc_reader *reader, struct twcc_status *status);

/* Writes a whole RTCP packet about `count` numbers from `base` on, `ticks[i]` being when each came,
 * or 0; the first and the last of them did. At most TWCC_MAX_SIZE bytes; `*told` numbers of them
 * found room, the last of which came. Returns the size. */
size_t twcc_write(uint8_t *at, uint32_t sender, uint32_t media, uint8_t feedback_count,
                  uint16_t base, const uint32_t *ticks, size_t count, size_t *told);

#endif
