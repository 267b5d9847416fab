/* One end of a path: where a datagram came from, and the address of ours it came to. */
#ifndef TERTULIA_ADDRESS_H
#define TERTULIA_ADDRESS_H

#include <stdint.h>

enum { ADDRESS_SIZE = 34 };

/* IPv4 addresses are written as IPv4-mapped ones. All bytes count: there is no padding, so that a
 * key can be compared and hashed as it lies. */
struct address {
    uint8_t host[16];
    uint8_t port[2]; /* big-endian */
    uint8_t local[16]; /* all zero: not known */
};

_Static_assert(sizeof(struct address) == ADDRESS_SIZE, "an address has no padding");

#endif
