#include "sink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"
#include "transport.h"

/* Seconds. A longer time without media is told as this long: a timestamp that jumped by 2^31 ticks
 * (6.6 hours of video) would be an old one. */
static const double MAX_PAUSE = 3600.0;

enum { REPEATS = 1024 }; /* datagrams kept where RTX was not negotiated */

struct sink *sink_new(struct engine *engine, uint64_t id, struct transport *transport,
                      const struct sink_parameters *parameters) {
    struct sink *sink = calloc(1, sizeof *sink + parameters->cname.size);
    if (!sink)
        return NULL;
    sink->id = id;
    sink->engine = engine;
    sink->transport = transport;
    sink->kind = parameters->kind;
    sink->ssrc = parameters->ssrc;
    sink->has_rtx = parameters->has_rtx;
    sink->rtx_ssrc = parameters->rtx_ssrc;
    memcpy(sink->payload_types, parameters->payload_types, sizeof sink->payload_types);
    extension_map_init(&sink->extensions, parameters->extensions);
    sink->sequence = parameters->sequence;
    sink->timestamp = parameters->timestamp;
    sink->rtx_sequence = parameters->rtx_sequence;
    sink->cname_size = (uint8_t)parameters->cname.size;
    if (parameters->cname.size)
        memcpy(sink->cname, parameters->cname.bytes, parameters->cname.size);
    return sink;
}

void sink_free(struct sink *sink) {
    for (int i = 0; i < SEGMENTS; i++)
        history_release(sink->segments[i].history);
    source_clock_release(sink->last.clock);
    history_release(sink->repeats);
    resend_free(&sink->resends);
    free(sink);
}

/* Segments */

/* Remembers the counters of the last frame: the next source may have none. */
static void end_segment(struct sink *sink) {
    const struct segment *segment = sink->segment;
    struct last_sent *last = &sink->last;
    if (segment && last->has_picture) {
        sink->picture_id = last->picture_id + segment->picture_id_offset + 1;
        sink->tl0picidx = last->tl0picidx + segment->tl0picidx_offset + 1;
    }
    last->has_picture = false;
    sink->segment = NULL;
}

/* RTP ticks from the last packet sent to the first of the next segment, at least 1. Measured between
 * the moments of capture on the server's clock, so a switch does not bend the mapping of RTP to NTP
 * time that the receiver keeps lips and voice together by. */
static int64_t elapsed(const struct sink *sink, const struct media *media) {
    double now, before;
    if (!source_clock_server_time(media->clock, (uint32_t)media->timestamp, &now))
        return 1;
    const struct last_sent *last = &sink->last;
    if (!last->clock ||
        !source_clock_server_time(last->clock, (uint32_t)last->timestamp, &before))
        return 1;
    double ticks = rint(fmin(now - before, MAX_PAUSE) * (media->codec == OPUS ? 48000 : 90000));
    return ticks > 1 ? (int64_t)ticks : 1;
}

/* Where lost packets of a new segment are taken from; NULL if not sent again as RTX. */
static struct history *repairs(const struct sink *sink, struct payload_types payload_types) {
    bool negotiated = payload_types.rtx != NO_PAYLOAD_TYPE && sink->has_rtx;
    return negotiated && sink->source ? sink->source->history : NULL;
}

static struct segment *begin_segment(struct sink *sink, const struct media *media) {
    const struct picture *picture = &media->picture;
    struct payload_types payload_types = sink->payload_types[media->codec];
    struct segment *segment = &sink->segments[sink->segment_count++ % SEGMENTS];
    history_release(segment->history);
    *segment = (struct segment){
        .codec = media->codec,
        .payload_types = payload_types,
        .history = repairs(sink, payload_types),
        .first_sequence = media->sequence,
        .first_timestamp = media->timestamp,
        .sequence_offset = sink->sequence + 1 - media->sequence,
        .timestamp_offset = sink->timestamp + elapsed(sink, media) - media->timestamp,
        .picture_id_offset = sink->picture_id - (media->has_picture ? picture->picture_id : 0),
        .tl0picidx_offset = sink->tl0picidx - (media->has_picture ? picture->tl0picidx : 0),
    };
    if (segment->history)
        history_keep(segment->history);
    return sink->segment = segment;
}

/* Routing */

static void follow(struct sink *sink, struct source *source) {
    if (sink->next)
        list_remove(&sink->next->followers, sink);
    /* Only a source that knows its sinks can tell them when it closes. */
    sink->next = source && list_add(&source->followers, sink) ? source : NULL;
    if (sink->next)
        source_sink_waits(source);
}

/* Cuts what flows; goes on with `source` once it can be joined. */
static void take(struct sink *sink, struct source *source, bool paused) {
    follow(sink, NULL);
    if (sink->source)
        list_remove(&sink->source->sinks, sink);
    end_segment(sink);
    sink->has_route = source != NULL;
    sink->route = source ? source->id : 0;
    sink->paused = paused;
    sink->source = source && !paused && list_add(&source->sinks, sink) ? source : NULL;
    if (!sink->source)
        return;
    source->unsettled = true;
    source_sink_waits(source);
}

static bool is_routed_to(const struct sink *sink, const struct source *source) {
    return source ? sink->has_route && sink->route == source->id : !sink->has_route;
}

void sink_route(struct sink *sink, struct source *source, enum switch_kind kind, bool paused,
                struct layer_limits limits) {
    sink->limits = limits;
    bool unpausing = is_routed_to(sink, source) && sink->paused && !paused;
    bool going_on = is_routed_to(sink, source) && !sink->paused && !paused;
    if (kind == SWITCH_PARTICIPANT && !unpausing && !going_on) {
        take(sink, source, paused);
        events_route_switched(&sink->engine->events, sink->id, source ? &source->id : NULL,
                              (uint32_t)(sink->timestamp + 1));
    } else if (going_on) {
        follow(sink, NULL);
    } else if (!source || paused || !sink->segment) {
        take(sink, source, paused);
    } else {
        follow(sink, source);
    }
}

void sink_close(struct sink *sink) {
    take(sink, NULL, false);
}

void sink_source_closed(struct sink *sink, struct source *source) {
    if (source == sink->next)
        follow(sink, NULL);
    else if (source == sink->source)
        take(sink, sink->next, false);
}

void sink_source_restarted(struct sink *sink) {
    end_segment(sink);
}

void sink_promote(struct sink *sink, const struct media *media) {
    if (sink->next && sink_accepts(sink, media->codec))
        take(sink, sink->next, false);
}

bool sink_accepts(const struct sink *sink, uint8_t codec) {
    return transport_is_ready(sink->transport) &&
           sink->payload_types[codec].media != NO_PAYLOAD_TYPE;
}

bool sink_waits_for(const struct sink *sink, uint8_t codec) {
    return !sink->segment && sink_accepts(sink, codec);
}

/* Forwarding */

/* Waits for a keyframe; after a change of codec its first packet may have been lost. */
static void miss_keyframe(struct sink *sink) {
    transport_drop(sink->transport, DROP_AWAITING_KEYFRAME);
    if (sink->segment && sink->source) {
        end_segment(sink);
        sink->source->unsettled = true;
        source_sink_waits(sink->source);
    }
}

/* The segment that begins with `media`; NULL (and counted) if none may begin here. */
static struct segment *begin(struct sink *sink, const struct media *media) {
    if (!transport_is_ready(sink->transport)) {
        transport_drop_unsendable(sink->transport);
    } else if (sink->payload_types[media->codec].media == NO_PAYLOAD_TYPE) {
        transport_drop(sink->transport, DROP_CODEC_NOT_NEGOTIATED);
    } else if (sink->segment && sink->last.clock && media->sequence <= sink->last.sequence) {
        /* Of the source that flows, but a change of codec overtook it. */
        transport_drop(sink->transport, DROP_TOO_OLD);
    } else if (!media->joinable) {
        miss_keyframe(sink);
    } else {
        end_segment(sink);
        return begin_segment(sink, media);
    }
    return NULL;
}

static void remember(struct sink *sink, const struct media *media) {
    struct last_sent *last = &sink->last;
    if (last->clock != media->clock) {
        source_clock_release(last->clock);
        source_clock_keep(media->clock);
        last->clock = media->clock;
    }
    last->sequence = media->sequence;
    last->timestamp = media->timestamp;
    if (!media->has_picture)
        return; /* padding, for one: the frame before it still counts */
    last->has_picture = true;
    last->picture_id = media->picture.picture_id;
    last->tl0picidx = media->picture.tl0picidx;
}

/* Under its own sequence number a packet may only be repeated byte by byte, or GCM is broken. */
static void keep_datagram(struct sink *sink, int64_t sequence, const uint8_t *data, size_t size) {
    if (!sink->repeats)
        sink->repeats = history_new(REPEATS);
    struct media *copy = sink->repeats ? media_new(data, size, NULL) : NULL;
    if (!copy)
        return;
    history_put(sink->repeats, sequence, sink->engine->now, copy);
    media_release(copy);
}

static void account(struct sink *sink, const struct media *media, const uint8_t *data,
                    size_t size) {
    const struct segment *segment = sink->segment;
    int64_t sequence = media->sequence + segment->sequence_offset;
    int64_t timestamp = media->timestamp + segment->timestamp_offset;
    sink->stats.packets++;
    sink->stats.bytes += media->payload_size;
    if (sequence > sink->sequence) {
        sink->sequence = sequence;
        remember(sink, media);
    }
    if (timestamp > sink->timestamp)
        sink->timestamp = timestamp;
    if (!segment->history && sink->kind == VIDEO)
        keep_datagram(sink, sequence, data, size);
}

/* What is kept byte by byte has to be protected now, so it cannot wait. */
static enum urgency urgency_of(const struct sink *sink) {
    return sink->kind == VIDEO && sink->segment->history ? PICTURE : AT_ONCE;
}

void sink_forward(struct sink *sink, struct media *media) {
    struct segment *segment = sink->segment;
    if (!segment || media->codec != segment->codec) {
        segment = begin(sink, media);
        if (!segment)
            return;
    } else if (media->sequence < segment->first_sequence ||
               media->timestamp < segment->first_timestamp) {
        transport_drop(sink->transport, DROP_TOO_OLD);
        return;
    }
    uint8_t *room = egress_reserve(&sink->engine->egress);
    size_t size = segment_write(segment, media, &sink->extensions, sink->ssrc, room);
    size = transport_send_rtp(sink->transport, room, size, urgency_of(sink));
    if (size)
        account(sink, media, room, size);
}

bool sink_timestamp_at(const struct sink *sink, double now, uint32_t *timestamp) {
    if (!sink->segment || !sink->last.clock ||
        !source_clock_timestamp_at(sink->last.clock, now, timestamp))
        return false;
    *timestamp += (uint32_t)sink->segment->timestamp_offset;
    return true;
}

/* Feedback of the receiver */

void sink_keyframe_wanted(struct sink *sink) {
    sink->stats.keyframe_requests_received++;
    if (sink->source)
        source_request_keyframe(sink->source);
}

void sink_transport_ready(struct sink *sink) {
    /* Until now nobody was asked for a keyframe for it. */
    if (sink->source) {
        sink->source->unsettled = true;
        source_sink_waits(sink->source);
    }
    if (sink->next)
        source_sink_waits(sink->next);
}

/* The segment in which `sequence` of the sink (unwrapped) was sent; NULL if long ago. */
static const struct segment *segment_of(const struct sink *sink, int64_t sequence) {
    uint32_t kept = sink->segment_count < SEGMENTS ? sink->segment_count : SEGMENTS;
    for (uint32_t i = 1; i <= kept; i++) {
        const struct segment *segment = &sink->segments[(sink->segment_count - i) % SEGMENTS];
        if (segment_began(segment) <= sequence)
            return segment;
    }
    return NULL;
}

/* Its size; 0 if it went nowhere. */
static size_t send_rtx(struct sink *sink, const struct segment *segment, struct media *media,
                       enum urgency urgency) {
    struct engine *engine = sink->engine;
    uint8_t abs_send_time[3];
    write_abs_send_time(abs_send_time, engine_unix(engine));
    sink->rtx_sequence++;
    uint8_t *room = egress_reserve(&engine->egress);
    size_t size = segment_write_rtx(segment, media, &sink->extensions, abs_send_time,
                                    (uint16_t)sink->rtx_sequence, sink->rtx_ssrc, room);
    return transport_send_rtp(sink->transport, room, size, urgency);
}

static void resend(struct sink *sink, int64_t sequence) {
    double now = sink->engine->now;
    const struct segment *segment = segment_of(sink, sequence);
    if (!segment)
        return;
    struct media *media = segment_sent(segment, sequence, now);
    struct media *datagram = sink->repeats ? history_get(sink->repeats, sequence, now) : NULL;
    if (!media && !datagram)
        return;
    double round_trip = sink->stats.has_round_trip && sink->stats.round_trip > 0
                            ? sink->stats.round_trip
                            : DEFAULT_ROUND_TRIP;
    if (!resend_take(&sink->resends, sequence, now, round_trip))
        return;
    if (datagram)
        transport_send(sink->transport, datagram->payload, datagram->payload_size);
    else if (!send_rtx(sink, segment, media, REPAIR))
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
static struct media *sent_before(const struct sink *sink, uint32_t back) {
    int64_t sequence = sink->sequence - back;
    if (!sink->segment || sink->kind != VIDEO || segment_of(sink, sequence) != sink->segment)
        return NULL;
    return segment_sent(sink->segment, sequence, sink->engine->now);
}

bool sink_can_repeat(const struct sink *sink) {
    return sent_before(sink, 0) != NULL;
}

size_t sink_repeat(struct sink *sink, uint32_t back) {
    struct media *media = sent_before(sink, back);
    return media ? send_rtx(sink, sink->segment, media, AT_ONCE) : 0;
}
