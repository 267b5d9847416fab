#include "congestion.h"

#include <math.h>
#include <stdlib.h>

#include "bytes.h"
#include "state.h"
#include "transport.h"
#include "twcc.h"

enum { RTP_HEADER = 12, EXTENSION_HEADER = 4, ONE_BYTE = 0xBEDE, HAS_EXTENSION = 0x10 };

static const double PATIENCE = 1.0; /* seconds; feedback comes several times in one */

/* An event for a change of so much, or the time (seconds) that it takes otherwise. */
static const double RISE = 0.05;
static const double FALL = 0.03;
static const double SHORTEST_PAUSE = 0.1;
static const double LONGEST_PAUSE = 1.0;

enum { BLOCK = 256 }; /* packets that the estimator gets at once */

static void pace(struct congestion *congestion, double now) {
    pacer_set_rate(&congestion->pacer, (double)estimator_pace(&congestion->estimator) / 8, now);
}

void congestion_begin(struct transport *transport, uint8_t element) {
    if (transport->congestion)
        return;
    struct congestion *congestion = calloc(1, sizeof *congestion);
    if (!congestion)
        return;
    double now = transport->engine->now;
    congestion->transport = transport;
    congestion->element = element;
    estimator_init(&congestion->estimator, now);
    pace(congestion, now);
    transport->congestion = congestion;
}

void congestion_end(struct transport *transport) {
    struct congestion *congestion = transport->congestion;
    if (!congestion)
        return;
    pacing_stop(congestion);
    departures_free(&congestion->departures);
    free(congestion);
}

/* The estimate */

static void report(struct congestion *congestion, double now, uint64_t bitrate) {
    struct transport *transport = congestion->transport;
    double before = (double)congestion->reported;
    double pause = now - congestion->reported_at;
    bool changed = (double)bitrate >= before * (1 + RISE) || (double)bitrate <= before * (1 - FALL);
    if (congestion->reported && pause < (changed ? SHORTEST_PAUSE : LONGEST_PAUSE))
        return;
    congestion->reported = bitrate;
    congestion->reported_at = now;
    events_bandwidth_estimate(&transport->engine->events, transport->id, bitrate,
                              BY_TRANSPORT_CC);
}

static void estimate_changed(struct congestion *congestion, double now) {
    uint64_t bitrate = estimator_bitrate(&congestion->estimator);
    congestion->transport->has_estimate = true;
    congestion->transport->estimate = bitrate;
    pace(congestion, now);
    report(congestion, now, bitrate);
}

static void probe_if_due(struct congestion *congestion, double now) {
    struct probe probe;
    if (!congestion->run.running && pacing_can_probe(congestion) &&
        estimator_next_probe(&congestion->estimator, now, &probe))
        pacing_probe(congestion, &probe);
}

void congestion_set_target(struct congestion *congestion, uint64_t bitrate, uint64_t probe) {
    double now = congestion->transport->engine->now;
    estimator_set_target(&congestion->estimator, now, bitrate, probe);
    probe_if_due(congestion, now);
}

/* Sending */

/* Nothing was ever told: a link of which nothing is known is not held back for ever. */
static bool is_deaf(const struct congestion *congestion, double now) {
    return !congestion->heard && congestion->awaited &&
           now - congestion->awaited_since > PATIENCE;
}

bool congestion_admits(struct congestion *congestion, enum urgency urgency) {
    double now = congestion->transport->engine->now;
    if (pacer_allows(&congestion->pacer, urgency, now))
        return true;
    if (!is_deaf(congestion, now))
        return false;
    pacer_set_rate(&congestion->pacer, 0, now);
    return pacer_allows(&congestion->pacer, urgency, now);
}

bool congestion_number(const struct congestion *congestion, uint8_t *packet, size_t size) {
    uint8_t *element = packet + RTP_HEADER + EXTENSION_HEADER;
    if (!(packet[0] & HAS_EXTENSION) || size < RTP_HEADER + 2 * EXTENSION_HEADER)
        return false;
    bool one_byte = load16(packet + RTP_HEADER) == ONE_BYTE;
    /* Where it is negotiated, the element is the first (names.h). */
    bool there = one_byte ? element[0] == (uint8_t)(congestion->element << 4 | 1)
                          : element[0] == congestion->element && element[1] == 2;
    if (there)
        store16(element + (one_byte ? 1 : 2), (uint16_t)congestion->departures.next);
    return there;
}

static void await(struct congestion *congestion, double now) {
    if (!congestion->awaited) {
        congestion->awaited = true;
        congestion->awaited_since = now;
    } else if (congestion->heard && now - congestion->awaited_since > PATIENCE) {
        estimator_tick(&congestion->estimator, now);
        estimate_changed(congestion, now);
    }
}

void congestion_left(struct congestion *congestion, size_t size, bool numbered) {
    double now = congestion->transport->engine->now;
    pacer_spend(&congestion->pacer, size);
    if (!numbered)
        return;
    departures_add(&congestion->departures, now, size, pacing_cluster(congestion, size),
                   congestion->heard);
    await(congestion, now);
}

/* What the receiver tells */

/* The results that the estimator gets next. */
struct results {
    struct congestion *congestion;
    double now;
    size_t count;
    struct packet_result block[BLOCK];
};

static void hand_over(struct results *results) {
    struct congestion *congestion = results->congestion;
    estimator_feedback(&congestion->estimator, results->now, results->block, results->count,
                       congestion->transport->round_trip);
    results->count = 0;
}

/* `received_at`: seconds, of the receiver's clock; negative for lost. */
static void add_result(struct results *results, const struct departure *departure,
                       double received_at, bool told_lost) {
    results->block[results->count++] = (struct packet_result){
        .sent_at = departures_time(departure, results->now),
        .received_at = received_at,
        .size = departure->size,
        .probe = departure->cluster,
        .told_lost = told_lost,
    };
    if (results->count == BLOCK)
        hand_over(results);
}

/* Each packet is lost once, and comes once. */
static void take_status(struct results *results, int64_t number,
                        const struct twcc_status *status) {
    struct congestion *congestion = results->congestion;
    struct departure *departure = departures_get(&congestion->departures, number);
    enum fate fate = status->received ? TOLD_RECEIVED : TOLD_LOST;
    if (!departure || departure->fate >= fate)
        return;
    bool told_lost = departure->fate == TOLD_LOST;
    departure->fate = (uint8_t)fate;
    int64_t ticks = status->received ? unwrap32(&congestion->clock, status->ticks) : 0;
    add_result(results, departure, status->received ? (double)ticks / TWCC_TICKS : -1,
               told_lost);
}

static void take_all(struct results *results, struct twcc_reader *reader) {
    const struct departures *departures = &results->congestion->departures;
    int64_t oldest = departures->next - departures->room;
    int64_t first = departures_unwrap(departures, reader->base);
    struct twcc_status status;
    for (; twcc_next(reader, &status); first += status.count) {
        /* A run of lost ones may be longer than all that is remembered. */
        int64_t number = first < oldest ? oldest : first;
        for (; number < first + status.count; number++)
            take_status(results, number, &status);
    }
    hand_over(results);
}

/* All these numbers have been given. */
static bool have_left(const struct departures *departures, const struct twcc_reader *reader) {
    int64_t first = departures_unwrap(departures, reader->base);
    return first >= 0 && first + reader->count <= departures->next;
}

void congestion_told(struct congestion *congestion, const uint8_t *body, size_t size) {
    struct results results;
    struct twcc_reader reader;
    if (!twcc_read(body, size, &reader) || !have_left(&congestion->departures, &reader)) {
        transport_drop(congestion->transport, DROP_RTCP_MALFORMED);
        return;
    }
    results.congestion = congestion;
    results.now = congestion->transport->engine->now;
    results.count = 0;
    congestion->heard = true;
    congestion->awaited = false;
    take_all(&results, &reader);
    estimate_changed(congestion, results.now);
    probe_if_due(congestion, results.now);
}
