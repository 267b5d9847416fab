#include "outflow.h"

static const double SPAN = 0.3;      /* seconds; what is older than two is forgotten */
static const double SHORTEST = 0.06; /* seconds that tell something */

enum { FEWEST = 5 };

void outflow_packet(struct outflow *outflow, double received_at, uint32_t size, bool waited) {
    if (!waited || received_at < outflow->before.began) {
        outflow->busy = false;
        return;
    }
    if (!outflow->busy) {
        struct outflow_span span = {.began = received_at};
        *outflow = (struct outflow){true, 1, received_at, span, span};
        return;
    }
    if (received_at - outflow->current.began > SPAN) {
        outflow->before = outflow->current;
        outflow->current = (struct outflow_span){.began = outflow->last};
    }
    outflow->packets += outflow->packets < FEWEST;
    outflow->current.bytes += size;
    if (received_at > outflow->last)
        outflow->last = received_at;
}

double outflow_bitrate(const struct outflow *outflow) {
    double seconds = outflow->last - outflow->before.began;
    if (!outflow->busy || outflow->packets < FEWEST || seconds < SHORTEST)
        return 0;
    bool one = outflow->before.began == outflow->current.began;
    double bytes = outflow->current.bytes + (one ? 0 : outflow->before.bytes);
    return bytes * 8 / seconds;
}
