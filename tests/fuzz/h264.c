/* H.264 payloads (RFC 6184): the input is one payload. */
#include "payload_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_payload(H264, data, size);
    return 0;
}
