/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the answers of random recordings against a count of each tick by itself.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/rng.h"
#include "recorded_builder.h"
#include "trace/answer.h"

static const char *const threads[] = { "vhost-2340", "kworker/0:1" };

static void make(struct answer *answer, struct recorded *recorded)
{
    char message[256] = "";

    assert_true(answer_make(answer, recorded, 0, CYCLES_NEVER, message, sizeof message));
}

enum { CPUS = 2, GUESTS = 2, VCPUS = 2, THREADS = 2, TASKS = GUESTS * VCPUS + THREADS, STEPS = 120 };

/* What the generator knows of the host: this is what each tick is counted by. */
struct model {
    struct recorded recorded;
    struct rng rng;
    cycles now;
    uint8_t state[TASKS], cpu_of[TASKS], in_guest[TASKS], is_put_aside[TASKS];
    uint32_t exit[TASKS];
    bool tells_mode[TASKS];
    uint32_t current[CPUS]; /* TASKS: idle */
    uint32_t irq[CPUS], softirq[CPUS];
    cycles states[TASKS][4], own[TASKS];
    cycles lost[TASKS][LOSS_COUNT][ATTRIBUTION_CAUSES][TASKS + 1][8];
};

static uint32_t who_of(uint32_t task)
{
    return task < GUESTS * VCPUS ? trace_who(task / VCPUS, task % VCPUS) : builder_thread(task - GUESTS * VCPUS);
}

static void count_tick(struct model *model, uint32_t task)
{
    uint32_t cpu = model->cpu_of[task], current = model->current[cpu], what = 0;
    bool is_running = model->state[task] == STATE_RUNNING;
    enum attribution_cause cause;

    model->states[task][model->state[task]]++;
    if (model->state[task] == STATE_BLOCKED || task >= GUESTS * VCPUS)
        return;
    if (model->irq[cpu] != 0) {
        cause = CAUSE_INTERRUPT;
        what = 1 + model->irq[cpu];
        current = TASKS;
    } else if (model->softirq[cpu] != 0) {
        cause = CAUSE_SOFTIRQ;
        what = model->softirq[cpu];
        current = TASKS;
    } else if (is_running && model->in_guest[task]) {
        model->own[task]++;
        return;
    } else if (current == TASKS) {
        cause = model->is_put_aside[task] ? CAUSE_THROTTLED : CAUSE_WAKE_UP;
    } else if (current >= GUESTS * VCPUS) {
        cause = CAUSE_THREAD;
    } else {
        cause = model->in_guest[current] ? CAUSE_GUEST : CAUSE_HYPERVISOR;
        what = model->in_guest[current] ? 0 : model->exit[current];
    }
    model->lost[task][is_running ? LOSS_RUNNING : LOSS_STEAL][cause][current][what]++;
}

static void pass(struct model *model, cycles ticks)
{
    for (; ticks > 0; ticks--, model->now++)
        for (uint32_t task = 0; task < TASKS; task++)
            count_tick(model, task);
}

static void switch_to(struct model *model, uint32_t cpu, uint32_t next, uint8_t left_as)
{
    uint32_t previous = model->current[cpu];
    uint32_t previous_who = previous == TASKS ? builder_idle(cpu) : who_of(previous);
    uint32_t next_who = next == TASKS ? builder_idle(cpu) : who_of(next);

    if (previous != TASKS) {
        model->state[previous] = left_as;
        model->is_put_aside[previous] = left_as == STATE_RUNNABLE;
    }
    if (next != TASKS) {
        model->state[next] = STATE_RUNNING;
        model->is_put_aside[next] = false;
    }
    model->current[cpu] = next;
    builder_switch(&model->recorded, model->now, cpu, previous_who, previous == TASKS ? STATE_RUNNABLE : left_as,
                   next_who);
}

/* One event of the pCPU, as a Linux host may have it. */
static void one_event(struct model *model, uint32_t cpu)
{
    struct recorded *recorded = &model->recorded;
    uint32_t current = model->current[cpu], task = (uint32_t)rng_below(&model->rng, TASKS);
    bool is_vcpu = current < GUESTS * VCPUS, is_busy = model->irq[cpu] != 0 || model->softirq[cpu] != 0;

    switch (rng_below(&model->rng, 6)) {
    case 0:
        if (model->irq[cpu] == 0 && !(is_vcpu && model->in_guest[current])) {
            model->irq[cpu] = 1;
            builder_add(recorded, model->now, cpu, TRACE_IRQ_ENTRY, TRACE_NOBODY, 1, 0);
            builder_add(recorded, model->now, cpu, TRACE_DO_IRQ, TRACE_NOBODY, 1, 1);
        } else if (model->irq[cpu] != 0) {
            model->irq[cpu] = 0;
            builder_add(recorded, model->now, cpu, TRACE_IRQ_EXIT, TRACE_NOBODY, 1, 0);
        }
        break;
    case 1:
        if (!is_busy && !(is_vcpu && model->in_guest[current])) {
            model->softirq[cpu] = 1 + (uint32_t)rng_below(&model->rng, 3);
            builder_add(recorded, model->now, cpu, TRACE_SOFTIRQ_ENTRY, TRACE_NOBODY, model->softirq[cpu], 0);
        } else if (model->irq[cpu] == 0 && model->softirq[cpu] != 0) {
            builder_add(recorded, model->now, cpu, TRACE_SOFTIRQ_EXIT, TRACE_NOBODY, model->softirq[cpu], 0);
            model->softirq[cpu] = 0;
        }
        break;
    case 2:
        if (is_vcpu && !is_busy) {
            model->in_guest[current] ^= 1;
            model->tells_mode[current] = true;
            model->exit[current] = model->in_guest[current] ? 0 : 1 + (uint32_t)rng_below(&model->rng, 2);
            builder_add(recorded, model->now, cpu, model->in_guest[current] ? TRACE_VMENTRY : TRACE_VMEXIT,
                        who_of(current), model->in_guest[current] ? 0 : model->exit[current] - 1, 0);
        }
        break;
    case 3:
        if (model->state[task] == STATE_BLOCKED) {
            model->state[task] = STATE_RUNNABLE;
            model->cpu_of[task] = (uint8_t)rng_below(&model->rng, CPUS);
            builder_wake(recorded, model->now, cpu, who_of(task), model->cpu_of[task]);
        }
        break;
    default:
        if (is_busy || (is_vcpu && model->in_guest[current]))
            break;
        if (model->state[task] == STATE_RUNNABLE && model->cpu_of[task] == cpu)
            switch_to(model, cpu, task, rng_below(&model->rng, 2) ? STATE_RUNNABLE : STATE_BLOCKED);
        else if (current != TASKS)
            switch_to(model, cpu, TASKS, rng_below(&model->rng, 2) ? STATE_RUNNABLE : STATE_BLOCKED);
        break;
    }
}

/* A vCPU of which the recording has no VM entry and exit has the time to itself that it seems to be in the host, and
 * others wait for itself. */
static void hide_modes(struct model *model)
{
    for (uint32_t vcpu = 0; vcpu < GUESTS * VCPUS; vcpu++) {
        if (model->tells_mode[vcpu])
            continue;
        cycles *own = &model->lost[vcpu][LOSS_RUNNING][CAUSE_HYPERVISOR][vcpu][0];
        model->own[vcpu] += *own;
        *own = 0;
        for (uint32_t task = 0; task < TASKS; task++)
            model->lost[task][LOSS_STEAL][CAUSE_GUEST][vcpu][0] =
                model->lost[task][LOSS_STEAL][CAUSE_HYPERVISOR][vcpu][0];
    }
}

static void check_task(const struct model *model, const struct answer *answer, const struct answer_task *task)
{
    uint32_t number = task->task;
    cycles sum = 0;

    assert_int_equal(task->running, model->states[number][STATE_RUNNING]);
    assert_int_equal(task->waiting, model->states[number][STATE_RUNNABLE]);
    assert_int_equal(task->blocked, model->states[number][STATE_BLOCKED]);
    assert_int_equal(task->unknown, 0);
    assert_int_equal(task->own, model->own[number]);
    for (size_t i = 0; i < task->row_count; i++) {
        const struct answer_row *row = &task->rows[i];
        uint32_t culprit =
            row->culprit == TRACE_NOBODY ? TASKS : trace_world_task(&answer->attribution.world, row->culprit);
        assert_int_equal(row->time, model->lost[number][row->loss][row->cause][culprit][row->what]);
        sum += row->time;
    }
    assert_int_equal(sum, task->waiting + task->running - task->own);
}

static void random_recordings_are_counted_tick_by_tick(void **state)
{
    struct model *model = malloc(sizeof *model);

    (void)state;
    assert_non_null(model);
    for (uint32_t seed = 1; seed <= 300; seed++) {
        memset(model, 0, sizeof *model);
        rng_init(&model->rng, seed, 0, RNG_TEST);
        builder_init(&model->recorded, CPUS, GUESTS, VCPUS, threads, THREADS);
        builder_name(&model->recorded);
        for (uint32_t task = 0; task < TASKS; task++)
            model->state[task] = STATE_BLOCKED;
        for (uint32_t task = 0; task < TASKS; task++) /* known from the beginning */
            builder_add(&model->recorded, 0, 0, TRACE_VCPU, who_of(task), STATE_BLOCKED, 0);
        for (uint32_t cpu = 0; cpu < CPUS; cpu++) {
            model->current[cpu] = TASKS;
            builder_add(&model->recorded, 0, cpu, TRACE_VCPU, builder_idle(cpu), STATE_RUNNING, cpu);
        }
        for (uint32_t step = 0; step < STEPS; step++) {
            pass(model, rng_below(&model->rng, 4));
            one_event(model, (uint32_t)rng_below(&model->rng, CPUS));
        }
        pass(model, 5);
        hide_modes(model);
        model->recorded.world.end = model->now;
        recorded_finish(&model->recorded);
        model->recorded.kinds |= UINT64_C(1) << TRACE_VMENTRY;
        struct answer answer;
        make(&answer, &model->recorded);
        assert_int_equal(answer.count, GUESTS * VCPUS);
        for (size_t i = 0; i < answer.count; i++)
            check_task(model, &answer, &answer.tasks[i]);
        answer_free(&answer);
        recorded_free(&model->recorded);
    }
    free(model);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(random_recordings_are_counted_tick_by_tick) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
