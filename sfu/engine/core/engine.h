/* The packet path as a whole: what `interface.Engine` promises, without Python, sockets or clocks.
 *
 * One round is `engine_begin`, any number of `engine_command` and `engine_receive`, `engine_end`;
 * that is the interface's `handle`. Not thread-safe: whoever runs the rounds owns the engine. */
#ifndef TERTULIA_ENGINE_H
#define TERTULIA_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "buffer.h"
#include "egress.h"
#include "names.h"
#include "srtp.h"

struct engine;

/* `unix_at_zero`: Unix time (seconds) at which the engine's clock was 0. NULL without memory. */
struct engine *engine_new(const struct srtp_library *srtp, double unix_at_zero);
/* Closes everything, libsrtp's sessions included. */
void engine_free(struct engine *engine);

/* Where datagrams go from now on; called within rounds only. */
void engine_set_egress(struct engine *engine, egress_function send, void *context);

void engine_begin(struct engine *engine, double now);
/* Applies encoded commands (wire.py) in order. False if they are not well-formed: a bug of ours. */
bool engine_command(struct engine *engine, const uint8_t *commands, size_t size);
/* `data` is worked on in place; bytes beyond `size` need not exist. */
void engine_receive(struct engine *engine, const struct address *from, uint8_t *data, size_t size);
/* Sends what is still to be sent and runs what is due. Returns when the next round must be
 * (seconds); INFINITY for never. */
double engine_end(struct engine *engine);

/* Datagrams that the caller could not send: DROP_SEND_BUFFER_FULL or DROP_SEND_FAILED. */
void engine_not_sent(struct engine *engine, const struct address *to, enum drop reason,
                     size_t count);

/* Moves the encoded events (wire.py) that have happened since the last call to the end of `into`.
 * Answers to commands are never lost; others are once MAX_EVENTS of them wait. */
void engine_take_events(struct engine *engine, struct buffer *into);
size_t engine_events_waiting(const struct engine *engine); /* bytes */

/* Appends an encoded snapshot (wire.py). */
void engine_stats(const struct engine *engine, struct buffer *into);
/* The same of the sums that never fall. */
void engine_totals(const struct engine *engine, struct buffer *into);

#endif
