#include "source.h"

#include <stdlib.h>

#include "bytes.h"
#include "reports.h"
#include "rtcp.h"
#include "sink.h"
#include "state.h"
#include "transport.h"

/* Video packets kept, for receivers who lost them and for a keyframe whose first packet comes late:
 * a second of 5 Mbit/s. */
enum { HISTORY = 512 };

static const double SOURCE_SILENCE = 3.0; /* seconds */

static void check_silence(void *owner, double now);
static void send_nack(void *owner, double now);

static bool is_video(const struct source *source) {
    return source->parameters.kind == VIDEO;
}

struct source *source_new(struct engine *engine, uint64_t id, struct transport *transport,
                          const struct source_parameters *parameters) {
    struct source *source = calloc(1, sizeof *source);
    if (!source)
        return NULL;
    source->history = history_new(HISTORY);
    if (!source->history) {
        free(source);
        return NULL;
    }
    source->id = id;
    source->engine = engine;
    source->transport = transport;
    source->parameters = *parameters;
    source->codec = NO_CODEC;
    source->silence = (struct timer){.run = check_silence, .owner = source};
    source->nack = (struct timer){.run = send_nack, .owner = source};
    level_meter_init(&source->meter);
    keyframes_init(source);
    return source;
}

void source_close(struct source *source) {
    struct timers *timers = &source->engine->timers;
    timers_cancel(timers, &source->keyframes.timer);
    timers_cancel(timers, &source->silence);
    timers_cancel(timers, &source->nack);
    history_clear(source->history);
    while (source->sinks.count)
        sink_source_closed(source->sinks.items[0], source);
    while (source->followers.count)
        sink_source_closed(source->followers.items[0], source);
}

void source_free(struct source *source) {
    stream_free(source->stream);
    history_release(source->history);
    descriptor_reader_clear(&source->descriptors);
    stream_name_release(source->parameters.name);
    list_free(&source->sinks);
    list_free(&source->followers);
    free(source);
}

bool source_is_repair(const struct source *source, uint8_t payload_type) {
    for (int codec = 0; codec < CODECS; codec++)
        if (source->parameters.payload_types[codec].rtx == payload_type)
            return true;
    return false;
}

void source_bind(struct source *source, uint32_t ssrc) {
    engine_flush_runs(source->engine);
    struct stream *stream =
        stream_new(ssrc, is_video(source) ? 90000 : 48000, source->transport->clock);
    struct history *history = history_new(HISTORY);
    if (!stream || !history) {
        stream_free(stream);
        history_release(history);
        return;
    }
    for (size_t i = 0; source->stream && i < source->sinks.count; i++)
        sink_source_restarted(source->sinks.items[i]);
    source->unsettled = true;
    stream_free(source->stream);
    history_release(source->history);
    source->stream = stream;
    source->history = history;
    descriptor_reader_clear(&source->descriptors);
    source->codec = NO_CODEC;
    reports_limit_changed(source->transport);
}

/* Receiving */

static uint8_t codec_of(const struct source *source, uint8_t payload_type) {
    if (source_is_redundant(source, payload_type))
        return OPUS;
    for (int codec = CODECS; codec-- > 0;)
        if (source->parameters.payload_types[codec].media == payload_type)
            return (uint8_t)codec;
    return NO_CODEC;
}

/* The media payload type of a retransmission; NO_PAYLOAD_TYPE. */
static uint8_t repaired_type(const struct source *source, uint8_t payload_type) {
    for (int codec = CODECS; codec-- > 0;)
        if (source->parameters.payload_types[codec].rtx == payload_type)
            return source->parameters.payload_types[codec].media;
    return NO_PAYLOAD_TYPE;
}

static void count(struct source *source, const struct rtp_packet *packet, bool repaired) {
    struct nack_generator *missing = &source->stream->missing;
    source->stats.packets++;
    source->stats.bytes += packet->size;
    source->stats.packets_recovered += repaired;
    if (!source->parameters.nack)
        return;
    nack_received(missing, packet->sequence, source->engine->now);
    if (missing->count && !timer_is_set(&source->nack))
        timers_set(&source->engine->timers, &source->nack, missing->next_due);
}

static void wake(struct source *source) {
    struct engine *engine = source->engine;
    timers_set(&engine->timers, &source->silence, engine->now + SOURCE_SILENCE);
    if (!is_video(source))
        return;
    rate_meter_begin(&source->rates, engine->now);
    rates_source_active(engine);
}

/* A media packet shows that the encoding is alive. True if that is news. */
static bool notice(struct source *source, const struct rtp_packet *packet, uint8_t codec) {
    struct engine *engine = source->engine;
    if (packet->payload_size == 0)
        return false; /* padding: the sender probes the bandwidth */
    source->last_packet_at = engine->now;
    if (codec == source->codec)
        return false;
    if (source->codec == NO_CODEC)
        wake(source);
    source->codec = codec;
    events_source_active(&engine->events, source->id, packet->ssrc, codec);
    return true;
}

static void check_silence(void *owner, double now) {
    struct source *source = owner;
    double due = source->last_packet_at + SOURCE_SILENCE;
    if (now < due) {
        timers_set(&source->engine->timers, &source->silence, due);
        return;
    }
    source->codec = NO_CODEC;
    history_age(source->history, now); /* nothing comes that would push the old out */
    events_source(&source->engine->events, SOURCE_SILENT, source->id);
}

static void keyframe(struct source *source, const struct media *media) {
    if (!source->has_keyframe || media->timestamp != source->last_keyframe) {
        source->has_keyframe = true;
        source->last_keyframe = media->timestamp;
        source->stats.keyframes++;
    }
    keyframes_arrived(source);
    nack_clear_before(&source->stream->missing, (uint16_t)media->sequence);
}

/* Forwarding */

static void add_to_run(struct source *source, struct media *media) {
    if (source->run_count == MAX_RUN)
        engine_flush_runs(source->engine);
    if (source->run_count == 0 && !list_add(&source->engine->runs, source))
        return;
    media_keep(media);
    source->run[source->run_count++] = media;
}

void source_flush(struct source *source) {
    for (size_t i = 0; i < source->sinks.count; i++) {
        egress_keep_together(&source->engine->egress, source->run_count);
        for (uint8_t j = 0; j < source->run_count; j++)
            sink_forward(source->sinks.items[i], source->run[j]);
    }
    for (uint8_t j = 0; j < source->run_count; j++)
        media_release(source->run[j]);
    source->run_count = 0;
}

static void promote_followers(struct source *source, const struct media *media) {
    for (size_t i = 0; i < source->followers.count;) {
        struct sink *sink = source->followers.items[i];
        sink_promote(sink, media);
        if (i < source->followers.count && source->followers.items[i] == sink)
            i++; /* it stays: it does not take this codec */
    }
}

/* `first` was overtaken by packets of its own keyframe, which were not forwarded then. */
static void catch_up(struct source *source, struct sink *sink, const struct media *first) {
    int64_t sequence = first->sequence;
    struct media *media;
    while ((media = history_next(source->history, &sequence, source->engine->now)))
        sink_forward(sink, media);
}

/* A keyframe's first packet comes late: sinks that begin with it get what overtook it. */
static void forward_overtaken(struct source *source, struct media *media) {
    engine_flush_runs(source->engine);
    for (size_t i = 0; i < source->sinks.count; i++) {
        struct sink *sink = source->sinks.items[i];
        bool begins = sink_waits_for(sink, media->codec);
        sink_forward(sink, media);
        if (begins)
            catch_up(source, sink, media);
    }
}

/* Whether a sink begins or ends a segment at `media`. Then it must go out alone: clocks and keyframe
 * requests may not know yet what came after it. */
static bool changes_a_sink(struct source *source, const struct media *media) {
    bool changes = false;
    bool unsettled = false;
    for (size_t i = 0; source->unsettled && i < source->sinks.count; i++) {
        const struct sink *sink = source->sinks.items[i];
        bool settled = sink->segment && sink->segment->codec == media->codec;
        if (settled || !sink_accepts(sink, media->codec))
            continue;
        unsettled = true;
        changes |= sink->segment || media->joinable;
    }
    source->unsettled = unsettled;
    return changes;
}

static void forward(struct source *source, struct media *media, bool late) {
    if (media->joinable && source->followers.count) {
        engine_flush_runs(source->engine);
        promote_followers(source, media);
    }
    bool alone = changes_a_sink(source, media);
    if (alone)
        engine_flush_runs(source->engine);
    if (media->joinable && late && is_video(source))
        forward_overtaken(source, media);
    else
        add_to_run(source, media);
    if (alone)
        engine_flush_runs(source->engine);
    if (is_video(source))
        history_put(source->history, media->sequence, source->engine->now, media);
}

void source_receive(struct source *source, const struct rtp_packet *packet, bool repaired) {
    struct engine *engine = source->engine;
    struct stream *stream = source->stream;
    uint8_t codec = codec_of(source, packet->payload_type);
    if (codec == NO_CODEC || !stream) {
        transport_drop(source->transport, DROP_UNKNOWN_PAYLOAD_TYPE);
        return;
    }
    int64_t sequence, timestamp;
    enum drop refused =
        stream_place(stream, packet, engine->now, repaired, &sequence, &timestamp);
    if (refused != NO_DROP) {
        transport_drop(source->transport, refused);
        return;
    }
    count(source, packet, repaired);
    if (codec != source->codec)
        source->unsettled = true;
    bool woken = !repaired && notice(source, packet, codec);
    struct media *media = source_read(source, packet, codec, sequence, timestamp);
    if (!media) {
        transport_drop(source->transport, DROP_RTP_MALFORMED);
        return;
    }
    if (media->joinable && is_video(source)) {
        engine_flush_runs(engine); /* what came before may still ask for it */
        keyframe(source, media);
    }
    forward(source, media, sequence < stream->sequences.highest);
    media_release(media);
    if (woken) {
        engine_flush_runs(engine); /* what came before asks first */
        source_sink_waits(source);
    }
}

void source_receive_rtx(struct source *source, const struct rtp_packet *packet) {
    uint8_t media_type = repaired_type(source, packet->payload_type);
    if (media_type == NO_PAYLOAD_TYPE) {
        transport_drop(source->transport, DROP_UNKNOWN_PAYLOAD_TYPE);
        return;
    }
    if (packet->payload_size == 0)
        return; /* padding: the sender probes the bandwidth */
    if (!source->stream || packet->payload_size < 2) {
        transport_drop(source->transport,
                       source->stream ? DROP_RTX_MALFORMED : DROP_RTX_UNKNOWN);
        return;
    }
    struct rtp_packet original = *packet;
    original.payload_type = media_type;
    original.ssrc = source->stream->ssrc;
    original.sequence = load16(packet->payload);
    original.payload += 2;
    original.payload_size -= 2;
    source_receive(source, &original, true);
}

/* Asking the publisher */

void source_request_keyframe(struct source *source) {
    if (is_video(source))
        keyframes_request(source, source->engine->now);
}

void source_sink_waits(struct source *source) {
    if (keyframes_needed(source))
        source_request_keyframe(source);
}

static void send_nack(void *owner, double now) {
    struct source *source = owner;
    struct stream *stream = source->stream;
    uint16_t lost[NACK_MAX_ASKED];
    uint8_t nack[12 + 4 * NACK_MAX_ASKED];
    if (!stream)
        return;
    stream->missing.round_trip = source->transport->round_trip;
    size_t asked = nack_due(&stream->missing, now, lost);
    if (asked) {
        size_t size = rtcp_write_nack(nack, RTCP_OUR_SSRC, stream->ssrc, lost, asked);
        source->stats.nacks_sent++;
        transport_send_rtcp(source->transport, nack, size);
    }
    if (stream->missing.count)
        timers_set(&source->engine->timers, &source->nack, stream->missing.next_due);
}

void source_sender_report(struct source *source, uint64_t ntp, uint32_t timestamp) {
    if (!source->stream)
        return;
    source_clock_sender_report(source->stream->clock, ntp, timestamp, source->engine->now);
    reception_sender_report(&source->stream->reception, ntp, source->engine->now);
}
