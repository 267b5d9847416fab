#include "list.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 4 };

bool list_add(struct list *list, void *item) {
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : FIRST_ROOM;
        void **items = realloc(list->items, room * sizeof *items);
        if (!items)
            return false;
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = item;
    return true;
}

void list_remove(struct list *list, const void *item) {
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] != item)
            continue;
        list->count--;
        memmove(&list->items[i], &list->items[i + 1], (list->count - i) * sizeof *list->items);
        return;
    }
}

void list_free(struct list *list) {
    free(list->items);
    *list = (struct list){0};
}
