#include "demux.h"

#include "bytes.h"

enum {
    STUN_HEADER = 20,
    STUN_MAGIC_COOKIE = 0x2112A442,
    ATTRIBUTE_HEADER = 4,
    USERNAME = 0x0006,
    MAX_USERNAME = 512, /* bytes */
};

enum protocol classify(const uint8_t *data, size_t size) {
    uint8_t first = data[0];
    if (first > 127 && first < 192) {
        if (size < 2)
            return PROTOCOL_UNKNOWN;
        return data[1] > 191 && data[1] < 224 ? PROTOCOL_RTCP : PROTOCOL_RTP;
    }
    if (first < 4)
        return PROTOCOL_STUN;
    if (first > 19 && first < 64)
        return PROTOCOL_DTLS;
    return PROTOCOL_UNKNOWN;
}

/* What stands before the colon. */
static bool first_half(const uint8_t *username, size_t size, const uint8_t **ufrag,
                       size_t *ufrag_size) {
    if (size > MAX_USERNAME)
        return false;
    size_t length = 0;
    for (; length < size && username[length] != ':'; length++) {
        if (username[length] > 0x7F)
            return false;
    }
    *ufrag = username;
    *ufrag_size = length;
    return true;
}

bool stun_ufrag(const uint8_t *data, size_t size, const uint8_t **ufrag, size_t *ufrag_size) {
    *ufrag = NULL;
    *ufrag_size = 0;
    if (size < STUN_HEADER || load32(data + 4) != STUN_MAGIC_COOKIE)
        return false;
    size_t length = load16(data + 2);
    if (length % 4 || length != size - STUN_HEADER)
        return false;
    /* All is a multiple of four: where an attribute begins, its header is whole. */
    for (size_t at = STUN_HEADER; at < size;) {
        uint16_t kind = load16(data + at);
        length = load16(data + at + 2);
        at += ATTRIBUTE_HEADER;
        if (length > size - at)
            return false;
        if (kind == USERNAME)
            return first_half(data + at, length, ufrag, ufrag_size);
        at += (length + 3) & ~(size_t)3;
    }
    return true;
}
