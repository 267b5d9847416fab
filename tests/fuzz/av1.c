/* AV1 payloads (AOMedia's RTP payload format): the input is one payload. */
#include "payload_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_payload(AV1, data, size);
    return 0;
}
