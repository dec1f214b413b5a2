/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of contended lines with requests or copies in progress. They share one event slot of the machine.
 */
#ifndef MACHINE_LINES_QUEUES_H
#define MACHINE_LINES_QUEUES_H

#include <stdint.h>

struct pollers;
struct machine;

struct queues {
    uint32_t slot;
    struct pollers *first;
};

void queues_init(struct machine *machine);

/* machine_settle */
void queues_settle(struct machine *machine);

#endif
