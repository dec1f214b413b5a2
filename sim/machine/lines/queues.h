/* SPDX-License-Identifier: Apache-2.0
 *
 * The contended lines at which something is due: they share one event slot of the machine.
 */
#ifndef MACHINE_LINES_QUEUES_H
#define MACHINE_LINES_QUEUES_H

#include <stdint.h>

struct contenders;
struct machine;

struct queues {
    uint32_t slot;
    struct contenders *first;
};

void queues_init(struct machine *machine);

#endif
