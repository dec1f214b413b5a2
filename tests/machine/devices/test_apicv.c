/* SPDX-License-Identifier: Apache-2.0
 *
 * A guest with APIC virtualisation: neither notifications nor EOIs cause exits, vectors are delivered by priority, and
 * a vector of higher priority than the notification still ends guest mode.
 */
#include "machine/devices/apicv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/histogram.h"
#include "machine/devices/device.h"
#include "machine/devices/guest.h"
#include "machine_fixture.h"

enum { LOW_VECTOR = 0x31, HIGH_VECTOR = 0x52, HANDLER = 300 };

struct run {
    struct fixture fixture;
    struct guest_behaviour behaviour;
    struct guest_vcpu guest;
    struct iommu iommu;
    struct pi_descriptor descriptor;
    struct apicv apicv;
    struct apicv_statistics statistics;
    struct line page;
    struct word virr[PIR_WORDS];
    struct device low, high;
    struct device_vector low_vector, high_vector;
    struct histogram latency;
    uint32_t exits, interrupt_exits, eoi_exits;
    cycles left_at;
};

static void hypervisor(struct cpu *cpu, void *data)
{
    struct run *run = data;

    for (;;) {
        enum guest_exit reason = guest_run(cpu, &run->guest);
        run->exits++;
        run->interrupt_exits += reason == GUEST_EXIT_INTERRUPT;
        run->eoi_exits += reason == GUEST_EXIT_EOI;
        run->left_at = cpu_now(cpu);
        if (reason == GUEST_EXIT_INTERRUPT)
            cpu_acknowledge_interrupt(cpu);
    }
}

static void device_open(struct run *run, struct device *device, struct device_vector *vector, uint32_t guest_vector)
{
    *device = (struct device){ .machine = &run->fixture.machine, .handler = HANDLER, .latency = &run->latency };
    device_vector_init(vector, device, 1, guest_vector);
    run->apicv.handlers[guest_vector] = vector;
}

static void run_open(struct run *run, const struct costs *costs)
{
    *run = (struct run){ .exits = 0 };
    fixture_open(&run->fixture, "package:1 [numa] core:2 pu:1", costs, POLICY_TIMED, 1);
    guest_vcpu_init(&run->guest, &run->fixture.machine, &run->behaviour, 0, 1, 0, 0);
    iommu_init(&run->iommu, &run->fixture.machine, 1);
    pi_descriptor_init(&run->iommu, &run->descriptor, VECTOR_POSTED, 0);
    run->descriptor.used = (1u << (LOW_VECTOR / 64)) | (1u << (HIGH_VECTOR / 64));
    line_init(&run->fixture.machine, &run->page, LINE_PLAIN);
    for (int i = 0; i < PIR_WORDS; i++)
        word_init(&run->virr[i], &run->page, 0);
    run->apicv = (struct apicv){ .virr = run->virr, .descriptor = &run->descriptor, .statistics = &run->statistics };
    histogram_init(&run->latency);
    device_open(run, &run->low, &run->low_vector, LOW_VECTOR);
    device_open(run, &run->high, &run->high_vector, HIGH_VECTOR);
    run->guest.apicv = &run->apicv;
    fixture_program(&run->fixture, 0, hypervisor, run);
}

static void post(struct run *run, struct device_vector *vector, uint32_t guest_vector, bool notifies)
{
    vector->outstanding++;
    vector->device->statistics.raised++;
    vector->first_raise = run->fixture.engine.now;
    run->descriptor.pir[guest_vector / 64].value |= UINT64_C(1) << (guest_vector % 64);
    run->descriptor.control.value |= PI_ON;
    if (notifies)
        lapic_deliver(&run->fixture.machine.cpus[0], VECTOR_POSTED);
}

static void a_notification_is_no_exit(void **state)
{
    static struct run run;

    (void)state;
    run_open(&run, &costs_nothing);
    fixture_run(&run.fixture, 1000);
    post(&run, &run.low_vector, LOW_VECTOR, false);
    post(&run, &run.high_vector, HIGH_VECTOR, true);
    fixture_run(&run.fixture, 1100);
    assert_int_equal(run.high.statistics.delivered, 1); /* the higher one first */
    assert_int_equal(run.low.statistics.delivered, 0);
    fixture_run(&run.fixture, 5000);
    assert_int_equal(run.low.statistics.delivered, 1);
    assert_int_equal(run.exits, 0);
    assert_int_equal(run.statistics.processed, 1);
    assert_int_equal(run.statistics.deliveries, 2);
    assert_int_equal(run.statistics.eois, 2);
    assert_int_equal(word_peek(&run.descriptor.control) & PI_ON, 0);
    assert_int_equal(apicv_highest(run.descriptor.pir) + apicv_highest(run.virr) + run.apicv.rvi, 0);
    fixture_close(&run.fixture);
}

/* 600 for the processing, the atomic accesses below, 100 for the delivery; the EOI comes after the handler's begin. */
static void it_costs_what_the_machine_says(void **state)
{
    static struct run run;

    (void)state;
    run_open(&run, &costs_westmere);
    fixture_run(&run.fixture, 1000);
    post(&run, &run.low_vector, LOW_VECTOR, true);
    fixture_run(&run.fixture, 20000);
    /* ON from memory, PIR words 0 and 1 owned, the virtual-APIC page from memory, VIRR owned by then */
    cycles expected = 600 + 355 + 2 * 20 + 355 + 100 + 20;
    assert_int_equal(run.latency.maximum, cycles_to_ns(expected, costs_westmere.frequency_hz));
    assert_int_equal(run.exits, 0);
    fixture_close(&run.fixture);
}

static void a_notification_for_another_vcpu_is_spurious(void **state)
{
    static struct run run;

    (void)state;
    run_open(&run, &costs_nothing);
    fixture_run(&run.fixture, 1000);
    lapic_deliver(&run.fixture.machine.cpus[0], VECTOR_POSTED);
    fixture_run(&run.fixture, 2000);
    assert_int_equal(run.statistics.spurious, 1);
    assert_int_equal(run.statistics.deliveries, 0);
    assert_int_equal(run.exits, 0);
    fixture_close(&run.fixture);
}

/* A handler is not interrupted by another vector, but the notification is processed meanwhile. */
static void a_notification_in_a_handler_waits_as_a_virtual_interrupt(void **state)
{
    static struct run run;

    (void)state;
    run_open(&run, &costs_nothing);
    fixture_run(&run.fixture, 1000);
    post(&run, &run.low_vector, LOW_VECTOR, true);
    fixture_run(&run.fixture, 1100);
    post(&run, &run.high_vector, HIGH_VECTOR, true);
    fixture_run(&run.fixture, 1200);
    assert_int_equal(word_peek(&run.descriptor.control) & PI_ON, 0);
    assert_int_equal(run.apicv.rvi, HIGH_VECTOR);
    assert_int_equal(run.high.statistics.delivered, 0);
    fixture_run(&run.fixture, 2000);
    assert_int_equal(run.high.statistics.delivered, 1);
    assert_int_equal(run.latency.maximum, HANDLER - 100);
    assert_int_equal(run.exits, 0);
    fixture_close(&run.fixture);
}

static void a_higher_vector_ends_guest_mode(void **state)
{
    static struct run run;

    (void)state;
    run_open(&run, &costs_nothing);
    fixture_run(&run.fixture, 1000);
    post(&run, &run.low_vector, LOW_VECTOR, true);
    lapic_deliver(&run.fixture.machine.cpus[0], VECTOR_EVENT_CHECK);
    fixture_run(&run.fixture, 1010);
    assert_int_equal(run.interrupt_exits, 1); /* and the notification is processed after the next entry */
    assert_int_equal(run.low.statistics.delivered, 1);
    fixture_close(&run.fixture);
}

/* Without APIC virtualisation the same vector is an interrupt of the host, and the EOI an exit. */
static void without_it_everything_is_an_exit(void **state)
{
    static struct run run;

    (void)state;
    run_open(&run, &costs_nothing);
    run.guest.apicv = NULL;
    guest_inject_device(&run.guest, &run.low_vector, LOW_VECTOR);
    fixture_run(&run.fixture, 1000);
    assert_int_equal(run.eoi_exits, 1);
    post(&run, &run.low_vector, LOW_VECTOR, true);
    fixture_run(&run.fixture, 2000);
    assert_int_equal(run.interrupt_exits, 1);
    assert_int_equal(run.left_at, 1000);
    fixture_close(&run.fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notification_is_no_exit),
        cmocka_unit_test(it_costs_what_the_machine_says),
        cmocka_unit_test(a_notification_for_another_vcpu_is_spurious),
        cmocka_unit_test(a_notification_in_a_handler_waits_as_a_virtual_interrupt),
        cmocka_unit_test(a_higher_vector_ends_guest_mode),
        cmocka_unit_test(without_it_everything_is_an_exit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
