/* SPDX-License-Identifier: Apache-2.0
 *
 * The latency of one interrupt, added up by hand, for every lock and every design. One pCPU, one vCPU that computes,
 * one device that raises every 100 us, no random variation: every interrupt takes the same path, and its latency from
 * the raise to the guest's handler is a sum of named costs. All lines stay in the one pCPU's cache, so every access
 * hits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/histogram.h"
#include "models/family/interrupts.h"
#include "models/locks/list.h"
#include "models_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define OTHER_PIRQS 12 /* mapped beside the device's; domain-tasklet walks them */

/* What one acquisition or release of a lock that is free and in the cache costs. */
struct lock_cost {
    bool is_known;
    cycles take, give;
};

static struct lock_cost lock_cost_of(const char *lock, const struct costs *c)
{
    const struct {
        const char *lock;
        cycles take, give;
    } rows[] = {
        { "ttas", c->atomic_hit, c->store_hit },
        { "spinlock", c->atomic_hit, c->store_hit },
        /* Draws a ticket, and reads that it is served. */
        { "ticket", c->atomic_hit + c->load_hit, c->store_hit },
        /* Two fields of the node, the tail; is there a successor, and the tail again. */
        { "mcs", 2 * c->store_hit + c->atomic_hit, c->load_hit + c->atomic_hit },
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        if (strcmp(rows[i].lock, lock) == 0)
            return (struct lock_cost){ true, rows[i].take, rows[i].give };
    return (struct lock_cost){ .is_known = false };
}

/* From the vector's arrival to the design's raise: the guest is left, do_IRQ runs under desc->lock. */
static cycles before_raise(const struct costs *c, struct lock_cost lock)
{
    return c->vmexit + c->irq_entry + lock.take + xen_costs_westmere.do_irq + c->lapic_eoi;
}

/* From the end of the raise to the VM-entry path, which finds the softirq pending. */
static cycles after_raise(const struct costs *c, struct lock_cost lock)
{
    cycles sum = lock.give + c->irq_exit + xen_costs_westmere.exit_dispatch;

    sum += c->load_hit;       /* upcall_pending */
    sum += c->load_hit;       /* vLAPIC: nothing yet */
    return sum + c->load_hit; /* softirq_pending, interrupts off */
}

/* One turn of do_softirq up to the handler. */
static cycles softirq_begin(const struct costs *c)
{
    return c->load_hit + c->atomic_hit + xen_costs_westmere.softirq_dispatch;
}

/* From the end of the handler to the guest's first instruction in its own. */
static cycles after_softirq(const struct costs *c)
{
    cycles sum = c->load_hit; /* no further softirq */

    sum += c->load_hit + c->load_hit;                         /* upcall_pending, vLAPIC */
    sum += xen_costs_westmere.virq_injection + c->atomic_hit; /* the IRR bit goes */
    return sum + c->load_hit + c->vmentry;                    /* softirq_pending */
}

/* hvm_dirq_deliver: the body, the IRR bit, the kick of a vCPU that runs here and is not blocked. */
static cycles deliver(const struct costs *c)
{
    cycles kick = c->load_hit /* is_running */ + c->atomic_hit /* pause_flags */;

    return xen_costs_westmere.dpci_body + xen_costs_westmere.vlapic_set_irq + c->atomic_hit + kick;
}

/* --- designs --- */

/* Take 1. */
static cycles tasklet_schedule_cost(const struct costs *c, struct lock_cost lock)
{
    return lock.take + xen_costs_westmere.tasklet_hold + c->store_hit /* list */ + c->atomic_hit /* softirq_pending */ +
           lock.give;
}

/* Takes 2 and 3, around the function. The state that the pCPU holds is the current vCPU's: nothing to save. */
static cycles tasklet_action_cost(const struct costs *c, struct lock_cost lock, cycles function)
{
    return lock.take + xen_costs_westmere.tasklet_hold + c->store_hit + lock.give + function + lock.take +
           xen_costs_westmere.tasklet_hold + lock.give;
}

static cycles domain_tasklet(const struct costs *c, struct lock_cost lock)
{
    cycles walk = 0;

    for (uint32_t pirq = 0; pirq <= OTHER_PIRQS; pirq++) {
        walk += pirq % 8 == 0 ? 8 * xen_costs_westmere.pirq_walk_step : 0; /* a gang lookup of eight */
        walk += pirq == 0 ? c->atomic_hit + deliver(c) : 0;                /* the device's comes first */
    }
    /* The others' masked words come after the delivery and before the guest. */
    walk += OTHER_PIRQS * c->atomic_hit;
    return c->store_hit + tasklet_schedule_cost(c, lock) + after_raise(c, lock) + softirq_begin(c) +
           tasklet_action_cost(c, lock, lock.take + walk + lock.give);
}

static cycles pirq_tasklet(const struct costs *c, struct lock_cost lock)
{
    cycles assist = lock.take + c->atomic_hit + deliver(c) + lock.give;

    return c->store_hit + tasklet_schedule_cost(c, lock) + after_raise(c, lock) + softirq_begin(c) +
           tasklet_action_cost(c, lock, assist);
}

static cycles softirq_masked(const struct costs *c, struct lock_cost lock)
{
    cycles raise = c->load_hit + c->store_hit + c->atomic_hit;
    cycles assist = lock.take + c->load_hit + deliver(c) + lock.give + c->store_hit;

    return raise + after_raise(c, lock) + softirq_begin(c) + assist;
}

/* SCHED, the domain's reference, the softirq; RUN, SCHED; the delivery; the reference, RUN. */
static cycles states(const struct costs *c, struct lock_cost lock, cycles gate)
{
    return 3 * c->atomic_hit + after_raise(c, lock) + softirq_begin(c) + 2 * c->atomic_hit + lock.take + gate +
           deliver(c) + lock.give + 2 * c->atomic_hit;
}

static cycles softirq_states(const struct costs *c, struct lock_cost lock) { return states(c, lock, c->load_hit); }

static cycles softirq_gated(const struct costs *c, struct lock_cost lock)
{
    return c->store_hit + states(c, lock, c->atomic_hit);
}

/* Lines of the first interrupt that come from memory, by the access that finds them there. Of every design: desc->lock
 * and event_lock by an atomic one, the PIRQ's dPCI line by the design's first. */
static const struct {
    const char *name;
    cycles (*cost)(const struct costs *c, struct lock_cost lock); /* from the raise to the end of the softirq */
    uint32_t cold_loads, cold_stores, cold_atomics;
} designs[] = {
    /* tasklet_lock and the list; the other PIRQs' dPCI lines */
    { "domain-tasklet", domain_tasklet, 0, 2, 2 + 1 + OTHER_PIRQS },
    { "pirq-tasklet", pirq_tasklet, 0, 2, 2 + 1 },
    { "softirq-masked", softirq_masked, 1, 0, 2 },
    { "softirq-states", softirq_states, 0, 0, 2 + 2 }, /* the PIRQ's state, the domain's reference count */
    { "softirq-gated", softirq_gated, 0, 1, 2 + 1 },
    { "softirq-requeue", softirq_gated, 0, 1, 2 + 1 },
    { "softirq-hotplug", softirq_gated, 0, 1, 2 + 1 },
};

static const struct histogram *histogram_of(const struct metrics *metrics, const char *name)
{
    for (size_t i = 0; i < metrics->histogram_count; i++)
        if (strcmp(metrics->histograms[i].name, name) == 0)
            return metrics->histograms[i].histogram;
    fail_msg("no histogram %s", name);
    return NULL;
}

/* At 1 GHz a nanosecond is a cycle. The measurement lies between two of credit's ticks. */
static void setup_of(struct setup *setup, uint32_t lock)
{
    setup_init(setup, "package:1 [numa] core:1 pu:1");
    setup->machine.costs.frequency_hz = 1000000000;
    setup->hypervisor.lock = lock;
    setup->run.warmup_ns = 1000000;
    setup->run.duration_ns = 8000000;
    struct guest_setup *guest = setup_guest(setup, "guest", 1);
    guest->load = GUEST_LOAD_COMPUTE;
    guest->pirqs = OTHER_PIRQS;
    struct device_setup *device = setup_device(setup, "device", 0);
    own_xen_device(device)->pirqs = PIRQ_ORDER_FIRST;
    device->arrivals = (struct arrival_setup){ .process = ARRIVAL_PERIODIC, .rate_millihertz = 10000000 };
}

static void an_interrupt_costs_the_sum_of_its_steps(void **state)
{
    (void)state;
    for (size_t d = 0; d < COUNT(designs); d++)
        for (uint32_t kind = 0; kind < lock_kind_count; kind++) {
            struct setup setup;
            struct metrics metrics;

            setup_of(&setup, kind);
            const struct costs *c = &setup.machine.costs;
            struct lock_cost lock = lock_cost_of(lock_kinds[kind].name, c);
            cycles expected = c->msi_flight_ns + before_raise(c, lock) + designs[d].cost(c, lock) + after_softirq(c);
            model_run(&setup, designs[d].name, &metrics);
            const struct histogram *latency = histogram_of(&metrics, "devices.device.latency");
            assert_int_equal(latency->count, 80);
            if (!lock.is_known)
                expected = latency->minimum; /* the same each time, whatever it is */
            if (latency->minimum != expected || latency->maximum != expected)
                fail_msg("%s, %s: %llu to %llu cycles, not %llu", designs[d].name, lock_kinds[kind].name,
                         (unsigned long long)latency->minimum, (unsigned long long)latency->maximum,
                         (unsigned long long)expected);
            metrics_free(&metrics);
        }
}

/* The slowest is the first; it also shows that misses are charged where they are. */
static void the_first_interrupt_pays_for_cold_lines(void **state)
{
    (void)state;
    for (size_t d = 0; d < COUNT(designs); d++) {
        struct setup setup;
        struct metrics metrics;

        setup_of(&setup, lock_find("ttas"));
        setup.run.warmup_ns = 0;
        const struct costs *c = &setup.machine.costs;
        struct lock_cost lock = lock_cost_of("ttas", c);
        cycles warm = c->msi_flight_ns + before_raise(c, lock) + designs[d].cost(c, lock) + after_softirq(c);
        cycles cold = warm + designs[d].cold_loads * (c->load_memory - c->load_hit) +
                      designs[d].cold_stores * (c->load_memory - c->store_hit) +
                      designs[d].cold_atomics * (c->load_memory - c->atomic_hit);
        model_run(&setup, designs[d].name, &metrics);
        const struct histogram *latency = histogram_of(&metrics, "devices.device.latency");
        assert_int_equal(latency->minimum, warm);
        if (latency->maximum != cold)
            fail_msg("%s: %llu cycles, not %llu", designs[d].name, (unsigned long long)latency->maximum,
                     (unsigned long long)cold);
        assert_int_equal(latency->sum, (latency->count - 1) * warm + cold);
        metrics_free(&metrics);
    }
}

/* --- where it is --- */

#define PLACES 12

/* Appends the place of the interrupt, if there is one and it has moved. Returns the new number of places. */
static size_t note_place(struct model_fixture *fixture, const char *places[PLACES], size_t count)
{
    struct drain drain = { .measured_until = fixture->engine.now };
    struct stuck_interrupts stuck;
    struct metrics metrics;

    metrics_init(&metrics);
    fixture->design->family->interrupts(&fixture->machine, &drain, &metrics, &stuck);
    if (stuck.count > 0) {
        assert_false(stuck.rows->fate.is_lost);
        if (count == 0 || strcmp(places[count - 1], stuck.rows->fate.place) != 0) {
            assert_true(count < PLACES);
            places[count++] = stuck.rows->fate.place;
        }
    }
    free(stuck.rows);
    metrics_free(&metrics);
    return count;
}

/* On its way the interrupt is in one place after the other, and never lost. */
static void the_place_moves_to_the_guest(void **state)
{
    static const struct {
        const char *design, *places[PLACES];
    } rows[] = {
        { "domain-tasklet",
          { "in the IRR of a pCPU's LAPIC", "in service in a pCPU's LAPIC", "with the holder of its desc->lock",
            "in Xen, with `masked` set", "in a list of tasklets", "in Xen, with `masked` set",
            "with the holder of its guest's event_lock", "in the virtual IRR of a running vCPU",
            "in the handler of a running vCPU" } },
        { "softirq-masked",
          { "in the IRR of a pCPU's LAPIC", "in service in a pCPU's LAPIC", "with the holder of its desc->lock",
            "in the dPCI list of a pCPU", "in Xen, with `masked` set", "in the virtual IRR of a running vCPU",
            "in the handler of a running vCPU" } },
        { "softirq-requeue",
          { "in the IRR of a pCPU's LAPIC", "in service in a pCPU's LAPIC", "with the holder of its desc->lock",
            "in Xen, with `masked` set", "in the dPCI list of a pCPU", "being delivered by a pCPU",
            "in the virtual IRR of a running vCPU", "in the handler of a running vCPU" } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static uint64_t times_ns[] = { 1000000 };
        const char *places[PLACES] = { NULL };
        struct model_fixture fixture;
        struct setup setup;
        size_t count = 0;

        setup_of(&setup, lock_find("ttas"));
        setup.devices[0].arrivals =
            (struct arrival_setup){ .process = ARRIVAL_REPLAY, .times_ns = times_ns, .time_count = 1 };
        model_open(&fixture, &setup, rows[i].design);
        for (uint64_t at_ns = times_ns[0]; at_ns < times_ns[0] + 30000; at_ns += 10) {
            model_advance(&fixture, at_ns);
            count = note_place(&fixture, places, count);
        }
        for (size_t n = 0; n < count || (n < PLACES && rows[i].places[n] != NULL); n++)
            assert_string_equal(n < count ? places[n] : "no more", rows[i].places[n] != NULL ? rows[i].places[n] : "");
        model_close(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interrupt_costs_the_sum_of_its_steps),
        cmocka_unit_test(the_first_interrupt_pays_for_cold_lines),
        cmocka_unit_test(the_place_moves_to_the_guest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
