/* SPDX-License-Identifier: Apache-2.0
 *
 * What a CPU has to itself other than by one and the same spinlock.
 *
 * In Xen a vCPU belongs to the pCPU that it is current on; its scheduling state to who holds the schedule_lock of the
 * pCPU that it is on, which changes only while those of both pCPUs are held; its place on a blocking list to who holds
 * the lock that pi_blocking.lock names. On a Linux host, a thread has the mutexes that it holds.
 */
#ifndef PLAIN_OWNED_H
#define PLAIN_OWNED_H

#include <stdint.h>

struct cpu;
struct explore_world;

enum plain_owned { PLAIN_OWNED_VCPU, PLAIN_OWNED_SCHEDULING, PLAIN_OWNED_BLOCKING, PLAIN_OWNED_WORDS };

/* Sets bits of the words: in Xen bit i of each for vCPU i, on a host bit i of the first one for mutex i; modulo 64. */
void plain_owned(const struct explore_world *world, const struct cpu *cpu, uint64_t words[PLAIN_OWNED_WORDS]);

/* Who runs on the CPU now: in Xen the pCPU itself, on a host the thread, or a handler of the CPU. */
uint32_t plain_runner(const struct explore_world *world, const struct cpu *cpu);

/* "its current vCPU" */
const char *plain_owned_name(uint32_t word);

#endif
