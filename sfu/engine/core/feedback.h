/* What a peer says by RTCP, turned into what is done about it. */
#ifndef TERTULIA_FEEDBACK_H
#define TERTULIA_FEEDBACK_H

#include <stddef.h>
#include <stdint.h>

struct transport;

/* One SRTCP datagram, in place. What it says about SSRCs that are not this transport's is ignored. */
void receive_rtcp(struct transport *transport, uint8_t *data, size_t size);

#endif
