/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints a hash of the metrics of one small run for each design, lock and policy; tests/determinism builds it in
 * several ways and compares what they print.
 */
#include <stdio.h>
#include <string.h>

#include "models_fixture.h"
#include "models/locks/list.h"
#include "models/registry.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void setup_of(struct setup *setup, uint32_t lock, enum policy policy, uint64_t seed)
{
    setup_init(setup, "package:2 [numa] core:3 pu:1");
    own_xen(setup)->costs.software_cv_permille = 400;
    setup->hypervisor.lock = lock;
    own_xen(setup)->timeslice_ns = 3000000;
    setup->run.policy = policy;
    setup->run.seed = seed;
    struct guest_setup *guest = setup_guest(setup, "busy", 3);
    guest->count = 3;
    own_xen_guest(guest)->placement = GUEST_PLACEMENT_FLOATING;
    own_xen_guest(guest)->timer_millihertz = 250000;
    own_xen_guest(guest)->wake_millihertz = 500000;
    own_xen_guest(guest)->work_spread_percent = 50;
    setup_guest(setup, "hog", 1)->load = GUEST_LOAD_COMPUTE;
    static const enum arrival_process processes[] = { ARRIVAL_POISSON, ARRIVAL_ONOFF, ARRIVAL_MODERATED,
                                                      ARRIVAL_CLOSED };
    static const char *const names[] = { "poisson", "onoff", "moderated", "closed" };
    for (size_t i = 0; i < COUNT(processes); i++)
        setup_device(setup, names[i], 0)->arrivals =
            (struct arrival_setup){ .process = processes[i],
                                    .rate_millihertz = policy == POLICY_TIMED ? 9000000 : 300000,
                                    .on_ns = 300000,
                                    .off_ns = 500000,
                                    .interval_ns = 40000,
                                    .think_ns = 50000 };
}

/* Xen's own BUG() ends these designs where two pCPUs deliver one PIRQ at a time, which a random order of steps finds.
 */
static bool hits_its_bug(const char *design)
{
    return strcmp(design, "softirq-states") == 0 || strcmp(design, "softirq-gated") == 0;
}

int main(void)
{
    static const enum policy policies[] = { POLICY_TIMED, POLICY_RANDOM };
    uint64_t seed = 1;

    for (size_t design = 0; design < design_count(); design++)
        for (uint32_t lock = 0; lock < lock_kind_count; lock++)
            for (size_t policy = 0; policy < COUNT(policies); policy++) {
                struct setup setup;
                struct metrics metrics;

                if (strcmp(design_at(design)->family->name, "xen") != 0 ||
                    (policies[policy] == POLICY_RANDOM && hits_its_bug(design_at(design)->name)))
                    continue;
                setup_of(&setup, lock, policies[policy], seed++);
                model_run(&setup, design_at(design)->name, &metrics);
                printf("%s %s %zu %016llx\n", design_at(design)->name, lock_kinds[lock].name, policy,
                       (unsigned long long)metrics_hash(&metrics));
                metrics_free(&metrics);
            }
    return 0;
}
