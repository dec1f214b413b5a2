/* SPDX-License-Identifier: Apache-2.0
 *
 * Posts by the state of the descriptor, their cost by the owner of its line, and the effect of torn and cached entries.
 */
#include "machine/devices/iommu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "machine_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { VECTOR = 0x41, OTHER_VECTOR = 0x52, LAPIC_VECTOR = 0x33 };

struct world {
    struct fixture fixture;
    struct iommu iommu;
    struct pi_descriptor descriptor, other;
    struct irte irte;
};

static void world_open(struct world *world, const struct costs *costs)
{
    fixture_open(&world->fixture, FIXTURE_EIGHT_SOCKETS, costs, POLICY_TIMED, 1);
    iommu_init(&world->iommu, &world->fixture.machine, 2);
    pi_descriptor_init(&world->iommu, &world->descriptor, VECTOR_POSTED, 0);
    pi_descriptor_init(&world->iommu, &world->other, VECTOR_POSTED, 1);
    world->descriptor.used = world->other.used = 1u << (VECTOR / 64);
    irte_init(&world->iommu, &world->irte, 0, irte_posted(&world->descriptor, VECTOR));
}

static bool is_posted(const struct pi_descriptor *descriptor, uint32_t vector)
{
    return word_peek(&descriptor->pir[vector / 64]) >> (vector % 64) & 1;
}

static void a_post_notifies_unless_on_or_sn(void **state)
{
    static const struct {
        uint64_t before, after; /* of ON and SN */
        uint64_t notifications, suppressed_on, suppressed_sn;
    } rows[] = {
        { 0, PI_ON, 1, 0, 0 },
        { PI_ON, PI_ON, 0, 1, 0 },
        { PI_SN, PI_SN, 0, 0, 1 },
        { PI_ON | PI_SN, PI_ON | PI_SN, 0, 1, 0 },
    };
    static struct world world;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        world_open(&world, &costs_nothing);
        world.descriptor.control.value |= rows[i].before;
        iommu_request(&world.irte, &world.fixture.machine.cpus[9], LAPIC_VECTOR);
        fixture_run(&world.fixture, 10);
        assert_true(is_posted(&world.descriptor, VECTOR));
        assert_int_equal(word_peek(&world.descriptor.control) & (PI_ON | PI_SN), rows[i].after);
        assert_int_equal(world.iommu.statistics.notifications, rows[i].notifications);
        assert_int_equal(world.iommu.statistics.suppressed_on, rows[i].suppressed_on);
        assert_int_equal(world.iommu.statistics.suppressed_sn, rows[i].suppressed_sn);
        assert_int_equal(lapic_deliverable(&world.fixture.machine.cpus[0]),
                         rows[i].notifications > 0 ? VECTOR_POSTED : 0);
        assert_int_equal(lapic_deliverable(&world.fixture.machine.cpus[9]), 0);
        fixture_close(&world.fixture);
    }
}

/* The notification goes to the destination that the control word holds when the line is taken. */
static void a_notification_goes_by_ndst_and_nv(void **state)
{
    static struct world world;

    (void)state;
    world_open(&world, &costs_nothing);
    world.descriptor.control.value = (uint64_t)5 << PI_NDST_SHIFT | (uint64_t)VECTOR_WAKEUP << PI_NV_SHIFT;
    iommu_request(&world.irte, &world.fixture.machine.cpus[9], LAPIC_VECTOR);
    fixture_run(&world.fixture, 10);
    assert_int_equal(lapic_deliverable(&world.fixture.machine.cpus[5]), VECTOR_WAKEUP);
    fixture_close(&world.fixture);

    world_open(&world, &costs_nothing);
    world.descriptor.control.value = (uint64_t)PI_NDST_INVALID << PI_NDST_SHIFT;
    iommu_request(&world.irte, &world.fixture.machine.cpus[9], LAPIC_VECTOR);
    assert_int_equal(world.iommu.statistics.undirected, 1);
    fixture_close(&world.fixture);
}

static void store(struct cpu *cpu, void *data) { word_store_field(cpu, data, PI_NV_MASK, 0); }

/* Taking the line costs the transfer from its owner; a line without an owner comes from memory. */
static void a_post_costs_the_line(void **state)
{
    static const struct {
        enum distance owner;
        bool is_owned;
        cycles latency;
    } rows[] = {
        { DISTANCE_NEAR, true, 120 },
        { DISTANCE_MIDDLE, true, 324 },
        { DISTANCE_FAR, true, 430 },
        { DISTANCE_NEAR, false, 355 },
    };
    static struct world world;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        world_open(&world, &costs_westmere);
        if (rows[i].is_owned)
            fixture_program(&world.fixture, fixture_cpu_at(&world.fixture, 0, rows[i].owner), store,
                            &world.descriptor.control);
        fixture_run(&world.fixture, 1000);
        assert_int_equal(line_take(&world.descriptor.line, 0), 1000 + rows[i].latency);
        assert_int_equal(world.descriptor.line.owner, LINE_NO_OWNER);
        fixture_close(&world.fixture);
    }
}

struct write {
    struct world *world;
    struct irte_value value;
    bool is_atomic;
    bool invalidates;
};

static void write_entry(struct cpu *cpu, void *data)
{
    struct write *write = data;

    cpu_spend(cpu, 1000);
    irte_write(cpu, &write->world->irte, write->value, write->is_atomic);
    if (write->invalidates)
        irte_invalidate(cpu, &write->world->irte);
}

/* Requests at any time while an entry changes: an atomic change leads to one of the two descriptors, a torn one to
 * neither. */
static void a_torn_entry_leads_nowhere(void **state)
{
    static struct world world;

    (void)state;
    for (int is_atomic = 0; is_atomic <= 1; is_atomic++) {
        uint64_t strays = 0;
        for (cycles at = 900; at < 1600; at += 5) {
            world_open(&world, &costs_westmere);
            struct write write = { &world, irte_posted(&world.other, OTHER_VECTOR), is_atomic, false };
            world.other.used |= 1u << (OTHER_VECTOR / 64);
            fixture_program(&world.fixture, 3, write_entry, &write);
            fixture_run(&world.fixture, at);
            iommu_request(&world.irte, &world.fixture.machine.cpus[9], LAPIC_VECTOR);
            strays += world.iommu.statistics.strays;
            assert_int_equal(is_posted(&world.descriptor, VECTOR) + is_posted(&world.other, OTHER_VECTOR) +
                                 world.iommu.statistics.strays,
                             1);
            fixture_close(&world.fixture);
        }
        assert_true(is_atomic ? strays == 0 : strays > 0);
    }
}

static void a_cached_entry_stays_until_it_is_invalidated(void **state)
{
    static struct world world;

    (void)state;
    for (int invalidates = 0; invalidates <= 1; invalidates++) {
        world_open(&world, &costs_westmere);
        struct write write = { &world, irte_remapped(4, LAPIC_VECTOR), true, invalidates };
        fixture_program(&world.fixture, 3, write_entry, &write);
        fixture_run(&world.fixture, 500);
        iommu_request(&world.irte, &world.fixture.machine.cpus[9], LAPIC_VECTOR);
        fixture_run(&world.fixture, 20000);
        iommu_request(&world.irte, &world.fixture.machine.cpus[9], LAPIC_VECTOR);
        assert_int_equal(world.iommu.statistics.posts, invalidates ? 1 : 2);
        assert_int_equal(world.iommu.statistics.stale, invalidates ? 0 : 1);
        assert_int_equal(lapic_deliverable(&world.fixture.machine.cpus[9]), invalidates ? LAPIC_VECTOR : 0);
        fixture_close(&world.fixture);
    }
}

/* The remapped fields with the old posted format bit: the pCPU's number is taken as an address. */
static void a_hybrid_entry_is_no_descriptor(void **state)
{
    static struct world world;

    (void)state;
    world_open(&world, &costs_nothing);
    struct irte_value hybrid = irte_inherit_format(&world.irte, irte_remapped(4, LAPIC_VECTOR));
    assert_null(iommu_find(&world.iommu, hybrid));
    assert_true(irte_stands_for(&world.irte, &world.descriptor, VECTOR));
    assert_false(irte_stands_for(&world.irte, &world.descriptor, OTHER_VECTOR));
    assert_false(irte_stands_for(&world.irte, &world.other, VECTOR));
    assert_false(irte_stands_for(&world.irte, NULL, VECTOR));
    fixture_close(&world.fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_notifies_unless_on_or_sn),
        cmocka_unit_test(a_notification_goes_by_ndst_and_nv),
        cmocka_unit_test(a_post_costs_the_line),
        cmocka_unit_test(a_torn_entry_leads_nowhere),
        cmocka_unit_test(a_cached_entry_stays_until_it_is_invalidated),
        cmocka_unit_test(a_hybrid_entry_is_no_descriptor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
