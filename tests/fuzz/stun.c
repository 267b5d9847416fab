/* The first look at a datagram, and the ufrag of a STUN message: the input is one datagram. */
#include <stdbool.h>

#include "demux.h"
#include "fuzz.h"

enum { MAX_UFRAG = 512 };

static void check_protocol(const uint8_t *data) {
    enum protocol protocol = classify(data, 1);
    CHECK(protocol != PROTOCOL_RTP && protocol != PROTOCOL_RTCP);
    CHECK((protocol == PROTOCOL_STUN) == (data[0] < 4));
    CHECK((protocol == PROTOCOL_DTLS) == (data[0] > 19 && data[0] < 64));
}

static void check_ufrag(const uint8_t *data, size_t size) {
    const uint8_t *ufrag = NULL;
    size_t ufrag_size = 0;
    if (!stun_ufrag(data, size, &ufrag, &ufrag_size))
        return;
    CHECK(size >= 20);
    if (!ufrag)
        return;
    CHECK(ufrag >= data + 24 && ufrag <= data + size);
    CHECK(ufrag_size <= (size_t)(data + size - ufrag) && ufrag_size <= MAX_UFRAG);
    for (size_t i = 0; i < ufrag_size; i++)
        CHECK(ufrag[i] < 0x80 && ufrag[i] != ':');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *datagram = exact_copy(data, size);
    if (size) {
        uint8_t *first = exact_copy(data, 1);
        check_protocol(first);
        free(first);
        bool media = data[0] >> 6 == 2;
        enum protocol protocol = classify(datagram, size);
        CHECK(size == 1 || media == (protocol == PROTOCOL_RTP || protocol == PROTOCOL_RTCP));
    }
    check_ufrag(datagram, size);
    free(datagram);
    return 0;
}
