/* Sends the packets of one frame as a browser's network hands them to a server: back to back. */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "library.h"

enum { MAX_BURST = 64 };

static void stamp(uint8_t *packet, int size) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t time = nanoseconds(now);
    uint8_t *place = packet + size - TRAILER;
    for (int byte = 7; byte >= 0; byte--, time >>= 8)
        place[byte] = (uint8_t)time;
}

/* Stamps, protects and sends `count` packets, each in a slot of its own with its size in `sizes`.
 * Returns how many the kernel took. */
int burst_send(int fd, srtp_function protect, void *session, uint8_t (*slots)[SLOT], int *sizes,
               unsigned count) {
    struct mmsghdr messages[MAX_BURST];
    struct iovec vectors[MAX_BURST];
    if (count > MAX_BURST)
        return -1;
    memset(messages, 0, sizeof messages);
    for (unsigned index = 0; index < count; index++) {
        if (sizes[index] >= MARKED_FROM)
            stamp(slots[index], sizes[index]);
        if (protect(session, slots[index], &sizes[index]) != 0)
            return -1;
        vectors[index] = (struct iovec){slots[index], (size_t)sizes[index]};
        messages[index].msg_hdr.msg_iov = &vectors[index];
        messages[index].msg_hdr.msg_iovlen = 1;
    }
    unsigned sent = 0;
    while (sent < count) {
        int taken = sendmmsg(fd, messages + sent, count - sent, 0);
        if (taken < 0 && errno == EINTR)
            continue;
        if (taken <= 0)
            break;
        sent += (unsigned)taken;
    }
    return (int)sent;
}
