/* A hash table of items that contain their key. Open addressing, no tombstones. */
#ifndef TERTULIA_TABLE_H
#define TERTULIA_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table_entry {
    uint64_t hash;
    void *item; /* NULL: free */
};

/* All zero is an empty one. */
struct table {
    struct table_entry *entries;
    size_t room; /* a power of two, or 0 */
    size_t count;
};

typedef bool (*table_match)(const void *item, const void *key, size_t key_size);

uint64_t hash_number(uint64_t number);
uint64_t hash_bytes(const uint8_t *bytes, size_t size);

void *table_find(const struct table *table, uint64_t hash, table_match match, const void *key,
                 size_t key_size);
/* The caller knows that no equal item is in. False without memory. */
bool table_add(struct table *table, uint64_t hash, void *item);
void table_remove(struct table *table, uint64_t hash, const void *item);
void table_free(struct table *table);

/* Items whose first field is their `uint64_t` identifier. */
void *table_find_id(const struct table *table, uint64_t id);
bool table_add_id(struct table *table, void *item);
void table_remove_id(struct table *table, const void *item);

#endif
