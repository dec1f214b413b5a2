/* SPDX-License-Identifier: Apache-2.0
 *
 * An explored vector: it may raise a bounded number of interrupts, each at any time and at any pCPU that its message
 * may reach. It has a slot for each of these pCPUs, pending as long as it may raise one. Used by device.c and the
 * exhaustive policy only.
 */
#ifndef MACHINE_DEVICES_DEVICE_TARGETS_H
#define MACHINE_DEVICES_DEVICE_TARGETS_H

struct device_vector;

void device_targets_init(struct device_vector *vector);

/* Sets the slots after a change of what the vector may raise. */
void device_targets_update(struct device_vector *vector);

/* A handler begins: it answers one message. */
void device_targets_answer(struct device_vector *vector);

#endif
