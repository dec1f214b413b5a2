/* SPDX-License-Identifier: Apache-2.0
 *
 * Small programs of threads and work items, for the timed and the explored tests of work queues. A program is a string
 * of steps, each a letter and the digit of its object:
 *
 *   q0 queues item 0             n0 the same, and it must be queued already       r0 the same, until it has run 3 times
 *   f0 flushes item 0            c0 cancels item 0                                d0 item 0 must have run to its end
 *   i0 item 0 must not run       l0 locks mutex 0     u0 unlocks it               e0 waits for event 0
 *   E0 sets event 0              w0 works, and others may run                     F0 flushes the ordered queue
 *   p0 queues item 0 on the pool of this CPU, although the program uses the ordered queue
 */
#ifndef TESTS_MODELS_WORKQUEUE_SCENE_H
#define TESTS_MODELS_WORKQUEUE_SCENE_H

#include <stdio.h>
#include <string.h>

#include "models/host_fixture.h"

#define WQ_OBJECTS 3
#define WQ_WORKERS (WQ_OBJECTS + 1)

struct wq_program {
    const char *name;
    uint32_t cpus;
    bool is_ordered;
    const char *threads[WQ_OBJECTS]; /* thread i runs on CPU i % cpus */
    const char *items[WQ_OBJECTS];
    uint32_t least[WQ_OBJECTS], most[WQ_OBJECTS]; /* complete runs of each item */
    const char *deadlock;                         /* a part of the report; NULL: all threads come to their end */
};

struct wq_scene {
    const struct wq_program *program;
    struct thread threads[WQ_OBJECTS];
    struct work items[WQ_OBJECTS];
    struct mutex mutexes[WQ_OBJECTS];
    struct workqueue ordered;
    bool events[WQ_OBJECTS];
    struct thread *waiters[WQ_OBJECTS];
    uint32_t starts[WQ_OBJECTS], ends[WQ_OBJECTS], over;
    cycles started[WQ_OBJECTS], waited[WQ_OBJECTS]; /* of a timed run: when an item began, and when it waited */
    const char *error;
};

static inline void wq_require(struct wq_scene *scene, bool is_met, const char *error)
{
    if (!is_met && scene->error == NULL)
        scene->error = error;
}

static inline void wq_event(struct cpu *cpu, struct wq_scene *scene, uint32_t n, bool is_set)
{
    cpu_look(cpu);
    if (is_set) {
        scene->events[n] = true;
        if (scene->waiters[n] != NULL)
            thread_wake(cpu, scene->waiters[n]);
        return;
    }
    if (!cpu_is_explored(cpu))
        scene->waited[n] = cpu_now(cpu);
    scene->waiters[n] = thread_current(cpu);
    while (!scene->events[n])
        thread_block(cpu);
    scene->waiters[n] = NULL;
}

static inline bool wq_queue(struct cpu *cpu, struct wq_scene *scene, uint32_t n)
{
    return work_queue(cpu, scene->program->is_ordered ? &scene->ordered : worker_of(cpu), &scene->items[n]);
}

static inline void wq_step(struct cpu *cpu, struct wq_scene *scene, const char *text)
{
    static const char *const flushes[WQ_OBJECTS] = { "f0", "f1", "f2" };
    static const char *const cancels[WQ_OBJECTS] = { "c0", "c1", "c2" };
    uint32_t n = (uint32_t)(text[1] - '0');

    switch (text[0]) {
    case 'q':
        (void)wq_queue(cpu, scene, n);
        break;
    case 'p':
        (void)work_queue(cpu, worker_of(cpu), &scene->items[n]);
        break;
    case 'F':
        workqueue_flush(step(cpu, "F"), &scene->ordered);
        break;
    case 'n':
        wq_require(scene, !wq_queue(cpu, scene, n), "a pending item was queued");
        break;
    case 'r':
        if (scene->starts[n] < 3)
            (void)wq_queue(cpu, scene, n);
        break;
    case 'f':
        (void)work_flush(step(cpu, flushes[n]), &scene->items[n]);
        break;
    case 'c':
        (void)work_cancel_sync(step(cpu, cancels[n]), &scene->items[n]);
        break;
    case 'd':
        cpu_settle(cpu);
        wq_require(scene, scene->ends[n] > 0, "an item has not run when it was flushed");
        break;
    case 'i':
        cpu_settle(cpu);
        wq_require(scene, scene->starts[n] == scene->ends[n], "an item runs when it was cancelled");
        break;
    case 'l':
        mutex_lock(step(cpu, "l"), &scene->mutexes[n]);
        break;
    case 'u':
        mutex_unlock(cpu, &scene->mutexes[n]);
        break;
    case 'e':
    case 'E':
        wq_event(cpu, scene, n, text[0] == 'E');
        break;
    default:
        thread_work(cpu, 20000);
        cpu_look(cpu);
        break;
    }
}

static inline void wq_run(struct cpu *cpu, struct wq_scene *scene, const char *program)
{
    for (const char *text = program; *text != '\0'; text += text[2] == ' ' ? 3 : 2)
        wq_step(cpu, scene, text);
}

static inline void wq_function(struct cpu *cpu, struct work *work)
{
    struct wq_scene *scene = work->context;
    uint32_t n = (uint32_t)(work - scene->items);

    cpu_settle(cpu);
    wq_require(scene, scene->starts[n] == scene->ends[n], "an item runs on two workers");
    scene->starts[n]++;
    if (!cpu_is_explored(cpu))
        scene->started[n] = cpu_now(cpu);
    wq_run(cpu, scene, scene->program->items[n]);
    cpu_settle(cpu);
    scene->ends[n]++;
}

static inline void wq_thread(struct cpu *cpu, struct thread *thread)
{
    struct wq_scene *scene = thread->context;

    wq_run(cpu, scene, scene->program->threads[thread - scene->threads]);
    cpu_settle(cpu);
    scene->over++;
    for (;;)
        thread_block(cpu);
}

static inline struct wq_scene *wq_open(struct host_fixture *fixture, const struct wq_program *program,
                                       enum policy policy, uint64_t seed)
{
    static const char *const names[WQ_OBJECTS] = { "first", "second", "third" };
    struct wq_scene *scene;

    host_open(fixture, program->cpus, policy, seed);
    scene = ARENA_NEW(&fixture->arena, struct wq_scene);
    fixture->host->model = scene;
    scene->program = program;
    workqueue_init(fixture->host, &scene->ordered, "cleanup", 0);
    for (uint32_t cpu = 0; cpu < program->cpus; cpu++)
        worker_boot(fixture->host, cpu, WQ_WORKERS);
    for (uint32_t i = 0; i < WQ_OBJECTS; i++) {
        mutex_init(fixture->host, &scene->mutexes[i], "mutex", 0);
        if (program->items[i] != NULL)
            work_init(fixture->host, &scene->items[i], wq_function, scene);
        if (program->threads[i] != NULL)
            thread_init(fixture->host, &scene->threads[i], names[i], i % program->cpus, wq_thread, scene);
    }
    return scene;
}

/* What is wrong at the end of an execution; false: nothing. */
static inline bool wq_is_wrong(const struct wq_scene *scene, char *text, size_t text_bytes)
{
    const struct wq_program *program = scene->program;
    uint32_t threads = 0;

    for (uint32_t i = 0; i < WQ_OBJECTS; i++) {
        threads += program->threads[i] != NULL;
        if (scene->ends[i] >= program->least[i] && scene->ends[i] <= program->most[i])
            continue;
        (void)snprintf(text, text_bytes, "item %u has run %u times", i, scene->ends[i]);
        return true;
    }
    (void)snprintf(text, text_bytes, "%s", scene->error != NULL ? scene->error : "a thread has not come to its end");
    return scene->error != NULL || (program->deadlock == NULL && scene->over != threads);
}

#endif
