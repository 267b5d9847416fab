#include "transport.h"

#include <stdlib.h>
#include <string.h>

#include "arrivals.h"
#include "bytes.h"
#include "congestion.h"
#include "reports.h"
#include "rtp.h"
#include "sink.h"
#include "source.h"
#include "state.h"

enum { RTP_HEADER = 12, RTCP_HEADER = 8, PADDING_BIT = 0x20 };

struct transport *transport_new(struct engine *engine, uint64_t id) {
    struct transport *transport = calloc(1, sizeof *transport);
    if (!transport)
        return NULL;
    transport->id = id;
    transport->engine = engine;
    transport->round_trip = DEFAULT_ROUND_TRIP;
    transport->clock = transport_clock_new();
    reports_init(transport);
    memset(transport->extension_of, NO_EXTENSION, sizeof transport->extension_of);
    if (transport->clock)
        return transport;
    free(transport);
    return NULL;
}

static void free_sessions(struct transport *transport) {
    const struct srtp_library *srtp = &transport->engine->srtp;
    if (transport->receive_session)
        srtp->deallocate(transport->receive_session);
    if (transport->send_session)
        srtp->deallocate(transport->send_session);
}

void transport_free(struct transport *transport) {
    reports_stop(transport);
    arrivals_free(transport->arrivals);
    congestion_end(transport);
    free_sessions(transport);
    transport_clock_release(transport->clock);
    ssrcs_free(&transport->ssrcs);
    list_free(&transport->sinks);
    list_free(&transport->ufrags);
    free(transport->rtcp_senders);
    free(transport);
}

/* What was asked for before has gone nowhere. */
static void can_send_now(struct transport *transport) {
    if (!transport_is_ready(transport))
        return;
    for (size_t i = 0; i < transport->ssrcs.sources.count; i++)
        source_sink_waits(transport->ssrcs.sources.items[i]);
    for (size_t i = 0; i < transport->sinks.count; i++)
        sink_transport_ready(transport->sinks.items[i]);
}

void transport_start_srtp(struct transport *transport, void *receive, void *send) {
    free_sessions(transport);
    transport->receive_session = receive;
    transport->send_session = send;
    reports_start(transport);
    can_send_now(transport);
}

void transport_select(struct transport *transport, const struct address *address) {
    paths_select(transport->engine, transport, address);
    can_send_now(transport);
}

void transport_set_target(struct transport *transport, uint64_t bitrate, uint64_t probe) {
    if (transport->congestion)
        congestion_set_target(transport->congestion, bitrate, probe);
}

void transport_set_receive_limit(struct transport *transport, uint64_t bitrate) {
    transport->receive_limit = bitrate;
    reports_limit_changed(transport);
}

struct sink *transport_sink_of(const struct transport *transport, uint32_t ssrc) {
    for (size_t i = transport->sinks.count; i-- > 0;) {
        struct sink *sink = transport->sinks.items[i];
        if (sink->ssrc == ssrc)
            return sink;
    }
    return NULL;
}

/* Receiving */

struct found {
    struct source *source; /* NULL: it is closed */
    bool repair;
};

/* What an unknown SSRC would be if its packet is authentic. The header is not encrypted, but the
 * number of padding bytes is. */
static bool identify(struct transport *transport, uint8_t *data, size_t size,
                     struct found *found) {
    struct rtp_packet packet;
    uint8_t first = data[0];
    data[0] = first & (uint8_t)~PADDING_BIT;
    enum identified identified = MALFORMED;
    if (rtp_parse(data, size, &packet))
        identified = ssrcs_identify(&transport->ssrcs, &packet, transport->extension_of,
                                    &found->source, &found->repair);
    data[0] = first;
    if (identified == MALFORMED)
        transport_drop(transport, DROP_RTP_MALFORMED);
    else if (identified == NOBODY)
        transport_drop(transport, DROP_UNKNOWN_SSRC);
    else if (ssrcs_full(&transport->ssrcs))
        transport_drop(transport, DROP_TOO_MANY_SSRCS);
    else
        return true;
    return false;
}

static void dispatch(struct transport *transport, const struct rtp_packet *packet,
                     const struct found *found) {
    if (!found->source)
        /* It was decrypted only so that libsrtp keeps count. */
        transport_drop(transport, DROP_UNKNOWN_SSRC);
    else if (found->repair)
        source_receive_rtx(found->source, packet);
    else
        source_receive(found->source, packet, false);
}

static bool unprotect(struct transport *transport, srtp_function function, uint8_t *data,
                      size_t *size) {
    enum drop refused = srtp_run(function, transport->receive_session, data, size);
    if (refused == NO_DROP)
        return true;
    transport_drop(transport, refused);
    return false;
}

void transport_receive_rtp(struct transport *transport, uint8_t *data, size_t size) {
    if (size < RTP_HEADER || !transport->receive_session) {
        transport_drop(transport, transport->receive_session ? DROP_RTP_MALFORMED : DROP_NO_KEYS);
        return;
    }
    uint32_t ssrc = load32(data + 8);
    const struct row *row = ssrcs_find(&transport->ssrcs, ssrc);
    struct found found = {0};
    if (row)
        found = (struct found){row->source, row->repair};
    else if (!identify(transport, data, size, &found))
        return;
    struct rtp_packet packet;
    if (!unprotect(transport, transport->engine->srtp.unprotect, data, &size))
        return;
    if (!rtp_parse(data, size, &packet)) {
        transport_drop(transport, DROP_RTP_MALFORMED);
        return;
    }
    if (!row)
        ssrcs_bind(&transport->ssrcs, ssrc, found.source, found.repair);
    if (transport->numbers_packets)
        arrivals_note(transport, &packet);
    dispatch(transport, &packet, &found);
}

static bool is_rtcp_sender(const struct transport *transport, uint32_t ssrc) {
    for (size_t i = 0; i < transport->rtcp_sender_count; i++)
        if (transport->rtcp_senders[i] == ssrc)
            return true;
    return ssrcs_find(&transport->ssrcs, ssrc) != NULL;
}

static void remember_rtcp_sender(struct transport *transport, uint32_t ssrc) {
    size_t count = transport->rtcp_sender_count;
    if ((count & (count - 1)) == 0) { /* full at each power of two */
        size_t room = count ? count * 2 : 1;
        uint32_t *senders = realloc(transport->rtcp_senders, room * sizeof *senders);
        if (!senders)
            return;
        transport->rtcp_senders = senders;
    }
    transport->rtcp_senders[transport->rtcp_sender_count++] = ssrc;
}

size_t transport_unprotect_rtcp(struct transport *transport, uint8_t *data, size_t size) {
    if (!transport->receive_session || size < RTCP_HEADER) {
        transport_drop(transport,
                       transport->receive_session ? DROP_RTCP_MALFORMED : DROP_NO_KEYS);
        return 0;
    }
    uint32_t sender = load32(data + 4);
    bool known = is_rtcp_sender(transport, sender);
    if (!known && transport->rtcp_sender_count >= MAX_RTCP_SENDERS) {
        transport_drop(transport, DROP_TOO_MANY_SSRCS);
        return 0;
    }
    if (!unprotect(transport, transport->engine->srtp.unprotect_rtcp, data, &size))
        return 0;
    if (!known)
        remember_rtcp_sender(transport, sender);
    return size;
}

/* Sending */

size_t transport_send_now(struct transport *transport, uint8_t *room, size_t size) {
    struct engine *engine = transport->engine;
    struct congestion *congestion = transport->congestion;
    if (!transport_is_ready(transport)) {
        transport_drop_unsendable(transport);
        return 0;
    }
    bool numbered = congestion && congestion_number(congestion, room, size);
    if (srtp_run(engine->srtp.protect, transport->send_session, room, &size) != NO_DROP) {
        /* libsrtp refuses only what its replay window has left behind. */
        transport_drop(transport, DROP_TOO_OLD);
        return 0;
    }
    if (congestion)
        congestion_left(congestion, size, numbered);
    transport_count_sent(transport, size);
    egress_commit(&engine->egress, &transport->selected->address, size);
    return size;
}

size_t transport_send_rtp(struct transport *transport, uint8_t *room, size_t size,
                          enum urgency urgency) {
    struct congestion *congestion = transport->congestion;
    if (!congestion || !transport_is_ready(transport) || congestion_admits(congestion, urgency))
        return transport_send_now(transport, room, size);
    if (pacing_wait(congestion, urgency, room, size))
        return size;
    transport_drop(transport, DROP_QUEUE_FULL);
    return 0;
}

bool transport_send_rtcp(struct transport *transport, const uint8_t *compound, size_t size) {
    struct engine *engine = transport->engine;
    if (!transport_is_ready(transport))
        return false;
    uint8_t *room = egress_reserve(&engine->egress);
    memcpy(room, compound, size);
    if (srtp_run(engine->srtp.protect_rtcp, transport->send_session, room, &size) == NO_DROP) {
        transport_count_sent(transport, size);
        egress_commit(&engine->egress, &transport->selected->address, size);
    }
    return true;
}

void transport_send(struct transport *transport, const uint8_t *data, size_t size) {
    if (!transport->selected)
        return;
    transport_count_sent(transport, size);
    memcpy(egress_reserve(&transport->engine->egress), data, size);
    egress_commit(&transport->engine->egress, &transport->selected->address, size);
}

/* Counting */

void transport_count_sent(struct transport *transport, size_t size) {
    transport->datagrams_sent++;
    transport->bytes_sent += size;
}

void transport_drop(struct transport *transport, enum drop reason) {
    transport->drops[reason]++;
    engine_drop(transport->engine, reason);
}

void transport_drop_unsendable(struct transport *transport) {
    transport_drop(transport, transport->selected ? DROP_NO_KEYS : DROP_NO_PATH);
}
