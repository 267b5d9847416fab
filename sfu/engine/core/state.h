/* The engine's own state, which its parts share: time, tables, what goes out. */
#ifndef TERTULIA_STATE_H
#define TERTULIA_STATE_H

#include <stdint.h>

#include "egress.h"
#include "events.h"
#include "list.h"
#include "names.h"
#include "srtp.h"
#include "table.h"
#include "timers.h"
#include "totals.h"

struct engine {
    double now; /* seconds */
    double unix_at_zero;
    struct srtp_library srtp;
    struct timers timers;
    struct timer levels;
    struct timer rates;
    struct timer pacing;
    struct list paced; /* congestion of transports where packets wait, or a probe is made */
    struct egress egress;
    struct events events;
    uint64_t drops[DROPS];
    struct totals closed; /* of all that is closed */
    struct table transports;
    struct table sources;
    struct table sinks;
    struct table ufrags;
    struct table paths;
    struct list source_order; /* as they were opened */
    struct list runs;         /* sources with packets that no sink has got yet */
};

static inline double engine_unix(const struct engine *engine) {
    return engine->now + engine->unix_at_zero;
}

static inline void engine_drop(struct engine *engine, enum drop reason) {
    engine->drops[reason]++;
}

/* Brings every sink what has come for it. Before anything that could change where packets go, or
 * that a peer says about what he got. */
void engine_flush_runs(struct engine *engine);

#endif
