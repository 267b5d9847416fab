/* Audio levels that clients put into their packets (RFC 6464), -dBov: 0 is loudest, 127 silence. */
#ifndef TERTULIA_LEVELS_H
#define TERTULIA_LEVELS_H

#include <stdbool.h>
#include <stdint.h>

struct level_meter {
    bool speaking;
    bool has_packet;
    int voiced_in_a_row;
    double last_voice;
    double last_packet;
    double smooth;
};

void level_meter_init(struct level_meter *meter);
/* One packet; `value` is the byte of the extension. True at the onset of a voice. */
bool level_meter_update(struct level_meter *meter, uint8_t value, double now);
/* Smoothed, for display. */
int level_meter_level(const struct level_meter *meter, double now);

#endif
