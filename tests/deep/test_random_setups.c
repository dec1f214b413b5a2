/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs setups drawn at random from everything a scenario can express, on up to eight pCPUs, under every design that is
 * not known to crash. The model's CHECKs must hold, and no interrupt may be lost. A failure prints its seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "models_fixture.h"
#include "models/locks/list.h"
#include "models/registry.h"

#define SETUPS 4000
#define TIMES 50
#define RANDOM_SLOWDOWN 50 /* the random policy slows CPUs down */

struct draw {
    struct rng rng;
    uint64_t slowdown;
    struct setup setup;
    uint64_t times_ns[TIMES];
};

static uint64_t below(struct draw *draw, uint64_t bound) { return rng_below(&draw->rng, bound); }

static void machine_draw(struct draw *draw, uint64_t seed)
{
    static const char *const topologies[] = { "package:1 [numa] core:1 pu:1", "package:1 [numa] core:2 pu:1",
                                              "package:2 [numa] core:2 pu:1", "package:4 [numa] core:2 pu:1",
                                              "package:1 [numa] core:2 pu:2", "package:3 [numa] core:1 pu:1" };
    struct setup *setup = &draw->setup;

    setup_init(setup, topologies[below(draw, 6)]);
    own_xen(setup)->costs.software_cv_permille = below(draw, 2) * 400;
    setup->machine.costs.reads_per_socket = below(draw, 2);
    setup->machine.costs.socket_service = below(draw, 2) * 25;
    setup->hypervisor.lock = (uint32_t)below(draw, lock_kind_count);
    own_xen(setup)->timeslice_ns = 1000000 + below(draw, 30000000);
    own_xen(setup)->ratelimit_ns = below(draw, 2) * (100000 + below(draw, 900000));
    setup->run.policy = below(draw, 4) == 0 ? POLICY_RANDOM : POLICY_TIMED;
    setup->run.seed = seed;
    draw->slowdown = setup->run.policy == POLICY_RANDOM ? RANDOM_SLOWDOWN : 1;
    setup->run.warmup_ns = below(draw, 3000000) * draw->slowdown;
    setup->run.duration_ns = (1000000 + below(draw, 20000000)) * draw->slowdown;
}

static void guest_draw(struct draw *draw, const char *name)
{
    static const uint64_t millihertz[] = { 0, 0, 100000, 250000, 333000, 1000000 };
    struct guest_setup *guest = setup_guest(&draw->setup, name, 1 + (uint32_t)below(draw, 4));

    guest->count = 1 + (uint32_t)below(draw, 3);
    own_xen_guest(guest)->placement = (enum guest_placement)below(draw, 2);
    guest->load = (enum guest_load)below(draw, 2);
    own_xen_guest(guest)->phase = (enum guest_phase)below(draw, 2);
    own_xen_guest(guest)->timer_millihertz = millihertz[below(draw, 6)];
    own_xen_guest(guest)->wake_millihertz = below(draw, 2) * below(draw, 20000000) / draw->slowdown;
    own_xen_guest(guest)->tick_run_ns = below(draw, 100000);
    own_xen_guest(guest)->wake_run_ns = below(draw, 50000);
    own_xen_guest(guest)->min_delta_ns = 1 + below(draw, 200000);
    own_xen_guest(guest)->work_spread_percent = (uint32_t)(below(draw, 2) * below(draw, 150));
    guest->pirqs = (uint32_t)(below(draw, 2) * below(draw, 100));
}

static void device_draw(struct draw *draw, const char *name)
{
    uint32_t guest = (uint32_t)below(draw, draw->setup.guest_count);
    struct device_setup *device = setup_device(&draw->setup, name, guest);

    device->count = 1 + (uint32_t)below(draw, 3);
    device->vectors = 1 + (uint32_t)below(draw, 4);
    own_xen_device(device)->is_polled = below(draw, 2);
    own_xen_device(device)->pirqs = (enum pirq_order)below(draw, 2);
    device->handler_ns = below(draw, 2) * below(draw, 20000);
    device->arrivals = (struct arrival_setup){
        .process = (enum arrival_process)below(draw, 6),
        .rate_millihertz = (1 + below(draw, 60000)) * 1000 / draw->slowdown + 1,
        .on_ns = 1000 + below(draw, 1000000) * draw->slowdown,
        .off_ns = 1000 + below(draw, 1000000) * draw->slowdown,
        .interval_ns = below(draw, 100000) * draw->slowdown,
        .think_ns = 1 + below(draw, 100000) * draw->slowdown,
        .times_ns = draw->times_ns,
        .time_count = TIMES,
    };
}

static void setup_draw(struct draw *draw, uint64_t seed)
{
    static const char *const guests[] = { "a", "b", "c" }, *const devices[] = { "u", "v", "w" };

    rng_init(&draw->rng, seed, 0, RNG_TEST);
    machine_draw(draw, seed);
    for (uint32_t i = 0, count = 1 + (uint32_t)below(draw, 3); i < count; i++)
        guest_draw(draw, guests[i]);
    for (uint32_t i = 0, count = (uint32_t)below(draw, 4); i < count; i++)
        device_draw(draw, devices[i]);
    for (uint32_t i = 0; i < TIMES; i++)
        draw->times_ns[i] = (i == 0 ? 0 : draw->times_ns[i - 1]) + below(draw, 500000) * draw->slowdown;
}

/* These designs hit their own BUG() when a PIRQ is delivered on two pCPUs at once. */
static bool crashes_by_design(const char *design)
{
    return strcmp(design, "softirq-states") == 0 || strcmp(design, "softirq-gated") == 0;
}

static void random_setups_obey_the_laws(void **state)
{
    static struct draw draw;

    (void)state;
    for (uint64_t seed = 1; seed <= SETUPS; seed++) {
        const struct design *design;
        struct metrics metrics;

        setup_draw(&draw, seed);
        do
            design = design_at(below(&draw, (uint32_t)design_count()));
        while (strcmp(design->family->name, "xen") != 0 || crashes_by_design(design->name));
        model_run(&draw.setup, design->name, &metrics);
        if (metric_of(&metrics, "irq.lost") != 0 && strcmp(design->name, "softirq-masked") != 0)
            fail_msg("seed %llu, %s: %.0f lost", (unsigned long long)seed, design->name,
                     metric_of(&metrics, "irq.lost"));
        metrics_free(&metrics);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(random_setups_obey_the_laws) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
