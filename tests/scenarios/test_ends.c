/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs that end at any moment, without a drain: what is under way then is not lost, and the result says where it is.
 * The places named here are those that several ends of a scenario come across.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "scenarios/scenario_run.h"

enum { ENDS = 24, PLACES_MAX = 12 };

static const struct {
    const char *scenario, *design, *sets[SCENARIO_RUN_SETS];
    const char *places[PLACES_MAX]; /* NULL: the end */
} rows[] = {
    { "nvme-drives.yaml",
      "nvme-msi",
      { NULL },
      { "behind a handler that its CPU runs", "on its way to a handler in its CPU's LAPIC" } },
    { "nvme-drives.yaml",
      "nvme-posted-msi",
      { NULL },
      { "behind a handler that its CPU runs", "on its way to a handler in its CPU's LAPIC" } },
    { "vfio-round-trips.yaml",
      "vfio-automask",
      { "devices.nic.arrivals.think=3us" },
      { "at its line, which VFIO has masked until the guest's EOI", "in KVM's work queue",
        "in the virtual IRR of a blocked vCPU", "on its line, whose service has not ended" } },
    { "vfio-shared-line.yaml",
      "vfio-automask",
      { "devices.dev-a.arrivals.rate=50kHz", "devices.dev-b.arrivals.rate=50kHz" },
      { "in KVM's work queue", "on its line, whose service has not ended" } },
    { "vfio-halt-poll.yaml", "vfio-msi", { "devices.dev.arrivals.rate=100kHz" }, { "in code that is running" } },
    { "qemu-contention.yaml",
      "qemu-pirq-merged",
      { "devices.nic.arrivals.rate=30kHz" },
      { "at its event channel, and its vCPU is told", "behind a handler of the host", "in a pCPU's LAPIC" } },
    { "qemu-gsi-callback.yaml",
      "qemu-pirq-merged",
      { "devices.disk.arrivals.rate=100kHz" },
      { "at its event channel, and its vCPU is told", "behind a handler of the host", "in its eventfd" } },
    { "one-msi.yaml",
      "domain-tasklet",
      { "devices.nic.arrivals.rate=100kHz" },
      { "in Xen, with `masked` set", "in a list of tasklets", "in the handler of a running vCPU",
        "in the virtual IRR of a preempted vCPU", "in the virtual IRR of a running vCPU" } },
    { "one-msi.yaml",
      "softirq-requeue",
      { "devices.nic.arrivals.rate=100kHz" },
      { "being delivered by a pCPU", "in the IRR of a pCPU's LAPIC", "in the handler of a running vCPU",
        "in the virtual IRR of a preempted vCPU", "with the holder of its desc->lock" } },
    { "posted-overcommit.yaml", "softirq-requeue", { "devices.nic.arrivals.rate=100kHz" }, { NULL } },
    { "events.yaml",
      "softirq-requeue",
      { "devices.port.arrivals.rate=100kHz" },
      { "an event that a running vCPU has not taken", "with the holder of its desc->lock" } },
};

static size_t find(const char *const *places, const char *place)
{
    size_t i = 0;

    while (i < PLACES_MAX && places[i] != NULL && strcmp(places[i], place) != 0)
        i++;
    return i;
}

/* Notes the places of one result. */
static void look(const struct result *result, size_t row, bool *is_seen)
{
    for (size_t i = 0; i < result->stuck_count; i++) {
        const struct result_stuck *stuck = &result->stuck[i];
        size_t place = find(rows[row].places, stuck->place);

        if (stuck->is_lost)
            fail_msg("%s, %s: lost %s", rows[row].scenario, stuck->device, stuck->place);
        if (place < PLACES_MAX)
            is_seen[place] = true;
    }
}

static void what_is_under_way_is_not_lost(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        bool is_seen[PLACES_MAX] = { false };
        for (uint32_t end = 0; end < ENDS; end++) {
            char duration[48];
            const char *sets[SCENARIO_RUN_SETS] = { "run.drain=0ns", "run.warmup=1ms", duration };
            struct result result;

            for (size_t i = 0; rows[row].sets[i] != NULL; i++)
                sets[3 + i] = rows[row].sets[i];
            snprintf(duration, sizeof duration, "run.duration=%uns", 3000000 + end * 1700 + end * end * 13);
            scenario_run(&result, rows[row].scenario, rows[row].design, sets);
            look(&result, row, is_seen);
            result_free(&result);
        }
        for (size_t i = 0; i < PLACES_MAX && rows[row].places[i] != NULL; i++)
            if (!is_seen[i])
                fail_msg("%s: nothing was %s", rows[row].scenario, rows[row].places[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_under_way_is_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
