#include "feedback.h"

#include "clock.h"
#include "congestion.h"
#include "rtcp.h"
#include "sink.h"
#include "source.h"
#include "state.h"
#include "transport.h"

static void sender_report(void *context, uint32_t ssrc, uint64_t ntp, uint32_t timestamp) {
    struct transport *transport = context;
    const struct row *row = ssrcs_find(&transport->ssrcs, ssrc);
    if (row && row->source && !row->repair)
        source_sender_report(row->source, ntp, timestamp);
}

static void report_block(void *context, const struct report_block *block) {
    struct transport *transport = context;
    struct sink *sink = transport_sink_of(transport, block->ssrc);
    if (!sink)
        return;
    sink->stats.fraction_lost = block->fraction_lost / 256.0;
    double seconds = round_trip(ntp64(engine_unix(transport->engine)), block->lsr, block->dlsr);
    if (seconds < 0)
        return;
    sink->stats.has_round_trip = true;
    sink->stats.round_trip = transport->round_trip = seconds;
}

static void nack(void *context, uint32_t media_ssrc, const uint16_t *lost, size_t count) {
    struct sink *sink = transport_sink_of(context, media_ssrc);
    if (sink)
        sink_resend(sink, lost, count);
}

static void keyframe_wanted(void *context, uint32_t media_ssrc, bool full_intra) {
    struct sink *sink = transport_sink_of(context, media_ssrc);
    if (!sink)
        return;
    sink->engine->closed.full_intra_requests += full_intra;
    sink_keyframe_wanted(sink);
}

static void remb(void *context, uint64_t bitrate) {
    struct transport *transport = context;
    bool news = !transport->has_remb || transport->remb != bitrate;
    transport->has_remb = true;
    transport->remb = bitrate;
    /* Where packets are numbered we know better: such a receiver measures only what has none. */
    if (news && !transport->congestion)
        events_bandwidth_estimate(&transport->engine->events, transport->id, bitrate, BY_REMB);
}

static void arrivals(void *context, const uint8_t *body, size_t size) {
    struct transport *transport = context;
    if (transport->congestion)
        congestion_told(transport->congestion, body, size);
}

/* BYE has no entry: a stream ends when it is closed or silent, not because somebody says so. */
static const struct rtcp_listener LISTENER = {sender_report, report_block, nack, keyframe_wanted,
                                              remb, arrivals};

void receive_rtcp(struct transport *transport, uint8_t *data, size_t size) {
    engine_flush_runs(transport->engine); /* he may speak of what he has not got yet */
    size = transport_unprotect_rtcp(transport, data, size);
    if (size && !rtcp_read(data, size, &LISTENER, transport))
        transport_drop(transport, DROP_RTCP_MALFORMED);
}
