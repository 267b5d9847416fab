/* One client: its keys, its paths, its incoming SSRCs and its outgoing sinks. */
#ifndef TERTULIA_TRANSPORT_H
#define TERTULIA_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "binding.h"
#include "clock.h"
#include "list.h"
#include "names.h"
#include "pacer.h"
#include "paths.h"
#include "text.h"
#include "timers.h"

struct arrivals;
struct congestion;
struct engine;
struct sink;

static const double DEFAULT_ROUND_TRIP = 0.1; /* seconds, before the receiver's first report */

enum { MAX_RTCP_SENDERS = 64 }; /* other SSRCs a peer may send RTCP with; Firefox uses many */

/* Whose STUN messages these are: an item of the engine's table. */
struct ufrag {
    struct transport *transport;
    size_t size;
    uint8_t bytes[];
};

struct transport {
    uint64_t id;
    struct engine *engine;
    struct list ufrags;
    struct path *paths[MAX_PATHS]; /* validated, oldest first */
    struct path *expected[MAX_PATHS];
    uint8_t path_count;
    uint8_t expected_count;
    struct path *selected;
    void *receive_session; /* libsrtp's; NULL before there are keys */
    void *send_session;
    struct ssrc_table ssrcs;
    struct list sinks;
    struct congestion *congestion; /* NULL unless a sink has packets numbered */
    struct transport_clock *clock;
    double round_trip; /* seconds, by the last report about any of the sinks */
    uint64_t receive_limit; /* bits/s; 0 for none */
    bool has_remb;
    uint64_t remb; /* bits/s */
    bool has_estimate;
    uint64_t estimate; /* bits/s, by transport-wide feedback */
    uint64_t padding_bytes;
    uint64_t queued_bytes;
    uint32_t *rtcp_senders;
    size_t rtcp_sender_count;
    uint64_t datagrams_received;
    uint64_t bytes_received;
    uint64_t datagrams_sent;
    uint64_t bytes_sent;
    uint64_t drops[DROPS];
    struct timer reports;
    struct timer limit;
    struct arrivals *arrivals; /* NULL before a packet with a transport-wide number */
    bool numbers_packets; /* the peer does, transport-wide, and is told when they come */
    uint8_t extension_of[256]; /* by the id the peer sends with; NO_EXTENSION */
};

struct transport *transport_new(struct engine *engine, uint64_t id); /* NULL without memory */
/* Everything of it has been closed. */
void transport_free(struct transport *transport);

/* Takes the sessions. */
void transport_start_srtp(struct transport *transport, void *receive, void *send);
void transport_select(struct transport *transport, const struct address *address);
void transport_set_receive_limit(struct transport *transport, uint64_t bitrate);
/* Bits/s that are meant to be sent, and that are worth probing for. */
void transport_set_target(struct transport *transport, uint64_t bitrate, uint64_t probe);
struct sink *transport_sink_of(const struct transport *transport, uint32_t ssrc);

/* There are a path and keys to send with. */
static inline bool transport_is_ready(const struct transport *transport) {
    return transport->selected && transport->send_session;
}

/* In place; `data` begins with an RTP (RTCP) header as far as `classify` looked. */
void transport_receive_rtp(struct transport *transport, uint8_t *data, size_t size);
/* The plain size; 0 (and counted) if it is not acceptable. */
size_t transport_unprotect_rtcp(struct transport *transport, uint8_t *data, size_t size);

/* Protects the packet of `size` bytes that was written into the egress' room, and sends it, or lets
 * it wait as it is. Returns its protected (else plain) size, 0 (and counted) if it goes nowhere. */
size_t transport_send_rtp(struct transport *transport, uint8_t *room, size_t size,
                          enum urgency urgency);
/* The same, but it never waits. */
size_t transport_send_now(struct transport *transport, uint8_t *room, size_t size);
/* False if there is no way to the peer now. */
bool transport_send_rtcp(struct transport *transport, const uint8_t *compound, size_t size);
/* A datagram as it is. */
void transport_send(struct transport *transport, const uint8_t *data, size_t size);

void transport_count_sent(struct transport *transport, size_t size);
void transport_drop(struct transport *transport, enum drop reason);
void transport_drop_unsendable(struct transport *transport);

#endif
