/* Which SSRC is which stream of one transport (RFC 8843, section 9.2; RFC 8852).
 *
 * Every transport has a table of its own, so whatever SSRC a peer writes, he only ever speaks for
 * himself. A row is made by authenticated packets (or by the description) only, and is kept when
 * its source closes: browsers name mid and rid only until the first receiver report. */
#ifndef TERTULIA_BINDING_H
#define TERTULIA_BINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "list.h"
#include "names.h"
#include "rtp.h"
#include "text.h"

struct source;

/* Mid and rid of a source; counted, as rows outlive it. */
struct stream_name {
    int references;
    bool has_rid;
    uint8_t mid_size;
    uint8_t rid_size;
    uint8_t bytes[]; /* mid, rid */
};

struct stream_name *stream_name_new(struct text mid, bool has_rid, struct text rid);
void stream_name_release(struct stream_name *name);

struct row {
    uint32_t ssrc;
    bool repair; /* it is the RTX stream of that name */
    struct stream_name *name;
    struct source *source; /* NULL: closed, or another SSRC is it now */
};

/* All zero is an empty one. */
struct ssrc_table {
    struct row *rows; /* in the order of their first binding */
    uint8_t row_count;
    uint8_t row_room;
    struct list sources;
};

struct row *ssrcs_find(const struct ssrc_table *table, uint32_t ssrc);
static inline bool ssrcs_full(const struct ssrc_table *table) {
    return table->row_count >= MAX_SSRCS_PER_TRANSPORT;
}
bool ssrcs_add(struct ssrc_table *table, struct source *source);
void ssrcs_remove(struct ssrc_table *table, struct source *source);
/* `ssrc` is that stream from now on, and no other SSRC is. Ignored if the table is full. */
void ssrcs_bind(struct ssrc_table *table, uint32_t ssrc, struct source *source, bool repair);
void ssrcs_free(struct ssrc_table *table);

enum identified { IDENTIFIED, NOBODY, MALFORMED };

/* What an unknown SSRC says it is, if that is an open source. `names`: by extension id. */
enum identified ssrcs_identify(const struct ssrc_table *table, const struct rtp_packet *packet,
                               const uint8_t *names, struct source **source, bool *repair);

#endif
