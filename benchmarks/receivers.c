/* Reads the sockets of many receivers and counts what came: all packets by their sequence numbers,
 * and one of so many decrypted, compared, and its age taken.
 *
 * A packet's age is the kernel's time of its arrival (SO_TIMESTAMPNS) less the time its publisher
 * wrote into it, both of the same clock: it does not matter when the socket is read. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "library.h"

enum {
    BATCH = 32,
    STREAMS = 64,         /* a receiver may have */
    WHOLE = 1 << 16,      /* bytes of a buffer for datagrams that the kernel has joined (UDP_GRO) */
    AGES = 1000000,       /* counted by microseconds; the last one is for all that are older */
    RTP_HEADER = 12,
    CONTROL = 128
};

struct stream {
    uint32_t ssrc;
    uint32_t first;
    uint32_t highest; /* without wrap-around */
    uint32_t packets;
};

struct receiver {
    int fd;
    void *session;
    unsigned streams;
    struct stream stream[STREAMS]; /* those that count; `packets` 0 until something comes */
};

/* As in receivers.py. */
struct totals {
    uint64_t packets, bytes, verified, wrong;
};

/* Given what is neither RTP nor RTCP: STUN and DTLS (RFC 7983). */
typedef void (*control_function)(size_t receiver, const uint8_t *data, size_t size);

struct receivers {
    srtp_function unprotect;
    control_function control;
    unsigned every; /* one packet of so many is decrypted; 0: none */
    const uint8_t *mark;
    size_t slot;
    bool joined;
    struct totals totals;
    size_t count;
    struct receiver *receiver;
    uint32_t *ages;
    uint8_t *slots;
};

void receivers_free(struct receivers *all) {
    free(all->receiver);
    free(all->ages);
    free(all->slots);
    free(all);
}

/* `mark`: TRAILER - 8 bytes that outlive this, or NULL where packets do not end in one: then it is
 * enough that a sample decrypts. `joined`: let the kernel join what arrives. */
struct receivers *receivers_new(srtp_function unprotect, control_function control,
                                const uint8_t *mark, bool joined) {
    struct receivers *all = calloc(1, sizeof *all);
    if (all == NULL)
        return NULL;
    all->unprotect = unprotect;
    all->control = control;
    all->mark = mark;
    all->joined = joined;
    all->slot = joined ? WHOLE : SLOT;
    all->ages = calloc(AGES, sizeof *all->ages);
    all->slots = malloc(BATCH * all->slot);
    if (all->ages == NULL || all->slots == NULL) {
        receivers_free(all);
        return NULL;
    }
    return all;
}

/* The index of the new receiver, or -1. `fd` and `session` stay the caller's. */
long receivers_add(struct receivers *all, int fd, void *session) {
    int on = 1;
    size_t size = (all->count + 1) * sizeof *all->receiver;
    struct receiver *more = realloc(all->receiver, size);
    if (more == NULL)
        return -1;
    all->receiver = more;
    if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0)
        return -1;
    if (all->joined && setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on) != 0)
        return -1;
    all->receiver[all->count] = (struct receiver){.fd = fd, .session = session};
    return (long)all->count++;
}

/* Packets of `ssrc` count from now on; others never do. */
bool receivers_allow(struct receivers *all, size_t index, uint32_t ssrc) {
    struct receiver *receiver = &all->receiver[index];
    if (receiver->streams == STREAMS)
        return false;
    receiver->stream[receiver->streams++].ssrc = ssrc;
    return true;
}

void receivers_sample(struct receivers *all, unsigned every) {
    all->every = every;
}

static void verify(struct receivers *all, struct receiver *receiver, uint8_t *packet, int size,
                   uint64_t arrived) {
    const size_t mark = TRAILER - 8;
    if (all->unprotect(receiver->session, packet, &size) != 0) {
        all->totals.wrong++;
        return;
    }
    if (all->mark == NULL) {
        all->totals.verified++;
        return;
    }
    if (size < RTP_HEADER + TRAILER || memcmp(packet + size - mark, all->mark, mark) != 0) {
        if (size < MARKED_FROM)
            all->totals.verified++;
        else
            all->totals.wrong++;
        return;
    }
    all->totals.verified++;
    uint64_t sent = be64(packet + size - TRAILER);
    uint64_t age = arrived > sent ? (arrived - sent) / 1000 : 0;
    all->ages[age < AGES ? age : AGES - 1]++;
}

static struct stream *find(struct receiver *receiver, uint32_t ssrc) {
    for (unsigned index = 0; index < receiver->streams; index++)
        if (receiver->stream[index].ssrc == ssrc)
            return &receiver->stream[index];
    return NULL;
}

static void note(struct stream *stream, uint16_t sequence) {
    if (stream->packets++ == 0)
        stream->first = stream->highest = sequence;
    uint16_t ahead = (uint16_t)(sequence - (uint16_t)stream->highest);
    if (ahead < 0x8000)
        stream->highest += ahead;
}

static void count(struct receivers *all, struct receiver *receiver, uint8_t *packet, size_t size,
                  uint64_t arrived) {
    if (size > 0 && packet[0] < 128) {
        all->control((size_t)(receiver - all->receiver), packet, size);
        return;
    }
    if (size < RTP_HEADER || (packet[1] >= 192 && packet[1] < 224))
        return; /* RTCP (RFC 5761) */
    struct stream *stream = find(receiver, be32(packet + 8));
    if (stream == NULL)
        return;
    note(stream, (uint16_t)(packet[2] << 8 | packet[3]));
    all->totals.packets++;
    all->totals.bytes += size;
    if (all->every > 0 && all->totals.packets % all->every == 0)
        verify(all, receiver, packet, (int)size, arrived);
}

/* Arrival time, and by `segment` the size of the packets that were joined. */
static uint64_t read_control(struct msghdr *message, size_t *segment) {
    uint64_t arrived = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec time;
            memcpy(&time, CMSG_DATA(c), sizeof time);
            arrived = nanoseconds(time);
        } else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
            int size;
            memcpy(&size, CMSG_DATA(c), sizeof size);
            *segment = (size_t)size;
        }
    }
    return arrived;
}

static void take(struct receivers *all, struct receiver *receiver, struct mmsghdr *message) {
    size_t left = message->msg_len;
    size_t segment = left;
    uint64_t arrived = read_control(&message->msg_hdr, &segment);
    uint8_t *data = message->msg_hdr.msg_iov->iov_base;
    while (left > 0) {
        size_t size = left < segment ? left : segment;
        count(all, receiver, data, size, arrived);
        data += size;
        left -= size;
    }
}

static int receive(struct receivers *all, struct receiver *receiver) {
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    _Alignas(struct cmsghdr) uint8_t control[BATCH][CONTROL];
    memset(messages, 0, sizeof messages);
    for (size_t index = 0; index < BATCH; index++) {
        vectors[index] = (struct iovec){all->slots + index * all->slot, all->slot};
        messages[index].msg_hdr.msg_iov = &vectors[index];
        messages[index].msg_hdr.msg_iovlen = 1;
        messages[index].msg_hdr.msg_control = control[index];
        messages[index].msg_hdr.msg_controllen = CONTROL;
    }
    int got = recvmmsg(receiver->fd, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int index = 0; index < got; index++)
        take(all, receiver, &messages[index]);
    return got;
}

/* Takes in whatever has come. */
void receivers_drain(struct receivers *all) {
    for (size_t index = 0; index < all->count; index++)
        while (receive(all, &all->receiver[index]) == BATCH)
            ;
}

struct totals receivers_totals(const struct receivers *all) {
    return all->totals;
}

const uint32_t *receivers_ages(const struct receivers *all) {
    return all->ages;
}

/* The streams that are allowed, as many as `streams` is told. */
const struct stream *receivers_streams(const struct receivers *all, size_t index,
                                       unsigned *streams) {
    *streams = all->receiver[index].streams;
    return all->receiver[index].stream;
}
