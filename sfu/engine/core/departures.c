#include "departures.h"

#include <stdlib.h>

enum {
    FIRST_ROOM = 64,
    UNTOLD_ROOM = 128, /* for a receiver that may never tell anything */
    MAX_ROOM = 4096,
    MAX_AGE = 2000000, /* µs after which nobody tells of a packet any more */
};

static uint32_t microseconds(double now) {
    return (uint32_t)(int64_t)(now * 1e6);
}

double departures_time(const struct departure *departure, double now) {
    return now - (microseconds(now) - departure->sent) * 1e-6;
}

static struct departure *slot(const struct departures *departures, int64_t number) {
    return &departures->ring[number & (departures->room - 1)];
}

/* What would be overwritten next is still on its way. */
static bool is_full(const struct departures *departures, double now) {
    const struct departure *oldest = slot(departures, departures->next);
    return departures->next >= departures->room && oldest->fate == UNTOLD &&
           microseconds(now) - oldest->sent <= MAX_AGE;
}

static void grow(struct departures *departures) {
    uint32_t room = departures->room ? departures->room * 2 : FIRST_ROOM;
    struct departure *ring = calloc(room, sizeof *ring);
    if (!ring)
        return;
    for (int64_t i = departures->next - departures->room; i < departures->next; i++)
        ring[i & (room - 1)] = *slot(departures, i);
    free(departures->ring);
    departures->ring = ring;
    departures->room = room;
}

void departures_add(struct departures *departures, double now, size_t size, uint8_t cluster,
                    bool told) {
    uint32_t most = told ? MAX_ROOM : UNTOLD_ROOM;
    if (!departures->room || (departures->room < most && is_full(departures, now)))
        grow(departures);
    if (departures->room)
        *slot(departures, departures->next) =
            (struct departure){microseconds(now), (uint16_t)size, cluster, UNTOLD};
    departures->next++;
}

int64_t departures_unwrap(const struct departures *departures, uint16_t number) {
    int64_t last = departures->next - 1;
    return last + (int16_t)(number - (uint16_t)last);
}

struct departure *departures_get(struct departures *departures, int64_t number) {
    if (number < 0 || number >= departures->next ||
        number < departures->next - departures->room)
        return NULL;
    return slot(departures, number);
}

void departures_free(struct departures *departures) {
    free(departures->ring);
}
