/* Bytes on their way from one thread to another, who is woken by an eventfd. */
#ifndef TERTULIA_QUEUE_H
#define TERTULIA_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

struct queue {
    pthread_mutex_t mutex;
    struct buffer bytes;
    size_t limit; /* bytes; only an empty queue takes more at once */
    bool refused; /* since the last `queue_take` */
    int wake;     /* the taker's eventfd, written when there is something again */
};

void queue_init(struct queue *queue, size_t limit, int wake);
void queue_free(struct queue *queue);

/* False if it does not fit: nothing was put, and whoever takes will know. */
bool queue_put(struct queue *queue, const uint8_t *bytes, size_t size);
/* Moves all bytes into `into`, which is empty; the two change their memory. True if something did
 * not fit since the last time and may now. */
bool queue_take(struct queue *queue, struct buffer *into);

/* Counts one up in an eventfd. */
void eventfd_wake(int fd);

#endif
