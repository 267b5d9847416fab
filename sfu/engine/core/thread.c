#define _GNU_SOURCE
#include "thread.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "engine.h"
#include "priority.h"
#include "queue.h"
#include "udp.h"

enum { MAX_COMMANDS = 16 << 20, MAX_EVENT_BYTES = 8 << 20 }; /* bytes that may wait */
enum { STATS_TIMEOUT = 1 }; /* seconds */

static const double LONGEST_SLEEP = 3600.0; /* seconds */

const double DELAY_BOUNDS[DELAYS] = {0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025,
                                     0.005,   0.01,   0.025,   0.05,   0.1};

/* Snapshots of counters, asked for by others and made between two rounds. */
struct snapshots {
    void (*make)(const struct engine *engine, struct buffer *into);
    pthread_mutex_t mutex;
    pthread_cond_t made;
    _Atomic uint64_t asked; /* how often so far */
    uint64_t answered;
    struct buffer latest;
};

struct thread {
    pthread_t id;
    struct engine *engine;
    struct udp *udp;
    int socket;
    int wake; /* eventfd: there are commands or questions */
    struct queue commands;
    struct queue events;
    struct snapshots stats;
    struct snapshots totals;
    _Atomic uint64_t delays[DELAYS + 1];
    _Atomic uint64_t delay_sum; /* nanoseconds */
    atomic_bool stopping;
    atomic_uint notices;
    /* The thread's own */
    struct buffer taken_commands;
    struct buffer taken_events; /* not yet in the queue */
    double wake_at;             /* when the next round must be; seconds */
    bool more;                  /* there may be more to read at once */
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* A round */

static void apply_commands(struct thread *thread) {
    struct buffer *commands = &thread->taken_commands;
    queue_take(&thread->commands, commands);
    if (commands->size && !engine_command(thread->engine, commands->data, commands->size))
        atomic_fetch_or(&thread->notices, COMMANDS_MALFORMED);
    commands->size = 0;
}

/* With the queue full, events stay in the engine, which loses no answers. */
static void publish_events(struct thread *thread) {
    struct buffer *events = &thread->taken_events;
    while (events->size || engine_events_waiting(thread->engine)) {
        if (events->size == 0)
            engine_take_events(thread->engine, events);
        if (!queue_put(&thread->events, events->data, events->size))
            return;
        events->size = 0;
    }
}

static void answer(struct thread *thread, struct snapshots *snapshots, uint64_t asked) {
    if (snapshots->answered == asked)
        return;
    pthread_mutex_lock(&snapshots->mutex);
    snapshots->latest.size = 0;
    snapshots->make(thread->engine, &snapshots->latest);
    snapshots->answered = asked;
    pthread_cond_broadcast(&snapshots->made);
    pthread_mutex_unlock(&snapshots->mutex);
}

/* Only this thread writes them: no read-modify-write is needed, and none is made. */
static void add(_Atomic uint64_t *counter, uint64_t more) {
    uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, before + more, memory_order_relaxed);
}

static void count_delay(struct thread *thread, size_t datagrams, double seconds) {
    int place = 0;
    while (place < DELAYS && seconds > DELAY_BOUNDS[place])
        place++;
    add(&thread->delays[place], datagrams);
    add(&thread->delay_sum, (uint64_t)((double)datagrams * seconds * 1e9));
}

/* The order in which things are taken keeps two promises: what was posted before a peer sent a
 * datagram is applied before it, and whoever asks for stats sees what he had posted. */
static void run_round(struct thread *thread) {
    uint64_t stats_asked = atomic_load(&thread->stats.asked);
    uint64_t totals_asked = atomic_load(&thread->totals.asked);
    size_t received = udp_receive(thread->udp);
    double began = now();
    thread->more = received == UDP_BATCH;
    engine_begin(thread->engine, began);
    apply_commands(thread);
    udp_deliver(thread->udp, received);
    thread->wake_at = engine_end(thread->engine);
    if (received)
        count_delay(thread, received, now() - began);
    publish_events(thread);
    answer(thread, &thread->stats, stats_asked);
    answer(thread, &thread->totals, totals_asked);
    if (udp_segmentation_refused(thread->udp))
        atomic_fetch_or(&thread->notices, SEGMENTATION_REFUSED);
}

/* Never shorter than `seconds`: waking too early would be a round for nothing. */
static struct timespec time_left(double seconds) {
    double left = fmin(fmax(seconds, 0.0), LONGEST_SLEEP);
    double whole = floor(left);
    long nanoseconds = (long)ceil((left - whole) * 1e9);
    if (nanoseconds > 999999999)
        return (struct timespec){.tv_sec = (time_t)whole + 1};
    return (struct timespec){.tv_sec = (time_t)whole, .tv_nsec = nanoseconds};
}

static void wait_for_work(struct thread *thread) {
    struct pollfd polled[] = {
        {.fd = thread->socket, .events = POLLIN},
        {.fd = thread->wake, .events = POLLIN},
    };
    struct timespec left = time_left(thread->wake_at - now());
    eventfd_t count;
    if (ppoll(polled, 2, &left, NULL) > 0 && polled[1].revents)
        eventfd_read(thread->wake, &count);
}

/* `stopping` is looked at before the round, so that what was posted before it is applied. */
static void *run(void *argument) {
    struct thread *thread = argument;
    bool stopping;
    prefer_latency();
    do {
        if (!thread->more)
            wait_for_work(thread);
        stopping = atomic_load(&thread->stopping);
        run_round(thread);
    } while (!stopping);
    return NULL;
}

/* Start */

static void snapshots_init(struct snapshots *snapshots,
                           void (*make)(const struct engine *, struct buffer *)) {
    snapshots->make = make;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&snapshots->made, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&snapshots->mutex, NULL);
}

static void snapshots_free(struct snapshots *snapshots) {
    pthread_cond_destroy(&snapshots->made);
    pthread_mutex_destroy(&snapshots->mutex);
    buffer_free(&snapshots->latest);
}

static void free_thread(struct thread *thread) {
    if (thread->wake >= 0)
        close(thread->wake);
    udp_free(thread->udp);
    queue_free(&thread->commands);
    queue_free(&thread->events);
    snapshots_free(&thread->stats);
    snapshots_free(&thread->totals);
    buffer_free(&thread->taken_commands);
    buffer_free(&thread->taken_events);
    free(thread);
}

/* Signals are for others: the new thread inherits a mask of all of them. */
static int create(struct thread *thread) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&thread->id, NULL, run, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error == 0)
        pthread_setname_np(thread->id, "tertulia-media");
    return error;
}

static int begin(struct thread *thread, bool segment) {
    if (thread->wake < 0)
        return errno;
    thread->udp = udp_new(thread->engine, thread->socket, segment);
    if (!thread->udp)
        return errno;
    engine_set_egress(thread->engine, udp_send, thread->udp);
    return create(thread);
}

struct thread *thread_start(struct engine *engine, int socket, int events, bool segment) {
    struct thread *thread = calloc(1, sizeof *thread);
    if (!thread)
        return NULL;
    thread->engine = engine;
    thread->socket = socket;
    thread->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    queue_init(&thread->commands, MAX_COMMANDS, thread->wake);
    queue_init(&thread->events, MAX_EVENT_BYTES, events);
    snapshots_init(&thread->stats, engine_stats);
    snapshots_init(&thread->totals, engine_totals);
    int error = begin(thread, segment);
    if (error == 0)
        return thread;
    engine_set_egress(engine, NULL, NULL);
    free_thread(thread);
    errno = error;
    return NULL;
}

/* From outside */

bool thread_post(struct thread *thread, const uint8_t *commands, size_t size) {
    return size <= MAX_COMMANDS && queue_put(&thread->commands, commands, size);
}

void thread_take_events(struct thread *thread, struct buffer *into) {
    if (queue_take(&thread->events, into))
        eventfd_wake(thread->wake); /* there are some that did not fit */
}

static bool ask(struct thread *thread, struct snapshots *snapshots, struct buffer *into) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += STATS_TIMEOUT;
    int error = 0;
    pthread_mutex_lock(&snapshots->mutex);
    uint64_t question = atomic_fetch_add(&snapshots->asked, 1) + 1;
    eventfd_wake(thread->wake);
    while (snapshots->answered < question && error == 0)
        error = pthread_cond_timedwait(&snapshots->made, &snapshots->mutex, &until);
    bool good = snapshots->answered >= question &&
                buffer_append(into, snapshots->latest.data, snapshots->latest.size);
    pthread_mutex_unlock(&snapshots->mutex);
    return good;
}

bool thread_stats(struct thread *thread, struct buffer *into) {
    return ask(thread, &thread->stats, into);
}

bool thread_totals(struct thread *thread, struct buffer *into) {
    return ask(thread, &thread->totals, into);
}

struct thread_load thread_load(const struct thread *thread) {
    struct thread_load load = {0};
    struct timespec used;
    clockid_t clock;
    if (pthread_getcpuclockid(thread->id, &clock) == 0 && clock_gettime(clock, &used) == 0)
        load.cpu = (double)used.tv_sec + (double)used.tv_nsec * 1e-9;
    for (int i = 0; i <= DELAYS; i++)
        load.delays[i] = atomic_load_explicit(&thread->delays[i], memory_order_relaxed);
    load.delay_sum = (double)atomic_load_explicit(&thread->delay_sum, memory_order_relaxed) * 1e-9;
    return load;
}

unsigned thread_notices(const struct thread *thread) {
    return atomic_load(&thread->notices);
}

void thread_stop(struct thread *thread, struct buffer *last) {
    atomic_store(&thread->stopping, true);
    eventfd_wake(thread->wake);
    pthread_join(thread->id, NULL);
    engine_set_egress(thread->engine, NULL, NULL);
    buffer_append(last, thread->events.bytes.data, thread->events.bytes.size);
    buffer_append(last, thread->taken_events.data, thread->taken_events.size);
    engine_take_events(thread->engine, last);
    free_thread(thread);
}
