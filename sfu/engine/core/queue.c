#include "queue.h"

#include <sys/eventfd.h>

void queue_init(struct queue *queue, size_t limit, int wake) {
    *queue = (struct queue){.limit = limit, .wake = wake};
    pthread_mutex_init(&queue->mutex, NULL);
}

void queue_free(struct queue *queue) {
    pthread_mutex_destroy(&queue->mutex);
    buffer_free(&queue->bytes);
}

static bool fits(const struct queue *queue, size_t size) {
    size_t waiting = queue->bytes.size;
    return waiting == 0 || (waiting <= queue->limit && size <= queue->limit - waiting);
}

bool queue_put(struct queue *queue, const uint8_t *bytes, size_t size) {
    pthread_mutex_lock(&queue->mutex);
    bool first = queue->bytes.size == 0;
    bool good = fits(queue, size) && buffer_append(&queue->bytes, bytes, size);
    if (!good)
        queue->refused = true;
    pthread_mutex_unlock(&queue->mutex);
    if (good && first)
        eventfd_wake(queue->wake);
    return good;
}

bool queue_take(struct queue *queue, struct buffer *into) {
    pthread_mutex_lock(&queue->mutex);
    struct buffer taken = queue->bytes;
    bool refused = queue->refused;
    queue->bytes = *into;
    queue->refused = false;
    pthread_mutex_unlock(&queue->mutex);
    *into = taken;
    return refused;
}

void eventfd_wake(int fd) {
    eventfd_write(fd, 1); /* a counter that is full wakes as well */
}
