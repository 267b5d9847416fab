#include "levels.h"

#include <math.h>
#include <string.h>

enum {
    SILENCE = 127,
    VOICED = 40, /* a packet at least this loud is voice even if its sender does not say so */
    /* A packet with the voice flag need not be louder than this. The flag alone says too little:
     * libwebrtc sets it on every packet that is not discontinuous transmission, noise included. */
    VOICED_IF_FLAGGED = 50,
    /* Voiced packets in a row before we believe it: a key press is one. */
    ONSET_PACKETS = 2,
    AUDIBLE = 60, /* who was never as loud makes no sound worth telling packet by packet */
};

static const double HANGOVER = 0.5; /* seconds without voice: a pause has become an end */
static const double ATTACK = 0.05;  /* seconds in which the displayed level follows up */
static const double RELEASE = 0.3;  /* and down */
static const double STALE = 0.5;    /* seconds without a packet: silent */

void level_meter_init(struct level_meter *meter) {
    *meter = (struct level_meter){.smooth = SILENCE};
}

static bool is_stale(const struct level_meter *meter, double now) {
    return !meter->has_packet || now - meter->last_packet > STALE;
}

static void follow(struct level_meter *meter, int level, double now) {
    double elapsed = now - meter->last_packet;
    if (is_stale(meter, now)) {
        meter->smooth = SILENCE;
        elapsed = ATTACK;
    }
    meter->has_packet = true;
    meter->last_packet = now;
    double change = level - meter->smooth;
    double share = elapsed / (change < 0 ? ATTACK : RELEASE);
    meter->smooth += change * (share < 1.0 ? share : 1.0);
}

static void keep_recent(struct level_meter *meter, uint8_t level) {
    if (meter->recent_count == RECENT_LEVELS)
        memmove(meter->recent, meter->recent + 1, --meter->recent_count);
    meter->recent[meter->recent_count++] = level;
}

bool level_meter_update(struct level_meter *meter, uint8_t value, double now) {
    bool flagged = value & 0x80;
    uint8_t level = value & 0x7F;
    follow(meter, level, now);
    keep_recent(meter, level);
    bool paused = now - meter->last_voice > HANGOVER;
    if (paused)
        meter->speaking = false;
    if (level > (flagged ? VOICED_IF_FLAGGED : VOICED)) {
        meter->voiced_in_a_row = 0;
        return false;
    }
    if (paused)
        meter->voiced_in_a_row = 0;
    meter->last_voice = now;
    if (meter->voiced_in_a_row < ONSET_PACKETS)
        meter->voiced_in_a_row++;
    if (meter->speaking || meter->voiced_in_a_row < ONSET_PACKETS)
        return false;
    meter->speaking = true;
    return true;
}

int level_meter_level(const struct level_meter *meter, double now) {
    return is_stale(meter, now) ? SILENCE : (int)rint(meter->smooth);
}

size_t level_meter_take_recent(struct level_meter *meter, uint8_t recent[RECENT_LEVELS]) {
    size_t count = meter->recent_count;
    bool audible = false;
    for (size_t i = 0; i < count; i++) {
        recent[i] = meter->recent[i];
        audible |= recent[i] <= AUDIBLE;
    }
    meter->recent_count = 0;
    return audible ? count : 0;
}
