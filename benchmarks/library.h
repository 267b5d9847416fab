/* What the three parts of the load generator that are in C have in common. They are compiled when
 * a benchmark begins, and libsrtp is called by addresses out of pylibsrtp, as by the server. */
#ifndef TERTULIA_BENCHMARKS_LIBRARY_H
#define TERTULIA_BENCHMARKS_LIBRARY_H

#include <stdint.h>
#include <time.h>

/* srtp_protect or srtp_unprotect: 0 is success, `size` is changed to the size of the result. */
typedef int (*srtp_function)(void *session, void *packet, int *size);

enum {
    SLOT = 2048,      /* bytes of room for one packet and what protecting adds */
    MARKED_FROM = 64, /* RTP packets of at least so many bytes end in time and mark */
    TRAILER = 16      /* bytes of both: nanoseconds since 1970, big-endian, and the mark */
};

static inline uint64_t nanoseconds(struct timespec time) {
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline uint64_t be64(const uint8_t *data) {
    uint64_t value = 0;
    for (int place = 0; place < 8; place++)
        value = value << 8 | data[place];
    return value;
}

static inline uint32_t be32(const uint8_t *data) {
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

#endif
