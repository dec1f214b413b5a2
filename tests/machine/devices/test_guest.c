/* SPDX-License-Identifier: Apache-2.0
 *
 * A guest vCPU under a small hypervisor without costs: its ticks and their grid, the order of handler and EOI,
 * interrupt windows, the effect of an exit on work in progress, steal accounting, events to siblings.
 */
#include "machine/devices/guest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/histogram.h"
#include "machine/devices/device.h"
#include "machine_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define LOG_MAX 4096
#define PERIOD 10000
#define HANDLER 300
#define TICK_RUN 700

enum { DEVICE_VECTOR = 0x40, NUDGE_VECTOR = 0x50, GUEST_VECTOR = 0x31 };

struct log_entry {
    enum guest_exit exit;
    cycles at, expiry;
    uint32_t target;
};

struct run {
    struct fixture fixture;
    struct guest_behaviour behaviour;
    struct guest_vcpu guest;
    struct log_entry log[LOG_MAX];
    uint32_t logged;
    cycles late_from, late_to; /* timers that are due between them are served at late_to */
    cycles outside;            /* the handler of NUDGE_VECTOR takes this long */
    struct device device;
    struct device_vector vector;
    struct histogram latency;
    bool has_device_interrupt; /* pending in the vLAPIC */
    cycles nudge_at;
};

/* --- the hypervisor --- */

static void interrupt(struct cpu *cpu, uint32_t vector)
{
    struct run *run = fixture_of(cpu)->data;

    lapic_eoi(cpu);
    if (vector == DEVICE_VECTOR)
        run->has_device_interrupt = true;
    if (vector == NUDGE_VECTOR)
        cpu_spend(cpu, run->outside);
    if (vector == VECTOR_TIMER) {
        run->guest.events |= GUEST_EVENT_TIMER;
        run->guest.upcall_pending.value = 1;
    }
}

static void set_timer(struct cpu *cpu, struct run *run, cycles expiry)
{
    lapic_timer_set(cpu, expiry >= run->late_from && expiry < run->late_to ? run->late_to : expiry);
}

static void inject(struct run *run)
{
    bool has_upcall = run->guest.upcall_pending.value != 0 && run->guest.handling != UINT32_MAX;

    if (!has_upcall && !run->has_device_interrupt)
        return;
    if (!guest_can_inject(&run->guest)) {
        run->guest.wants_window = true;
    } else if (has_upcall) {
        guest_inject_upcall(&run->guest);
    } else {
        run->has_device_interrupt = false;
        guest_inject_device(&run->guest, &run->vector, GUEST_VECTOR);
    }
}

static void hypervise(struct cpu *cpu, void *data)
{
    struct run *run = data;

    if (guest_first_tick(&run->guest) != CYCLES_NEVER)
        set_timer(cpu, run, guest_first_tick(&run->guest));
    for (;;) {
        inject(run);
        enum guest_exit reason = guest_run(cpu, &run->guest);
        if (run->logged < LOG_MAX)
            run->log[run->logged++] =
                (struct log_entry){ reason, cpu_now(cpu), run->guest.timer_expiry, run->guest.send_target };
        if (reason == GUEST_EXIT_SET_TIMER)
            set_timer(cpu, run, run->guest.timer_expiry);
        if (reason == GUEST_EXIT_HALT)
            cpu_halt(cpu);
        cpu_acknowledge_interrupt(cpu);
    }
}

static void nudge(void *argument)
{
    struct run *run = argument;

    lapic_deliver(&run->fixture.machine.cpus[0], NUDGE_VECTOR);
}

/* Phase 2500: ticks on 2500, 12500, 22500, ... */
static void run_open(struct run *run, struct guest_behaviour behaviour)
{
    *run = (struct run){ .behaviour = behaviour };
    fixture_open(&run->fixture, "package:1 [numa] core:1 pu:1", &costs_nothing, POLICY_TIMED, 1);
    run->fixture.data = run;
    run->fixture.interrupt = interrupt;
    fixture_program(&run->fixture, 0, hypervise, run);
    guest_vcpu_init(&run->guest, &run->fixture.machine, &run->behaviour, 0, 1, 0, 2500);
    run->device = (struct device){ .machine = &run->fixture.machine,
                                   .handler = 1000,
                                   .latency = &run->latency,
                                   .arrivals = { .process = DEVICE_REPLAY } };
    histogram_init(&run->latency);
    device_vector_init(&run->vector, &run->device, 1, 0);
    device_route(&run->vector, &run->fixture.machine.cpus[0], DEVICE_VECTOR);
}

static void device_raises(struct run *run, const cycles *times, uint64_t count)
{
    run->device.arrivals.times = times;
    run->device.arrivals.time_count = count;
    device_start(&run->vector);
}

static void nudge_comes(struct run *run, cycles at, cycles outside)
{
    run->outside = outside;
    engine_at(&run->fixture.engine, engine_event(&run->fixture.engine, nudge, run), at);
}

static void run_until(struct run *run, cycles until)
{
    fixture_run(&run->fixture, until);
    fixture_close(&run->fixture);
}

static const struct guest_behaviour ticking = {
    .is_halting = true, .tick_period = PERIOD, .handler = HANDLER, .tick_run = TICK_RUN, .min_delta = 1000, .vcpus = 1
};

static const struct guest_behaviour silent = { .is_halting = true, .handler = HANDLER, .min_delta = 1000, .vcpus = 1 };

/* The n-th exit (from 0) of that kind. */
static const struct log_entry *exit_of(const struct run *run, enum guest_exit reason, uint32_t n)
{
    for (uint32_t i = 0; i < run->logged; i++)
        if (run->log[i].exit == reason && n-- == 0)
            return &run->log[i];
    fail_msg("no such exit");
    return NULL;
}

static uint32_t exits_of(const struct run *run, enum guest_exit reason)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < run->logged; i++)
        count += run->log[i].exit == reason;
    return count;
}

/* --- ticks --- */

static void ticks_keep_their_grid(void **state)
{
    static struct run run;

    (void)state;
    run_open(&run, ticking);
    assert_int_equal(guest_first_tick(&run.guest), 12500);
    run_until(&run, 12500 + 20 * PERIOD + 5000);
    assert_int_equal(run.guest.statistics.ticks_handled, 21);
    assert_int_equal(run.guest.statistics.ticks_skipped, 0);
    for (uint32_t i = 0; i <= 20; i++) {
        cycles tick = 12500 + i * PERIOD;
        assert_int_equal(exit_of(&run, GUEST_EXIT_SET_TIMER, i)->at, tick + HANDLER);
        assert_int_equal(exit_of(&run, GUEST_EXIT_SET_TIMER, i)->expiry, tick + PERIOD);
        /* The first halt is before the first tick. */
        assert_int_equal(exit_of(&run, GUEST_EXIT_HALT, i + 1)->at, tick + HANDLER + TICK_RUN);
    }
}

/* The tick of 32500 is served at `late_to`. */
static void late_ticks_are_skipped_and_the_grid_stays(void **state)
{
    static const struct {
        cycles late_to, expiry;
        uint64_t skipped;
    } rows[] = {
        { 34000, 42500, 0 },
        { 42500 - HANDLER - 1000, 42500, 0 },    /* min_delta before the next */
        { 42500 - HANDLER - 999, 42500 + 1, 0 }, /* nearer: a one-shot of min_delta, off the grid */
        { 42500 - HANDLER, 52500, 1 },           /* the handler ends on the next tick, and stands for it */
        { 43000, 52500, 1 },
        { 85000, 92500, 5 },
    };
    static struct run run;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        run_open(&run, ticking);
        run.late_from = 32500;
        run.late_to = rows[i].late_to;
        run_until(&run, 150000);
        assert_int_equal(exit_of(&run, GUEST_EXIT_SET_TIMER, 2)->expiry, rows[i].expiry);
        assert_int_equal(run.guest.statistics.ticks_skipped, rows[i].skipped);
        assert_int_equal(run.log[run.logged - 1].expiry % PERIOD, 2500);
        guest_measure(&run.guest);
        assert_int_equal(run.guest.statistics.ticks_skipped + run.guest.statistics.ticks_handled +
                             run.guest.statistics.steal_ticks,
                         0);
    }
}

static void a_tickless_guest_sets_no_timer(void **state)
{
    static struct run run;

    (void)state;
    run_open(&run, silent);
    assert_int_equal(guest_first_tick(&run.guest), CYCLES_NEVER);
    run_until(&run, 100000);
    assert_int_equal(run.logged, 1);
    assert_int_equal(run.log[0].exit, GUEST_EXIT_HALT);
}

/* Until 4.7 whole ticks of stolen time, the rest is carried; from 4.8 on all of it, and what it leaves of the tick. */
static void stolen_time_is_accounted_in_ticks(void **state)
{
    static const struct {
        cycles stolen; /* so far, as the guest sees it at its tick */
        uint64_t ticks;
        cycles unstolen; /* of all ticks so far */
    } rows[] = { { 9999, 0, 1 },      { 10000, 1, 10000 }, { 24999, 2, 10000 },
                 { 30001, 3, 14998 }, { 30001, 3, 24998 }, { 100000, 10, 24998 } };
    static struct run run;

    (void)state;
    run_open(&run, ticking);
    for (size_t i = 0; i < COUNT(rows); i++) {
        run.guest.stolen = rows[i].stolen;
        fixture_run(&run.fixture, 12500 + i * PERIOD + 5000);
        assert_int_equal(run.guest.statistics.steal_ticks, rows[i].ticks);
        assert_int_equal(run.guest.statistics.stolen_at_ticks, rows[i].stolen);
        assert_int_equal(run.guest.statistics.unstolen_at_ticks, rows[i].unstolen);
    }
    fixture_close(&run.fixture);
}

/* --- interrupts --- */

/* The EOI is the handler's first instruction; the source is notified of the end only after the poll. */
static void a_device_handler_eois_and_then_polls(void **state)
{
    static const cycles times[] = { 5000 };
    static struct run run;

    (void)state;
    run_open(&run, silent);
    run.device.is_polled = true;
    device_raises(&run, times, COUNT(times));
    fixture_run(&run.fixture, 5500);
    assert_int_equal(exit_of(&run, GUEST_EXIT_EOI, 0)->at, 5000);
    assert_int_equal(run.device.statistics.delivered, 1);
    assert_false(run.vector.is_armed);
    run_until(&run, 100000);
    assert_true(run.vector.is_armed);
    assert_int_equal(exit_of(&run, GUEST_EXIT_HALT, 1)->at, 6000);
}

/* One upcall handles every device whose event is pending, in the order in which they were set, each with its EOI first;
 * an event that is set twice is one, and a channel that is closed has none. */
static void an_upcall_handles_the_devices_events(void **state)
{
    static struct device_vector others[2];
    static struct run run;

    (void)state;
    run_open(&run, silent);
    for (size_t i = 0; i < COUNT(others); i++)
        device_vector_init(&others[i], &run.device, 1, (uint32_t)i + 1);
    assert_true(guest_event_set(&run.guest, &others[1]));
    assert_true(guest_event_set(&run.guest, &run.vector));
    assert_true(guest_event_set(&run.guest, &others[0]));
    assert_false(guest_event_set(&run.guest, &others[0]));
    guest_event_clear(&run.guest, &run.vector);
    assert_false(run.vector.is_event);
    run.guest.upcall_pending.value = 1;
    fixture_run(&run.fixture, 50000);
    assert_non_null(exit_of(&run, GUEST_EXIT_PIRQ_EOI, 1));
    assert_true(exit_of(&run, GUEST_EXIT_PIRQ_EOI, 1)->at > exit_of(&run, GUEST_EXIT_PIRQ_EOI, 0)->at);
    assert_false(others[0].is_event || others[1].is_event);
    assert_int_equal(run.device.statistics.delivered, 0); /* nothing was raised */
    assert_null(run.guest.ports);
    run_until(&run, 100000);
}

/* An interrupt during a handler is injected when its window opens; one during the rest of the work is injected at once.
 */
static void a_handler_runs_with_interrupts_off_and_tasks_with_them_on(void **state)
{
    static const struct {
        cycles raise;
        uint32_t windows;
        cycles eoi;
    } rows[] = { { 12500 + 100, 1, 12500 + HANDLER }, { 12500 + HANDLER + 100, 0, 12500 + HANDLER + 100 } };
    static struct run run;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        run_open(&run, ticking);
        device_raises(&run, &rows[i].raise, 1);
        run_until(&run, 20000);
        assert_int_equal(exits_of(&run, GUEST_EXIT_WINDOW), rows[i].windows);
        assert_int_equal(exit_of(&run, GUEST_EXIT_EOI, 0)->at, rows[i].eoi);
        /* Nothing of the work is lost. */
        assert_int_equal(exit_of(&run, GUEST_EXIT_HALT, 1)->at, 12500 + HANDLER + 1000 + TICK_RUN);
    }
}

/* An exit in the middle interrupts the work; the remainder is done afterwards. */
static void an_exit_stops_the_work(void **state)
{
    static const cycles nudges[] = { 12600, 12500 + HANDLER + 1, 12500 + HANDLER + TICK_RUN - 1 };
    static struct run run;

    (void)state;
    for (size_t i = 0; i < COUNT(nudges); i++) {
        run_open(&run, ticking);
        nudge_comes(&run, nudges[i], 4321);
        run_until(&run, 20000);
        assert_int_equal(exit_of(&run, GUEST_EXIT_INTERRUPT, 0)->at, nudges[i]);
        assert_int_equal(exit_of(&run, GUEST_EXIT_HALT, 1)->at, 12500 + HANDLER + TICK_RUN + 4321);
    }
}

static void a_guest_that_computes_leaves_by_interrupts_alone(void **state)
{
    static struct run run;
    struct guest_behaviour computing = silent;

    (void)state;
    computing.is_halting = false;
    run_open(&run, computing);
    nudge_comes(&run, 7000, 100);
    run_until(&run, 100000);
    assert_int_equal(run.logged, 1);
    assert_int_equal(run.log[0].exit, GUEST_EXIT_INTERRUPT);
    assert_int_equal(run.log[0].at, 7000);
}

/* --- events to siblings --- */

static void events_go_to_all_siblings_at_their_rate(void **state)
{
    static struct run run;
    struct guest_behaviour sending = ticking;
    uint32_t to[4] = { 0 }, sends;

    (void)state;
    sending.vcpus = 4;
    sending.wake_gap = 5 * PERIOD;
    run_open(&run, sending);
    run_until(&run, 1200 * PERIOD);
    sends = exits_of(&run, GUEST_EXIT_SEND);
    assert_int_equal(run.guest.statistics.sends, sends);
    /* One a gap, counted from the tick that sees that the last gap is over: 5.5 ticks. */
    assert_in_range(sends, 190, 250);
    for (uint32_t i = 0; i < sends; i++)
        to[exit_of(&run, GUEST_EXIT_SEND, i)->target]++;
    assert_int_equal(to[0], 0);
    for (uint32_t sibling = 1; sibling < 4; sibling++)
        assert_in_range(to[sibling], sends / 4, sends * 5 / 12);
}

static void a_single_vcpu_sends_nothing(void **state)
{
    static struct run run;
    struct guest_behaviour alone = ticking;

    (void)state;
    alone.wake_gap = PERIOD;
    run_open(&run, alone);
    run_until(&run, 100 * PERIOD);
    assert_int_equal(run.guest.statistics.sends, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_keep_their_grid),
        cmocka_unit_test(late_ticks_are_skipped_and_the_grid_stays),
        cmocka_unit_test(a_tickless_guest_sets_no_timer),
        cmocka_unit_test(stolen_time_is_accounted_in_ticks),
        cmocka_unit_test(a_device_handler_eois_and_then_polls),
        cmocka_unit_test(an_upcall_handles_the_devices_events),
        cmocka_unit_test(a_handler_runs_with_interrupts_off_and_tasks_with_them_on),
        cmocka_unit_test(an_exit_stops_the_work),
        cmocka_unit_test(a_guest_that_computes_leaves_by_interrupts_alone),
        cmocka_unit_test(events_go_to_all_siblings_at_their_rate),
        cmocka_unit_test(a_single_vcpu_sends_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
