#include "reports.h"

#include <math.h>
#include <string.h>

#include "clock.h"
#include "rtcp.h"
#include "sink.h"
#include "source.h"
#include "state.h"
#include "transport.h"

static const double INTERVAL = 1.0; /* seconds */

/* Times a second at which reports leave, the same for all transports: each is a wake-up, which costs
 * more than a report. */
static const double PER_SECOND = 16;

enum {
    SENDER_PART = 28 + 16 + 255,
    RECEIVER_PART = 8 + 24 * RTCP_MAX_REPORTS + 20 + 4 * MAX_SSRCS_PER_TRANSPORT,
};

/* Parts that begin with a report go into one compound as long as they fit. */
struct compound {
    struct transport *transport;
    size_t size;
    uint8_t bytes[RTCP_MAX_COMPOUND];
};

static void send_compound(struct compound *compound) {
    if (compound->size)
        transport_send_rtcp(compound->transport, compound->bytes, compound->size);
    compound->size = 0;
}

static void add_part(struct compound *compound, const uint8_t *part, size_t size) {
    if (compound->size + size > RTCP_MAX_COMPOUND)
        send_compound(compound);
    memcpy(compound->bytes + compound->size, part, size);
    compound->size += size;
}

static size_t write_remb(const struct transport *transport, uint8_t *at) {
    uint32_t ssrcs[MAX_SSRCS_PER_TRANSPORT];
    size_t count = 0;
    for (size_t i = 0; i < transport->ssrcs.sources.count; i++) {
        const struct source *source = transport->ssrcs.sources.items[i];
        if (source->stream && count < MAX_SSRCS_PER_TRANSPORT)
            ssrcs[count++] = source->stream->ssrc;
    }
    return rtcp_write_remb(at, RTCP_OUR_SSRC, transport->receive_limit, ssrcs, count);
}

static size_t write_sender_part(const struct sink *sink, uint8_t *at) {
    const struct engine *engine = sink->engine;
    uint32_t timestamp;
    if (!sink_timestamp_at(sink, engine->now, &timestamp))
        return 0;
    size_t size = rtcp_write_sender_report(at, sink->ssrc, ntp64(engine_unix(engine)), timestamp,
                                           (uint32_t)sink->stats.packets,
                                           (uint32_t)sink->stats.bytes);
    return size + rtcp_write_cname(at + size, sink->ssrc, sink->cname, sink->cname_size);
}

static size_t write_receiver_part(struct transport *transport, uint8_t *at) {
    struct report_block blocks[RTCP_MAX_REPORTS];
    size_t count = 0;
    for (size_t i = 0; i < transport->ssrcs.sources.count; i++) {
        struct source *source = transport->ssrcs.sources.items[i];
        struct report_block block;
        if (source->stream && reception_report(&source->stream->reception, source->stream->ssrc,
                                               transport->engine->now, &block) &&
            count < RTCP_MAX_REPORTS)
            blocks[count++] = block;
    }
    if (!count && !transport->receive_limit)
        return 0;
    size_t size = rtcp_write_receiver_report(at, RTCP_OUR_SSRC, blocks, count);
    return transport->receive_limit ? size + write_remb(transport, at + size) : size;
}

double reports_on_time(double moment) {
    return floor(moment * PER_SECOND) / PER_SECOND;
}

static void report(void *owner, double now) {
    struct transport *transport = owner;
    struct compound compound = {.transport = transport};
    uint8_t part[RECEIVER_PART > SENDER_PART ? RECEIVER_PART : SENDER_PART];
    timers_set(&transport->engine->timers, &transport->reports, reports_on_time(now + INTERVAL));
    for (size_t i = 0; i < transport->sinks.count; i++)
        add_part(&compound, part, write_sender_part(transport->sinks.items[i], part));
    add_part(&compound, part, write_receiver_part(transport, part));
    send_compound(&compound);
}

static void tell_limit(void *owner, double now) {
    (void)now;
    struct transport *transport = owner;
    uint8_t compound[RECEIVER_PART];
    if (!transport->receive_limit)
        return;
    size_t size = rtcp_write_receiver_report(compound, RTCP_OUR_SSRC, NULL, 0);
    size += write_remb(transport, compound + size);
    transport_send_rtcp(transport, compound, size);
}

void reports_init(struct transport *transport) {
    transport->reports = (struct timer){.run = report, .owner = transport};
    transport->limit = (struct timer){.run = tell_limit, .owner = transport};
}

void reports_start(struct transport *transport) {
    struct engine *engine = transport->engine;
    /* Spread over the second, or the whole server would report in one burst. */
    double phase = fmod((double)transport->id * 0.618, 1.0);
    double due = reports_on_time(engine->now + phase * INTERVAL) + 1 / PER_SECOND;
    timers_set(&engine->timers, &transport->reports, due);
}

void reports_stop(struct transport *transport) {
    timers_cancel(&transport->engine->timers, &transport->reports);
    timers_cancel(&transport->engine->timers, &transport->limit);
}

void reports_limit_changed(struct transport *transport) {
    timers_set(&transport->engine->timers, &transport->limit, transport->engine->now);
}
