#include "red.h"

#include "bytes.h"

/* Of every block but the primary, which has one byte. */
enum { BLOCK_HEADER = 4, MORE_BLOCKS = 0x80, BLOCK_SIZE = 0x3FF };

bool red_read(const uint8_t *payload, size_t size, uint8_t payload_type, struct red *red) {
    size_t at = 0;
    size_t repeated = 0;
    while (at < size && payload[at] & MORE_BLOCKS) {
        if (size - at < BLOCK_HEADER || (payload[at] & 0x7F) != payload_type)
            return false;
        repeated += load16(payload + at + 2) & BLOCK_SIZE;
        at += BLOCK_HEADER;
    }
    if (at >= size || payload[at] != payload_type || at + 1 + repeated > size ||
        size > UINT16_MAX)
        return false;
    red->blocks = (uint16_t)(at / BLOCK_HEADER + 1);
    red->primary = (uint16_t)(at + 1 + repeated);
    return true;
}

void red_relabel(uint8_t *payload, struct red red, uint8_t payload_type) {
    for (size_t block = 0; block < red.blocks; block++) {
        uint8_t *header = payload + block * BLOCK_HEADER;
        *header = (uint8_t)((*header & MORE_BLOCKS) | payload_type);
    }
}
