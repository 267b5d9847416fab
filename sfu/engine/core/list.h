/* Pointers in a row, in the order they were added. */
#ifndef TERTULIA_LIST_H
#define TERTULIA_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is an empty one. */
struct list {
    void **items;
    size_t count;
    size_t room;
};

bool list_add(struct list *list, void *item); /* false without memory */
void list_remove(struct list *list, const void *item); /* the first that is it */
void list_free(struct list *list);

#endif
