/* What stands in for libsrtp: nothing is encrypted, but packets grow and shrink, may be refused,
 * and sessions that are not freed are leaks. */
#ifndef TERTULIA_STUB_SRTP_H
#define TERTULIA_STUB_SRTP_H

#include <stdbool.h>

#include "fuzz.h"
#include "srtp.h"

enum {
    SENT_TRAILER = SRTP_TRAILER, /* as long as libsrtp's may be */
    SENT_TRAILER_BYTE = 0xEE,
    RECEIVED_TRAILER = 4, /* its last byte is the status `unprotect` returns */
    STATUS_REPLAYED = 9,
};

struct session {
    void (*protecting)(void *context, const uint8_t *packet, size_t size); /* RTP; or NULL */
    void *context;
    unsigned *refusals; /* packets to refuse next; or NULL */
    unsigned batch;     /* of the commands that named it */
    bool forsaken;      /* the engine may not have taken it */
};

enum { MOST_SESSIONS = 256 };

static struct session *sessions_alive[MOST_SESSIONS];
static size_t session_count;

static struct session *session_new(void) {
    CHECK(session_count < MOST_SESSIONS);
    struct session *session = calloc(1, sizeof *session);
    CHECK(session);
    return sessions_alive[session_count++] = session;
}

static int stub_deallocate(void *session) {
    size_t place = 0;
    while (place < session_count && sessions_alive[place] != session)
        place++;
    CHECK(place < session_count);
    sessions_alive[place] = sessions_alive[--session_count];
    free(session);
    return 0;
}

static int stub_protect_rtcp(void *session, void *packet, int *size) {
    CHECK(session && *size >= 8);
    memset((uint8_t *)packet + *size, SENT_TRAILER_BYTE, SENT_TRAILER);
    *size += SENT_TRAILER;
    return 0;
}

static int stub_protect(void *session, void *packet, int *size) {
    struct session *own = session;
    CHECK(own && *size >= 12);
    if (own->refusals && *own->refusals) {
        --*own->refusals;
        return STATUS_REPLAYED;
    }
    if (own->protecting)
        own->protecting(own->context, packet, (size_t)*size);
    return stub_protect_rtcp(session, packet, size);
}

static int stub_unprotect(void *session, void *packet, int *size) {
    CHECK(session && *size > 0);
    if (*size < RECEIVED_TRAILER)
        return STATUS_REPLAYED;
    *size -= RECEIVED_TRAILER;
    return ((const uint8_t *)packet)[*size + RECEIVED_TRAILER - 1];
}

static const struct srtp_library stub_library = {
    .protect = stub_protect,
    .unprotect = stub_unprotect,
    .protect_rtcp = stub_protect_rtcp,
    .unprotect_rtcp = stub_unprotect,
    .deallocate = stub_deallocate,
};

#endif
