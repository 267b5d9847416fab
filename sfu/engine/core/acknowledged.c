#include "acknowledged.h"

#include <math.h>

static const double FIRST_WINDOW = 0.5; /* seconds */
static const double WINDOW = 0.15;
static const double PAUSE = 0.5;          /* seconds without a packet: nothing was sent, not lost */
static const double UNCERTAINTY = 5.0;    /* of a sample, times its relative distance */
static const double DRIFT = 5.0;          /* variance the truth gains from sample to sample */
static const double FIRST_VARIANCE = 50.0;

static void take_sample(struct acknowledged *acknowledged, double sample) {
    if (!acknowledged->known) {
        acknowledged->known = true;
        acknowledged->estimate = sample;
        acknowledged->variance = FIRST_VARIANCE;
        return;
    }
    double known = acknowledged->estimate;
    double uncertainty = UNCERTAINTY * fabs(known - sample) / fmax(known, 1);
    double variance = uncertainty * uncertainty;
    double predicted = acknowledged->variance + DRIFT;
    acknowledged->estimate = (variance * known + predicted * sample) / (variance + predicted);
    acknowledged->variance = variance * predicted / (variance + predicted);
}

void acknowledged_packet(struct acknowledged *acknowledged, double received_at, uint32_t size) {
    double window = acknowledged->known ? WINDOW : FIRST_WINDOW;
    double elapsed = received_at - acknowledged->window_began;
    bool paused = fabs(received_at - acknowledged->last) > PAUSE; /* or the clock jumped */
    if (!acknowledged->begun || paused) {
        acknowledged->begun = true;
        acknowledged->window_began = acknowledged->last = received_at;
        acknowledged->bytes = 0;
    } else if (elapsed >= window) {
        take_sample(acknowledged, acknowledged->bytes * 8 / elapsed);
        acknowledged->window_began = received_at;
        acknowledged->bytes = 0;
    }
    acknowledged->bytes += size;
    acknowledged->last = fmax(acknowledged->last, received_at);
}
