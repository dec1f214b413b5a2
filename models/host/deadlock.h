/* SPDX-License-Identifier: Apache-2.0
 *
 * The detection of threads that wait for each other: for mutexes, and for work items that they flush or cancel.
 */
#ifndef HOST_DEADLOCK_H
#define HOST_DEADLOCK_H

#include "machine/property.h"

struct cpu;
struct thread;

/* The thread begins to wait. If the chain of those it waits for leads back to it, that is a deadlock: a violation when
 * explored; a timed run counts it and leaves the threads asleep. */
void deadlock_check(struct cpu *cpu, const struct thread *thread);

/* Broken at the end of an execution by threads that wait for a mutex or a work item for ever; the text lists each
 * thread. For the invariants of families. */
extern const struct property host_deadlock;

#endif
