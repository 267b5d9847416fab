/* Redundant audio (RFC 2198): a packet brings older ones once more before its own, the primary. */
#ifndef TERTULIA_RED_H
#define TERTULIA_RED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct red_primary {
    uint8_t payload_type;
    size_t at; /* bytes from the beginning of the payload, to its end */
};

/* False if the blocks do not fit into the payload. */
bool red_read(const uint8_t *payload, size_t size, struct red_primary *primary);

#endif
