/* SPDX-License-Identifier: Apache-2.0
 *
 * Halt polling of KVM: after HLT a vCPU looks for an interrupt for some time before its thread sleeps.
 */
#ifndef HOST_HALT_POLL_H
#define HOST_HALT_POLL_H

#include <stdbool.h>

#include "base/cycles.h"

struct cpu;
struct vcpu;

void halt_poll_init(struct vcpu *vcpu);

/* Polls, on the vCPU's thread outside of the guest; returns whether an interrupt is pending. */
bool halt_poll(struct cpu *cpu, struct vcpu *vcpu);

/* Adapts the time for which the vCPU will poll to the length of a halt, polling included. */
void halt_poll_adapt(struct vcpu *vcpu, cycles halted);

#endif
