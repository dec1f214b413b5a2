/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the traces of families on a Linux host: states follow one another, one task runs on each pCPU, and times and
 * counts are those of the model's own accounting.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "machine/cpu.h"
#include "machine/devices/device.h"
#include "models/host/host.h"
#include "scenario/scenario.h"
#include "simulation/run.h"
#include "trace/slowest.h"
#include "trace/tee.h"

enum { RUNNING, RUNNABLE, BLOCKED, UNKNOWN };
enum { TASKS = 1024, CPUS = 256 };

struct task {
    uint32_t state, cpu;
    cycles since, spent[3];
};

struct watch {
    struct trace_sink sink;
    uint32_t cpu_count, task_count;
    const struct trace_world *world;
    struct task tasks[TASKS]; /* the idle tasks last */
    uint32_t running[CPUS];   /* tasks in that state */
    cycles running_since[CPUS];
    cycles guest, guest_since[CPUS];
    cycles idle, idle_interrupted, interrupt_since[CPUS];
    uint32_t depth[CPUS];
    bool is_idle[CPUS];
    uint64_t counts[TRACE_KIND_COUNT], met, flows;
};

static struct task *task_of(struct watch *watch, uint32_t who)
{
    uint32_t index = trace_world_task(watch->world, who);

    if (index == UINT32_MAX) {
        assert_int_equal(trace_domain(who), TRACE_IDLE_DOMAIN);
        index = watch->task_count + trace_vcpu(who);
    }
    return &watch->tasks[index];
}

/* One task of a pCPU runs whenever time passes. */
static void check_running(struct watch *watch, uint32_t cpu, cycles now)
{
    assert_true(now == watch->running_since[cpu] || watch->running[cpu] == 1);
    watch->running_since[cpu] = now;
}

static void change(struct watch *watch, const struct trace_record *record)
{
    struct task *task = task_of(watch, record->who);
    uint32_t cpu = (uint32_t)record->b;
    bool is_idle = trace_domain(record->who) == TRACE_IDLE_DOMAIN;

    if (record->kind == TRACE_RUNSTATE) {
        assert_int_equal(record->a / 16, task->state);
        assert_int_equal(cpu, task->cpu); /* threads stay on their pCPU */
        check_running(watch, cpu, record->time);
        watch->running[cpu] -= task->state == RUNNING;
        task->spent[task->state] += record->time - task->since;
    } else {
        assert_int_equal(task->state, UNKNOWN);
    }
    task->state = record->a % 16;
    assert_true(task->state <= BLOCKED);
    task->cpu = cpu;
    task->since = record->time;
    watch->running[cpu] += task->state == RUNNING;
    if (is_idle)
        watch->is_idle[cpu] = task->state == RUNNING;
}

static void follow(struct watch *watch, const struct trace_record *record)
{
    uint32_t cpu = record->cpu;

    watch->counts[record->kind]++;
    switch (record->kind) {
    case TRACE_VCPU:
    case TRACE_RUNSTATE:
        change(watch, record);
        break;
    case TRACE_VMENTRY:
        watch->guest_since[cpu] = record->time;
        break;
    case TRACE_VMEXIT:
        watch->guest += record->time - watch->guest_since[cpu];
        watch->guest_since[cpu] = CYCLES_NEVER;
        break;
    case TRACE_IRQ_ENTRY:
        if (watch->depth[cpu]++ == 0)
            watch->interrupt_since[cpu] = record->time;
        break;
    case TRACE_IRQ_EXIT:
        assert_true(watch->depth[cpu] > 0);
        if (--watch->depth[cpu] == 0 && watch->is_idle[cpu])
            watch->idle_interrupted += record->time - watch->interrupt_since[cpu];
        break;
    case TRACE_POLL:
        watch->met += record->a;
        break;
    case TRACE_HANDLER:
        watch->flows += record->flow != 0;
        break;
    default:
        break;
    }
}

/* --- the sink --- */

static bool watch_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    struct watch *watch = (struct watch *)sink;

    (void)message, (void)message_bytes;
    watch->world = world;
    watch->cpu_count = world->cpu_count;
    watch->task_count = world->vcpu_count + world->thread_count;
    assert_true(world->cpu_count <= CPUS && watch->task_count + world->cpu_count <= TASKS);
    assert_true(world->irq_count > 0 && world->thread_count > 0);
    for (uint32_t i = 0; i < TASKS; i++)
        watch->tasks[i].state = UNKNOWN;
    for (uint32_t i = 0; i < CPUS; i++)
        watch->guest_since[i] = CYCLES_NEVER;
    return true;
}

static void watch_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        follow((struct watch *)sink, &records[i]);
}

static void check_times(struct watch *watch, const struct machine *machine, cycles now)
{
    cycles guest = 0, idle = 0, idle_here = 0;

    for (uint32_t cpu = 0; cpu < watch->cpu_count; cpu++) {
        check_running(watch, cpu, now);
        guest += machine->cpus[cpu].category_cycles[CPU_GUEST];
        idle += machine->cpus[cpu].category_cycles[CPU_IDLE];
        if (watch->guest_since[cpu] != CYCLES_NEVER)
            watch->guest += now - watch->guest_since[cpu];
        if (watch->depth[cpu] > 0 && watch->is_idle[cpu])
            watch->idle_interrupted += now - watch->interrupt_since[cpu];
    }
    for (uint32_t i = 0; i < watch->task_count + watch->cpu_count; i++) {
        struct task *task = &watch->tasks[i];
        assert_true(task->state != UNKNOWN);
        task->spent[task->state] += now - task->since;
        assert_int_equal(task->spent[RUNNING] + task->spent[RUNNABLE] + task->spent[BLOCKED], now);
        if (i >= watch->task_count)
            idle_here += task->spent[RUNNING];
    }
    assert_int_equal(watch->guest, guest);
    assert_int_equal(idle_here - watch->idle_interrupted, idle);
}

/* A pCPU that is ahead of the clock counts an interrupt whose record lies beyond the end. */
static void check_near(uint64_t counted, uint64_t recorded, uint32_t cpu_count)
{
    assert_true(recorded <= counted && recorded + cpu_count >= counted);
}

static void watch_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    struct watch *watch = (struct watch *)sink;
    const struct host *host = machine->hypervisor;
    uint64_t delivered = 0;

    check_times(watch, machine, now);
    assert_int_equal(watch->counts[TRACE_WAKE], host->statistics.wakes);
    assert_int_equal(watch->counts[TRACE_SWITCH], host->statistics.context_switches);
    assert_int_equal(watch->counts[TRACE_VMEXIT], host->statistics.vmexits);
    check_near(host->statistics.halt_polls, watch->counts[TRACE_POLL], watch->cpu_count);
    check_near(host->statistics.halt_polls_met, watch->met, watch->cpu_count);
    check_near(host->statistics.irqs, watch->counts[TRACE_DO_IRQ], watch->cpu_count);
    for (const struct device_vector *vector = machine->vectors; vector != NULL; vector = vector->next)
        delivered += vector->delivered;
    assert_true(delivered > 0);
    check_near(delivered, watch->flows, watch->cpu_count);
}

static void run(const char *name, const char *const *sets, size_t set_count)
{
    static struct watch watch;
    static struct slowest slowest;
    static struct trace_tee tee;
    struct scenario scenario;
    struct result result;
    struct diag diag;
    char message[512], path[256];

    snprintf(path, sizeof path, SOURCE_DIR "/scenarios/%s.yaml", name);
    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, path, sets, set_count, &diag), SCENARIO_OK);
    diag_free(&diag);
    watch = (struct watch){ .sink = { TRACE_ALL_KINDS, watch_begin, watch_records, watch_end } };
    slowest_init(&slowest, 3, 1 << 14);
    trace_tee_init(&tee);
    trace_tee_add(&tee, &watch.sink);
    trace_tee_add(&tee, &slowest.sink);
    assert_true(run_scenario_traced(&scenario, &tee.sink, 1 << 20, NULL, &result, message, sizeof message));
    assert_int_equal(slowest.count, 3);
    slowest_free(&slowest);
    result_free(&result);
    scenario_free(&scenario);
}

static void states_are_the_models(void **state)
{
    static const struct {
        const char *scenario, *sets[3];
    } rows[] = {
        { "vfio-shared-line", { "run.warmup=0s", "run.duration=30ms", "hypervisor.design=vfio-automask" } },
        { "vfio-shared-line", { "run.warmup=0s", "run.duration=30ms", "hypervisor.design=vfio-msi" } },
        { "vfio-alone", { "run.warmup=0s", "run.duration=30ms", "hypervisor.design=vfio-direct-eoi" } },
        { "vfio-halt-poll", { "run.warmup=0s", "run.duration=30ms", "run.seed=2" } },
        { "vfio-one-guest-shared", { "run.warmup=0s", "run.duration=30ms", "hypervisor.irqchip=split" } },
        { "vfio-one-guest-shared", { "run.warmup=0s", "run.duration=30ms", "hypervisor.irqchip=userspace" } },
        { "vfio-teardown", { "run.warmup=0s", "run.duration=30ms", "run.seed=2" } },
        { "qemu-affinity", { "run.warmup=0s", "run.duration=30ms", "run.seed=2" } },
        { "qemu-contention", { "run.warmup=0s", "run.duration=30ms", "run.seed=2" } },
        { "qemu-gsi-callback", { "run.warmup=0s", "run.duration=30ms", "run.seed=2" } },
        { "nvme-drives", { "run.warmup=0s", "run.duration=3ms", "hypervisor.design=nvme-msi" } },
        { "nvme-drives", { "run.warmup=0s", "run.duration=3ms", "hypervisor.design=nvme-posted-msi" } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        run(rows[i].scenario, rows[i].sets, 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_are_the_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
