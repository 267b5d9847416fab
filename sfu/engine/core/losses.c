#include "losses.h"

#include <math.h>

static const double WINDOW = 1.0; /* seconds */
static const double SHORT = 0.2;  /* seconds; for heavy loss */
static const double MEMORY = 10;  /* seconds; of packets that overtook each other */
/* Shares of the packets. */
static const double LOW = 0.02;
static const double MANY = 0.05;
static const double HIGH = 0.10;
static const double HEAVY = 0.30;
/* Times what was lost when less was sent for it. */
static const double BETTER = 0.7;
static const double WORSE = 1.3;

enum { FEWEST = 40 }; /* packets of which no loss is judged */

void losses_init(struct losses *losses) {
    *losses = (struct losses){.reordered = -1, .limit = INFINITY};
}

void losses_packet(struct losses *losses, double sent_at, bool lost, bool told_lost) {
    struct loss_count *count = sent_at >= losses->began ? &losses->current : &losses->before;
    losses->newest = fmax(losses->newest, sent_at);
    if (told_lost) {
        count->lost -= count->lost > 0;
        losses->reordered = losses->newest;
    } else {
        count->packets++;
        count->lost += lost;
    }
}

static double share(const struct loss_count *count) {
    return count->packets ? (double)count->lost / count->packets : 0;
}

/* The share that was lost of the packets that can be judged now; negative: not yet. */
static double settle(struct losses *losses) {
    bool reorders = losses->reordered >= 0 && losses->newest - losses->reordered < MEMORY;
    bool heavy = !reorders && share(&losses->current) > HEAVY;
    if (losses->current.packets < FEWEST || losses->newest - losses->began < (heavy ? SHORT : WINDOW))
        return -1;
    struct loss_count judged = reorders ? losses->before : losses->current;
    losses->before = losses->current;
    losses->current = (struct loss_count){0};
    losses->began = losses->newest;
    return share(&judged);
}

/* Where sending less changed nothing, the link loses at random, and would with still less, too. */
static bool was_in_vain(const struct losses *losses) {
    double change = losses->fraction / losses->answered;
    return losses->answered > 0 && change > BETTER && change < WORSE;
}

static void lower(struct losses *losses, double arriving, double estimate) {
    if (was_in_vain(losses)) {
        losses->limit = INFINITY;
        return;
    }
    double gentle = losses->fraction > HEAVY ? 0 : estimate * (1 - losses->fraction / 2);
    losses->limit = fmax(gentle, arriving);
    losses->answered = losses->fraction;
}

void losses_judge(struct losses *losses, double arriving, double estimate) {
    double fraction = settle(losses);
    if (fraction < 0)
        return;
    losses->fraction = fraction;
    if (fraction > HIGH && arriving > 0)
        lower(losses, arriving, estimate);
    if (fraction < LOW) {
        losses->limit = INFINITY;
        losses->answered = 0;
    }
}

bool losses_are_many(const struct losses *losses) {
    return losses->fraction > MANY;
}
