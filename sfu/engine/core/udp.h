/* One UDP socket, many datagrams per system call. Linux only.
 *
 * Paths are told as sfu/engine/udp.py tells them: the scope of a link-local IPv6 address is not
 * kept, so such a peer may be heard but not answered (we offer him no address to call either). */
#ifndef TERTULIA_UDP_H
#define TERTULIA_UDP_H

#include <stdbool.h>
#include <stddef.h>

#include "egress.h"

struct engine;
struct udp;

enum { UDP_BATCH = 64 }; /* datagrams per round */

/* `socket` is non-blocking and bound: IPv4, or IPv6 that may carry IPv4 as well. At a wildcard
 * address each datagram's local address is asked for, and replies leave from it. `segment`: hand
 * equal datagrams for one peer to the kernel as one (GSO). NULL and errno if it cannot be. */
struct udp *udp_new(struct engine *engine, int socket, bool segment);
void udp_free(struct udp *udp);

/* Reads what has come, at most UDP_BATCH datagrams; returns how many. */
size_t udp_receive(struct udp *udp);
/* Gives them to the engine. */
void udp_deliver(struct udp *udp, size_t count);

/* The engine's egress_function; `context` is the struct udp. Never blocks: with the socket's buffer
 * full, the rest of the burst is dropped and counted. */
void udp_send(void *context, const struct outgoing *burst, size_t count);

/* GSO was wanted, and the kernel has refused it: it is not used any more. */
bool udp_segmentation_refused(const struct udp *udp);

#endif
