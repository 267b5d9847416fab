/* VP8 payload descriptors (RFC 7741): the input is one payload. */
#include "payload_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_payload(VP8, data, size);
    return 0;
}
