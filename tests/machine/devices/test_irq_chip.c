/* SPDX-License-Identifier: Apache-2.0
 *
 * Wires and pins: which devices drive the wire; interrupts held back by the mask and the service, and sent after them;
 * sampling by level and by edge; both ways to end a service; a shared wire with devices that interrupt at random.
 */
#include "machine/devices/irq_chip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "machine/devices/device.h"
#include "machine/explored.h"
#include "machine_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define VECTOR 0x40
#define SOURCES 3

struct bench {
    struct fixture fixture;
    struct irq_pin pin;
    struct irq_source sources[SOURCES];
};

static void bench_open(struct bench *bench, enum irq_sampling sampling, enum policy policy)
{
    fixture_open(&bench->fixture, "package:1 [numa] core:1 pu:1", &costs_nothing, policy, 1);
    irq_pin_init(&bench->pin, &bench->fixture.machine, sampling);
    irq_pin_route(&bench->pin, &bench->fixture.machine.cpus[0], VECTOR);
    for (int i = 0; i < SOURCES; i++)
        irq_source_init(&bench->sources[i], &bench->pin, i != 1);
    bench->fixture.data = bench;
}

/* Returns whether the vector is pending at the pCPU, and clears it. */
static bool was_sent(struct bench *bench)
{
    struct cpu *cpu = &bench->fixture.machine.cpus[0];

    if (lapic_deliverable(cpu) == 0)
        return false;
    cpu->lapic.irr[VECTOR / 64] = 0;
    cpu->lapic.irr_count = 0;
    return true;
}

/* One letter a step: the status of a device is set 'a', 'b', 'c' or cleared 'A', 'B', 'C'; DisINTx of the first
 * one '0' on, '1' off, of the second one (which has none) '2' on; mask 'm', unmask 'u', end of service 'e'; after each
 * the expected answer to "did the pin send?" is 'y' or 'n'. */
static void play(struct bench *bench, const char *script)
{
    for (const char *step = script; *step != '\0'; step += 2) {
        if (*step >= 'a' && *step <= 'c')
            irq_source_status(&bench->sources[*step - 'a'], true);
        else if (*step >= 'A' && *step <= 'C')
            irq_source_status(&bench->sources[*step - 'A'], false);
        else if (*step == '0' || *step == '1')
            irq_source_disintx(&bench->sources[0], *step == '0');
        else if (*step == '2')
            irq_source_disintx(&bench->sources[1], true);
        else if (*step == 'm')
            irq_pin_mask(&bench->pin);
        else if (*step == 'u')
            irq_pin_unmask(&bench->pin);
        else
            irq_pin_deactivate(&bench->pin);
        if (was_sent(bench) != (step[1] == 'y'))
            fail_msg("%s: step %td, %c", script, (step - script) / 2, *step);
    }
}

static void a_pin_sends_when_it_should(void **state)
{
    static const struct {
        enum irq_sampling sampling;
        const char *script;
    } rows[] = {
        { IRQ_SAMPLING_LEVEL, "ayey"
                              "Anen" }, /* still high at the end of the service: again */
        { IRQ_SAMPLING_LEVEL, "aybnAney"
                              "Bnen" }, /* the second sharer is seen after the first one's service */
        { IRQ_SAMPLING_LEVEL, "ay0nen"
                              "1y" }, /* DisINTx takes it off the wire, and puts it back */
        { IRQ_SAMPLING_LEVEL, "ay0nbney"
                              "BnencyCnen" }, /* it silences its own device only */
        { IRQ_SAMPLING_LEVEL, "by2nBn"
                              "en" },          /* a device before PCI 2.3 has no DisINTx */
        { IRQ_SAMPLING_LEVEL, "mnanbnAnuy" },  /* masked, then the level counts */
        { IRQ_SAMPLING_LEVEL, "mnanAnun" },    /* nothing is remembered */
        { IRQ_SAMPLING_LEVEL, "aymnenuy" },    /* masked during the service */
        { IRQ_SAMPLING_EDGE, "ayenenAnenay" }, /* one interrupt a rise */
        { IRQ_SAMPLING_EDGE, "aybnAnen" },     /* a second sharer makes no edge: lost, as it is with edges */
        { IRQ_SAMPLING_EDGE, "ayAnanAnaney" }, /* a rise during the service is remembered, once */
        { IRQ_SAMPLING_EDGE, "mnanuy"
                             "mnenun" }, /* a rise under the mask is remembered; one that was sent, not */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int explored = 0; explored < 2; explored++) {
            static struct bench bench;
            struct explored reader = { .name_count = 0 };

            bench_open(&bench, rows[i].sampling, explored ? POLICY_EXHAUSTIVE : POLICY_TIMED);
            bench.fixture.engine.explored = explored ? &reader : NULL;
            if (explored) {
                play(&bench, rows[i].script);
            } else {
                /* The message after a service has a flight time, which is 0 here. */
                for (const char *step = rows[i].script; *step != '\0'; step += 2) {
                    bool is_resample = *step == 'e' || *step == 'u';
                    char one[3] = { *step, is_resample ? 'n' : step[1], '\0' };
                    play(&bench, one);
                    fixture_run(&bench.fixture, bench.fixture.engine.now + 1);
                    if (is_resample)
                        assert_int_equal(was_sent(&bench), step[1] == 'y');
                }
            }
            fixture_close(&bench.fixture);
        }
}

/* The message after a service has the flight time of an IPI; a wire that falls meanwhile causes no interrupt. */
static void the_next_one_takes_a_flight(void **state)
{
    static struct bench bench;

    (void)state;
    for (int falls = 0; falls < 2; falls++) {
        bench_open(&bench, IRQ_SAMPLING_LEVEL, POLICY_TIMED);
        bench.fixture.costs.ipi_flight_near = 1000;
        play(&bench, "ayenen");
        fixture_run(&bench.fixture, 999);
        assert_false(was_sent(&bench));
        if (falls)
            play(&bench, "An");
        fixture_run(&bench.fixture, 1001);
        assert_int_equal(was_sent(&bench), !falls);
        irq_pin_charge(&bench.pin);
        assert_int_equal(bench.pin.statistics.interrupts, falls ? 1 : 2);
        assert_int_equal(bench.pin.statistics.high, falls ? 999 : 1001);
        assert_int_equal(bench.pin.statistics.active, falls ? 0 : 1);
        fixture_close(&bench.fixture);
    }
}

/* --- three devices on one wire, a handler that walks them --- */

struct shared {
    struct bench bench;
    struct device devices[SOURCES];
    struct device_vector vectors[SOURCES];
    struct histogram latencies[SOURCES];
    bool splits_eoi;   /* the handler drops its priority, and deactivates later */
    uint64_t spurious; /* interrupts without a device that asserts */
};

static void handle(struct cpu *cpu, uint32_t vector)
{
    struct shared *shared = fixture_of(cpu)->data;
    bool was_ours = false;

    assert_int_equal(vector, VECTOR);
    if (shared->splits_eoi)
        lapic_eoi(cpu);
    for (int i = 0; i < SOURCES; i++) {
        register_access(cpu, 900);
        if (!shared->bench.sources[i].status)
            continue;
        was_ours = true;
        device_handler_begin(&shared->vectors[i]);
        irq_source_status(&shared->bench.sources[i], false);
        device_handler_end(&shared->vectors[i]);
    }
    shared->spurious += !was_ours;
    if (!shared->splits_eoi)
        lapic_eoi(cpu);
    cpu_settle(cpu);
    irq_pin_deactivate(&shared->bench.pin);
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

/* Every device is served within two walks and a message, whichever others assert, and nothing is left at the end. */
static void sharers_are_all_served(void **state)
{
    static struct shared shared;

    (void)state;
    for (int splits = 0; splits < 2; splits++) {
        bench_open(&shared.bench, IRQ_SAMPLING_LEVEL, POLICY_TIMED);
        shared.bench.fixture.costs.ipi_flight_near = 1000;
        shared.bench.fixture.data = &shared;
        shared.bench.fixture.interrupt = handle;
        shared.splits_eoi = splits;
        shared.spurious = 0;
        fixture_program(&shared.bench.fixture, 0, idle, NULL);
        for (int i = 0; i < SOURCES; i++) {
            shared.devices[i] = (struct device){
                .machine = &shared.bench.fixture.machine,
                .arrivals = { .process = DEVICE_POISSON, .gap = 20000 },
                .latency = &shared.latencies[i],
            };
            histogram_init(&shared.latencies[i]);
            device_vector_init(&shared.vectors[i], &shared.devices[i], 1, (uint32_t)i);
            shared.vectors[i].wire = &shared.bench.sources[i];
            device_route(&shared.vectors[i], &shared.bench.fixture.machine.cpus[0], VECTOR);
            device_start(&shared.vectors[i]);
        }
        fixture_run(&shared.bench.fixture, 100000000);
        for (int i = 0; i < SOURCES; i++) {
            const struct device *device = &shared.devices[i];
            assert_in_range(device->statistics.raised, 4700, 5300);
            assert_int_equal(device->statistics.raised, device->statistics.delivered + device->statistics.coalesced +
                                                            shared.vectors[i].outstanding);
            assert_true(device->starvation_max < 2 * SOURCES * 900 + 1000);
        }
        assert_int_equal(shared.spurious, 0);
        fixture_close(&shared.bench.fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pin_sends_when_it_should),
        cmocka_unit_test(the_next_one_takes_a_flight),
        cmocka_unit_test(sharers_are_all_served),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
