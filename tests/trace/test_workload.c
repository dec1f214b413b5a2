/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what is taken from a trace for a scenario: each row of a table is a small hand-made trace of a host with two
 * vCPUs and two threads, and what its workload must be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "trace/workload.h"

enum { RUNNING, RUNNABLE, BLOCKED, OFFLINE };

#define VCPU trace_who(0, 0)
#define OTHER trace_who(0, 1)
#define VHOST trace_who(TRACE_THREADS, 0)
#define HOG trace_who(TRACE_THREADS, 1)
#define US 1000u

static const char *const irq_names[] = { NULL, NULL, NULL, NULL, NULL, "uhci, nic" };
static const char *const action_names[] = { "uhci", "nic" };
static struct trace_domain domains[] = { { .name = "vm", .vcpu_count = 2 } };
static struct trace_thread threads[] = { { .name = "vhost-7", .pid = 8 }, { .name = "hog", .pid = 9 } };
static struct trace_world world = {
    .frequency_hz = 1000000000,
    .cpu_count = 2,
    .domains = domains,
    .domain_count = 1,
    .vcpu_count = 2,
    .threads = threads,
    .thread_count = 2,
    .irq_names = irq_names,
    .irq_count = 6,
    .action_names = action_names,
    .action_count = 2,
    .end = 1000 * US,
};

/* --- records in short --- */

static struct trace_record boot(uint32_t who, uint32_t state, uint32_t cpu)
{
    return (struct trace_record){ .kind = TRACE_VCPU, .who = who, .a = state, .b = cpu };
}

static struct trace_record state_of(cycles us, uint32_t who, uint32_t from, uint32_t to, uint32_t cpu)
{
    return (struct trace_record){ us * US, cpu, who, 0, from * 16 + to, TRACE_RUNSTATE, (uint16_t)cpu };
}

static struct trace_record of(cycles us, enum trace_kind kind, uint32_t who, uint32_t flow, uint32_t a, uint64_t b)
{
    return (struct trace_record){ us * US, b, who, flow, a, (uint16_t)kind, 0 };
}

#define BOOT boot(VCPU, BLOCKED, 0), boot(OTHER, BLOCKED, 1), boot(VHOST, BLOCKED, 0), boot(HOG, BLOCKED, 0)
#define LINE(us, flow) of(us, TRACE_IRQ_ENTRY, TRACE_NOBODY, flow, 5, 0), of(us, TRACE_DO_IRQ, TRACE_NOBODY, flow, 5, 5)
#define LINE_END(us, flow) of(us, TRACE_IRQ_EXIT, TRACE_NOBODY, flow, 5, 0)
#define WOKEN(us, who, flow, cpu) of(us, TRACE_WAKE, who, flow, 0, 0), state_of(us, who, BLOCKED, RUNNABLE, cpu)
#define RUNS(us, who, cpu) state_of(us, who, RUNNABLE, RUNNING, cpu)
#define SLEEPS(us, who, cpu) state_of(us, who, RUNNING, BLOCKED, cpu)

static struct workload workload;

static void play(const struct trace_record *records, size_t count)
{
    char message[200];

    workload_init(&workload);
    workload.is_linux = true;
    assert_true(workload.sink.begin(&workload.sink, &world, message, sizeof message));
    workload.sink.records(&workload.sink, records, count);
    workload.sink.end(&workload.sink, NULL, world.end);
}

#define PLAY(...) \
    play((const struct trace_record[]){ __VA_ARGS__ }, \
         sizeof((const struct trace_record[]){ __VA_ARGS__ }) / sizeof(struct trace_record))

static void assert_arrival(size_t source, size_t i, uint64_t us, uint64_t work_us)
{
    assert_true(source < workload.source_count && i < workload.sources[source].count);
    assert_int_equal(workload.sources[source].arrivals[i].ns, us * US);
    assert_int_equal(workload.sources[source].arrivals[i].work_ns, work_us * US);
}

/* --- works --- */

static void each_interrupt_has_the_work_that_followed_it(void **state)
{
    (void)state;
    PLAY(BOOT, LINE(100, 1), WOKEN(101, VCPU, 1, 0), LINE_END(102, 1), RUNS(103, VCPU, 0), SLEEPS(133, VCPU, 0),
         LINE(200, 2), WOKEN(201, VCPU, 2, 0), LINE_END(202, 2), RUNS(203, VCPU, 0), SLEEPS(503, VCPU, 0));
    assert_int_equal(workload.source_count, 1);
    assert_int_equal(workload.sources[0].count, 2);
    assert_arrival(0, 0, 100, 30);
    assert_arrival(0, 1, 200, 300);
    assert_int_equal(workload.tasks[workload.sources[0].task].wakes, 2);
    assert_int_equal(workload.tasks[workload.sources[0].task].running_ns, 330 * US);
    assert_int_equal(workload.tasks[workload.sources[0].task].runnable_ns, 4 * US);
    assert_int_equal(workload.tasks[workload.sources[0].task].delay_sum_ns, 6 * US);
    workload_free(&workload);
}

/* Of fewer than a hundred the slowest, whenever it came. */
static void the_slowest_delay_is_the_99th_percentile(void **state)
{
    (void)state;
    PLAY(BOOT, LINE(100, 1), WOKEN(101, VCPU, 1, 0), LINE_END(102, 1), RUNS(109, VCPU, 0), SLEEPS(133, VCPU, 0),
         LINE(200, 2), WOKEN(201, VCPU, 2, 0), LINE_END(202, 2), RUNS(203, VCPU, 0), SLEEPS(503, VCPU, 0));
    const struct workload_task *task = &workload.tasks[workload.sources[0].task];
    assert_int_equal(task->delays, 2);
    assert_int_equal(task->delay_sum_ns, 12 * US);
    assert_int_equal(task->delay_p99_ns, 9 * US);
    workload_free(&workload);
}

/* Two that come before the vCPU runs share its time until the third; a preemption in between is nobody's work. */
static void interrupts_of_one_run_share_it(void **state)
{
    (void)state;
    PLAY(BOOT, LINE(100, 1), WOKEN(101, VCPU, 1, 0), LINE_END(102, 1), LINE(110, 2), LINE_END(111, 2),
         RUNS(120, VCPU, 0), state_of(140, VCPU, RUNNING, RUNNABLE, 0), RUNS(150, VCPU, 0), LINE(170, 3),
         LINE_END(171, 3), SLEEPS(180, VCPU, 0));
    assert_int_equal(workload.sources[0].count, 3);
    assert_arrival(0, 0, 100, 20);
    assert_arrival(0, 1, 110, 20);
    assert_arrival(0, 2, 170, 10);
    workload_free(&workload);
}

static void guest_mode_counts_alone_and_polling_not_at_all(void **state)
{
    (void)state;
    PLAY(BOOT, LINE(100, 1), WOKEN(101, VCPU, 1, 0), LINE_END(102, 1), RUNS(103, VCPU, 0),
         of(110, TRACE_VMENTRY, VCPU, 0, 0, 0), of(125, TRACE_VMEXIT, VCPU, 0, 0, 0), SLEEPS(133, VCPU, 0));
    assert_arrival(0, 0, 100, 15);
    assert_int_equal(workload.tasks[workload.sources[0].task].guest_ns, 15 * US);
    workload_free(&workload);

    PLAY(BOOT, LINE(100, 1), WOKEN(101, VCPU, 1, 0), LINE_END(102, 1), RUNS(103, VCPU, 0), LINE(200, 2),
         LINE_END(201, 2), of(203, TRACE_POLL, VCPU, 2, 1, 40 * US), SLEEPS(253, VCPU, 0));
    assert_arrival(0, 0, 100, 60); /* 103..163, and then it polls */
    assert_arrival(0, 1, 200, 50);
    const struct workload_task *task = &workload.tasks[workload.sources[0].task];
    assert_true(task->wakes == 2 && task->polled == 1 && task->poll_ns == 40 * US);
    workload_free(&workload);
}

/* How long it polled is told in nanoseconds, whatever the clock of the records. */
static void a_poll_has_its_length_on_any_clock(void **state)
{
    (void)state;
    world.frequency_hz = 2500000000;
    PLAY(BOOT, LINE(100, 1), WOKEN(101, VCPU, 1, 0), LINE_END(102, 1), RUNS(103, VCPU, 0), LINE(500, 2),
         LINE_END(501, 2), of(503, TRACE_POLL, VCPU, 2, 1, 100 * US), of(800, TRACE_POLL, VCPU, 0, 0, 60 * US),
         SLEEPS(803, VCPU, 0));
    assert_int_equal(workload.tasks[workload.sources[0].task].poll_ns, 160 * US);
    assert_int_equal(workload.tasks[workload.sources[0].task].polled, 1);
    world.frequency_hz = 1000000000;
    workload_free(&workload);
}

static void a_wake_without_an_interrupt_is_a_source_of_its_own(void **state)
{
    (void)state;
    PLAY(BOOT, LINE(100, 1), WOKEN(101, VCPU, 1, 0), LINE_END(102, 1), RUNS(103, VCPU, 0), SLEEPS(133, VCPU, 0),
         WOKEN(600, VCPU, 0, 0), RUNS(601, VCPU, 0), SLEEPS(611, VCPU, 0));
    assert_int_equal(workload.source_count, 2);
    assert_string_equal(workload.sources[1].name, "wakes-vm-v0");
    assert_true(workload.sources[1].is_wakes);
    assert_arrival(1, 0, 600, 10);
    workload_free(&workload);
}

/* --- who an interrupt is for --- */

/* One interrupt asks each action of its line, and is named after the one whose device had interrupted. */
static void a_shared_line_is_one_interrupt(void **state)
{
    (void)state;
    PLAY(BOOT, LINE(100, 1), of(100, TRACE_ACTION, TRACE_NOBODY, 1, 0, 0), WOKEN(101, VCPU, 1, 0),
         of(102, TRACE_ACTION, TRACE_NOBODY, 1, 1, 1), LINE_END(102, 1), RUNS(103, VCPU, 0), SLEEPS(133, VCPU, 0));
    assert_int_equal(workload.source_count, 1);
    assert_int_equal(workload.sources[0].count, 1);
    assert_string_equal(workload.sources[0].name, "irq5-nic");
    workload_free(&workload);
}

static void a_thread_passes_an_interrupt_on(void **state)
{
    (void)state;
    PLAY(BOOT, LINE(100, 1), WOKEN(101, VHOST, 1, 0), LINE_END(102, 1), RUNS(103, VHOST, 0), WOKEN(110, VCPU, 1, 1),
         SLEEPS(112, VHOST, 0), RUNS(113, VCPU, 1), SLEEPS(213, VCPU, 1));
    assert_int_equal(workload.source_count, 1);
    assert_string_equal(workload.sources[0].through, "vhost-7");
    assert_int_equal(workload.sources[0].passed_on, 1);
    assert_arrival(0, 0, 110, 100);
    assert_string_equal(workload.tasks[workload.sources[0].task].name, "vm-v0");
    workload_free(&workload);
}

/* MSIs of KVM name their vCPU, and are the line's interrupt where they go on with it. */
static void a_message_is_for_its_vcpu(void **state)
{
    (void)state;
    PLAY(BOOT, of(100, TRACE_RAISE, OTHER, 1, 37, 100 * US), WOKEN(101, OTHER, 1, 1), RUNS(102, OTHER, 1),
         SLEEPS(142, OTHER, 1), LINE(200, 2), of(201, TRACE_RAISE, VCPU, 2, 38, 201 * US), WOKEN(202, VCPU, 2, 0),
         LINE_END(203, 2), RUNS(204, VCPU, 0), SLEEPS(224, VCPU, 0));
    assert_int_equal(workload.source_count, 2);
    assert_string_equal(workload.sources[0].name, "irq5-uhci--nic");
    assert_arrival(0, 0, 200, 20);
    assert_string_equal(workload.sources[1].name, "msi37");
    assert_arrival(1, 0, 100, 40);
    workload_free(&workload);
}

/* Three are raised before the second reaches the vCPU, which sleeps until then; a fourth reaches nobody. */
static void what_a_vcpu_sleeps_through_comes_when_it_reaches_it(void **state)
{
#define RAISED(us, flow) of(us, TRACE_RAISE, VCPU, flow, 7 << 8, (us)*US)
    (void)state;
    PLAY(BOOT, RAISED(100, 1), RAISED(110, 1), RAISED(120, 2), of(350, TRACE_PEND, VCPU, 1, 49, 0),
         WOKEN(351, VCPU, 0, 0), RUNS(353, VCPU, 0), SLEEPS(383, VCPU, 0), RAISED(600, 3));
    assert_int_equal(workload.source_count, 1);
    assert_int_equal(workload.sources[0].count, 1);
    assert_arrival(0, 0, 350, 30);
    assert_int_equal(workload.tasks[workload.sources[0].task].delay_sum_ns, 3 * US);
    assert_int_equal(workload.dropped_count, 2);
    assert_string_equal(workload.dropped[0].why, "they reach their vCPU together with one before them");
    assert_int_equal(workload.dropped[0].count, 1);
    assert_string_equal(workload.dropped[1].why, "their vCPU sleeps on for more than 200 us");
    assert_int_equal(workload.dropped[1].count, 2);
    workload_free(&workload);
    /* At most 200 us: the interrupt woke it. */
    PLAY(BOOT, RAISED(100, 1), WOKEN(300, VCPU, 0, 0), RUNS(301, VCPU, 0), SLEEPS(383, VCPU, 0));
    assert_int_equal(workload.dropped_count, 0);
    assert_arrival(0, 0, 100, 82);
    workload_free(&workload);
    PLAY(BOOT, RAISED(100, 1), WOKEN(301, VCPU, 0, 0), RUNS(302, VCPU, 0), SLEEPS(383, VCPU, 0));
    assert_int_equal(workload.dropped_count, 1);
    assert_true(workload.sources[0].is_wakes);
    assert_arrival(0, 0, 301, 81);
    workload_free(&workload);
}

/* It is woken when the run boots, and has no sleep after that; or it has one, or boots late. */
static void a_task_that_never_sleeps_computes(void **state)
{
    static const struct {
        cycles wakes, sleeps; /* us; sleeps: 0: never */
        bool is_computing;
    } rows[] = { { 0, 0, true }, { 1, 0, true }, { 2, 0, false }, { 0, 500, false } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cycles end = rows[i].sleeps != 0 ? rows[i].sleeps : 999;
        PLAY(BOOT, WOKEN(rows[i].wakes, VCPU, 0, 0), RUNS(rows[i].wakes, VCPU, 0),
             state_of(end, VCPU, RUNNING, rows[i].sleeps != 0 ? BLOCKED : RUNNING, 0));
        const struct workload_task *task = workload_task_of(&workload, VCPU);
        assert_non_null(task);
        assert_int_equal(task->is_computing, rows[i].is_computing);
        assert_int_equal(task->wakes, !rows[i].is_computing);
        assert_int_equal(workload.source_count, !rows[i].is_computing);
        workload_free(&workload);
    }
}

static void interrupts_for_nobody_are_dropped(void **state)
{
    (void)state;
    PLAY(BOOT, LINE(100, 1), WOKEN(101, VCPU, 1, 0), LINE_END(102, 1), RUNS(103, VCPU, 0), SLEEPS(133, VCPU, 0),
         LINE(300, 2), LINE_END(302, 2), LINE(400, 3), WOKEN(401, HOG, 3, 0), LINE_END(402, 3));
    assert_int_equal(workload.sources[0].count, 1);
    assert_int_equal(workload.dropped_count, 2);
    assert_string_equal(workload.dropped[0].why, "these interrupts wake nobody");
    assert_string_equal(workload.dropped[1].why, "these interrupts wake another task");
    workload_free(&workload);
}

/* --- pCPUs --- */

static void a_task_that_moves_floats(void **state)
{
    uint32_t home;

    (void)state;
    PLAY(BOOT, LINE(100, 1), WOKEN(101, VCPU, 1, 0), LINE_END(102, 1), RUNS(103, VCPU, 0), SLEEPS(133, VCPU, 0),
         LINE(200, 2), WOKEN(201, VCPU, 2, 1), LINE_END(202, 2), RUNS(203, VCPU, 1), SLEEPS(243, VCPU, 1));
    assert_false(workload_is_pinned(&workload.tasks[0], &home));
    assert_int_equal(home, 1);
    assert_int_equal(workload.tasks[0].cpu_ns[0], 30 * US);
    workload_free(&workload);
}

/* A thread that keeps a woken vCPU off its pCPU is there, before the interrupt, for as long. */
static void others_take_what_they_took(void **state)
{
    (void)state;
    PLAY(BOOT, WOKEN(50, HOG, 0, 0), RUNS(51, HOG, 0), LINE(100, 1), WOKEN(101, VCPU, 1, 0), LINE_END(102, 1),
         SLEEPS(151, HOG, 0), RUNS(151, VCPU, 0), SLEEPS(161, VCPU, 0));
    assert_int_equal(workload.task_count, 2); /* the vCPU, and the others */
    const struct workload_source *source = &workload.sources[workload.source_count - 1];
    assert_string_equal(source->name, "others-cpu0");
    assert_true(workload.tasks[source->task].is_others);
    assert_int_equal(source->arrivals[0].ns, 92 * US);
    assert_int_equal(source->arrivals[0].work_ns, (8 + 50) * US);
    workload_free(&workload);
}

/* Of one thread alone, the vCPU is one of the others. */
static void one_thread_is_followed(void **state)
{
    const struct trace_record records[] = { BOOT,
                                            WOKEN(50, VCPU, 0, 0),
                                            RUNS(51, VCPU, 0),
                                            WOKEN(100, HOG, 0, 0),
                                            SLEEPS(151, VCPU, 0),
                                            RUNS(151, HOG, 0),
                                            SLEEPS(161, HOG, 0) };
    char message[200];

    (void)state;
    workload_init(&workload);
    workload.only = "hog";
    assert_true(workload.sink.begin(&workload.sink, &world, message, sizeof message));
    workload.sink.records(&workload.sink, records, sizeof records / sizeof *records);
    workload.sink.end(&workload.sink, NULL, world.end);
    assert_int_equal(workload.task_count, 2);
    assert_string_equal(workload.tasks[0].name, "hog");
    assert_string_equal(workload.sources[0].name, "wakes-hog");
    assert_arrival(0, 0, 100, 10);
    assert_true(workload.tasks[1].is_others);
    workload_free(&workload);
}

static void names_are_those_of_scenarios(void **state)
{
    static const char *const rows[][2] = {
        { "CPU 0/KVM", "CPU-0-KVM" },
        { "vfio-intx(0000:06:00.0)", "vfio-intx-0000-06-00-0" },
        { "7up", "x7up" },
        { "\xd0\xb8", "x" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[SETUP_NAME_BYTES];
        workload_name(name, rows[i][0]);
        assert_string_equal(name, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_interrupt_has_the_work_that_followed_it),
        cmocka_unit_test(the_slowest_delay_is_the_99th_percentile),
        cmocka_unit_test(interrupts_of_one_run_share_it),
        cmocka_unit_test(guest_mode_counts_alone_and_polling_not_at_all),
        cmocka_unit_test(a_poll_has_its_length_on_any_clock),
        cmocka_unit_test(a_wake_without_an_interrupt_is_a_source_of_its_own),
        cmocka_unit_test(a_shared_line_is_one_interrupt),
        cmocka_unit_test(a_thread_passes_an_interrupt_on),
        cmocka_unit_test(a_message_is_for_its_vcpu),
        cmocka_unit_test(what_a_vcpu_sleeps_through_comes_when_it_reaches_it),
        cmocka_unit_test(a_task_that_never_sleeps_computes),
        cmocka_unit_test(interrupts_for_nobody_are_dropped),
        cmocka_unit_test(a_task_that_moves_floats),
        cmocka_unit_test(others_take_what_they_took),
        cmocka_unit_test(one_thread_is_followed),
        cmocka_unit_test(names_are_those_of_scenarios),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
