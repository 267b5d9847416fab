#include "paths.h"

#include <stdlib.h>
#include <string.h>

#include "state.h"
#include "transport.h"

static bool has_address(const void *item, const void *key, size_t key_size) {
    return memcmp(&((const struct path *)item)->address, key, key_size) == 0;
}

static uint64_t hash_of(const struct address *address) {
    return hash_bytes((const uint8_t *)address, ADDRESS_SIZE);
}

struct path *paths_find(const struct engine *engine, const struct address *address) {
    return table_find(&engine->paths, hash_of(address), has_address, address, ADDRESS_SIZE);
}

static struct path *find_or_make(struct engine *engine, const struct address *address) {
    struct path *path = paths_find(engine, address);
    if (path)
        return path;
    path = calloc(1, sizeof *path);
    if (!path)
        return NULL;
    path->address = *address;
    if (table_add(&engine->paths, hash_of(address), path))
        return path;
    free(path);
    return NULL;
}

static void free_if_unused(struct engine *engine, struct path *path) {
    if (path->validated || path->expected || path->selections)
        return;
    egress_flush(&engine->egress); /* what is on its way still points here */
    table_remove(&engine->paths, hash_of(&path->address), path);
    free(path);
}

static void remove_from(struct path **paths, uint8_t *count, const struct path *path) {
    for (uint8_t i = 0; i < *count; i++) {
        if (paths[i] != path)
            continue;
        (*count)--;
        memmove(&paths[i], &paths[i + 1], (size_t)(*count - i) * sizeof *paths);
        return;
    }
}

static void deselect(struct engine *engine, struct transport *transport) {
    struct path *path = transport->selected;
    if (!path)
        return;
    transport->selected = NULL;
    path->selections--;
    free_if_unused(engine, path);
}

static void revoke(struct engine *engine, struct path *path) {
    struct transport *owner = path->validated;
    path->validated = NULL;
    remove_from(owner->paths, &owner->path_count, path);
    if (owner->selected == path)
        deselect(engine, owner);
    else
        free_if_unused(engine, path);
}

static struct path *oldest_unselected(const struct transport *transport) {
    return transport->paths[0] == transport->selected ? transport->paths[1] : transport->paths[0];
}

void paths_validate(struct engine *engine, struct transport *transport,
                    const struct address *address) {
    struct path *path = find_or_make(engine, address);
    if (!path || path->validated == transport)
        return;
    struct transport *owner = path->validated;
    path->validated = transport; /* keeps it, whatever is revoked now */
    if (owner) {
        remove_from(owner->paths, &owner->path_count, path);
        if (owner->selected == path)
            deselect(engine, owner);
    }
    if (transport->path_count == MAX_PATHS)
        revoke(engine, oldest_unselected(transport));
    transport->paths[transport->path_count++] = path;
}

static void stop_expecting(struct engine *engine, struct path *path) {
    struct transport *owner = path->expected;
    path->expected = NULL;
    remove_from(owner->expected, &owner->expected_count, path);
    free_if_unused(engine, path);
}

void paths_expect(struct engine *engine, struct transport *transport,
                  const struct address *address) {
    struct path *path = find_or_make(engine, address);
    if (!path || path->expected == transport)
        return;
    struct transport *owner = path->expected;
    path->expected = transport;
    if (owner)
        remove_from(owner->expected, &owner->expected_count, path);
    if (transport->expected_count == MAX_PATHS)
        stop_expecting(engine, transport->expected[0]);
    transport->expected[transport->expected_count++] = path;
}

void paths_select(struct engine *engine, struct transport *transport,
                  const struct address *address) {
    struct path *path = address ? find_or_make(engine, address) : NULL;
    if (path)
        path->selections++;
    deselect(engine, transport);
    transport->selected = path;
}

void paths_forget(struct engine *engine, struct transport *transport) {
    deselect(engine, transport);
    while (transport->path_count)
        revoke(engine, transport->paths[0]);
    while (transport->expected_count)
        stop_expecting(engine, transport->expected[0]);
}
