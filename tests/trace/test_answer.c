/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the answer of a recording: of hand-made ones with known parts, and of random ones against a count of each tick
 * by itself.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

#include "base/rng.h"
#include "recorded_builder.h"
#include "trace/answer.h"

static const char *const softirqs[] = { "HI", "TIMER", "NET_TX", "NET_RX" };
static const char *const irqs[] = { NULL, "virtio0" };
static const char *const exits[] = { "hlt", "ept" };
static const char *const threads[] = { "vhost-2340", "kworker/0:1" };

static void name(struct recorded *recorded)
{
    trace_softirq_names(&recorded->names, softirqs, 4);
    recorded->world.irq_names = irqs;
    recorded->world.irq_count = 2;
    recorded->world.exit_names = exits;
    recorded->world.exit_count = 2;
}

/* vm1 v0 on pCPU 0, with vm2 v0 and vhost-2340. Of 1000 ns: waits from 100 behind vhost until 300, whose time an
 * interrupt takes from 150 to 160 and a softirq to 170; runs, in its guest from 310 to 400; an exit "ept" to 420, in
 * the guest to 500, an exit "hlt" to 550, where it blocks; is woken at 700 behind vm2 v0, which is in its guest from
 * 600 to 800; runs from 800. */
static void make_example(struct recorded *recorded)
{
    uint32_t vm1 = trace_who(0, 0), vm2 = trace_who(1, 0), vhost = builder_thread(0);

    builder_init(recorded, 1, 2, 1, threads, 2);
    name(recorded);
    builder_switch(recorded, 100, 0, vm1, STATE_RUNNABLE, vhost);
    builder_add(recorded, 150, 0, TRACE_IRQ_ENTRY, TRACE_NOBODY, 1, 0);
    builder_add(recorded, 150, 0, TRACE_DO_IRQ, TRACE_NOBODY, 1, 1);
    builder_add(recorded, 160, 0, TRACE_IRQ_EXIT, TRACE_NOBODY, 1, 0);
    builder_add(recorded, 160, 0, TRACE_SOFTIRQ_ENTRY, TRACE_NOBODY, 3, 0);
    builder_add(recorded, 170, 0, TRACE_SOFTIRQ_EXIT, TRACE_NOBODY, 3, 0);
    builder_switch(recorded, 300, 0, vhost, STATE_BLOCKED, vm1);
    builder_add(recorded, 310, 0, TRACE_VMENTRY, vm1, 0, 0);
    builder_add(recorded, 400, 0, TRACE_VMEXIT, vm1, 1, 0);
    builder_add(recorded, 420, 0, TRACE_VMENTRY, vm1, 0, 0);
    builder_add(recorded, 500, 0, TRACE_VMEXIT, vm1, 0, 0);
    builder_wake(recorded, 550, 0, vm2, 0);
    builder_switch(recorded, 550, 0, vm1, STATE_BLOCKED, vm2);
    builder_add(recorded, 600, 0, TRACE_VMENTRY, vm2, 0, 0);
    builder_wake(recorded, 700, 0, vm1, 0);
    builder_add(recorded, 800, 0, TRACE_VMEXIT, vm2, 1, 0);
    builder_switch(recorded, 800, 0, vm2, STATE_BLOCKED, vm1);
    recorded->world.end = 1000;
    recorded_finish(recorded);
}

static void make(struct answer *answer, struct recorded *recorded)
{
    char message[256] = "";

    assert_true(answer_make(answer, recorded, 0, CYCLES_NEVER, message, sizeof message));
}

static void the_parts_of_a_hand_made_recording_are_known(void **state)
{
    static const struct {
        enum attribution_loss loss;
        const char *by;
        cycles time;
    } rows[] = {
        { LOSS_STEAL, "thread vhost-2340", 180 },     { LOSS_STEAL, "interrupt 1 virtio0", 10 },
        { LOSS_STEAL, "softirq NET_RX", 10 },         { LOSS_STEAL, "vm2 v0", 100 },
        { LOSS_RUNNING, "the host, no VM exit", 10 }, { LOSS_RUNNING, "VM exit ept", 20 },
        { LOSS_RUNNING, "VM exit hlt", 50 + 200 },    { LOSS_RUNNING, "unknown", 100 },
    };
    struct recorded recorded;
    struct answer answer;
    char text[ANSWER_TEXT_BYTES];

    (void)state;
    make_example(&recorded);
    make(&answer, &recorded);
    const struct answer_task *task = &answer.tasks[0];
    assert_int_equal(task->who, trace_who(0, 0));
    assert_int_equal(task->waiting, 300);
    assert_int_equal(task->running, 550);
    assert_int_equal(task->own, 170);
    assert_int_equal(task->blocked, 150);
    assert_int_equal(task->unknown, 0);
    assert_int_equal(task->row_count, sizeof rows / sizeof *rows);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t at = 0;
        while (at < task->row_count && (task->rows[at].loss != rows[i].loss ||
                                        strcmp(answer_by(&answer, &task->rows[at], text), rows[i].by) != 0))
            at++;
        assert_true(at < task->row_count);
        assert_int_equal(task->rows[at].time, rows[i].time);
    }
    answer_free(&answer);
    recorded_free(&recorded);
}

static char *text_of(const struct answer *answer, size_t width)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    assert_non_null(out);
    answer_print(answer, width, out, false);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void the_machine_is_named(void **state)
{
    struct recorded recorded;
    struct answer answer;

    (void)state;
    make_example(&recorded);
    make(&answer, &recorded);
    char *text = text_of(&answer, SIZE_MAX);
    assert_non_null(strstr(text, "\n2 guests with 2 vCPUs on 1 pCPU of Linux.\n"));
    free(text);
    answer_free(&answer);
    recorded_free(&recorded);
    builder_init(&recorded, 1, 0, 0, threads, 2);
    builder_switch(&recorded, 100, 0, builder_thread(0), STATE_RUNNABLE, builder_thread(1));
    recorded.world.end = 1000;
    recorded_finish(&recorded);
    make(&answer, &recorded);
    text = text_of(&answer, SIZE_MAX);
    assert_non_null(strstr(text, "\nNo vCPU is in the recording: these are threads of Linux with 1 pCPU.\n"));
    free(text);
    answer_free(&answer);
    recorded_free(&recorded);
}

static void the_verdict_names_the_largest_first(void **state)
{
    struct recorded recorded;
    struct answer answer;

    (void)state;
    make_example(&recorded);
    make(&answer, &recorded);
    char *text = answer_verdict(&answer);
    assert_string_equal(text,
                        "vm1 v0 waited 30.0 % of 1.0 us: 18.0 % behind thread vhost-2340, 10.0 % behind vm2 v0, "
                        "1.0 % behind interrupt 1 virtio0, 1.0 % by 1 other. It ran 55.0 %, of which it lost 38.0 "
                        "%: 25.0 % VM exit hlt, 10.0 % unknown, 2.0 % VM exit ept, 1.0 % by 1 other.");
    free(text);
    answer_free(&answer);
    recorded_free(&recorded);
}

static size_t characters(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += ((uint8_t)*text & 0xC0) != 0x80;
    return count;
}

/* No line is longer than the width. */
static void narrow_terminals_are_kept_to(void **state)
{
    static const size_t widths[] = { 60, 80, 100 };

    (void)state;
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        struct recorded recorded;
        struct answer answer;
        make_example(&recorded);
        make(&answer, &recorded);
        char *text = text_of(&answer, widths[i]), *rest = text, *line;
        while ((line = strsep(&rest, "\n")) != NULL)
            if (characters(line) > widths[i])
                fail_msg("%zu: %s", widths[i], line);
        free(text);
        answer_free(&answer);
        recorded_free(&recorded);
    }
}

/* What the recorder did not write is said, and is never a zero. */
static void what_is_missing_is_said(void **state)
{
    static const struct {
        uint64_t kinds;
        const char *says;
    } rows[] = {
        { UINT64_C(1) << TRACE_IRQ_ENTRY | UINT64_C(1) << TRACE_IRQ_EXIT, "interrupts (irq:irq_handler_entry" },
        { UINT64_C(1) << TRACE_SOFTIRQ_ENTRY | UINT64_C(1) << TRACE_SOFTIRQ_EXIT, "softirqs (irq:softirq_entry" },
        { UINT64_C(1) << TRACE_VMENTRY | UINT64_C(1) << TRACE_VMEXIT, "guest mode (kvm:kvm_entry" },
        { UINT64_C(1) << TRACE_WAKE, "wake-ups (sched:sched_waking)" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct recorded recorded;
        struct answer answer;
        size_t kept = 0;
        make_example(&recorded);
        for (size_t j = 0; j < recorded.count; j++)
            if ((rows[i].kinds >> recorded.records[j].kind & 1) == 0)
                recorded.records[kept++] = recorded.records[j];
        recorded.count = kept;
        recorded_finish(&recorded);
        make(&answer, &recorded);
        char *text = text_of(&answer, SIZE_MAX);
        assert_non_null(strstr(text, rows[i].says));
        if (rows[i].kinds >> TRACE_VMENTRY & 1)
            assert_int_equal(answer.tasks[0].own, answer.tasks[0].running);
        free(text);
        answer_free(&answer);
        recorded_free(&recorded);
    }
}

static void a_recording_without_states_is_refused(void **state)
{
    struct recorded recorded;
    struct answer answer;
    char message[256];

    (void)state;
    builder_init(&recorded, 1, 1, 1, threads, 2);
    builder_add(&recorded, 5, 0, TRACE_WAKE, trace_who(0, 0), 0, 0);
    recorded_finish(&recorded);
    assert_false(answer_make(&answer, &recorded, 0, CYCLES_NEVER, message, sizeof message));
    assert_non_null(strstr(message, "sched:sched_switch"));
    answer_free(&answer);
    recorded_free(&recorded);
}

static void json_and_csv_sum_to_the_recording(void **state)
{
    struct recorded recorded;
    struct answer answer;
    json_t *task, *part;
    size_t i, j, bytes;
    char *text = NULL, *line;

    (void)state;
    make_example(&recorded);
    make(&answer, &recorded);
    json_t *json = answer_json(&answer);
    assert_int_equal(json_integer_value(json_object_get(json, "ticks")), 1000);
    json_array_foreach(json_object_get(json, "tasks"), i, task)
    {
        json_int_t sum = 0;
        json_array_foreach(json_object_get(task, "parts"), j, part) sum +=
            json_integer_value(json_object_get(part, "ticks"));
        static const char *const keys[] = { "own", "blocked", "unknown" };
        for (size_t key = 0; key < 3; key++)
            sum += json_integer_value(json_object_get(task, keys[key]));
        assert_int_equal(sum, 1000);
    }
    json_decref(json);
    FILE *out = open_memstream(&text, &bytes);
    answer_print_csv(&answer, out);
    fclose(out);
    char *rest = text;
    assert_string_equal(strsep(&rest, "\n"), "task,time,cause,what,by,for,ticks");
    uint64_t sum = 0;
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0')
        sum += strtoull(strrchr(line, ',') + 1, NULL, 10);
    assert_int_equal(sum, 2000);
    free(text);
    answer_free(&answer);
    recorded_free(&recorded);
}

/* --- random recordings --- */

enum { CPUS = 2, GUESTS = 2, VCPUS = 2, THREADS = 2, TASKS = GUESTS * VCPUS + THREADS, STEPS = 120 };

/* What the generator knows of the host: this is what each tick is counted by. */
struct model {
    struct recorded recorded;
    struct rng rng;
    cycles now;
    uint8_t state[TASKS], cpu_of[TASKS], in_guest[TASKS], is_put_aside[TASKS];
    uint32_t exit[TASKS];
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
        name(&model->recorded);
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
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_of_a_hand_made_recording_are_known),
        cmocka_unit_test(the_machine_is_named),
        cmocka_unit_test(the_verdict_names_the_largest_first),
        cmocka_unit_test(narrow_terminals_are_kept_to),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(a_recording_without_states_is_refused),
        cmocka_unit_test(json_and_csv_sum_to_the_recording),
        cmocka_unit_test(random_recordings_are_counted_tick_by_tick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
