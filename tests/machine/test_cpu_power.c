/* SPDX-License-Identifier: Apache-2.0
 *
 * A pCPU that is off ignores vectors, and starts with an empty LAPIC; messages of devices to it can be excluded.
 */
#include "machine/cpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "machine/devices/device.h"
#include "machine/explored.h"
#include "machine_fixture.h"

static void off(struct cpu *cpu, void *data)
{
    cycles *on_at = data;

    cpu_irq_off(cpu);
    cpu_power_off(cpu);
    *on_at = cpu_now(cpu);
    cpu_irq_on(cpu);
}

static void powers_on(struct cpu *cpu, void *data)
{
    (void)data;
    program_sleep_until(cpu, 3000);
    lapic_deliver(&cpu->machine->cpus[0], 0x41);
    ipi_send(cpu, &cpu->machine->cpus[0], VECTOR_SYNC);
    program_sleep_until(cpu, 50000);
    ipi_send(cpu, &cpu->machine->cpus[0], VECTOR_EVENT_CHECK);
    cpu_power_on(cpu, &cpu->machine->cpus[0]);
}

static void a_cpu_that_is_off_ignores_vectors(void **state)
{
    static struct fixture fixture;
    cycles on_at = 0;

    (void)state;
    fixture_open(&fixture, "package:1 [numa] core:2 pu:1", &costs_westmere, POLICY_TIMED, 1);
    fixture_program(&fixture, 0, off, &on_at);
    fixture_program(&fixture, 1, powers_on, NULL);
    fixture_run(&fixture, 200000);
    const struct cpu *cpu = &fixture.machine.cpus[0];
    assert_int_equal(on_at, 50000 + 2 * costs_westmere.icr_write);
    assert_int_equal(cpu->lapic.irr_count, 0);
    assert_int_equal(cpu->lapic.flight_count, 0);
    assert_int_equal(cpu->category_cycles[CPU_INTERRUPT], 0);
    fixture_close(&fixture);
}

static uint32_t pending_targets(const struct fixture *fixture, const struct device_vector *vector)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; i < vector->target_count; i++)
        bits |= (uint32_t)engine_is_pending(&fixture->engine, vector->targets[i].slot) << i;
    return bits;
}

static void messages_can_be_barred(void **state)
{
    static struct fixture fixture;
    struct explored explored = { .name_count = 0 };
    struct device device = { .machine = &fixture.machine, .explored_interrupts = 1, .is_at_any_cpu = true };
    struct device_vector vector;

    (void)state;
    fixture_open(&fixture, "package:1 [numa] core:3 pu:1", &costs_nothing, POLICY_EXHAUSTIVE, 1);
    fixture.engine.explored = &explored;
    device.latency = ARENA_NEW(&fixture.arena, struct histogram);
    device_vector_init(&vector, &device, 1, 0);
    device_route(&vector, &fixture.machine.cpus[0], VECTOR_DEVICE_FIRST);
    device_start(&vector);
    assert_int_equal(pending_targets(&fixture, &vector), 7);
    device_allow(&vector, &fixture.machine.cpus[1], false);
    assert_int_equal(pending_targets(&fixture, &vector), 5);
    device_allow(&vector, &fixture.machine.cpus[1], true);
    engine_step(&fixture.engine, vector.targets[1].slot);
    assert_int_equal(pending_targets(&fixture, &vector), 0);
    assert_int_equal(fixture.machine.cpus[1].lapic.irr_count, 1);
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cpu_that_is_off_ignores_vectors),
        cmocka_unit_test(messages_can_be_barred),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
