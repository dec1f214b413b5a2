/* SPDX-License-Identifier: Apache-2.0
 *
 * Building a machine: every pCPU has its place in the topology, all start at cycle 0, and domains are ordered by
 * distance.
 */
#include "machine/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "machine_fixture.h"

struct starts {
    uint32_t order[FIXTURE_CPUS_MAX];
    uint32_t count;
};

static void start(struct cpu *cpu, void *data)
{
    struct starts *starts = data;

    assert_int_equal(cpu_now(cpu), 0);
    assert_false(cpu->irq_on);
    starts->order[starts->count++] = cpu->id;
}

static void all_cpus_start_at_once_in_order(void **state)
{
    static struct fixture fixture;
    static struct starts starts;

    (void)state;
    fixture_open(&fixture, FIXTURE_EIGHT_SOCKETS, &costs_westmere, POLICY_TIMED, 1);
    assert_int_equal(fixture.machine.cpu_count, 160);
    for (uint32_t cpu = 0; cpu < 160; cpu++)
        fixture_program(&fixture, cpu, start, &starts);
    fixture_run(&fixture, CYCLES_NEVER);
    assert_int_equal(starts.count, 160);
    for (uint32_t cpu = 0; cpu < 160; cpu++) {
        assert_int_equal(starts.order[cpu], cpu);
        assert_int_equal(fixture.machine.cpus[cpu].id, cpu);
        assert_int_equal(fixture.machine.cpus[cpu].socket, cpu / 20);
        assert_int_equal(fixture.machine.cpus[cpu].node, cpu / 20);
    }
    fixture_close(&fixture);
}

/* Each domain occurs once, itself first, in ascending distance; no domain is first of its distance for all others. */
static void domains_are_ranked_by_distance(void **state)
{
    static struct fixture fixture;

    (void)state;
    fixture_open(&fixture, FIXTURE_EIGHT_SOCKETS, &costs_westmere, POLICY_TIMED, 1);
    for (uint32_t domain = 0; domain < 8; domain++) {
        const uint16_t *ranks = &fixture.machine.nearest[domain * 8];
        uint32_t seen = 0;

        assert_int_equal(ranks[0], domain);
        for (uint32_t i = 0; i < 8; i++) {
            seen |= 1u << ranks[i];
            assert_true(i == 0 || machine_distance(&fixture.machine, domain, ranks[i]) >=
                                      machine_distance(&fixture.machine, domain, ranks[i - 1]));
        }
        assert_int_equal(seen, 0xff);
    }
    assert_int_not_equal(fixture.machine.nearest[1], fixture.machine.nearest[3 * 8 + 1]);
    fixture_close(&fixture);
}

static void slots_are_enough_for_every_cpu(void **state)
{
    static struct fixture fixture;

    (void)state;
    fixture_open(&fixture, FIXTURE_EIGHT_SOCKETS, &costs_westmere, POLICY_TIMED, 1);
    assert_int_equal(fixture.engine.slot_count, machine_slots(160));
    assert_int_equal(fixture.machine.msi_flight_cycles, 1704); /* 800 ns at 2.13 GHz */
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_cpus_start_at_once_in_order),
        cmocka_unit_test(domains_are_ranked_by_distance),
        cmocka_unit_test(slots_are_enough_for_every_cpu),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
