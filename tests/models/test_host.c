/* SPDX-License-Identifier: Apache-2.0
 *
 * The host under the timed and the random policy: threads share a CPU, mutexes exclude, no wake-up is lost, and poll
 * loops, work queues and vCPUs behave as specified; a deadlock is counted and the other threads continue.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models/host_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SEEDS 20

/* What a scene's threads share; plain, for the mutex protects it. */
struct scene {
    struct host_fixture host;
    struct mutex locks[2];
    struct thread threads[4];
    struct poller poller;
    struct eventfd eventfds[2];
    struct workqueue queue;
    struct work work;
    struct vcpu vcpu;
    uint32_t inside, most, done, signalled, handled, upcalls;
    bool is_pending;
};

static struct scene *scene_of(const struct cpu *cpu) { return host_of(cpu)->model; }

static _Noreturn void end(struct cpu *cpu)
{
    for (;;)
        thread_block(cpu);
}

static void scene_open(struct scene *scene, uint32_t cpus, enum policy policy, uint64_t seed)
{
    memset(scene, 0, sizeof(*scene));
    host_open(&scene->host, cpus, policy, seed);
    scene->host.host->model = scene;
    mutex_init(scene->host.host, &scene->locks[0], "first", 1);
    mutex_init(scene->host.host, &scene->locks[1], "second", 2);
}

/* Runs `scene` timed and under 20 random seeds, on one CPU and on three. */
static void each(void (*run)(struct scene *scene, uint32_t cpus))
{
    static struct scene scene;

    for (uint32_t cpus = 1; cpus <= 3; cpus += 2)
        for (uint64_t seed = 0; seed <= SEEDS; seed++) {
            scene_open(&scene, cpus, seed == 0 ? POLICY_TIMED : POLICY_RANDOM, seed);
            run(&scene, cpus);
            host_close(&scene.host);
        }
}

/* --- mutexes --- */

static void locker(struct cpu *cpu, struct thread *thread)
{
    struct scene *scene = scene_of(cpu);

    (void)thread;
    for (int i = 0; i < 10; i++) {
        mutex_lock(cpu, &scene->locks[0]);
        scene->inside++;
        scene->most = scene->inside > scene->most ? scene->inside : scene->most;
        thread_work(cpu, 3000);
        scene->inside--;
        mutex_unlock(cpu, &scene->locks[0]);
        thread_work(cpu, 500);
    }
    scene->done++;
    end(cpu);
}

static void exclude(struct scene *scene, uint32_t cpus)
{
    struct metrics metrics;

    for (uint32_t i = 0; i < COUNT(scene->threads); i++)
        thread_init(scene->host.host, &scene->threads[i], "locker", i % cpus, locker, NULL);
    host_run(&scene->host);
    assert_int_equal(scene->done, COUNT(scene->threads));
    assert_int_equal(scene->most, 1);
    metrics_init(&metrics);
    host_report(scene->host.host, &metrics);
    assert_int_equal(metric_find(&metrics, "locks.first.acquisitions")->numerator, 40);
    assert_int_equal(metric_find(&metrics, "host.deadlocks")->numerator, 0);
    assert_int_equal(metric_find(&metrics, "host.lock_order")->numerator, 0);
    metrics_free(&metrics);
}

static void a_mutex_excludes(void **state)
{
    (void)state;
    each(exclude);
}

/* Asks for the mutex when it has worked for a while, and keeps it for another. */
static void taker(struct cpu *cpu, struct thread *thread)
{
    struct scene *scene = scene_of(cpu);

    thread_work(cpu, thread == &scene->threads[2] ? 1000000 : thread == &scene->threads[1] ? 20000 : 0);
    mutex_lock(cpu, &scene->locks[0]);
    thread_work(cpu, thread == &scene->threads[0] ? 200000 : 0);
    mutex_unlock(cpu, &scene->locks[0]);
    scene->done++;
    end(cpu);
}

/* Of three threads the second alone comes while the first has the mutex. */
static void who_waits_for_a_mutex_is_counted(void **state)
{
    static struct scene scene;
    struct metrics metrics;

    (void)state;
    scene_open(&scene, 3, POLICY_TIMED, 0);
    for (uint32_t i = 0; i < 3; i++)
        thread_init(scene.host.host, &scene.threads[i], "taker", i, taker, NULL);
    host_run(&scene.host);
    assert_int_equal(scene.done, 3);
    metrics_init(&metrics);
    host_report(scene.host.host, &metrics);
    assert_int_equal(metric_find(&metrics, "locks.first.acquisitions")->numerator, 3);
    assert_int_equal(metric_find(&metrics, "locks.first.contended")->numerator, 1);
    const struct metric *wait = metric_find(&metrics, "locks.first.contended.mean_ns");
    double ns = (double)wait->numerator / (double)wait->denominator;
    double expected = 180000 * 1e9 / (double)scene.host.machine.costs->frequency_hz;
    assert_true(ns > 0.9 * expected && ns < 1.1 * expected);
    metrics_free(&metrics);
    host_close(&scene.host);
}

static void relocker(struct cpu *cpu, struct thread *thread)
{
    (void)thread;
    mutex_lock(step(cpu, "a"), &scene_of(cpu)->locks[0]);
    mutex_lock(step(cpu, "b"), &scene_of(cpu)->locks[0]);
    fail_msg("the second lock succeeded");
}

static void counter(struct cpu *cpu, struct thread *thread)
{
    (void)thread;
    thread_work(cpu, 100000);
    scene_of(cpu)->done++;
    end(cpu);
}

static void hang(struct scene *scene, uint32_t cpus)
{
    char text[200];

    thread_init(scene->host.host, &scene->threads[0], "bad", 0, relocker, NULL);
    thread_init(scene->host.host, &scene->threads[1], "good", cpus - 1, counter, NULL);
    host_run(&scene->host);
    assert_int_equal(scene->done, 1);
    assert_int_equal(scene->host.host->faults.deadlocks, 1);
    assert_true(host_deadlock.is_broken(&scene->host.machine, text, sizeof(text)));
    assert_non_null(strstr(text, "bad waits"));
    assert_non_null(strstr(text, "for first, which it itself has held"));
}

static void who_locks_twice_hangs_alone(void **state)
{
    (void)state;
    each(hang);
}

/* --- eventfds, poll loops, work queues --- */

static void handle(struct cpu *cpu, struct eventfd *eventfd)
{
    struct scene *scene = scene_of(cpu);

    assert_ptr_equal(eventfd->context, scene);
    scene->handled++;
    scene->is_pending = false;
}

static void signaller(struct cpu *cpu, struct thread *thread)
{
    struct scene *scene = scene_of(cpu);

    for (int i = 0; i < 10; i++) {
        thread_work(cpu, 2500);
        scene->signalled++;
        scene->is_pending = true;
        eventfd_signal(cpu, thread->context);
    }
    end(cpu);
}

/* The last signal is seen, whatever was coalesced before. */
static void poll(struct scene *scene, uint32_t cpus)
{
    struct host *host = scene->host.host;

    poller_init(host, &scene->poller, "main-loop", 0);
    for (uint32_t i = 0; i < 2; i++) {
        eventfd_init(host, &scene->eventfds[i]);
        poller_add(&scene->poller, &scene->eventfds[i], handle, scene);
        thread_init(host, &scene->threads[i], "signaller", cpus - 1, signaller, &scene->eventfds[i]);
    }
    host_run(&scene->host);
    assert_int_equal(scene->signalled, 20);
    assert_in_range(scene->handled, 2, 20);
    assert_false(scene->is_pending);
}

static void no_signal_is_lost(void **state)
{
    (void)state;
    each(poll);
}

static void work_function(struct cpu *cpu, struct work *work)
{
    struct scene *scene = scene_of(cpu);

    assert_ptr_equal(work->context, scene);
    scene->handled++;
    scene->is_pending = false;
}

static void wakeup(struct cpu *cpu, struct eventfd *eventfd)
{
    struct scene *scene = eventfd->wakeup_context;

    assert_false(cpu->irq_on);
    work_queue(cpu, &scene->queue, &scene->work);
}

static void queue(struct scene *scene, uint32_t cpus)
{
    struct host *host = scene->host.host;

    workqueue_init(host, &scene->queue, "kworker", 0);
    work_init(host, &scene->work, work_function, scene);
    eventfd_init(host, &scene->eventfds[0]);
    scene->eventfds[0].wakeup = wakeup;
    scene->eventfds[0].wakeup_context = scene;
    thread_init(host, &scene->threads[0], "signaller", cpus - 1, signaller, &scene->eventfds[0]);
    host_run(&scene->host);
    assert_in_range(scene->handled, 1, 10);
    assert_false(scene->is_pending);
}

static void an_irqfd_queues_work(void **state)
{
    (void)state;
    each(queue);
}

/* --- vCPUs --- */

static void guest_interrupt(struct cpu *cpu, struct vcpu *vcpu, uint32_t vector)
{
    struct scene *scene = vcpu->context;

    assert_false(vcpu->irq_on);
    assert_int_equal(vector, 7);
    scene->is_pending = false;
    vcpu_compute(cpu, vcpu, 1000);
    scene->upcalls++;
}

static void guest_main(struct cpu *cpu, struct vcpu *vcpu)
{
    for (;;)
        vcpu_idle(cpu, vcpu);
}

static void interrupter(struct cpu *cpu, struct thread *thread)
{
    struct scene *scene = scene_of(cpu);

    (void)thread;
    for (int i = 0; i < 10; i++) {
        thread_work(cpu, 9000);
        scene->is_pending = true;
        scene->signalled += (word_peek(&scene->vcpu.irr) >> 7 & 1) == 0;
        vcpu_interrupt(cpu, &scene->vcpu, 7);
    }
    end(cpu);
}

static void interrupt(struct scene *scene, uint32_t cpus)
{
    static const struct vcpu_operations operations = { .main = guest_main, .interrupt = guest_interrupt };

    vcpu_init(scene->host.host, &scene->vcpu, "vcpu0", 0, &operations, scene);
    scene->vcpu.is_computing = cpus > 1 && scene->host.machine.seed % 2; /* it would keep its CPU to itself */
    thread_init(scene->host.host, &scene->threads[0], "interrupter", cpus - 1, interrupter, NULL);
    host_run(&scene->host);
    assert_false(scene->is_pending);
    assert_in_range(scene->upcalls, scene->signalled, 10);
}

static void a_guest_takes_what_it_is_sent(void **state)
{
    (void)state;
    each(interrupt);
}

/* An IPI, the idle CPU's wake, a switch: the costs of the fixture are 1000 each. */
static void a_wake_costs_its_parts(void **state)
{
    static struct scene scene;
    const struct costs *c = &costs_westmere;

    (void)state;
    scene_open(&scene, 2, POLICY_TIMED, 1);
    poller_init(scene.host.host, &scene.poller, "main-loop", 0);
    eventfd_init(scene.host.host, &scene.eventfds[0]);
    poller_add(&scene.poller, &scene.eventfds[0], handle, &scene);
    host_run(&scene.host);
    cycles before = scene.host.engine.now;
    thread_init(scene.host.host, &scene.threads[0], "signaller", 1, counter, NULL);
    assert_int_equal(scene.threads[0].state, THREAD_RUNNABLE);
    lapic_deliver(&scene.host.machine.cpus[1], VECTOR_EVENT_CHECK);
    host_run(&scene.host);
    /* woken CPU: C-state exit, the interrupt, the switch; 100000 of work; and back to idle */
    assert_int_equal(scene.host.engine.now - before,
                     c->idle_wake + c->irq_entry + c->lapic_eoi + c->irq_exit + 1000 + 100000 + 1000);
    host_close(&scene.host);
}

/* --- throttled threads --- */

static void toggle(void *argument)
{
    struct scene *scene = argument;

    engine_cancel(&scene->host.engine, scene->host.engine.slot_count - 1);
    thread_throttle(&scene->threads[0], scene->done++ == 0);
    if (scene->done == 1)
        engine_at(&scene->host.engine, scene->host.engine.slot_count - 1, scene->host.engine.now + 1000000);
}

static void worker(struct cpu *cpu, struct thread *thread)
{
    for (int i = 0; i < 100; i++)
        thread_work(cpu, 1000);
    *(cycles *)thread->context = cpu_now(cpu);
    end(cpu);
}

/* It loses its CPU for just as long as it is told to, and others of that CPU have it meanwhile. */
static void a_throttled_thread_waits(void **state)
{
    (void)state;
    for (int has_other = 0; has_other < 2; has_other++) {
        static struct scene scene;
        cycles ends[2] = { 0, 0 };

        scene_open(&scene, 1, POLICY_TIMED, 1);
        thread_init(scene.host.host, &scene.threads[0], "throttled", 0, worker, &ends[0]);
        if (has_other)
            thread_init(scene.host.host, &scene.threads[1], "other", 0, worker, &ends[1]);
        engine_at(&scene.host.engine, engine_event(&scene.host.engine, toggle, &scene), 20000);
        host_run(&scene.host);
        assert_in_range(ends[0], 1100000, 1120000);
        if (has_other)
            assert_in_range(ends[1], 100000, 240000);
        host_close(&scene.host);
    }
}

/* --- flushed work --- */

static void slow_item(struct cpu *cpu, struct work *work)
{
    struct scene *scene = work->context;

    thread_work(cpu, 50000);
    cpu_settle(cpu);
    scene->handled++;
}

static void flusher(struct cpu *cpu, struct thread *thread)
{
    struct scene *scene = scene_of(cpu);

    (void)thread;
    for (uint32_t i = 1; i <= 5; i++) {
        work_queue(cpu, &scene->queue, &scene->work);
        thread_work(cpu, 20000 * (i % 3));
        work_flush(cpu, &scene->work);
        assert_int_equal(scene->handled, i);
    }
    work_flush(cpu, &scene->work); /* nothing to wait for */
    scene->done++;
    end(cpu);
}

static void flush(struct scene *scene, uint32_t cpus)
{
    workqueue_init(scene->host.host, &scene->queue, "kworker", cpus - 1);
    work_init(scene->host.host, &scene->work, slow_item, scene);
    thread_init(scene->host.host, &scene->threads[0], "flusher", 0, flusher, NULL);
    host_run(&scene->host);
    assert_int_equal(scene->done, 1);
}

static void a_flush_waits_for_the_item(void **state)
{
    (void)state;
    each(flush);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_throttled_thread_waits),
        cmocka_unit_test(a_flush_waits_for_the_item),
        cmocka_unit_test(a_mutex_excludes),
        cmocka_unit_test(who_waits_for_a_mutex_is_counted),
        cmocka_unit_test(who_locks_twice_hangs_alone),
        cmocka_unit_test(no_signal_is_lost),
        cmocka_unit_test(an_irqfd_queues_work),
        cmocka_unit_test(a_guest_takes_what_it_is_sent),
        cmocka_unit_test(a_wake_costs_its_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
