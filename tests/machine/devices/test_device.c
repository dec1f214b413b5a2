/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrival processes: rate and coefficient of variation of the gaps against their formulas, replay to the cycle; the
 * statistics of a vector: coalescing, polling, latency; and when a drive that coalesces sends a message. A CPU whose
 * costs are all 0 handles each interrupt at once.
 */
#include "machine/devices/device.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "machine_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SAMPLES 200000u
#define MSI_FLIGHT 800 /* cycles at 1 GHz */

struct run {
    struct fixture fixture;
    struct histogram latency;
    struct device device;
    struct device_vector vector;
    cycles handler;        /* from the interrupt to the end of the poll */
    cycles times[SAMPLES]; /* of handlers */
    cycles works[8];       /* of the first handlers */
    uint32_t count, wanted;
};

static void handle(struct cpu *cpu, uint32_t vector)
{
    struct run *run = fixture_of(cpu)->data;

    assert_int_equal(vector, 0x40);
    lapic_eoi(cpu);
    if (run->count == run->wanted)
        return;
    run->times[run->count++] = cpu->engine->now;
    cycles ahead = device_work_ahead(&run->vector);
    device_handler_begin(&run->vector);
    assert_int_equal(ahead, device_work(&run->vector));
    if (run->count <= COUNT(run->works))
        run->works[run->count - 1] = device_work(&run->vector);
    cpu_spend(cpu, run->handler);
    cpu_settle(cpu);
    device_handler_end(&run->vector);
    if (run->count == run->wanted)
        engine_stop(cpu->engine);
}

static void idle(struct cpu *cpu, void *data)
{
    (void)data;
    for (;;) {
        cpu_halt(cpu);
        cpu_irq_on(cpu);
        cpu_irq_off(cpu);
    }
}

static void run_open(struct run *run, struct device_arrivals arrivals, uint32_t wanted)
{
    struct costs costs = costs_nothing;

    costs.msi_flight_ns = MSI_FLIGHT;
    run->count = 0;
    run->wanted = wanted;
    run->handler = 0;
    fixture_open(&run->fixture, "package:1 [numa] core:1 pu:1", &costs, POLICY_TIMED, 1);
    run->fixture.data = run;
    run->fixture.interrupt = handle;
    fixture_program(&run->fixture, 0, idle, NULL);
    run->device = (struct device){ .machine = &run->fixture.machine, .arrivals = arrivals, .latency = &run->latency };
    histogram_init(&run->latency);
    device_vector_init(&run->vector, &run->device, 1, 0);
    device_route(&run->vector, &run->fixture.machine.cpus[0], 0x40);
    device_start(&run->vector);
}

/* --- processes --- */

struct law {
    double mean, cv; /* of the gaps */
};

/* A burst of exponential length L has 1 + floor(L/gap) arrivals; the gap over its end is the rest of L and the silence.
 */
static struct law onoff_law(double gap, double on, double off)
{
    double arrivals = 1 / (1 - exp(-gap / on)), tail = exp(-gap / on) / (1 - exp(-gap / on));
    double rest = on - gap * tail;                                        /* E[L mod gap] */
    double rest_square = 2 * on * on - (gap * gap + 2 * on * gap) * tail; /* E[(L mod gap)^2] */
    double mean = (on + off) / arrivals;
    double square = ((arrivals - 1) * gap * gap + rest_square + 2 * rest * off + 2 * off * off) / arrivals;

    return (struct law){ mean, sqrt(square - mean * mean) / mean };
}

static struct law measured(const struct run *run)
{
    double sum = 0, squares = 0, n = run->count - 1;

    for (uint32_t i = 1; i < run->count; i++) {
        double gap = (double)(run->times[i] - run->times[i - 1]);
        sum += gap;
        squares += gap * gap;
    }
    return (struct law){ sum / n, sqrt(squares / n - sum / n * (sum / n)) / (sum / n) };
}

static void gaps_follow_their_law(void **state)
{
    /* The moderated rows follow from 1 / (timer + 1 / packets a second): 19607.8, 16666.7 and 6666.7/s. */
    static const struct {
        struct device_arrivals arrivals;
        struct law law;
    } rows[] = {
        { { .process = DEVICE_PERIODIC, .gap = 50000 }, { 50000, 0 } },
        { { .process = DEVICE_POISSON, .gap = 50000 }, { 50000, 1 } },
        { { .process = DEVICE_MODERATED, .gap = 1000, .interval = 50000 }, { 1e9 / 19607.843, 1000. / 51000 } },
        { { .process = DEVICE_MODERATED, .gap = 10000, .interval = 50000 }, { 1e9 / 16666.667, 10000. / 60000 } },
        { { .process = DEVICE_MODERATED, .gap = 100000, .interval = 50000 }, { 1e9 / 6666.667, 100000. / 150000 } },
        { { .process = DEVICE_CLOSED, .gap = 20000 }, { 20000 + MSI_FLIGHT, 20000. / (20000 + MSI_FLIGHT) } },
        { { .process = DEVICE_ONOFF, .gap = 10000, .on = 300000, .off = 700000 }, { 0, 0 } },
        { { .process = DEVICE_ONOFF, .gap = 50000, .on = 60000, .off = 20000 }, { 0, 0 } },
    };
    static struct run run;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct device_arrivals *arrivals = &rows[i].arrivals;
        struct law expected = rows[i].law;

        if (arrivals->process == DEVICE_ONOFF)
            expected = onoff_law((double)arrivals->gap, (double)arrivals->on, (double)arrivals->off);
        run_open(&run, *arrivals, SAMPLES);
        fixture_run(&run.fixture, CYCLES_NEVER);
        assert_int_equal(run.count, SAMPLES);
        assert_true(run.times[0] <= arrivals->gap + MSI_FLIGHT);
        struct law law = measured(&run);
        if (fabs(law.mean / expected.mean - 1) > 0.03 || fabs(law.cv - expected.cv) > 0.03 * (1 + expected.cv))
            fail_msg("row %zu: mean %.0f, cv %.3f, not %.0f, %.3f", i, law.mean, law.cv, expected.mean, expected.cv);
        fixture_close(&run.fixture);
    }
}

/* The first part of a run may have another rate. */
static void arrivals_may_begin_at_another_rate(void **state)
{
    static struct run run;
    const struct device_arrivals arrivals = {
        .process = DEVICE_PERIODIC, .gap = 50000, .first_gap = 10000, .first_end = 1000000
    };

    (void)state;
    run_open(&run, arrivals, 150);
    fixture_run(&run.fixture, CYCLES_NEVER);
    for (uint32_t i = 1; i < run.count; i++)
        assert_int_equal(run.times[i] - run.times[i - 1], run.times[i - 1] < 1000000 ? 10000 : 50000);
    fixture_close(&run.fixture);
}

static void a_replay_is_exact(void **state)
{
    static const cycles times[] = { 5, 1000, 1001, 70000, 4000000 };
    static struct run run;
    const struct device_arrivals arrivals = { .process = DEVICE_REPLAY, .times = times, .time_count = COUNT(times) };

    (void)state;
    run_open(&run, arrivals, SAMPLES);
    fixture_run(&run.fixture, CYCLES_NEVER);
    assert_int_equal(run.count, COUNT(times));
    for (uint32_t i = 0; i < COUNT(times); i++)
        assert_int_equal(run.times[i], times[i] + MSI_FLIGHT);
    fixture_close(&run.fixture);
}

/* Each entity has its own random stream, whatever its rate. */
static void streams_scale_with_their_rate(void **state)
{
    static struct run slow, fast;

    (void)state;
    run_open(&slow, (struct device_arrivals){ .process = DEVICE_POISSON, .gap = 100000 }, 100);
    fixture_run(&slow.fixture, CYCLES_NEVER);
    fixture_close(&slow.fixture);
    run_open(&fast, (struct device_arrivals){ .process = DEVICE_POISSON, .gap = 50000 }, 100);
    fixture_run(&fast.fixture, CYCLES_NEVER);
    fixture_close(&fast.fixture);
    for (uint32_t i = 1; i < 100; i++) {
        cycles gap = slow.times[i] - slow.times[i - 1], half = fast.times[i] - fast.times[i - 1];
        assert_true(gap <= 2 * half + 1 && gap + 1 >= 2 * half);
    }
}

/* --- statistics --- */

/* Three raises during the handler of the first one: the LAPIC keeps one request, and the next handler takes all. */
static void raises_that_wait_for_one_handler_coalesce(void **state)
{
    static const cycles times[] = { 1000, 2000, 3000, 4000, 90000 };
    static struct run run;
    const struct device_arrivals arrivals = { .process = DEVICE_REPLAY, .times = times, .time_count = COUNT(times) };

    (void)state;
    run_open(&run, arrivals, SAMPLES);
    run.handler = 10000;
    fixture_run(&run.fixture, CYCLES_NEVER);
    assert_int_equal(run.count, 3);
    assert_int_equal(run.times[1], 1000 + MSI_FLIGHT + 10000);
    assert_int_equal(run.device.statistics.raised, 5);
    assert_int_equal(run.device.statistics.delivered, 3);
    assert_int_equal(run.device.statistics.coalesced, 2);
    assert_int_equal(run.device.statistics.absorbed, 0);
    assert_int_equal(run.vector.outstanding, 0);
    /* From the first raise that waited. */
    assert_int_equal(run.latency.count, 3);
    assert_int_equal(run.latency.minimum, MSI_FLIGHT);
    assert_int_equal(run.latency.maximum, run.times[1] - 2000);
    assert_int_equal(run.device.starvation_max, run.times[1] - 2000);
    fixture_close(&run.fixture);
}

/* A handler has the work of every interrupt that it takes. */
static void a_handler_does_the_work_of_all_that_it_takes(void **state)
{
    static const cycles times[] = { 1000, 2000, 3000, 90000 }, works[] = { 10000, 500, 70, 3 };
    static struct run run;
    const struct device_arrivals arrivals = {
        .process = DEVICE_REPLAY, .times = times, .works = works, .time_count = COUNT(times)
    };

    (void)state;
    run_open(&run, arrivals, SAMPLES);
    run.handler = 10000;
    fixture_run(&run.fixture, CYCLES_NEVER);
    assert_int_equal(run.count, 3);
    assert_int_equal(run.works[0], 10000);
    assert_int_equal(run.works[1], 570);
    assert_int_equal(run.works[2], 3);
    fixture_close(&run.fixture);
}

/* A polled vector raises no interrupt until the poll ends, and the poll absorbs the arrivals. */
static void a_poll_absorbs_what_comes_during_it(void **state)
{
    static const cycles times[] = { 1000, 2000, 3000, 20000 };
    static struct run run;
    const struct device_arrivals arrivals = { .process = DEVICE_REPLAY, .times = times, .time_count = COUNT(times) };

    (void)state;
    run_open(&run, arrivals, SAMPLES);
    run.handler = 10000;
    run.device.is_polled = true;
    fixture_run(&run.fixture, CYCLES_NEVER);
    assert_int_equal(run.count, 2);
    assert_int_equal(run.device.statistics.raised, 2);
    assert_int_equal(run.device.statistics.delivered, 2);
    assert_int_equal(run.device.statistics.coalesced, 0);
    assert_int_equal(run.device.statistics.absorbed, 2);
    assert_true(run.device.starvation_max > 0);
    device_measure(&run.device);
    assert_int_equal(run.device.statistics.raised + run.device.statistics.delivered + run.device.statistics.absorbed +
                         run.latency.count + run.device.starvation_max,
                     0);
    fixture_close(&run.fixture);
}

/* The think time of a closed source starts at the end of the guest's poll: one interrupt at a time. */
static void a_closed_source_waits_for_the_poll(void **state)
{
    static struct run run;

    (void)state;
    run_open(&run, (struct device_arrivals){ .process = DEVICE_CLOSED, .gap = 1000 }, 200);
    run.handler = 50000;
    fixture_run(&run.fixture, CYCLES_NEVER);
    for (uint32_t i = 1; i < run.count; i++)
        assert_true(run.times[i] >= run.times[i - 1] + 50000 + MSI_FLIGHT);
    assert_int_equal(run.device.statistics.coalesced + run.device.statistics.absorbed, 0);
    fixture_close(&run.fixture);
}

/* A device with a queue serves the submitted commands at its rate and is idle when all are done; completions that
 * accumulate are reaped together. */
static void a_queue_serves_what_is_submitted(void **state)
{
    static struct run run;

    (void)state;
    run_open(&run, (struct device_arrivals){ .process = DEVICE_QUEUE, .gap = 1000 }, 4);
    run.handler = 1500; /* sees the first, the second and third together, and the last */
    device_submit(&run.vector, 3);
    fixture_run(&run.fixture, 10000);
    assert_int_equal(run.count, 3);
    assert_int_equal(run.times[0], 2 * MSI_FLIGHT + 1000);
    assert_int_equal(device_reap(&run.vector), 3);
    assert_int_equal(device_reap(&run.vector), 0);
    assert_int_equal(run.device.statistics.raised, 3);
    device_submit(&run.vector, 1);
    fixture_run(&run.fixture, CYCLES_NEVER);
    assert_int_equal(run.count, 4);
    assert_int_equal(run.times[3], 10000 + 2 * MSI_FLIGHT + 1000);
    assert_int_equal(device_reap(&run.vector), 1);
    fixture_close(&run.fixture);
}

/* --- a drive that coalesces --- */

/* A message: when it arrives, and how many commands the handler finds completed. */
struct message {
    cycles at;
    uint64_t completed;
};

struct coalescing {
    struct fixture fixture;
    struct histogram latency;
    struct device device;
    struct device_vector vector;
    struct message messages[8];
    size_t count;
};

static void reap(struct cpu *cpu, uint32_t vector)
{
    struct coalescing *run = fixture_of(cpu)->data;

    assert_int_equal(vector, 0x40);
    lapic_eoi(cpu);
    assert_true(run->count < COUNT(run->messages));
    run->messages[run->count].at = cpu->engine->now;
    run->messages[run->count++].completed = device_reap(&run->vector);
}

static void coalescing_open(struct coalescing *run, struct device_arrivals arrivals)
{
    run->count = 0;
    fixture_open(&run->fixture, "package:1 [numa] core:1 pu:1", &costs_nothing, POLICY_TIMED, 1);
    run->fixture.data = run;
    run->fixture.interrupt = reap;
    fixture_program(&run->fixture, 0, idle, NULL);
    run->device = (struct device){ .machine = &run->fixture.machine, .arrivals = arrivals, .latency = &run->latency };
    histogram_init(&run->latency);
    device_vector_init(&run->vector, &run->device, 1, 0);
    device_route(&run->vector, &run->fixture.machine.cpus[0], 0x40);
}

/* Commands complete every 1,000 cycles, from 1,000 on. A message waits for the threshold, but not longer than the time
 * after the first completion that it is for; one cycle decides. What was reaped before counts no more. */
static void a_drive_that_coalesces_waits_for_the_threshold_or_the_time(void **state)
{
    static const struct {
        uint64_t threshold;
        cycles time;
        uint64_t commands;
        struct message messages[5]; /* up to one at 0 */
    } rows[] = {
        { 1, 100000, 3, { { 1000, 1 }, { 2000, 1 }, { 3000, 1 } } }, /* waits for none */
        { 2, 100000, 4, { { 2000, 2 }, { 4000, 2 } } },
        { 4, 100000, 4, { { 4000, 4 } } },
        { 4, 100000, 3, { { 101000, 3 } } },              /* one too few: by the time */
        { 4, 100000, 5, { { 4000, 4 }, { 105000, 1 } } }, /* the time is that of the fifth */
        { 4, 3001, 8, { { 4000, 4 }, { 8000, 4 } } },
        { 4, 3000, 8, { { 4000, 4 }, { 8000, 4 } } }, /* both at once: one message */
        { 4, 2999, 8, { { 3999, 3 }, { 6999, 3 }, { 9999, 2 } } },
        { 4, 2000, 6, { { 3000, 3 }, { 6000, 3 } } },
        { 4, 1999, 6, { { 2999, 2 }, { 4999, 2 }, { 6999, 2 } } },
        { 4, 0, 3, { { 1000, 1 }, { 2000, 1 }, { 3000, 1 } } },
        { 256, 0, 1, { { 1000, 1 } } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct coalescing run;
        size_t expected = 0;

        coalescing_open(&run, (struct device_arrivals){ .process = DEVICE_QUEUE,
                                                        .gap = 1000,
                                                        .threshold = rows[i].threshold,
                                                        .threshold_time = rows[i].time });
        device_submit(&run.vector, rows[i].commands);
        fixture_run(&run.fixture, CYCLES_NEVER);
        for (; rows[i].messages[expected].at > 0; expected++)
            if (expected >= run.count || run.messages[expected].at != rows[i].messages[expected].at ||
                run.messages[expected].completed != rows[i].messages[expected].completed)
                fail_msg("row %zu: message %zu of %zu, at %" PRIu64 " with %" PRIu64 " completions", i, expected,
                         run.count, run.messages[expected].at, run.messages[expected].completed);
        assert_int_equal(run.count, expected);
        assert_int_equal(run.device.statistics.raised, rows[i].commands);
        assert_int_equal(run.device.statistics.delivered, expected);
        assert_int_equal(run.device.statistics.coalesced, rows[i].commands - expected);
        fixture_close(&run.fixture);
    }
}

/* A poll finds what the message waited for, and the message is for what completes after it. */
static void a_poll_takes_what_a_message_waited_for(void **state)
{
    static struct coalescing run;

    (void)state;
    coalescing_open(&run, (struct device_arrivals){
                              .process = DEVICE_QUEUE, .gap = 1000, .threshold = 4, .threshold_time = 10000 });
    device_submit(&run.vector, 5);
    fixture_run(&run.fixture, 3500);
    assert_int_equal(run.count, 0);
    assert_int_equal(device_reap(&run.vector), 3);
    fixture_run(&run.fixture, CYCLES_NEVER);
    assert_int_equal(run.count, 1);
    assert_int_equal(run.messages[0].at, 4000 + 10000);
    assert_int_equal(run.messages[0].completed, 2);
    fixture_close(&run.fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaps_follow_their_law),
        cmocka_unit_test(arrivals_may_begin_at_another_rate),
        cmocka_unit_test(a_replay_is_exact),
        cmocka_unit_test(streams_scale_with_their_rate),
        cmocka_unit_test(raises_that_wait_for_one_handler_coalesce),
        cmocka_unit_test(a_handler_does_the_work_of_all_that_it_takes),
        cmocka_unit_test(a_poll_absorbs_what_comes_during_it),
        cmocka_unit_test(a_closed_source_waits_for_the_poll),
        cmocka_unit_test(a_queue_serves_what_is_submitted),
        cmocka_unit_test(a_drive_that_coalesces_waits_for_the_threshold_or_the_time),
        cmocka_unit_test(a_poll_takes_what_a_message_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
