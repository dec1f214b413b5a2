/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's concurrency-managed work queues: while a worker of a CPU's pool sleeps in an item, an idle worker runs
 * the next item; an item never runs on two workers; a flush puts a barrier behind the item. What Linux does under the
 * pool's lock happens at once here. An ordered queue has a pool of one worker, so that its items wait for each other.
 * Source: Linux 6.1.192, kernel/workqueue.c.
 *
 * A new worker is the idle one with the lowest number, where Linux takes the one that became idle last or creates one:
 * the workers of a pool differ in nothing else. Left out: what their creation costs, rescuers, delayed items, limits on
 * active items other than 1 and flushes of such queues, the loss of a CPU.
 */
#include "models/host/workqueue.h"

#include "machine/names.h"
#include "models/host/deadlock.h"
#include "models/host/host.h"
#include "models/host/thread.h"

struct worker {
    struct thread thread;
    struct workqueue *queue;
    struct list scheduled; /* elements that this worker must run, after its current one */
    bool is_busy;          /* it is not idle, and counts as running unless it sleeps */
    bool is_asleep;        /* in an item */
};

/* --- the pool --- */

static bool needs_worker(const struct workqueue *queue) { return !list_is_empty(&queue->items) && queue->running == 0; }

static struct worker *idle_worker(struct workqueue *queue)
{
    for (uint32_t i = 0; i < queue->worker_count; i++)
        if (!queue->workers[i].is_busy)
            return &queue->workers[i];
    return NULL;
}

static void wake_worker(struct cpu *cpu, struct workqueue *queue)
{
    struct worker *worker = idle_worker(queue);

    CHECK(worker != NULL || queue->is_ordered); /* worker_boot was told too few workers */
    if (worker != NULL)
        thread_wake(cpu, &worker->thread);
}

bool workqueue_is_asleep(const struct workqueue *queue)
{
    for (uint32_t i = 0; i < queue->worker_count; i++)
        if (queue->workers[i].thread.state != THREAD_ASLEEP)
            return false;
    return true;
}

void worker_sleeping(struct cpu *cpu, struct worker *worker)
{
    if (!worker->is_busy || worker->is_asleep)
        return;
    worker->is_asleep = true;
    worker->queue->running--;
    if (needs_worker(worker->queue))
        wake_worker(cpu, worker->queue);
}

void worker_running(struct worker *worker)
{
    if (!worker->is_asleep)
        return;
    worker->is_asleep = false;
    worker->queue->running++;
}

bool worker_of_pool(const struct worker *worker, uint32_t *number)
{
    *number = (uint32_t)(worker - worker->queue->workers);
    return !worker->queue->is_ordered;
}

/* --- lists --- */

static struct work_entry *entry_of(struct list *link) { return LIST_ENTRY(link, struct work_entry, link); }

static void entry_insert(struct work_entry *entry, struct workqueue *queue, struct worker *scheduled,
                         struct list *successor)
{
    entry->queue = queue;
    entry->scheduled = scheduled;
    list_insert_before(&entry->link, successor);
}

static void entry_remove(struct work_entry *entry)
{
    list_remove(&entry->link);
    entry->queue = NULL;
    entry->scheduled = NULL;
    entry->is_linked = false;
}

/* Moves the element, and those that are linked behind it, to the end of the worker's own list. */
static void move_linked(struct cpu *cpu, struct work_entry *entry, struct worker *worker)
{
    for (bool is_linked = true; is_linked;) {
        struct work_entry *next = entry_of(entry->link.next);
        is_linked = entry->is_linked;
        list_remove(&entry->link);
        entry_insert(entry, worker->queue, worker, &worker->scheduled);
        if (entry->work == NULL)
            deadlock_check(cpu, entry->flusher);
        entry = next;
    }
}

/* --- workers --- */

static void run_item(struct cpu *cpu, struct worker *worker, struct work *work)
{
    struct host *host = worker->thread.host;

    entry_remove(&work->entry);
    work->executes = worker;
    host->statistics.work_items++;
    cpu_spend_software(cpu, host->costs->workqueue);
    word_store(cpu, &work->pending, 0);
    work->function(cpu, work);
    thread_reschedule(cpu);
    work->executes = NULL;
}

static void run_barrier(struct cpu *cpu, struct work_entry *barrier)
{
    struct thread *flusher = barrier->flusher;

    entry_remove(barrier);
    thread_wake(cpu, flusher);
    thread_reschedule(cpu);
}

/* An item that runs on another worker of the pool is left to that one. */
static void run_entry(struct cpu *cpu, struct worker *worker, struct work_entry *entry)
{
    struct worker *executes = entry->work != NULL ? entry->work->executes : NULL;

    if (entry->work == NULL)
        run_barrier(cpu, entry);
    else if (executes != NULL && executes->queue == worker->queue)
        move_linked(cpu, entry, executes);
    else
        run_item(cpu, worker, entry->work);
}

/* Runs items as long as there are some and no other worker of the pool runs any. */
static void work_off(struct cpu *cpu, struct worker *worker)
{
    struct workqueue *queue = worker->queue;

    worker->is_busy = true;
    queue->running++;
    do {
        bool has_own = !list_is_empty(&worker->scheduled);
        struct work_entry *first = entry_of(has_own ? worker->scheduled.next : queue->items.next);
        if (first->is_linked && !has_own)
            move_linked(cpu, first, worker);
        else
            run_entry(cpu, worker, first);
        cpu_settle(cpu);
    } while (!list_is_empty(&worker->scheduled) || (!list_is_empty(&queue->items) && queue->running <= 1));
    queue->running--;
    worker->is_busy = false;
}

static void worker_main(struct cpu *cpu, struct thread *thread)
{
    struct worker *worker = thread->context;

    for (;;) {
        cpu_settle(cpu);
        if (needs_worker(worker->queue))
            work_off(cpu, worker);
        else
            thread_block(cpu);
    }
}

/* --- boot --- */

/* The first worker of a CPU runs from boot, the others when they are needed for the first time. */
static void queue_init(struct host *host, struct workqueue *queue, const char *name, uint32_t cpu)
{
    list_init(&queue->items);
    queue->workers = ARENA_ARRAY(host->machine->arena, struct worker, queue->worker_count);
    for (uint32_t i = 0; i < queue->worker_count; i++) {
        struct worker *worker = &queue->workers[i];
        thread_init(host, &worker->thread, name, cpu, worker_main, worker);
        if (i > 0 || queue->is_ordered)
            thread_init_asleep(&worker->thread);
        worker->thread.worker = worker;
        worker->queue = queue;
        list_init(&worker->scheduled);
    }
}

void workqueue_init(struct host *host, struct workqueue *queue, const char *name, uint32_t cpu)
{
    *queue = (struct workqueue){ .worker_count = 1, .is_ordered = true };
    queue_init(host, queue, name, cpu);
}

void worker_boot(struct host *host, uint32_t cpu, uint32_t workers)
{
    struct host_cpu *hc = &host->cpus[cpu];

    if (hc->worker != NULL)
        return;
    hc->worker = ARENA_NEW(host->machine->arena, struct workqueue);
    hc->worker->worker_count = workers;
    queue_init(host, hc->worker, "kworker", cpu);
}

struct workqueue *worker_of(const struct cpu *cpu) { return host_cpu_of(cpu)->worker; }

void work_init(struct host *host, struct work *work, void (*function)(struct cpu *cpu, struct work *work),
               void *context)
{
    *work = (struct work){ .function = function, .context = context, .entry = { .work = work } };
    line_init(host->machine, &work->line, LINE_PLAIN);
    word_init(&work->pending, &work->line, 0);
    list_init(&work->entry.link);
    list_init(&work->cancellers);
    names_add(host->machine, &work->pending, "work pending", NULL);
}

/* --- items --- */

bool work_queue(struct cpu *cpu, struct workqueue *queue, struct work *work)
{
    bool was_on = cpu_irq_off(cpu), is_ours = word_xchg(cpu, &work->pending, 1) == 0;

    if (is_ours) {
        cpu_look(cpu); /* for the pool's lock */
        if (work->executes != NULL)
            queue = work->executes->queue;
        entry_insert(&work->entry, queue, NULL, &queue->items);
        if (needs_worker(queue))
            wake_worker(cpu, queue);
    }
    cpu_irq_restore(cpu, was_on);
    return is_ours;
}

/* Puts the thread's barrier behind the item as it is queued last, or before everything else that its worker is to do.
 */
static bool barrier_insert(struct work_entry *barrier, struct work *work)
{
    struct work_entry *entry = &work->entry;

    if (entry->queue != NULL) {
        entry_insert(barrier, entry->queue, entry->scheduled, entry->link.next);
        barrier->is_linked = entry->is_linked;
        entry->is_linked = true;
    } else if (work->executes != NULL) {
        struct worker *worker = work->executes;
        entry_insert(barrier, worker->queue, worker, worker->scheduled.next);
    } else {
        return false;
    }
    return true;
}

/* Waits until the current thread's barrier, which is in a list, has been run. */
static void barrier_wait(struct cpu *cpu, const char *where)
{
    struct thread *self = thread_current(cpu);

    self->barrier.flusher = self;
    self->waits_at = where;
    deadlock_check(cpu, self);
    while (self->barrier.queue != NULL)
        thread_block(cpu);
}

static bool flush(struct cpu *cpu, struct work *work, const char *where)
{
    cpu_settle(cpu);
    if (!barrier_insert(&thread_current(cpu)->barrier, work))
        return false;
    barrier_wait(cpu, where);
    return true;
}

bool work_flush(struct cpu *cpu, struct work *work) { return flush(cpu, work, cpu->step); }

void workqueue_flush(struct cpu *cpu, struct workqueue *queue)
{
    CHECK(queue->is_ordered);
    cpu_settle(cpu);
    if (list_is_empty(&queue->items) && !queue->workers[0].is_busy)
        return;
    entry_insert(&thread_current(cpu)->barrier, queue, NULL, &queue->items);
    barrier_wait(cpu, cpu->step);
}

const struct thread *work_barrier_runner(const struct thread *flusher)
{
    const struct work_entry *barrier = &flusher->barrier;

    if (barrier->queue == NULL)
        return NULL;
    if (barrier->scheduled != NULL)
        return &barrier->scheduled->thread;
    return barrier->queue->is_ordered ? &barrier->queue->workers[0].thread : NULL;
}

/* --- cancelling --- */

static void wait_for_canceller(struct cpu *cpu, struct work *work, const char *where)
{
    struct thread *self = thread_current(cpu);

    self->cancels = work;
    self->waits_at = where;
    list_add_tail(&self->wait_link, &work->cancellers);
    deadlock_check(cpu, self);
    while (self->cancels != NULL)
        thread_block(cpu);
}

/* Makes the item pending, so that nobody can queue it, and takes it out of its queue; returns whether it was there. */
static bool grab(struct cpu *cpu, struct work *work, const char *where)
{
    while (word_xchg(cpu, &work->pending, 1) != 0) {
        cpu_settle(cpu);
        if (work->entry.queue != NULL) {
            entry_remove(&work->entry);
            return true;
        }
        if (work->canceller != NULL)
            wait_for_canceller(cpu, work, where);
        else
            cpu_relax(cpu); /* it is on its way into the queue, or out of it */
    }
    cpu_settle(cpu);
    return false;
}

bool work_cancel_sync(struct cpu *cpu, struct work *work)
{
    const char *where = cpu->step;
    bool was_queued = grab(cpu, work, where);

    work->canceller = thread_current(cpu);
    (void)flush(cpu, work, where);
    cpu_settle(cpu);
    work->canceller = NULL;
    word_store(cpu, &work->pending, 0);
    if (list_is_empty(&work->cancellers))
        return was_queued;
    struct thread *next = LIST_ENTRY(work->cancellers.next, struct thread, wait_link);
    list_remove(&next->wait_link);
    next->cancels = NULL;
    thread_wake(cpu, next);
    return was_queued;
}
