#include "probing.h"

#include <math.h>
#include <string.h>

static const double DURATION = 0.015; /* seconds of a cluster */
static const double PAUSE = 3.0;      /* seconds between probes that find nothing more */
static const double AFTER_LIMIT = 2.0; /* seconds after a queue was seen */
static const double TIMEOUT = 1.0;    /* seconds a cluster may take to be answered */
static const double WORTH = 1.1;      /* a probe must promise so much more than is known */
static const double ENOUGH = 1.25;     /* times what would be of use: a result is a little less */
static const double STEP = 2.0;       /* each probe asks for so much more than is known */
static const double FIRST_STEP = 3.0;
static const double SHARE = 0.8;      /* of the cluster that must have arrived */
static const double MARGIN = 0.95;    /* of what a probe finds: the link need not be full */
static const double EVEN = 0.9;       /* part of what a link that is not full lets through at once */
static const double MAX_RATIO = 2.0;  /* received so much faster than sent: they were held up */

enum { SMALLEST = 200 }; /* bytes of a probe packet */

void prober_init(struct prober *prober, double now) {
    *prober = (struct prober){.next_at = now};
}

static double sending_time(const struct cluster *cluster) {
    return cluster->last_sent - cluster->first_sent;
}

static double receiving_time(const struct cluster *cluster) {
    return cluster->last_received - cluster->first_received;
}

/* It came as it was sent: the link was not full. */
static bool is_even(const struct cluster *cluster) {
    return sending_time(cluster) >= EVEN * receiving_time(cluster);
}

/* The last packet takes no time to send, the first none to receive. */
static double result(const struct cluster *cluster) {
    double sending = sending_time(cluster), receiving = receiving_time(cluster);
    if (!(sending > 0) || !(receiving > 0))
        return 0;
    double sent = (cluster->bytes - cluster->last_sent_size) * 8 / sending;
    double received = (cluster->bytes - cluster->first_received_size) * 8 / receiving;
    if (received > MAX_RATIO * sent)
        return 0;
    return MARGIN * fmin(sent, received);
}

static void add(struct cluster *cluster, uint32_t size, double sent_at, double received_at) {
    if (cluster->packets == 0) {
        cluster->first_sent = cluster->last_sent = sent_at;
        cluster->first_received = cluster->last_received = received_at;
        cluster->last_sent_size = cluster->first_received_size = size;
    }
    cluster->packets++;
    cluster->bytes += size;
    if (sent_at < cluster->first_sent)
        cluster->first_sent = sent_at;
    if (sent_at >= cluster->last_sent) {
        cluster->last_sent = sent_at;
        cluster->last_sent_size = size;
    }
    if (received_at < cluster->first_received) {
        cluster->first_received = received_at;
        cluster->first_received_size = size;
    }
    if (received_at > cluster->last_received)
        cluster->last_received = received_at;
}

double prober_packet(struct prober *prober, double now, uint8_t number, uint32_t size,
                     double sent_at, double received_at) {
    struct cluster *cluster = &prober->cluster;
    if (!prober->under_way || number != cluster->probe.cluster)
        return 0;
    add(cluster, size, sent_at, received_at);
    if (cluster->packets < SHARE * cluster->probe.packets ||
        cluster->bytes < SHARE * cluster->probe.bytes)
        return 0;
    double found = result(cluster);
    if (found > 0) {
        prober->under_way = false;
        prober->next_at = is_even(cluster) ? now : now + PAUSE;
    }
    return found;
}

void prober_wait(struct prober *prober, double now) {
    prober->under_way = false;
    prober->next_at = fmax(prober->next_at, now + AFTER_LIMIT);
}

bool prober_next(struct prober *prober, double now, double estimate, struct probe *probe) {
    if (prober->under_way && now - prober->cluster.began > TIMEOUT) {
        prober->under_way = false;
        prober->next_at = now + PAUSE;
    }
    if (prober->under_way || now < prober->next_at || (double)prober->up_to <= estimate)
        return false;
    double rate = (prober->last_cluster ? STEP : FIRST_STEP) * estimate;
    rate = fmax(fmin(rate, ENOUGH * (double)prober->up_to), WORTH * estimate);
    double bytes = fmax(rate * DURATION / 8, PROBE_PACKETS * SMALLEST);
    prober->last_cluster = prober->last_cluster == UINT8_MAX ? 1 : prober->last_cluster + 1;
    *probe = (struct probe){
        .cluster = prober->last_cluster,
        .bitrate = (uint64_t)rate,
        .packets = PROBE_PACKETS,
        .bytes = (uint32_t)bytes,
    };
    prober->cluster = (struct cluster){.probe = *probe, .began = now};
    prober->under_way = true;
    return true;
}
