/* The floor: what the kernel and the cipher alone cost for the datagrams an engine forwards.
 *
 * Receive a batch, unprotect it, and for each receiver copy, protect and send it, runs of equal
 * size as one send (UDP_SEGMENT). The same system calls, cipher and batches as the engine's, and
 * nothing else: no address is looked up, no header read or written, nothing is kept, counted or
 * answered. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "library.h"

enum {
    BATCH = 64,       /* datagrams received at once */
    BURST = 64,       /* datagrams sent at once */
    MAX_SEND = 65000, /* bytes of one UDP_SEGMENT send */
    CONTROL = CMSG_SPACE(sizeof(uint16_t))
};

struct receiver {
    struct sockaddr_in address;
    void *session;
};

struct floor {
    int fd;
    srtp_function unprotect, protect;
    void *session;
    atomic_bool stopping;
    size_t receivers;
    struct receiver *receiver;
    uint8_t in[BATCH][SLOT];
    int size[BATCH];
    uint8_t out[BURST * SLOT]; /* packets of a run lie back to back */
    size_t used;
    unsigned datagrams, runs;
    struct mmsghdr message[BURST];
    struct iovec vector[BURST];
    _Alignas(struct cmsghdr) uint8_t control[BURST][CONTROL];
    size_t segment[BURST];
};

/* `session` unprotects what the publisher sends to `fd`. Both stay the caller's. */
struct floor *floor_new(int fd, srtp_function unprotect, srtp_function protect, void *session) {
    struct floor *floor = calloc(1, sizeof *floor);
    if (floor == NULL)
        return NULL;
    floor->fd = fd;
    floor->unprotect = unprotect;
    floor->protect = protect;
    floor->session = session;
    return floor;
}

void floor_free(struct floor *floor) {
    free(floor->receiver);
    free(floor);
}

/* One more receiver, on an IPv4 `host` and `port` in host byte order. -1 without memory. */
int floor_add(struct floor *floor, uint32_t host, uint16_t port, void *session) {
    size_t size = (floor->receivers + 1) * sizeof *floor->receiver;
    struct receiver *more = realloc(floor->receiver, size);
    if (more == NULL)
        return -1;
    floor->receiver = more;
    struct sockaddr_in address = {AF_INET, htons(port), {htonl(host)}, {0}};
    floor->receiver[floor->receivers++] = (struct receiver){address, session};
    return 0;
}

static void flush(struct floor *floor) {
    unsigned sent = 0;
    while (sent < floor->runs) {
        int taken = sendmmsg(floor->fd, floor->message + sent, floor->runs - sent, 0);
        if (taken < 0 && errno != EINTR)
            taken = 1; /* nobody reads there: go on with the next */
        if (taken > 0)
            sent += (unsigned)taken;
    }
    floor->used = floor->datagrams = floor->runs = 0;
}

static void set_segment(struct msghdr *header, uint8_t *control, size_t segment) {
    header->msg_control = control;
    header->msg_controllen = CONTROL;
    struct cmsghdr *message = CMSG_FIRSTHDR(header);
    uint16_t size = (uint16_t)segment;
    message->cmsg_level = IPPROTO_UDP;
    message->cmsg_type = UDP_SEGMENT;
    message->cmsg_len = CMSG_LEN(sizeof size);
    memcpy(CMSG_DATA(message), &size, sizeof size);
}

/* Whether the newest run may go on: same receiver, all of one size but a shorter last one. */
static bool joins(const struct floor *floor, const struct receiver *receiver, size_t size) {
    if (floor->runs == 0)
        return false;
    unsigned run = floor->runs - 1;
    const struct iovec *vector = &floor->vector[run];
    return floor->message[run].msg_hdr.msg_name == &receiver->address &&
           vector->iov_len % floor->segment[run] == 0 && size <= floor->segment[run] &&
           vector->iov_len + size <= MAX_SEND;
}

static void add(struct floor *floor, struct receiver *receiver, size_t size) {
    uint8_t *data = floor->out + floor->used;
    floor->used += size;
    floor->datagrams++;
    if (joins(floor, receiver, size)) {
        unsigned run = floor->runs - 1;
        struct msghdr *header = &floor->message[run].msg_hdr;
        floor->vector[run].iov_len += size;
        if (header->msg_control == NULL)
            set_segment(header, floor->control[run], floor->segment[run]);
        return;
    }
    unsigned run = floor->runs++;
    floor->vector[run] = (struct iovec){data, size};
    floor->segment[run] = size;
    floor->message[run].msg_hdr = (struct msghdr){.msg_name = &receiver->address,
                                                  .msg_namelen = sizeof receiver->address,
                                                  .msg_iov = &floor->vector[run],
                                                  .msg_iovlen = 1};
}

static void forward(struct floor *floor, int packets) {
    for (size_t index = 0; index < floor->receivers; index++) {
        struct receiver *receiver = &floor->receiver[index];
        for (int packet = 0; packet < packets; packet++) {
            if (floor->size[packet] == 0)
                continue;
            if (floor->datagrams == BURST)
                flush(floor);
            int size = floor->size[packet];
            uint8_t *place = floor->out + floor->used;
            memcpy(place, floor->in[packet], (size_t)size);
            if (floor->protect(receiver->session, place, &size) == 0)
                add(floor, receiver, (size_t)size);
        }
    }
    flush(floor);
}

static int receive(struct floor *floor) {
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    memset(messages, 0, sizeof messages);
    for (int index = 0; index < BATCH; index++) {
        vectors[index] = (struct iovec){floor->in[index], SLOT};
        messages[index].msg_hdr.msg_iov = &vectors[index];
        messages[index].msg_hdr.msg_iovlen = 1;
    }
    int got = recvmmsg(floor->fd, messages, BATCH, MSG_WAITFORONE, NULL);
    for (int index = 0; index < got; index++) {
        int *size = &floor->size[index];
        *size = (int)messages[index].msg_len;
        if (floor->unprotect(floor->session, floor->in[index], size) != 0)
            *size = 0;
    }
    return got;
}

/* Until `floor_stop`, which is seen when a datagram comes or the socket's time-out (SO_RCVTIMEO) is
 * over. */
void floor_run(struct floor *floor) {
    while (!atomic_load_explicit(&floor->stopping, memory_order_relaxed)) {
        int got = receive(floor);
        if (got > 0)
            forward(floor, got);
    }
}

void floor_stop(struct floor *floor) {
    atomic_store(&floor->stopping, true);
}
