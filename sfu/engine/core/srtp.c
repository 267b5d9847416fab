#include "srtp.h"

/* Of libsrtp's srtp_err_status_t. */
enum { STATUS_OK = 0, REPLAY_FAIL = 9, REPLAY_OLD = 10, PACKET_INDEX_OLD = 26 };

enum drop srtp_run(srtp_function function, void *session, uint8_t *packet, size_t *size) {
    int length = (int)*size;
    switch (function(session, packet, &length)) {
    case STATUS_OK:
        *size = (size_t)length;
        return NO_DROP;
    case REPLAY_FAIL:
    case REPLAY_OLD:
    case PACKET_INDEX_OLD:
        return DROP_SRTP_REPLAY;
    default:
        return DROP_SRTP_AUTHENTICATION;
    }
}
