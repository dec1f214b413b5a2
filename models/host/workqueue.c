/* SPDX-License-Identifier: Apache-2.0
 *
 * A kernel work queue with one worker: an item is queued at most once until it begins to run. Left out: additional
 * workers when one sleeps, delayed items, cancelling.
 */
#include "models/host/workqueue.h"

#include "machine/names.h"
#include "models/host/host.h"

static void worker_main(struct cpu *cpu, struct thread *thread)
{
    struct workqueue *queue = thread->context;

    for (;;) {
        cpu_settle(cpu);
        if (list_is_empty(&queue->items)) {
            thread_block(cpu);
            continue;
        }
        struct work *work = LIST_ENTRY(queue->items.next, struct work, link);
        list_remove(&work->link);
        thread->host->statistics.work_items++;
        cpu_spend_software(cpu, thread->host->costs->workqueue);
        work->is_running = true;
        word_store(cpu, &work->pending, 0);
        work->function(cpu, work);
        work->is_running = false;
        if (work->flusher != NULL)
            thread_wake(cpu, work->flusher);
        thread_reschedule(cpu);
    }
}

void workqueue_init(struct host *host, struct workqueue *queue, const char *name, uint32_t cpu)
{
    list_init(&queue->items);
    thread_init(host, &queue->thread, name, cpu, worker_main, queue);
}

void worker_boot(struct host *host, uint32_t cpu)
{
    struct host_cpu *hc = &host->cpus[cpu];

    if (hc->worker != NULL)
        return;
    hc->worker = ARENA_NEW(host->machine->arena, struct workqueue);
    workqueue_init(host, hc->worker, "kworker", cpu);
}

struct workqueue *worker_of(const struct cpu *cpu) { return host_cpu_of(cpu)->worker; }

void work_init(struct host *host, struct work *work, void (*function)(struct cpu *cpu, struct work *work),
               void *context)
{
    *work = (struct work){ .function = function, .context = context };
    line_init(host->machine, &work->line, LINE_PLAIN);
    word_init(&work->pending, &work->line, 0);
    list_init(&work->link);
    names_add(host->machine, &work->pending, "work pending", NULL);
}

bool work_queue(struct cpu *cpu, struct workqueue *queue, struct work *work)
{
    if (word_xchg(cpu, &work->pending, 1) != 0)
        return false;
    cpu_settle(cpu);
    list_add_tail(&work->link, &queue->items);
    thread_wake(cpu, &queue->thread);
    return true;
}

void work_flush(struct cpu *cpu, struct work *work)
{
    CHECK(work->flusher == NULL);
    work->flusher = thread_current(cpu);
    cpu_settle(cpu);
    while (word_peek(&work->pending) != 0 || work->is_running)
        thread_block(cpu);
    work->flusher = NULL;
}
