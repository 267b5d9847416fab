#include "binding.h"

#include <stdlib.h>
#include <string.h>

#include "source.h"

enum { FIRST_ROWS = 4, ROWS_STEP = 2 };

struct stream_name *stream_name_new(struct text mid, bool has_rid, struct text rid) {
    struct stream_name *name = malloc(sizeof *name + mid.size + rid.size);
    if (!name)
        return NULL;
    *name = (struct stream_name){1, has_rid, (uint8_t)mid.size, (uint8_t)rid.size};
    if (mid.size)
        memcpy(name->bytes, mid.bytes, mid.size);
    if (rid.size)
        memcpy(name->bytes + mid.size, rid.bytes, rid.size);
    return name;
}

void stream_name_release(struct stream_name *name) {
    if (!--name->references)
        free(name);
}

static struct text mid_of(const struct stream_name *name) {
    return (struct text){name->bytes, name->mid_size};
}

static struct text rid_of(const struct stream_name *name) {
    return (struct text){name->bytes + name->mid_size, name->rid_size};
}

static bool is_named(const struct stream_name *name, struct text mid, bool has_rid,
                     struct text rid) {
    return text_equal(mid_of(name), mid) && name->has_rid == has_rid &&
           text_equal(rid_of(name), rid);
}

static bool is_stream(const struct row *row, const struct stream_name *name, bool repair) {
    return row->repair == repair &&
           is_named(row->name, mid_of(name), name->has_rid, rid_of(name));
}

struct row *ssrcs_find(const struct ssrc_table *table, uint32_t ssrc) {
    for (uint8_t i = 0; i < table->row_count; i++)
        if (table->rows[i].ssrc == ssrc)
            return &table->rows[i];
    return NULL;
}

/* The newest SSRC that was this stream before it was closed. */
static void bind_again(struct ssrc_table *table, struct source *source, bool repair) {
    for (uint8_t i = table->row_count; i-- > 0;) {
        if (!is_stream(&table->rows[i], source->parameters.name, repair))
            continue;
        ssrcs_bind(table, table->rows[i].ssrc, source, repair);
        return;
    }
}

static void bind_declared(struct ssrc_table *table, struct source *source, uint32_t ssrc,
                          bool repair) {
    const struct row *row = ssrcs_find(table, ssrc);
    if (!row || !row->source)
        ssrcs_bind(table, ssrc, source, repair);
}

bool ssrcs_add(struct ssrc_table *table, struct source *source) {
    const struct source_parameters *parameters = &source->parameters;
    if (!list_add(&table->sources, source))
        return false;
    if (parameters->has_ssrc)
        bind_declared(table, source, parameters->ssrc, false);
    else
        bind_again(table, source, false);
    if (parameters->has_rtx_ssrc)
        bind_declared(table, source, parameters->rtx_ssrc, true);
    else
        bind_again(table, source, true);
    return true;
}

void ssrcs_remove(struct ssrc_table *table, struct source *source) {
    list_remove(&table->sources, source);
    for (uint8_t i = 0; i < table->row_count; i++)
        if (table->rows[i].source == source)
            table->rows[i].source = NULL;
}

static struct row *new_row(struct ssrc_table *table, uint32_t ssrc) {
    if (table->row_count == table->row_room) {
        uint8_t room = table->row_room ? (uint8_t)(table->row_room * ROWS_STEP) : FIRST_ROWS;
        struct row *rows = realloc(table->rows, room * sizeof *rows);
        if (!rows)
            return NULL;
        table->rows = rows;
        table->row_room = room;
    }
    struct row *row = &table->rows[table->row_count++];
    *row = (struct row){.ssrc = ssrc};
    return row;
}

void ssrcs_bind(struct ssrc_table *table, uint32_t ssrc, struct source *source, bool repair) {
    struct stream_name *name = source->parameters.name;
    struct row *row = ssrcs_find(table, ssrc);
    if (!row && ssrcs_full(table))
        return;
    for (uint8_t i = 0; i < table->row_count; i++)
        if (is_stream(&table->rows[i], name, repair))
            table->rows[i].source = NULL;
    if (!row)
        row = new_row(table, ssrc);
    if (!row)
        return;
    name->references++;
    if (row->name)
        stream_name_release(row->name);
    *row = (struct row){ssrc, repair, name, source};
    if (!repair)
        source_bind(source, ssrc);
}

void ssrcs_free(struct ssrc_table *table) {
    for (uint8_t i = 0; i < table->row_count; i++)
        stream_name_release(table->rows[i].name);
    free(table->rows);
    list_free(&table->sources);
    *table = (struct ssrc_table){0};
}

struct said {
    bool has[EXTENSIONS];
    struct text value[EXTENSIONS];
};

static bool listen(const struct rtp_packet *packet, const uint8_t *names, struct said *said) {
    struct rtp_elements walk;
    struct rtp_element element;
    rtp_elements_begin(packet, &walk);
    while (rtp_next_element(&walk, &element)) {
        uint8_t name = names[element.id];
        if (name == NO_EXTENSION)
            continue;
        said->has[name] = true;
        said->value[name] = (struct text){element.value, element.size};
    }
    return !walk.malformed;
}

enum identified ssrcs_identify(const struct ssrc_table *table, const struct rtp_packet *packet,
                               const uint8_t *names, struct source **source, bool *repair) {
    struct said said = {0};
    if (!packet->has_extension)
        return NOBODY;
    if (!listen(packet, names, &said))
        return MALFORMED;
    if (!said.has[MID])
        return NOBODY;
    /* An empty repaired rid names nothing, but says that this is a repair. */
    bool repaired = said.has[REPAIRED_RID];
    int rid = repaired && said.value[REPAIRED_RID].size ? REPAIRED_RID : RID;
    for (size_t i = 0; i < table->sources.count; i++) {
        struct source *found = table->sources.items[i];
        if (!is_named(found->parameters.name, said.value[MID], said.has[rid], said.value[rid]))
            continue;
        *source = found;
        *repair = repaired || source_is_repair(found, packet->payload_type);
        return IDENTIFIED;
    }
    return NOBODY;
}
