#include "sink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "congestion.h"
#include "state.h"
#include "transport.h"

/* Seconds. A longer time without media is told as this long: a timestamp that jumped by 2^31 ticks
 * (6.6 hours of video) would be an old one. */
static const double MAX_PAUSE = 3600.0;

static const struct layer UNLIMITED = {ALL_LAYERS, ALL_LAYERS};

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
    sink->limits = sink->next_limits = UNLIMITED;
    sink->sequence = sink->cut_at = parameters->sequence;
    sink->timestamp = parameters->timestamp;
    sink->rtx_sequence = parameters->rtx_sequence;
    sink->cname_size = (uint8_t)parameters->cname.size;
    if (parameters->cname.size)
        memcpy(sink->cname, parameters->cname.bytes, parameters->cname.size);
    return sink;
}

void sink_free(struct sink *sink) {
    for (int i = 0; i < SEGMENTS; i++)
        segment_clear(&sink->segments[i]);
    source_clock_release(sink->last.clock);
    history_release(sink->repeats);
    resend_free(&sink->resends);
    free(sink);
}

/* Segments */

static void end_segment(struct sink *sink) {
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
        !source_clock_server_time(last->clock, (uint32_t)last->packet.timestamp, &before))
        return 1;
    double ticks = rint(fmin(now - before, MAX_PAUSE) * (media->codec == OPUS ? 48000 : 90000));
    return ticks > 1 ? (int64_t)ticks : 1;
}

/* Where lost packets of a new segment are taken from; NULL if not sent again as RTX. */
static struct history *repairs(const struct sink *sink, struct payload_types payload_types) {
    bool negotiated = payload_types.rtx != NO_PAYLOAD_TYPE && sink->has_rtx;
    return negotiated && sink->source ? sink->source->history : NULL;
}

static bool is_unlimited(struct layer limits) {
    return limits.spatial == ALL_LAYERS && limits.temporal == ALL_LAYERS;
}

/* From now on layers may be left out of what flows. */
static void thin(struct sink *sink) {
    if (sink->segment && !is_unlimited(sink->limits))
        segment_thin(sink->segment,
                     sink->sequence >= sink->segment->began ? &sink->last.packet : NULL);
}

static struct segment *begin_segment(struct sink *sink, const struct media *media) {
    const struct picture *picture = &media->picture;
    const struct descriptor *descriptor = media->descriptor;
    struct payload_types payload_types = sink->payload_types[media->codec];
    struct segment *segment = &sink->segments[sink->segment_count++ % SEGMENTS];
    segment_clear(segment);
    *segment = (struct segment){
        .codec = media->codec,
        .payload_types = payload_types,
        .history = repairs(sink, payload_types),
        .first_timestamp = media->timestamp,
        .began = sink->sequence + 1,
        .timestamp_offset = sink->timestamp + elapsed(sink, media) - media->timestamp,
        .tl0picidx_offset = sink->tl0picidx - (media->has_picture ? picture->tl0picidx : 0),
        .frame_number_offset =
            sink->frame_number - (descriptor ? dependency_frame_number(descriptor->data) : 0),
        .place = {.first = media->sequence,
                  .sequence_offset = sink->sequence + 1 - media->sequence,
                  .picture_id_offset =
                      sink->picture_id - (media->has_picture ? picture->picture_id : 0),
                  .tells_at = -1,
                  .selection = {.highest = UNLIMITED}},
    };
    if (segment->history)
        history_keep(segment->history);
    sink->segment = segment;
    thin(sink);
    return segment;
}

/* Routing */

static void follow(struct sink *sink, struct source *source, struct layer limits) {
    if (sink->next)
        list_remove(&sink->next->followers, sink);
    /* Only a source that knows its sinks can tell them when it closes. */
    sink->next = source && list_add(&source->followers, sink) ? source : NULL;
    sink->next_limits = limits;
    if (sink->next)
        source_sink_waits(source);
}

/* Ends what flows; goes on with `source` once it can be joined. */
static void take(struct sink *sink, struct source *source, bool paused, struct layer limits) {
    follow(sink, NULL, UNLIMITED);
    if (sink->source)
        list_remove(&sink->source->sinks, sink);
    end_segment(sink);
    sink->has_route = source != NULL;
    sink->route = source ? source->id : 0;
    sink->paused = paused;
    sink->limits = limits;
    sink->source = source && !paused && list_add(&source->sinks, sink) ? source : NULL;
    if (!sink->source)
        return;
    source->unsettled = true;
    source_sink_waits(source);
}

/* Nothing of it leaves any more; numbers of what only waits to leave are given again. */
static void cut(struct sink *sink, struct source *source, bool paused, struct layer limits) {
    struct congestion *congestion = sink->transport->congestion;
    if (congestion) {
        sink->sequence -= (int64_t)pacing_forget(congestion, sink->ssrc, (uint16_t)sink->sequence);
        pacing_forget(congestion, sink->rtx_ssrc, (uint16_t)sink->rtx_sequence);
    }
    take(sink, source, paused, limits);
}

static bool is_routed_to(const struct sink *sink, const struct source *source) {
    return source ? sink->has_route && sink->route == source->id : !sink->has_route;
}

static void limit(struct sink *sink, struct layer limits) {
    sink->limits = limits;
    thin(sink);
}

void sink_route(struct sink *sink, struct source *source, enum switch_kind kind, bool paused,
                struct layer limits) {
    bool same = is_routed_to(sink, source);
    bool unpausing = same && sink->paused && !paused;
    bool going_on = same && !sink->paused && !paused;
    bool others =
        limits.spatial != sink->limits.spatial || limits.temporal != sink->limits.temporal;
    bool limited = same && sink->paused && paused && others;
    if (going_on || limited) {
        sink->engine->closed.layer_switches += others;
        follow(sink, NULL, UNLIMITED);
        limit(sink, limits);
    } else if (kind == SWITCH_PARTICIPANT && !unpausing) {
        cut(sink, source, paused, limits);
        events_route_switched(&sink->engine->events, sink->id, source ? &source->id : NULL,
                              (uint32_t)(sink->timestamp + 1));
    } else if (!source || paused || !sink->segment || kind == SWITCH_CUT) {
        cut(sink, source, paused, limits);
        if (kind == SWITCH_CUT) {
            sink->cut_at = sink->sequence; /* what was lost of it would only be in the way */
            sink->engine->closed.layer_switches++;
        }
    } else {
        follow(sink, source, limits);
    }
}

void sink_close(struct sink *sink) {
    cut(sink, NULL, false, UNLIMITED);
}

void sink_source_closed(struct sink *sink, struct source *source) {
    if (source == sink->next)
        follow(sink, NULL, UNLIMITED);
    else if (source == sink->source)
        cut(sink, sink->next, false, sink->next_limits);
}

void sink_source_restarted(struct sink *sink) {
    end_segment(sink);
}

void sink_promote(struct sink *sink, const struct media *media) {
    if (!sink->next || !sink_accepts(sink, media->codec))
        return;
    sink->engine->closed.layer_switches++;
    take(sink, sink->next, false, sink->next_limits);
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
    } else if (sink->segment && sink->last.clock && media->sequence <= sink->last.packet.sequence) {
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

/* The packet is the newest that was sent. */
static void remember(struct sink *sink, const struct media *media, const struct place *place) {
    const struct segment *segment = sink->segment;
    struct last_sent *last = &sink->last;
    if (last->clock != media->clock) {
        source_clock_release(last->clock);
        source_clock_keep(media->clock);
        last->clock = media->clock;
    }
    last->packet = (struct newest){media->sequence, media->timestamp,
                                   media->has_placing ? media->placing.layer.spatial : -1};
    if (media->has_picture) {
        sink->picture_id = media->picture.picture_id + place->picture_id_offset + 1;
        sink->tl0picidx = media->picture.tl0picidx + segment->tl0picidx_offset + 1;
    }
    if (media->descriptor)
        sink->frame_number = dependency_frame_number(media->descriptor->data) +
                             segment->frame_number_offset + 1;
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

static void account(struct sink *sink, const struct media *media, const struct place *place,
                    const uint8_t *data, size_t size) {
    const struct segment *segment = sink->segment;
    int64_t sequence = media->sequence + place->sequence_offset;
    int64_t timestamp = media->timestamp + segment->timestamp_offset;
    sink->stats.packets++;
    sink->stats.bytes += segment_payload(segment, media).size;
    if (sequence > sink->sequence) {
        sink->sequence = sequence;
        remember(sink, media, place);
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

/* Where the packet goes; NULL (and counted) if it is not forwarded. */
static const struct place *find_place(struct sink *sink, const struct segment *segment,
                                      const struct media *media) {
    struct thinning *thinning = segment->thinning;
    if (!thinning)
        return &segment->place;
    if (media->sequence < thinning_oldest(thinning)->first) {
        transport_drop(sink->transport, DROP_TOO_OLD);
        return NULL;
    }
    const struct place *place = thinning_take(thinning, media, sink->limits);
    if (!place)
        transport_drop(sink->transport, DROP_ABOVE_LAYER);
    if (thinning->missing_layers && sink->source)
        source_request_keyframe(sink->source);
    return place;
}

void sink_forward(struct sink *sink, struct media *media) {
    struct segment *segment = sink->segment;
    if (!segment || media->codec != segment->codec) {
        segment = begin(sink, media);
        if (!segment)
            return;
    } else if (media->sequence < segment->place.first ||
               media->timestamp < segment->first_timestamp) {
        transport_drop(sink->transport, DROP_TOO_OLD);
        return;
    }
    const struct place *place = find_place(sink, segment, media);
    if (!place)
        return;
    uint8_t *room = egress_reserve(&sink->engine->egress);
    size_t size = segment_write(segment, media, place, &sink->extensions, sink->ssrc, room);
    size = transport_send_rtp(sink->transport, room, size, urgency_of(sink));
    if (size)
        account(sink, media, place, room, size);
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
