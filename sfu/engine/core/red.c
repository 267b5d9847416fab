#include "red.h"

#include "bytes.h"

enum { BLOCK_HEADER = 4, MORE_BLOCKS = 0x80, BLOCK_SIZE = 0x3FF };

bool red_read(const uint8_t *payload, size_t size, struct red_primary *primary) {
    size_t at = 0;
    size_t redundant = 0;
    while (at < size && payload[at] & MORE_BLOCKS) {
        if (size - at < BLOCK_HEADER)
            return false;
        redundant += load16(payload + at + 2) & BLOCK_SIZE;
        at += BLOCK_HEADER;
    }
    if (at >= size)
        return false;
    primary->payload_type = payload[at] & 0x7F;
    primary->at = at + 1 + redundant;
    return primary->at <= size;
}
