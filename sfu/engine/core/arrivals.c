#include "arrivals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "reports.h"
#include "rtcp.h"
#include "sequence.h"
#include "state.h"
#include "transport.h"
#include "twcc.h"

enum {
    FIRST_ROOM = 128,
    MAX_ROOM = 2048, /* packets that one report tells of: more than come in a quarter second */
};

static const double SHORTEST_PAUSE = 1.0 / 16; /* seconds: report times are no closer */
static const double LONGEST_PAUSE = 1.0 / 4;

/* Of what comes, so much may go back as feedback; and the bits of a feedback packet. */
static const double SHARE = 0.05;
static const double FEEDBACK_BITS = 68 * 8;

struct arrivals {
    struct transport *transport;
    struct unwrapper numbers;
    uint32_t *ticks; /* a ring: when each number came (twcc.h); 0 for not yet */
    int64_t room;    /* a power of two */
    int64_t next;    /* the first number of the next report */
    int64_t end;     /* behind the newest; 0 before any */
    double since;    /* when the first came that the next report tells of; seconds */
    uint64_t bytes;  /* since then */
    double pause;    /* from there to the report */
    uint32_t ssrc;   /* of the last packet: senders look for one they know */
    uint8_t feedback_count;
    struct timer timer;
};

static uint32_t *tick_of(const struct arrivals *arrivals, int64_t number) {
    return &arrivals->ticks[number & (arrivals->room - 1)];
}

/* Telling */

/* So long that feedback takes no more than its share. */
static double pause_at(double bits_per_second) {
    return fmin(fmax(FEEDBACK_BITS / (SHARE * bits_per_second), SHORTEST_PAUSE), LONGEST_PAUSE);
}

static size_t collect(const struct arrivals *arrivals, uint32_t *ticks) {
    size_t count = 0;
    for (int64_t number = arrivals->next; number < arrivals->end; number++)
        ticks[count++] = *tick_of(arrivals, number);
    return count;
}

static void tell(void *owner, double now) {
    struct arrivals *arrivals = owner;
    uint32_t ticks[MAX_ROOM];
    uint8_t feedback[TWCC_MAX_SIZE];
    size_t count = collect(arrivals, ticks);
    for (size_t done = 0, told; done < count; done += told) {
        size_t size = twcc_write(feedback, RTCP_OUR_SSRC, arrivals->ssrc,
                                 arrivals->feedback_count++, (uint16_t)arrivals->next,
                                 ticks + done, count - done, &told);
        transport_send_rtcp(arrivals->transport, feedback, size);
        arrivals->next += (int64_t)told;
    }
    if (now > arrivals->since)
        arrivals->pause = pause_at(8 * (double)arrivals->bytes / (now - arrivals->since));
}

static void count_until_report(struct arrivals *arrivals, size_t size) {
    struct engine *engine = arrivals->transport->engine;
    if (!timer_is_set(&arrivals->timer)) {
        arrivals->since = engine->now;
        arrivals->bytes = 0;
        timers_set(&engine->timers, &arrivals->timer,
                   reports_on_time(engine->now + arrivals->pause));
    }
    arrivals->bytes += size;
}

/* Noting */

static struct arrivals *arrivals_new(struct transport *transport) {
    struct arrivals *arrivals = calloc(1, sizeof *arrivals);
    uint32_t *ticks = calloc(FIRST_ROOM, sizeof *ticks);
    if (!arrivals || !ticks) {
        free(arrivals);
        free(ticks);
        return NULL;
    }
    arrivals->transport = transport;
    arrivals->ticks = ticks;
    arrivals->room = FIRST_ROOM;
    arrivals->pause = SHORTEST_PAUSE;
    arrivals->timer = (struct timer){.run = tell, .owner = arrivals};
    return arrivals;
}

void arrivals_free(struct arrivals *arrivals) {
    if (!arrivals)
        return;
    timers_cancel(&arrivals->transport->engine->timers, &arrivals->timer);
    free(arrivals->ticks);
    free(arrivals);
}

/* Twice the room, until there is enough for `number` beside those not told of yet. */
static bool grow(struct arrivals *arrivals, int64_t number) {
    int64_t room = arrivals->room;
    while (room <= number - arrivals->next)
        room *= 2;
    uint32_t *ticks = calloc((size_t)room, sizeof *ticks);
    if (!ticks)
        return false;
    for (int64_t i = arrivals->end - arrivals->room; i < arrivals->end; i++)
        ticks[i & (room - 1)] = *tick_of(arrivals, i);
    free(arrivals->ticks);
    arrivals->ticks = ticks;
    arrivals->room = room;
    return true;
}

/* Forgets what came: the peer numbers from elsewhere. */
static void begin_at(struct arrivals *arrivals, int64_t number) {
    memset(arrivals->ticks, 0, (size_t)arrivals->room * sizeof *arrivals->ticks);
    arrivals->next = arrivals->end = number;
}

/* Where to note when `number` came; NULL if it is too old. */
static uint32_t *place_of(struct arrivals *arrivals, int64_t number) {
    if (arrivals->end == 0 || number - arrivals->next >= MAX_ROOM)
        begin_at(arrivals, number);
    if (number - arrivals->next >= arrivals->room && !grow(arrivals, number))
        begin_at(arrivals, number);
    if (number < arrivals->end - arrivals->room)
        return NULL;
    while (arrivals->end <= number)
        *tick_of(arrivals, arrivals->end++) = 0;
    return tick_of(arrivals, number);
}

static void note(struct arrivals *arrivals, uint16_t wrapped, const struct rtp_packet *packet) {
    int64_t number = unwrap16(&arrivals->numbers, wrapped);
    uint32_t *tick = place_of(arrivals, number);
    if (!tick || *tick)
        return;
    if (number < arrivals->next)
        arrivals->next = number; /* it was told of as lost: all from here on is told again */
    double now = arrivals->transport->engine->now;
    *tick = (uint32_t)(int64_t)(now * TWCC_TICKS);
    if (*tick == 0)
        *tick = 1; /* once in twelve days */
    arrivals->ssrc = packet->ssrc;
    count_until_report(arrivals, packet->size);
}

void arrivals_note(struct transport *transport, const struct rtp_packet *packet) {
    struct rtp_elements walk;
    struct rtp_element element;
    rtp_elements_begin(packet, &walk);
    while (rtp_next_element(&walk, &element)) {
        if (transport->extension_of[element.id] != TRANSPORT_CC || element.size != 2)
            continue;
        if (!transport->arrivals)
            transport->arrivals = arrivals_new(transport);
        if (transport->arrivals)
            note(transport->arrivals, load16(element.value), packet);
        return;
    }
}
