#include "reception.h"

#include <math.h>

static const double MAX_TRANSIT_CHANGE = 5.0; /* seconds; a bigger one is a new timestamp base */
enum { MIN_LOST = -(1 << 23), MAX_LOST = (1 << 23) - 1 };

void reception_init(struct reception *reception, int clock_rate) {
    *reception = (struct reception){.clock_rate = clock_rate};
}

static void update_jitter(struct reception *reception, uint32_t timestamp, double now) {
    int rate = reception->clock_rate;
    int32_t sent = distance32(timestamp, reception->timestamp);
    double change = fabs((now - reception->arrival) * rate - sent);
    if (change < MAX_TRANSIT_CHANGE * rate)
        reception->jitter += (change - reception->jitter) / 16;
}

void reception_received(struct reception *reception, uint16_t sequence, uint32_t timestamp,
                        double now) {
    int64_t highest = reception->unwrapper.highest;
    int64_t number = unwrap16(&reception->unwrapper, sequence);
    reception->packets++;
    if (highest == 0)
        reception->base = number;
    else if (number <= highest)
        return; /* overtaken: it says nothing about how evenly packets come */
    else
        update_jitter(reception, timestamp, now);
    reception->arrival = now;
    reception->timestamp = timestamp;
}

void reception_sender_report(struct reception *reception, uint64_t ntp, double now) {
    reception->report_ntp = ntp;
    reception->report_time = now;
    reception->has_report = true;
}

static int64_t expected(const struct reception *reception) {
    int64_t highest = reception->unwrapper.highest;
    return highest == 0 ? 0 : highest - reception->base + 1;
}

int64_t reception_lost(const struct reception *reception) {
    return expected(reception) - reception->packets;
}

static int32_t clamp_lost(int64_t lost) {
    if (lost < MIN_LOST)
        return MIN_LOST;
    return lost > MAX_LOST ? MAX_LOST : (int32_t)lost;
}

/* Of 256, since the last report. */
static uint8_t next_fraction_lost(struct reception *reception) {
    int64_t new_expected = expected(reception) - reception->expected_before;
    int64_t lost = new_expected - (reception->packets - reception->received_before);
    reception->expected_before += new_expected;
    reception->received_before = reception->packets;
    /* Where something was expected, something came: it is below 256. */
    return new_expected > 0 && lost > 0 ? (uint8_t)(lost * 256 / new_expected) : 0;
}

/* Since the last sender report, in 1/65536 s. */
static uint32_t report_delay(const struct reception *reception, double now) {
    double delay = (now - reception->report_time) * 0x10000;
    if (delay >= UINT32_MAX)
        return UINT32_MAX;
    return delay > 0 ? (uint32_t)delay : 0;
}

bool reception_report(struct reception *reception, uint32_t ssrc, double now,
                      struct report_block *block) {
    int64_t highest = reception->unwrapper.highest;
    if (highest == 0)
        return false;
    *block = (struct report_block){
        .ssrc = ssrc,
        .fraction_lost = next_fraction_lost(reception),
        .packets_lost = clamp_lost(reception_lost(reception)),
        /* The first turn is not one: the unwrapper lifts what it sees first. */
        .highest_sequence = (uint32_t)(highest - 0x10000),
        .jitter = (uint32_t)reception->jitter,
    };
    if (reception->has_report) {
        block->lsr = (uint32_t)(reception->report_ntp >> 16);
        block->dlsr = report_delay(reception, now);
    }
    return true;
}
