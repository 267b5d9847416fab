/* Audio levels that clients put into their packets (RFC 6464), -dBov: 0 is loudest, 127 silence. */
#ifndef TERTULIA_LEVELS_H
#define TERTULIA_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECENT_LEVELS = 16 }; /* more than come between two reports at 20 ms each */

struct level_meter {
    bool speaking;
    bool has_packet;
    int voiced_in_a_row;
    double last_voice;
    double last_packet;
    double smooth;
    uint8_t recent_count;
    uint8_t recent[RECENT_LEVELS]; /* of the packets since they were last taken, oldest first */
};

void level_meter_init(struct level_meter *meter);
/* One packet; `value` is the byte of the extension. True at the onset of a voice. */
bool level_meter_update(struct level_meter *meter, uint8_t value, double now);
/* Smoothed, for display. */
int level_meter_level(const struct level_meter *meter, double now);
/* The packets' levels since this was last asked, oldest first. 0 if none of them was audible. */
size_t level_meter_take_recent(struct level_meter *meter, uint8_t recent[RECENT_LEVELS]);

#endif
