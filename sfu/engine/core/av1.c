/* Where a picture of AV1 can be joined ("RTP Payload Format For AV1" of AOMedia, sections 4.3-4.4):
 * at the N bit, or at a sequence header OBU.
 *
 * The payload is one aggregation header, `Z Y W W N - - -`, and OBU elements; each element but
 * possibly the last has its length before it (leb128). */
#include "payload.h"

enum { SEQUENCE_HEADER = 1, MAX_LEB128_BYTES = 8 };

/* Moves `*at` behind the number. */
static bool read_leb128(const uint8_t *payload, size_t size, size_t *at, uint64_t *value) {
    *value = 0;
    for (int i = 0; i < MAX_LEB128_BYTES && *at < size; i++) {
        uint8_t byte = payload[(*at)++];
        *value |= (uint64_t)(byte & 0x7F) << 7 * i;
        if (byte < 0x80)
            return true;
    }
    return false;
}

/* `count` is 0 if each element has a length; `continued` if the first began in an earlier packet. */
static bool find_sequence_header(const uint8_t *payload, size_t size, size_t count,
                                 bool continued, bool *found) {
    size_t at = 1;
    size_t index = 0;
    while (at < size) {
        index++;
        uint64_t length = size - at;
        if (index != count && !read_leb128(payload, size, &at, &length))
            return false;
        if (length == 0 || length > size - at)
            return false;
        bool begins = index > 1 || !continued;
        if (begins && (payload[at] >> 3 & 0x0F) == SEQUENCE_HEADER)
            *found = true;
        at += (size_t)length;
    }
    return index >= count;
}

bool av1_describe(const uint8_t *payload, size_t size, struct description *description) {
    *description = (struct description){0};
    if (size < 2)
        return false;
    bool continued = payload[0] & 0x80;
    bool begins_sequence = payload[0] & 0x08;
    if (begins_sequence) {
        description->joinable = true;
        return !continued;
    }
    size_t count = payload[0] >> 4 & 0x03;
    return find_sequence_header(payload, size, count, continued, &description->joinable);
}
