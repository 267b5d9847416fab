/* Where a picture of H.264 can be joined (RFC 6184, section 5; packetization modes 0 and 1): at an
 * IDR picture, or at the SPS before it. Parameter sets come right before their picture, in packets
 * of their own or in one with it; who begins at the IDR slice has missed them. */
#include "bytes.h"
#include "payload.h"

enum { NAL_IDR = 5, NAL_SPS = 7, STAP_A = 24, FU_A = 28 };

static bool is_joinable(uint8_t header) {
    uint8_t kind = header & 0x1F;
    return kind == NAL_IDR || kind == NAL_SPS;
}

static bool describe_fragment(const uint8_t *payload, size_t size, bool *joinable) {
    if (size < 3)
        return false;
    bool start = payload[1] & 0x80;
    *joinable = start && is_joinable(payload[1]);
    return true;
}

static bool describe_aggregate(const uint8_t *payload, size_t size, bool *joinable) {
    if (size == 1)
        return false;
    size_t at = 1;
    while (at < size) {
        if (size - at < 2)
            return false;
        size_t length = load16(payload + at);
        at += 2;
        if (length == 0 || length > size - at)
            return false;
        *joinable = *joinable || is_joinable(payload[at]);
        at += length;
    }
    return true;
}

bool h264_describe(const uint8_t *payload, size_t size, struct description *description) {
    *description = (struct description){0};
    if (size == 0)
        return false;
    uint8_t kind = payload[0] & 0x1F;
    if (kind == FU_A)
        return describe_fragment(payload, size, &description->joinable);
    if (kind == STAP_A)
        return describe_aggregate(payload, size, &description->joinable);
    description->joinable = is_joinable(payload[0]);
    return true;
}
