/* What a sink sends as RTX: what its receiver lost, and what probes the link. */
#include <string.h>

#include "sink.h"
#include "state.h"
#include "transport.h"

enum { RTP_HEADER = 12, HAS_PADDING = 0x20, PADDING = 255 };

/* The segment in which `sequence` of the sink (unwrapped) was sent; NULL if long ago. */
static const struct segment *segment_of(const struct sink *sink, int64_t sequence) {
    uint32_t kept = sink->segment_count < SEGMENTS ? sink->segment_count : SEGMENTS;
    for (uint32_t i = 1; i <= kept; i++) {
        const struct segment *segment = &sink->segments[(sink->segment_count - i) % SEGMENTS];
        if (segment->began <= sequence)
            return segment;
    }
    return NULL;
}

/* Its size; 0 if it went nowhere. */
static size_t send_rtx(struct sink *sink, const struct segment *segment,
                       const struct media *media, const struct place *place,
                       enum urgency urgency) {
    struct engine *engine = sink->engine;
    uint8_t abs_send_time[3];
    write_abs_send_time(abs_send_time, engine_unix(engine));
    sink->rtx_sequence++;
    uint8_t *room = egress_reserve(&engine->egress);
    size_t size = segment_write_rtx(segment, media, place, &sink->extensions, abs_send_time,
                                    (uint16_t)sink->rtx_sequence, sink->rtx_ssrc, room);
    return transport_send_rtp(sink->transport, room, size, urgency);
}

static void resend(struct sink *sink, int64_t sequence) {
    double now = sink->engine->now;
    const struct segment *segment = segment_of(sink, sequence);
    if (!segment || sequence <= sink->cut_at)
        return;
    const struct place *place;
    const struct media *media = segment_sent(segment, sequence, now, &place);
    const struct media *datagram = sink->repeats ? history_get(sink->repeats, sequence, now) : NULL;
    if (!media && !datagram)
        return;
    double round_trip = sink->stats.has_round_trip && sink->stats.round_trip > 0
                            ? sink->stats.round_trip
                            : DEFAULT_ROUND_TRIP;
    if (!resend_take(&sink->resends, sequence, now, round_trip))
        return;
    if (datagram)
        transport_send(sink->transport, datagram->payload, datagram->payload_size);
    else if (!send_rtx(sink, segment, media, place, REPAIR))
        return;
    sink->stats.retransmitted++;
}

void sink_resend(struct sink *sink, const uint16_t *sequences, size_t count) {
    sink->stats.nacks_received++;
    for (size_t i = 0; i < count; i++)
        resend(sink, sink->sequence - ((sink->sequence - sequences[i]) & 0xFFFF));
}

/* To probe the link */

/* What flows now, not what was shown before. */
static const struct media *sent_before(const struct sink *sink, uint32_t back,
                                       const struct place **place) {
    int64_t sequence = sink->sequence - back;
    if (!sink->segment || sink->kind != VIDEO || segment_of(sink, sequence) != sink->segment)
        return NULL;
    return segment_sent(sink->segment, sequence, sink->engine->now, place);
}

size_t sink_repeat(struct sink *sink, uint32_t back) {
    const struct place *place;
    const struct media *media = sent_before(sink, back, &place);
    return media ? send_rtx(sink, sink->segment, media, place, AT_ONCE) : 0;
}

static uint8_t rtx_type(const struct sink *sink) {
    for (size_t codec = 0; codec < CODECS; codec++)
        if (sink->payload_types[codec].rtx != NO_PAYLOAD_TYPE)
            return sink->payload_types[codec].rtx;
    return NO_PAYLOAD_TYPE;
}

bool sink_can_pad(const struct sink *sink) {
    return sink->kind == VIDEO && sink->has_rtx && rtx_type(sink) != NO_PAYLOAD_TYPE;
}

size_t sink_pad(struct sink *sink) {
    static const struct media nothing = {0};
    struct engine *engine = sink->engine;
    uint8_t abs_send_time[3];
    write_abs_send_time(abs_send_time, engine_unix(engine));
    uint8_t *room = egress_reserve(&engine->egress);
    size_t size = RTP_HEADER + media_write_block_with(&nothing, &sink->extensions, (struct text){0},
                                                      abs_send_time, room + RTP_HEADER);
    sink->rtx_sequence++;
    rtp_write_header(room, size > RTP_HEADER, rtx_type(sink), false, (uint16_t)sink->rtx_sequence,
                     (uint32_t)sink->timestamp, sink->rtx_ssrc);
    room[0] |= HAS_PADDING;
    memset(room + size, 0, PADDING);
    room[size + PADDING - 1] = PADDING;
    return transport_send_rtp(sink->transport, room, size + PADDING, AT_ONCE);
}
