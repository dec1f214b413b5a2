/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores threads of the host: a deadlock is found with its shortest trace and described thread by thread, violations
 * of the lock order are found, and correct programs are clean in every interleaving.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "explore_fixture.h"
#include "models/host_fixture.h"

/* In the arena: all of it is part of the explored state. */
struct scene {
    struct mutex bql, port_lock;
    struct thread threads[2];
    struct poller poller;
    struct eventfd eventfd;
    struct vcpu vcpu;
    bool is_pending;
};

static struct scene *scene_of(const struct cpu *cpu) { return host_of(cpu)->model; }

static struct scene *scene_open(struct host_fixture *fixture, uint32_t cpus)
{
    struct scene *scene;

    host_open(fixture, cpus, POLICY_EXHAUSTIVE, 1);
    scene = ARENA_NEW(&fixture->arena, struct scene);
    fixture->host->model = scene;
    mutex_init(fixture->host, &scene->bql, "BQL", 0);
    mutex_init(fixture->host, &scene->port_lock, "port_lock", 0);
    return scene;
}

static void explore(struct host_fixture *fixture, const struct property *invariant, struct explore_outcome *outcome)
{
    const struct property *const invariants[] = { invariant, NULL };
    struct explore_subject subject = {
        .engine = &fixture->engine,
        .machine = &fixture->machine,
        .explored = &fixture->explored,
        .properties = properties_all,
        .invariants = invariants,
    };

    machine_start(&fixture->machine);
    explore_search(&subject, &explore_default_limits, outcome);
    host_close(fixture);
}

static _Noreturn void end(struct cpu *cpu)
{
    for (;;)
        thread_block(cpu);
}

static void both(struct cpu *cpu, struct mutex *outer, struct mutex *inner)
{
    mutex_lock(step(cpu, "outer"), outer);
    mutex_lock(step(cpu, "inner"), inner);
    mutex_unlock(cpu, inner);
    mutex_unlock(cpu, outer);
}

static void in_order(struct cpu *cpu, struct thread *thread)
{
    (void)thread;
    both(cpu, &scene_of(cpu)->bql, &scene_of(cpu)->port_lock);
    end(cpu);
}

static void out_of_order(struct cpu *cpu, struct thread *thread)
{
    (void)thread;
    both(cpu, &scene_of(cpu)->port_lock, &scene_of(cpu)->bql);
    end(cpu);
}

static void twice(struct cpu *cpu, struct thread *thread)
{
    (void)thread;
    both(cpu, &scene_of(cpu)->bql, &scene_of(cpu)->bql);
    end(cpu);
}

static void test_mutexes(void **state)
{
    static const struct {
        void (*main)(struct cpu *cpu, struct thread *thread);
        uint32_t rank, cpus;
        enum violation_kind kind;
        uint64_t depth;
        const char *text;
    } rows[] = {
        { in_order, 0, 2, VIOLATION_NONE, 0, "" },
        { in_order, 1, 2, VIOLATION_NONE, 0, "" },
        { in_order, 1, 1, VIOLATION_NONE, 0, "" },
        /* each takes its first lock and tries its second, after a start */
        { out_of_order, 0, 2, VIOLATION_DEADLOCK, 6,
          "second waits at inner for BQL, which first has held since outer; "
          "first waits at inner for port_lock, which second has held since outer" },
        { out_of_order, 1, 2, VIOLATION_LOCK_ORDER, 2,
          "second takes BQL at inner while it holds port_lock since outer" },
        { twice, 1, 2, VIOLATION_DEADLOCK, 3, "second waits at inner for BQL, which it itself has held since outer" },
    };

    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct host_fixture fixture;
        struct explore_outcome outcome;
        struct scene *scene = scene_open(&fixture, rows[i].cpus);

        scene->bql.rank = rows[i].rank;
        scene->port_lock.rank = 2 * rows[i].rank;
        thread_init(fixture.host, &scene->threads[0], "first", 0, in_order, NULL);
        thread_init(fixture.host, &scene->threads[1], "second", rows[i].cpus - 1, rows[i].main, NULL);
        explore(&fixture, &host_deadlock, &outcome);
        if (outcome.violation.kind != rows[i].kind || !strstr(outcome.violation.text, rows[i].text))
            fail_msg("row %zu: %s %s", i, violation_name(outcome.violation.kind), outcome.violation.text);
        assert_int_equal(outcome.verdict, rows[i].kind == VIOLATION_NONE ? EXPLORE_CLEAN : EXPLORE_VIOLATION);
        if (rows[i].depth > 0)
            assert_int_equal(outcome.depth, rows[i].depth);
        explore_outcome_free(&outcome);
    }
}

/* --- wake-ups --- */

static bool is_lost(const struct machine *machine, char *text, size_t text_bytes)
{
    const struct scene *scene = ((const struct host *)machine->hypervisor)->model;

    (void)snprintf(text, text_bytes, "nobody has seen the last signal");
    return scene->is_pending;
}

static const struct property lost = {
    .name = "lost", .kind = VIOLATION_LOST_INTERRUPT, .at = PROPERTY_AT_END, .is_broken = is_lost
};

static void handle(struct cpu *cpu, struct eventfd *eventfd)
{
    (void)eventfd;
    scene_of(cpu)->is_pending = false;
}

static void signaller(struct cpu *cpu, struct thread *thread)
{
    struct scene *scene = scene_of(cpu);

    for (int i = 0; i < 2; i++) {
        scene->is_pending = true;
        if (thread->context != NULL)
            vcpu_interrupt(cpu, &scene->vcpu, 3);
        else
            eventfd_signal(cpu, &scene->eventfd);
    }
    end(cpu);
}

static void guest_interrupt(struct cpu *cpu, struct vcpu *vcpu, uint32_t vector)
{
    (void)vcpu;
    (void)vector;
    scene_of(cpu)->is_pending = false;
}

static void guest_main(struct cpu *cpu, struct vcpu *vcpu)
{
    for (;;)
        vcpu_idle(cpu, vcpu);
}

/* Wake-ups of a poll loop, and of a vCPU that halts or computes. */
static void test_no_wake_up_is_lost(void **state)
{
    static const struct vcpu_operations operations = { .main = guest_main, .interrupt = guest_interrupt };

    (void)state;
    EXPLORE_OR_SKIP();
    for (int kind = 0; kind < 3; kind++) {
        struct host_fixture fixture;
        struct explore_outcome outcome;
        struct scene *scene = scene_open(&fixture, 2);

        if (kind == 0) {
            poller_init(fixture.host, &scene->poller, "main-loop", 0);
            eventfd_init(fixture.host, &scene->eventfd);
            poller_add(&scene->poller, &scene->eventfd, handle, NULL);
        } else {
            vcpu_init(fixture.host, &scene->vcpu, "vcpu0", 0, &operations, NULL);
            scene->vcpu.is_computing = kind == 2;
        }
        thread_init(fixture.host, &scene->threads[0], "signaller", 1, signaller, kind == 0 ? NULL : scene);
        explore(&fixture, &lost, &outcome);
        assert_int_equal(outcome.verdict, EXPLORE_CLEAN);
        assert_true(outcome.ends > 0 && outcome.states > 10);
        explore_outcome_free(&outcome);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mutexes),
        cmocka_unit_test(test_no_wake_up_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
