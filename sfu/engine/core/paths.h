/* Which path may speak for which transport. A path is validated by ICE; only then are DTLS and SRTP
 * from it looked at. Before that the one thing let through is an answer to a check of our own. */
#ifndef TERTULIA_PATHS_H
#define TERTULIA_PATHS_H

#include "address.h"
#include "table.h"

struct engine;
struct transport;

enum { MAX_PATHS = 8 }; /* per transport, of each kind */

struct path {
    struct address address;
    struct transport *validated; /* for whom it may speak */
    struct transport *expected;  /* who waits for an answer from there */
    unsigned selections;         /* by how many transports */
};

struct path *paths_find(const struct engine *engine, const struct address *address);
void paths_validate(struct engine *engine, struct transport *transport,
                    const struct address *address);
void paths_expect(struct engine *engine, struct transport *transport,
                  const struct address *address);
/* Where the transport sends from now on; NULL for nowhere. */
void paths_select(struct engine *engine, struct transport *transport,
                  const struct address *address);
/* The transport closes. */
void paths_forget(struct engine *engine, struct transport *transport);

#endif
