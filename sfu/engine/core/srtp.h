/* SRTP and SRTCP by the libsrtp that the process has loaded already; only its functions are known
 * here, so that this core needs no header or library, and a fuzz target can put others in. */
#ifndef TERTULIA_SRTP_H
#define TERTULIA_SRTP_H

#include <stddef.h>
#include <stdint.h>

#include "names.h"

typedef int (*srtp_function)(void *session, void *packet, int *size);

struct srtp_library {
    srtp_function protect;
    srtp_function unprotect;
    srtp_function protect_rtcp;
    srtp_function unprotect_rtcp;
    int (*deallocate)(void *session);
};

enum { SRTP_TRAILER = 144 }; /* bytes a protected packet may be longer than the plain one */

/* In place. NO_DROP, or the name under which the packet is dropped; `*size` is the new size. */
enum drop srtp_run(srtp_function function, void *session, uint8_t *packet, size_t *size);

#endif
