/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures the cost of an uncontended acquisition and release, and the rate at which two cores hand over a lock that
 * both take in a tight loop.
 */
#include "calibrate/calibrate.h"
#include "calibrate/lock_native.h"

#include <string.h>

void calibrate_locks(struct calibration *calibration)
{
    static const struct {
        enum lock_kind kind;
        const char *alone, *pair;
    } locks[] = {
        { LOCK_TTAS, "lock_ttas_alone", "lock_ttas_hand_over" },
        { LOCK_TICKET, "lock_ticket_alone", "lock_ticket_hand_over" },
        { LOCK_MCS, "lock_mcs_alone", "lock_mcs_hand_over" },
        { LOCK_SPINLOCK, "lock_spinlock_alone", "lock_spinlock_hand_over" },
    };
    uint32_t cpus[2], cores = native_cores(&calibration->host, cpus, 2);

    if (cores < 2)
        quantity_skip(calibration, "lock_*_hand_over", "this process has one core");
    for (uint32_t round = 0; round < calibration->rounds; round++)
        for (size_t i = 0; i < sizeof(locks) / sizeof(*locks); i++)
            for (uint32_t threads = 1; threads <= cores; threads++) {
                struct native_loop loop = { .kind = locks[i].kind,
                                            .threads = threads,
                                            .acquisitions = calibration->iterations };
                double each = native_loop_run(&calibration->host, &loop);
                if (each > 0)
                    quantity_record(calibration, threads == 1 ? locks[i].alone : locks[i].pair, DISTANCE_NONE,
                                    UNIT_CYCLES, each, "a loop of acquire and release");
            }
}
