/* SPDX-License-Identifier: Apache-2.0
 *
 * What a CPU has to itself other than by one and the same lock. In Xen a vCPU belongs to the pCPU that it is current
 * on; its scheduling state to who holds the schedule_lock of the pCPU that it is on, which changes only while those of
 * both pCPUs are held; its place on a blocking list to who holds the lock that pi_blocking.lock names.
 */
#ifndef PLAIN_OWNED_H
#define PLAIN_OWNED_H

#include <stdint.h>

struct actor;
struct cpu;
struct explore_world;

enum plain_owned { PLAIN_OWNED_VCPU, PLAIN_OWNED_SCHEDULING, PLAIN_OWNED_BLOCKING, PLAIN_OWNED_WORDS };

/* Sets bit i of each word for vCPU i, modulo 64. */
void plain_owned(const struct explore_world *world, const struct cpu *cpu, const struct actor *actor,
                 uint64_t words[PLAIN_OWNED_WORDS]);

/* "its current vCPU" */
const char *plain_owned_name(uint32_t word);

#endif
