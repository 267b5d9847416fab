/* What an engine has done in all. Unlike the counters of a stream it never falls: what is closed
 * leaves its own here. */
#ifndef TERTULIA_TOTALS_H
#define TERTULIA_TOTALS_H

#include <stdint.h>

#include "buffer.h"

struct engine;
struct sink;
struct source;
struct transport;

enum { TOTALS_KINDS = 2 }; /* of enum kind */

/* Of one kind; the order is that of wire.py. */
struct kind_totals {
    uint64_t packets_received;
    uint64_t bytes_received;
    uint64_t packets_lost;
    uint64_t packets_recovered;
    uint64_t nacks_sent;
    uint64_t keyframes;
    uint64_t keyframe_requests_sent;
    uint64_t packets_sent;
    uint64_t bytes_sent;
    uint64_t retransmitted;
    uint64_t nacks_received;
    uint64_t keyframe_requests_received;
};

struct totals {
    uint64_t datagrams_received;
    uint64_t bytes_received;
    uint64_t datagrams_sent;
    uint64_t bytes_sent;
    uint64_t full_intra_requests; /* among the keyframe requests received (RFC 5104) */
    uint64_t layer_switches;
    struct kind_totals kinds[TOTALS_KINDS];
};

/* Before it is closed. */
void totals_add_transport(struct totals *totals, const struct transport *transport);
void totals_add_source(struct totals *totals, const struct source *source);
void totals_add_sink(struct totals *totals, const struct sink *sink);

#endif
