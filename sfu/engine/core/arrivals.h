/* When a peer's packets came that he numbers transport-wide, and the feedback that tells him: with
 * it he estimates what his way to us carries. */
#ifndef TERTULIA_ARRIVALS_H
#define TERTULIA_ARRIVALS_H

#include "rtp.h"

struct arrivals;
struct transport;

/* An authenticated packet came; also one that nobody forwards, as it took its way all the same. */
void arrivals_note(struct transport *transport, const struct rtp_packet *packet);
void arrivals_free(struct arrivals *arrivals); /* NULL is allowed */

#endif
