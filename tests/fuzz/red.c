/* Redundant audio (RFC 2198): the input is the payload type, and one payload. */
#include "red.h"

#include "fuzz.h"

/* Other types change their own bytes only, and are read again. */
static void check_relabeling(const uint8_t *payload, size_t size, struct red red) {
    uint8_t *copy = exact_copy(payload, size);
    struct red again;
    red_relabel(copy, red, 63);
    for (size_t at = 0; at < size; at++)
        CHECK(copy[at] == payload[at] || (at % 4 == 0 && at / 4 < red.blocks));
    CHECK(red_read(copy, size, 63, &again));
    CHECK(again.blocks == red.blocks && again.primary == red.primary);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct red red;
    if (size == 0)
        return 0;
    uint8_t *payload = exact_copy(data + 1, size - 1);
    if (red_read(payload, size - 1, data[0] & 0x7F, &red)) {
        CHECK(red.blocks >= 1);
        CHECK(red.primary > 4 * (red.blocks - 1) && red.primary <= size - 1);
        check_relabeling(payload, size - 1, red);
    }
    free(payload);
    return 0;
}
