/* Redundant audio (RFC 2198): a packet repeats earlier ones before its own, the primary block. */
#ifndef TERTULIA_RED_H
#define TERTULIA_RED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct red {
    uint16_t blocks;  /* the primary one included; 0 for a packet without redundancy */
    uint16_t primary; /* bytes from the beginning of the payload, to its end */
};

/* False if malformed, or if a block is of another payload type. At most 64 KiB. */
bool red_read(const uint8_t *payload, size_t size, uint8_t payload_type, struct red *red);
/* Gives the blocks another payload type. */
void red_relabel(uint8_t *payload, struct red red, uint8_t payload_type);

#endif
