/* The lives of the engine's things, and who closes whom:
 *
 * - closing a transport closes its sources and sinks and frees its paths, ufrags and sessions;
 * - closing a source empties the sinks that show it, and lets those that wait for it go on;
 * - closing a sink detaches it from its source. */
#ifndef TERTULIA_LIVES_H
#define TERTULIA_LIVES_H

#include <stdint.h>

#include "text.h"

struct engine;
struct sink;
struct sink_parameters;
struct source;
struct source_parameters;
struct transport;

/* NULL without memory, or if the id is taken. */
struct transport *open_transport(struct engine *engine, uint64_t id);
void close_transport(struct engine *engine, struct transport *transport);
/* STUN for it is this transport's from now on. */
void add_ufrag(struct engine *engine, struct transport *transport, struct text ufrag);
void forget_ufrags(struct engine *engine, struct transport *transport);
struct transport *find_ufrag(const struct engine *engine, struct text ufrag);

/* Takes `parameters->name`. */
void open_source(struct engine *engine, uint64_t id, struct transport *transport,
                 const struct source_parameters *parameters);
void close_source(struct engine *engine, struct source *source);

void open_sink(struct engine *engine, uint64_t id, struct transport *transport,
               const struct sink_parameters *parameters);
void close_sink(struct engine *engine, struct sink *sink);

#endif
