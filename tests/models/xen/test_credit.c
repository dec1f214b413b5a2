/* SPDX-License-Identifier: Apache-2.0
 *
 * Shares of the credit scheduler: guests that compute all the time run in the ratio of their weights, and no longer
 * than their caps allow; a parked vCPU is OFFLINE.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "models_fixture.h"
#include "models/xen/xen.h"

#define NS_PER_S UINT64_C(1000000000)
#define TOLERANCE 10 /* permille of the time */

struct hog {
    uint32_t weight, cap;
    int running, offline; /* permille of the time */
};

static void check_hog(const struct xen *xen, size_t row, uint32_t guest, const struct hog *hog)
{
    const cycles *total = xen->domains[guest].vcpus[0].spent.total;
    cycles sum = 0;

    for (int state = 0; state < RUNSTATE_COUNT; state++)
        sum += total[state];
    int running = (int)(total[RUNSTATE_RUNNING] * 1000 / sum), offline = (int)(total[RUNSTATE_OFFLINE] * 1000 / sum);
    if (running < hog->running - TOLERANCE || running > hog->running + TOLERANCE ||
        offline < hog->offline - TOLERANCE || offline > hog->offline + TOLERANCE)
        fail_msg("row %zu, guest %u: %d permille running, %d offline", row, guest, running, offline);
}

static void test_shares(void **state)
{
    static const struct {
        const char *topology, *pin;
        struct hog hogs[2];
    } rows[] = {
        { "package:1 [numa] core:1 pu:1", "all", { { 256, 0, 500, 0 }, { 256, 0, 500, 0 } } },
        { "package:1 [numa] core:1 pu:1", "all", { { 256, 0, 333, 0 }, { 512, 0, 667, 0 } } },
        { "package:1 [numa] core:1 pu:1", "all", { { 256, 0, 750, 0 }, { 256, 25, 250, 750 } } },
        { "package:1 [numa] core:1 pu:1", "all", { { 256, 25, 250, 750 }, { 512, 50, 500, 500 } } },
        /* More pCPUs than can be used: what one cannot use goes to the other, and both have a slice's worth. */
        { "package:1 [numa] core:2 pu:1", "pu:1", { { 256, 0, 500, 0 }, { 512, 0, 500, 0 } } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct setup setup;
        struct model_fixture fixture;

        setup_init(&setup, rows[i].topology);
        setup.run = (struct run_setup){ .duration_ns = 10 * NS_PER_S, .seed = 1, .policy = POLICY_TIMED };
        for (int guest = 0; guest < 2; guest++) {
            struct guest_setup *hog = setup_guest(&setup, guest == 0 ? "first" : "second", 1);
            hog->load = GUEST_LOAD_COMPUTE;
            (void)snprintf(hog->pin, sizeof(hog->pin), "%s", rows[i].pin);
            ((struct xen_guest_setup *)hog->own)->weight = rows[i].hogs[guest].weight;
            ((struct xen_guest_setup *)hog->own)->cap = rows[i].hogs[guest].cap;
        }
        model_open(&fixture, &setup, "softirq-requeue");
        model_advance(&fixture, 10 * NS_PER_S);
        for (uint32_t guest = 0; guest < 2; guest++)
            check_hog(fixture.machine.hypervisor, i, guest, &rows[i].hogs[guest]);
        /* The cap is asked for every 30 ms, and a vCPU that has used it up is parked until the next time at least. */
        const struct xen *xen = fixture.machine.hypervisor;
        bool is_capped = rows[i].hogs[0].cap > 0 || rows[i].hogs[1].cap > 0;
        assert_in_range(xen->statistics.parks, is_capped ? 10 : 0, is_capped ? 2 * 10000 / 30 : 0);
        model_close(&fixture);
    }
}

/* A pCPU that becomes idle asks all the others, more of them than one walk over their locks has room for. */
static void test_search(void **state)
{
    enum { PEERS = 40 };
    struct setup setup;
    struct model_fixture fixture;

    (void)state;
    setup_init(&setup, "package:1 [numa] core:41 pu:1");
    setup.run = (struct run_setup){ .duration_ns = 20000000, .seed = 1, .policy = POLICY_TIMED };
    struct guest_setup *busy = setup_guest(&setup, "busy", PEERS);
    busy->load = GUEST_LOAD_COMPUTE;
    (void)snprintf(busy->pin, sizeof(busy->pin), "pu:1-40");
    struct guest_setup *halting = setup_guest(&setup, "halting", 1);
    (void)snprintf(halting->pin, sizeof(halting->pin), "pu:0");
    own_xen_guest(halting)->timer_millihertz = 1000000;
    model_open(&fixture, &setup, "softirq-requeue");
    model_advance(&fixture, 20000000);
    const struct xen *xen = fixture.machine.hypervisor;
    assert_in_range(xen->statistics.context_switches, 20, 200);
    /* Each search is one of all peers, and follows a switch to the idle vCPU: at least every second one. */
    assert_in_range(xen->schedule_class->statistics.tried, 10 * PEERS, xen->statistics.context_switches * PEERS);
    assert_int_equal(xen->statistics.steals, 0);
    model_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_search),
    };

    return cmocka_run_group_tests_name("models_xen_credit", tests, NULL, NULL);
}
