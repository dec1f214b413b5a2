/* SPDX-License-Identifier: Apache-2.0
 *
 * Xen's state after the boot: where vCPUs are placed, when their ticks begin, and where each device's interrupts go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "models/xen/xen.h"
#include "models_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void setup_plain(struct setup *setup)
{
    setup_init(setup, "package:1 [numa] core:4 pu:1");
    setup->run = (struct run_setup){ .duration_ns = 1000000, .seed = 1, .policy = POLICY_TIMED };
}

/* Each vCPU gets the pCPU of its pin with the fewest vCPUs, the first of several; only a floating one may move. */
static void vcpus_are_placed(void **state)
{
    static const struct {
        const char *pins[3];
        uint32_t vcpus[3];
        bool is_floating;
        uint32_t places[8];     /* of all vCPUs in their order */
        uint64_t affinities[3]; /* of the guests' vCPUs when they float */
    } rows[] = {
        { { "pu:0-3" }, { 4 }, false, { 0, 1, 2, 3 }, { 0 } },
        { { "pu:0-2" }, { 5 }, false, { 0, 1, 2, 0, 1 }, { 0 } },
        { { "pu:0-2" }, { 5 }, true, { 0, 1, 2, 0, 1 }, { 0x7 } },
        { { "pu:0-2", "pu:1-2" }, { 2, 2 }, false, { 0, 1, 2, 1 }, { 0 } },
        { { "pu:0-2", "pu:1-2", "pu:0-3" }, { 2, 2, 4 }, true, { 0, 1, 2, 1, 3, 0, 2, 3 }, { 0x7, 0x6, 0xf } },
        { { "pu:3", "pu:2-3" }, { 3, 4 }, false, { 3, 3, 3, 2, 2, 2, 2 }, { 0 } },
    };
    static const char *const names[] = { "a", "b", "c" };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct model_fixture fixture;
        uint32_t at = 0;

        setup_plain(&setup);
        for (size_t g = 0; g < 3 && rows[i].pins[g] != NULL; g++) {
            struct guest_setup *guest = setup_guest(&setup, names[g], rows[i].vcpus[g]);
            (void)snprintf(guest->pin, sizeof(guest->pin), "%s", rows[i].pins[g]);
            own_xen_guest(guest)->placement = rows[i].is_floating ? GUEST_PLACEMENT_FLOATING : GUEST_PLACEMENT_PINNED;
        }
        model_open(&fixture, &setup, "softirq-requeue");
        const struct xen *xen = fixture.machine.hypervisor;
        assert_int_equal(word_peek(&xen->idlers[0]), 0xf);
        for (uint32_t d = 0; d < xen->domain_count; d++)
            for (uint32_t v = 0; v < xen->domains[d].vcpu_count; v++, at++) {
                const struct vcpu *vcpu = &xen->domains[d].vcpus[v];
                if (vcpu->processor->id != rows[i].places[at])
                    fail_msg("row %zu: vCPU %u of %u is on %u", i, v, d, vcpu->processor->id);
                uint64_t own = 1ull << vcpu->processor->id;
                assert_int_equal(vcpu->hard_affinity[0], rows[i].is_floating ? rows[i].affinities[d] : own);
            }
        model_close(&fixture);
    }
}

/* The first tick comes a whole period after the phase that the vCPU, or its guest, has drawn. */
static void ticks_have_their_phases(void **state)
{
    enum { GUESTS = 2, VCPUS = 3 };
    static const struct {
        enum guest_phase phase;
        bool are_vcpus_apart, are_guests_apart;
    } rows[] = {
        { GUEST_PHASE_ALIGNED, false, false },
        { GUEST_PHASE_GUEST, false, true },
        { GUEST_PHASE_RANDOM, true, true },
    };
    cycles period = 0, aligned = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct model_fixture fixture;

        setup_plain(&setup);
        struct guest_setup *guest = setup_guest(&setup, "guest", VCPUS);
        guest->count = GUESTS;
        own_xen_guest(guest)->phase = rows[i].phase;
        own_xen_guest(guest)->timer_millihertz = 250000;
        model_open(&fixture, &setup, "softirq-requeue");
        const struct xen *xen = fixture.machine.hypervisor;
        cycles first[GUESTS][VCPUS];
        period = xen->domains[0].behaviour.tick_period;
        assert_int_equal(period, setup.machine.costs.frequency_hz / 250);
        for (uint32_t d = 0; d < GUESTS; d++)
            for (uint32_t v = 0; v < VCPUS; v++)
                first[d][v] = xen->domains[d].vcpus[v].singleshot_timer.expires;
        aligned = i == 0 ? first[0][0] : aligned;
        assert_int_equal(aligned % period, 0);
        for (uint32_t d = 0; d < GUESTS; d++)
            for (uint32_t v = 0; v < VCPUS; v++) {
                assert_in_range(first[d][v], aligned, aligned + period - 1);
                assert_int_equal(first[d][v] != first[d][0], v > 0 && rows[i].are_vcpus_apart);
            }
        assert_int_equal(first[0][0] != first[1][0], rows[i].are_guests_apart);
        model_close(&fixture);
    }
}

/* A vector for one vCPU takes that one's next one, in turn; one for several takes the same on all. */
static void interrupts_have_their_destinations(void **state)
{
    enum { VCPUS = 3, V = GUEST_VECTOR_FIRST };
    static const struct {
        enum msi_destination destination;
        uint32_t vcpus[4], vectors[4]; /* of four PIRQs, after one of a device before them on vCPU 0 */
        uint32_t known;                /* bits of the vCPUs that know the first one */
    } rows[] = {
        { MSI_DESTINATION_SINGLE, { 1, 2, 0, 1 }, { V, V, V + 1, V + 1 }, 1 << 1 },
        { MSI_DESTINATION_HASHED,
          { (V + 1) % 3, (V + 2) % 3, (V + 3) % 3, (V + 4) % 3 },
          { V + 1, V + 2, V + 3, V + 4 },
          7 },
        { MSI_DESTINATION_ALL, { 1, 2, 0, 1 }, { V + 1, V + 2, V + 3, V + 4 }, 7 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct model_fixture fixture;

        setup_plain(&setup);
        (void)setup_guest(&setup, "guest", VCPUS);
        (void)setup_device(&setup, "before", 0);
        struct device_setup *device = setup_device(&setup, "nic", 0);
        device->vectors = 4;
        own_xen_device(device)->destination = rows[i].destination;
        model_open(&fixture, &setup, "softirq-requeue");
        const struct domain *d = &((const struct xen *)fixture.machine.hypervisor)->domains[0];
        assert_int_equal(d->pirq_count, 5);
        for (uint32_t n = 0; n < 4; n++) {
            const struct pirq *pirq = &d->pirqs[n + 1];
            if (pirq->dest_vcpu->id != rows[i].vcpus[n] || pirq->gvec != rows[i].vectors[n])
                fail_msg("row %zu: PIRQ %u has vector %u of vCPU %u", i, n, pirq->gvec, pirq->dest_vcpu->id);
            assert_int_equal(pirq->is_multicast, rows[i].destination == MSI_DESTINATION_ALL);
            assert_int_equal(pirq->desc.source->is_multicast, rows[i].destination == MSI_DESTINATION_ALL);
            assert_int_equal(pirq->is_hashed, rows[i].destination == MSI_DESTINATION_HASHED);
            assert_ptr_equal(pirq->desc.pin, NULL);
        }
        for (uint32_t v = 0; v < VCPUS; v++)
            assert_int_equal(d->vcpus[v].vector_pirq[rows[i].vectors[0]] == &d->pirqs[1], rows[i].known >> v & 1);
        model_close(&fixture);
    }
}

/* What a vector's PIRQ is by what its device is. */
static void devices_have_their_kinds(void **state)
{
    static const struct {
        enum device_delivery delivery;
        enum device_assigned assigned;
        enum device_binding binding;
        bool is_event, is_bound, is_emulated, is_masked;
        uint32_t flags, at_boot;
    } rows[] = {
        { DEVICE_DELIVERY_LAPIC, DEVICE_ASSIGNED_ON, DEVICE_BINDING_MSI, false, true, false, false,
          DPCI_MAPPED | DPCI_GUEST_MSI, 1 },
        { DEVICE_DELIVERY_EVENT, DEVICE_ASSIGNED_ON, DEVICE_BINDING_MSI, true, true, false, false,
          DPCI_MAPPED | DPCI_GUEST_MSI, 1 },
        { DEVICE_DELIVERY_LAPIC, DEVICE_ASSIGNED_LATER, DEVICE_BINDING_MSI, false, false, false, true, 0, 0 },
        { DEVICE_DELIVERY_EVENT, DEVICE_ASSIGNED_LATER, DEVICE_BINDING_MSI, false, false, false, true, 0, 0 },
        { DEVICE_DELIVERY_LAPIC, DEVICE_ASSIGNED_NEVER, DEVICE_BINDING_MSI, false, true, true, false,
          DPCI_MAPPED | DPCI_GUEST_MSI, 0 },
        { DEVICE_DELIVERY_LAPIC, DEVICE_ASSIGNED_ON, DEVICE_BINDING_INTX, false, true, false, false,
          DPCI_MAPPED | DPCI_GUEST_PCI, 1 },
        { DEVICE_DELIVERY_LAPIC, DEVICE_ASSIGNED_ON, DEVICE_BINDING_TRANSLATE, false, true, false, false,
          DPCI_MAPPED | DPCI_GUEST_PCI | DPCI_TRANSLATE, 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup setup;
        struct model_fixture fixture;

        setup_plain(&setup);
        (void)setup_guest(&setup, "guest", 1);
        struct device_setup *device = setup_device(&setup, "nic", 0);
        own_xen_device(device)->delivery = rows[i].delivery;
        own_xen_device(device)->assigned = rows[i].assigned;
        own_xen_device(device)->binding = rows[i].binding;
        model_open(&fixture, &setup, "softirq-requeue");
        const struct domain *d = &((const struct xen *)fixture.machine.hypervisor)->domains[0];
        const struct pirq *pirq = &d->pirqs[0];
        if (pirq->is_event != rows[i].is_event || pirq->has_port != rows[i].is_event ||
            pirq->desc.is_bound != rows[i].is_bound || pirq->is_emulated != rows[i].is_emulated ||
            pirq->flags != rows[i].flags || d->assigned_at_boot != rows[i].at_boot ||
            pirq->desc.source->is_masked != rows[i].is_masked)
            fail_msg("row %zu: event %d, port %d, bound %d, emulated %d, masked %d, flags %u, %u at boot", i,
                     pirq->is_event, pirq->has_port, pirq->desc.is_bound, pirq->is_emulated,
                     pirq->desc.source->is_masked, pirq->flags, d->assigned_at_boot);
        assert_int_equal(pirq->wants_event, rows[i].delivery == DEVICE_DELIVERY_EVENT);
        assert_int_equal(pirq->line != NULL, rows[i].binding != DEVICE_BINDING_MSI);
        assert_int_equal(pirq->desc.pin != NULL, rows[i].binding == DEVICE_BINDING_INTX);
        model_close(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vcpus_are_placed),
        cmocka_unit_test(ticks_have_their_phases),
        cmocka_unit_test(interrupts_have_their_destinations),
        cmocka_unit_test(devices_have_their_kinds),
    };

    return cmocka_run_group_tests_name("boot of the Xen model", tests, NULL, NULL);
}
