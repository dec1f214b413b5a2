/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures the cost of an uncontended acquisition and release, and the rate at which two cores hand over a lock that
 * both take in a tight loop.
 */
#include "calibrate/calibrate.h"
#include "calibrate/lock_native.h"
#include "models/locks/list.h"

static void lock_record(struct calibration *calibration, const struct native_loop *loop)
{
    char name[sizeof(calibration->quantities[0].name)];
    double each = native_loop_run(&calibration->host, loop);

    (void)snprintf(name, sizeof(name), "lock_%s_%s", lock_kinds[loop->kind].name,
                   loop->threads == 1 ? "alone" : "hand_over");
    if (each > 0)
        quantity_record(calibration, name, DISTANCE_NONE, UNIT_CYCLES, each, "a loop of acquire and release");
}

void calibrate_locks(struct calibration *calibration)
{
    uint32_t cpus[2], cores = native_cores(&calibration->host, cpus, 2);

    if (cores < 2)
        quantity_skip(calibration, "lock_*_hand_over", "this process has one core");
    for (uint32_t round = 0; round < calibration->rounds; round++)
        for (uint32_t kind = 0; kind < lock_kind_count; kind++)
            for (uint32_t threads = 1; threads <= cores; threads++) {
                struct native_loop loop = { .kind = kind, .threads = threads, .acquisitions = calibration->iterations };
                lock_record(calibration, &loop);
            }
}
