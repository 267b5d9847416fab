/* VP9 payload descriptors (RFC 9628): the input is one payload. */
#include "payload_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_payload(VP9, data, size);
    return 0;
}
