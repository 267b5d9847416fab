#define _GNU_SOURCE
#include "udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "engine.h"

enum {
    SLOT = 2048, /* bytes; more than any datagram the engine accepts: a long one is seen to be */
    MAX_SEGMENTS = 64, /* of one message; newer kernels take more */
    MAX_MESSAGE = 65000, /* bytes; with headers, less than the largest IP packet */
    MAX_REFUSALS = 3, /* of segmentation in a row, where it may as well be one path's small MTU */
    CONTROL = CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t)),
};

static const uint8_t MAPPED[12] = {[10] = 0xFF, [11] = 0xFF};
static const uint8_t ANY[16];

union socket_address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

union control {
    struct cmsghdr aligned;
    uint8_t bytes[CONTROL];
};

/* What the kernel wants to know about up to a batch of messages. */
struct messages {
    struct mmsghdr headers[UDP_BATCH];
    struct iovec vectors[UDP_BATCH];
    union socket_address names[UDP_BATCH];
    union control controls[UDP_BATCH];
};

struct udp {
    struct engine *engine;
    int socket;
    bool ipv6;
    bool wildcard;
    uint8_t bound[16];
    bool segment;
    bool segmentation_refused;
    int refusals;
    struct messages in;
    struct messages out;
    _Alignas(16) uint8_t slots[UDP_BATCH][SLOT]; /* libsrtp works in them by words */
};

_Static_assert((int)UDP_BATCH >= (int)EGRESS_DATAGRAMS, "a burst is one batch");

/* Addresses */

static bool is_mapped(const uint8_t *host) {
    return memcmp(host, MAPPED, sizeof MAPPED) == 0;
}

static void put_ipv4(uint8_t *host, const struct in_addr *ipv4) {
    memcpy(host, MAPPED, sizeof MAPPED);
    memcpy(host + sizeof MAPPED, ipv4, sizeof *ipv4);
}

static void put_name(struct address *address, const union socket_address *name) {
    if (name->any.sa_family == AF_INET6) {
        memcpy(address->host, &name->ipv6.sin6_addr, sizeof address->host);
        memcpy(address->port, &name->ipv6.sin6_port, sizeof address->port);
    } else {
        put_ipv4(address->host, &name->ipv4.sin_addr);
        memcpy(address->port, &name->ipv4.sin_port, sizeof address->port);
    }
}

/* An IPv6 address stays one on an IPv4 socket: the kernel refuses it, as it must. */
static socklen_t get_name(const struct udp *udp, const struct address *address,
                          union socket_address *name) {
    if (!udp->ipv6 && is_mapped(address->host)) {
        name->ipv4 = (struct sockaddr_in){.sin_family = AF_INET};
        memcpy(&name->ipv4.sin_port, address->port, sizeof address->port);
        memcpy(&name->ipv4.sin_addr, address->host + sizeof MAPPED, sizeof name->ipv4.sin_addr);
        return sizeof name->ipv4;
    }
    name->ipv6 = (struct sockaddr_in6){.sin6_family = AF_INET6};
    memcpy(&name->ipv6.sin6_port, address->port, sizeof address->port);
    memcpy(&name->ipv6.sin6_addr, address->host, sizeof address->host);
    return sizeof name->ipv6;
}

/* Setting up */

static bool learn_bound(struct udp *udp) {
    union socket_address name;
    struct address bound;
    socklen_t size = sizeof name;
    if (getsockname(udp->socket, &name.any, &size) < 0)
        return false;
    put_name(&bound, &name);
    memcpy(udp->bound, bound.host, sizeof udp->bound);
    udp->ipv6 = name.any.sa_family == AF_INET6;
    udp->wildcard = udp->ipv6 ? memcmp(udp->bound, ANY, sizeof ANY) == 0
                              : name.ipv4.sin_addr.s_addr == htonl(INADDR_ANY);
    return true;
}

static bool ask_for_local_addresses(const struct udp *udp) {
    int level = udp->ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
    int option = udp->ipv6 ? IPV6_RECVPKTINFO : IP_PKTINFO;
    return setsockopt(udp->socket, level, option, &(int){1}, sizeof(int)) == 0;
}

static void expect(struct udp *udp, size_t i) {
    udp->in.headers[i].msg_hdr = (struct msghdr){
        .msg_name = &udp->in.names[i],
        .msg_namelen = sizeof udp->in.names[i],
        .msg_iov = &udp->in.vectors[i],
        .msg_iovlen = 1,
        .msg_control = udp->wildcard ? &udp->in.controls[i] : NULL,
        .msg_controllen = udp->wildcard ? CONTROL : 0,
    };
}

struct udp *udp_new(struct engine *engine, int socket, bool segment) {
    struct udp *udp = calloc(1, sizeof *udp);
    if (!udp)
        return NULL;
    udp->engine = engine;
    udp->socket = socket;
    udp->segment = segment;
    if (!learn_bound(udp) || (udp->wildcard && !ask_for_local_addresses(udp))) {
        free(udp);
        return NULL;
    }
    for (size_t i = 0; i < UDP_BATCH; i++) {
        udp->in.vectors[i] = (struct iovec){udp->slots[i], SLOT};
        expect(udp, i);
    }
    return udp;
}

void udp_free(struct udp *udp) {
    free(udp);
}

bool udp_segmentation_refused(const struct udp *udp) {
    return udp->segmentation_refused;
}

/* Receiving */

/* The address of ours a datagram came to. */
static void put_local(const struct udp *udp, struct msghdr *message, uint8_t *local) {
    if (!udp->wildcard) {
        memcpy(local, udp->bound, sizeof udp->bound);
        return;
    }
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            memcpy(local, &info.ipi6_addr, sizeof info.ipi6_addr);
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            put_ipv4(local, &info.ipi_spec_dst);
        }
    }
}

size_t udp_receive(struct udp *udp) {
    int received = recvmmsg(udp->socket, udp->in.headers, UDP_BATCH, MSG_DONTWAIT, NULL);
    return received > 0 ? (size_t)received : 0;
}

void udp_deliver(struct udp *udp, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct mmsghdr *header = &udp->in.headers[i];
        struct address from = {0};
        put_name(&from, &udp->in.names[i]);
        put_local(udp, &header->msg_hdr, from.local);
        engine_receive(udp->engine, &from, udp->slots[i], header->msg_len);
        expect(udp, i);
    }
}

/* Sending: laying messages out */

/* How many datagrams from the beginning of the burst can be one message. */
static size_t run_length(const struct outgoing *burst, size_t count) {
    size_t most = count < MAX_SEGMENTS ? count : MAX_SEGMENTS;
    size_t total = burst->size;
    size_t length = 1;
    while (length < most && burst[length - 1].size == burst->size &&
           burst[length].to == burst->to && burst[length].size <= burst->size &&
           burst[length].size > 0 && total + burst[length].size <= MAX_MESSAGE)
        total += burst[length++].size;
    return length;
}

static void put_control(struct msghdr *message, int level, int type, const void *data,
                        size_t size) {
    struct cmsghdr *at = (void *)((uint8_t *)message->msg_control + message->msg_controllen);
    at->cmsg_level = level;
    at->cmsg_type = type;
    at->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(at), data, size);
    message->msg_controllen += CMSG_SPACE(size);
}

/* Makes a reply leave from the address the request came to. */
static void put_source(const struct udp *udp, struct msghdr *message, const uint8_t *local) {
    if (!udp->wildcard || memcmp(local, ANY, sizeof ANY) == 0)
        return;
    if (udp->ipv6) {
        struct in6_pktinfo info = {.ipi6_ifindex = 0};
        memcpy(&info.ipi6_addr, local, sizeof info.ipi6_addr);
        put_control(message, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    } else if (is_mapped(local)) {
        struct in_pktinfo info = {.ipi_ifindex = 0};
        memcpy(&info.ipi_spec_dst, local + sizeof MAPPED, sizeof info.ipi_spec_dst);
        put_control(message, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    }
}

/* Makes message `i` of the first `length` datagrams of the burst. */
static void lay_out(struct udp *udp, size_t i, struct iovec *vectors,
                    const struct outgoing *burst, size_t length) {
    struct msghdr *message = &udp->out.headers[i].msg_hdr;
    *message = (struct msghdr){
        .msg_name = &udp->out.names[i],
        .msg_namelen = get_name(udp, burst->to, &udp->out.names[i]),
        .msg_iov = vectors,
        .msg_iovlen = length,
        .msg_control = &udp->out.controls[i],
    };
    for (size_t j = 0; j < length; j++)
        vectors[j] = (struct iovec){(void *)(uintptr_t)burst[j].data, burst[j].size};
    put_source(udp, message, burst->to->local);
    if (length > 1) {
        uint16_t size = (uint16_t)burst->size;
        put_control(message, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size);
    }
}

static size_t lay_out_all(struct udp *udp, const struct outgoing *burst, size_t count,
                          bool segment) {
    size_t messages = 0;
    for (size_t at = 0; at < count; messages++) {
        size_t length = segment ? run_length(burst + at, count - at) : 1;
        lay_out(udp, messages, udp->out.vectors + at, burst + at, length);
        at += length;
    }
    return messages;
}

/* Sending: what the kernel says to it */

/* Sends from the beginning of the burst what one system call takes. Returns how many datagrams that
 * is; none: errno says what is wrong with the first message. */
static size_t submit(struct udp *udp, const struct outgoing *burst, size_t count, bool segment) {
    size_t messages = lay_out_all(udp, burst, count, segment);
    int sent = sendmmsg(udp->socket, udp->out.headers, (unsigned)messages, MSG_DONTWAIT);
    size_t datagrams = 0;
    for (int i = 0; i < sent; i++) {
        size_t segments = udp->out.headers[i].msg_hdr.msg_iovlen;
        datagrams += segments;
        if (segments > 1)
            udp->refusals = 0;
    }
    return datagrams;
}

/* Counts what cannot be sent: the first `failed` datagrams, or all if there is no room for any.
 * Returns how many. */
static size_t give_up(struct udp *udp, const struct outgoing *burst, size_t count, size_t failed) {
    bool full = errno == EAGAIN || errno == ENOBUFS;
    size_t lost = full ? count : failed;
    for (size_t i = 0; i < lost; i++)
        engine_not_sent(udp->engine, burst[i].to, full ? DROP_SEND_BUFFER_FULL : DROP_SEND_FAILED,
                        1);
    return lost;
}

static bool may_be_segmentation(int error) {
    return error == EINVAL || error == EMSGSIZE || error == EIO || error == EOPNOTSUPP;
}

static void count_refusal(struct udp *udp, int error) {
    udp->refusals++;
    if (error == EIO || error == EOPNOTSUPP || udp->refusals >= MAX_REFUSALS) {
        udp->segment = false;
        udp->segmentation_refused = true;
    }
}

/* The datagrams of a message that was refused, each for itself. If they go, `error` was about
 * segmentation, not about them. */
static void send_each(struct udp *udp, const struct outgoing *burst, size_t count, int error) {
    bool sent = false;
    for (size_t done = 0; done < count;) {
        size_t some = submit(udp, burst + done, count - done, false);
        sent = sent || some;
        done += some ? some : give_up(udp, burst + done, count - done, 1);
    }
    if (sent)
        count_refusal(udp, error);
}

void udp_send(void *context, const struct outgoing *burst, size_t count) {
    struct udp *udp = context;
    for (size_t done = 0; done < count;) {
        size_t some = submit(udp, burst + done, count - done, udp->segment);
        if (some == 0) {
            some = udp->out.headers[0].msg_hdr.msg_iovlen;
            if (some > 1 && may_be_segmentation(errno))
                send_each(udp, burst + done, some, errno);
            else
                some = give_up(udp, burst + done, count - done, some);
        }
        done += some;
    }
}
