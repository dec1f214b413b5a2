/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines on which a burst of attempts is under way: they share one event slot of the machine.
 */
#ifndef MACHINE_SPIN_BURST_H
#define MACHINE_SPIN_BURST_H

#include <stdint.h>

struct machine;
struct waiters;

struct bursts {
    uint32_t slot;
    struct waiters *first;
};

void bursts_init(struct machine *machine);

#endif
