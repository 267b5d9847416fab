#include "table.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 16 };

uint64_t hash_number(uint64_t number) {
    /* The finaliser of splitmix64: numbers in a row are spread over all bits. */
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9u;
    number = (number ^ number >> 27) * 0x94D049BB133111EBu;
    return number ^ number >> 31;
}

uint64_t hash_bytes(const uint8_t *bytes, size_t size) {
    uint64_t hash = size;
    while (size > 0) {
        uint64_t word = 0;
        size_t taken = size < sizeof word ? size : sizeof word;
        memcpy(&word, bytes, taken);
        hash = hash_number(hash ^ word);
        bytes += taken;
        size -= taken;
    }
    return hash;
}

void *table_find(const struct table *table, uint64_t hash, table_match match, const void *key,
                 size_t key_size) {
    if (table->room == 0)
        return NULL;
    size_t mask = table->room - 1;
    for (size_t i = hash & mask; table->entries[i].item; i = (i + 1) & mask) {
        const struct table_entry *entry = &table->entries[i];
        if (entry->hash == hash && match(entry->item, key, key_size))
            return entry->item;
    }
    return NULL;
}

static void place(struct table_entry *entries, size_t mask, uint64_t hash, void *item) {
    size_t i = hash & mask;
    while (entries[i].item)
        i = (i + 1) & mask;
    entries[i] = (struct table_entry){hash, item};
}

static bool grow(struct table *table) {
    size_t room = table->room ? table->room * 2 : FIRST_ROOM;
    struct table_entry *entries = calloc(room, sizeof *entries);
    if (!entries)
        return false;
    for (size_t i = 0; i < table->room; i++)
        if (table->entries[i].item)
            place(entries, room - 1, table->entries[i].hash, table->entries[i].item);
    free(table->entries);
    table->entries = entries;
    table->room = room;
    return true;
}

bool table_add(struct table *table, uint64_t hash, void *item) {
    if (table->count * 2 >= table->room && !grow(table))
        return false;
    place(table->entries, table->room - 1, hash, item);
    table->count++;
    return true;
}

/* Moves those that were pushed along by the one that goes, so that no search stops at the hole. */
static void close_hole(struct table *table, size_t hole) {
    size_t mask = table->room - 1;
    for (size_t i = (hole + 1) & mask; table->entries[i].item; i = (i + 1) & mask) {
        size_t home = table->entries[i].hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            table->entries[hole] = table->entries[i];
            hole = i;
        }
    }
    table->entries[hole].item = NULL;
}

void table_remove(struct table *table, uint64_t hash, const void *item) {
    if (table->room == 0)
        return;
    size_t mask = table->room - 1;
    for (size_t i = hash & mask; table->entries[i].item; i = (i + 1) & mask) {
        if (table->entries[i].item == item) {
            close_hole(table, i);
            table->count--;
            return;
        }
    }
}

void table_free(struct table *table) {
    free(table->entries);
    *table = (struct table){0};
}

static bool has_id(const void *item, const void *key, size_t key_size) {
    return memcmp(item, key, key_size) == 0;
}

static uint64_t id_of(const void *item) {
    uint64_t id;
    memcpy(&id, item, sizeof id);
    return id;
}

void *table_find_id(const struct table *table, uint64_t id) {
    return table_find(table, hash_number(id), has_id, &id, sizeof id);
}

bool table_add_id(struct table *table, void *item) {
    return table_add(table, hash_number(id_of(item)), item);
}

void table_remove_id(struct table *table, const void *item) {
    table_remove(table, hash_number(id_of(item)), item);
}
