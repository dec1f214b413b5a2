/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads and the scheduler of the host.
 */
#ifndef HOST_THREAD_H
#define HOST_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "engine/actor.h"
#include "machine/cpu.h"

struct host;
struct host_cpu;
struct mutex;

enum thread_state { THREAD_RUNNING, THREAD_RUNNABLE, THREAD_ASLEEP };

struct thread {
    struct actor actor;
    struct host *host;
    struct host_cpu *on;
    const char *name; /* "vcpu0", "main-loop" */
    uint32_t id;
    void (*main)(struct cpu *cpu, struct thread *thread); /* must not return */
    void *context;
    struct thread *next; /* of the host */

    enum thread_state state;
    bool has_permit;      /* woken while it did not sleep */
    bool is_preemptible;  /* in user mode: an interrupt that wakes somebody here may switch */
    struct list run_link; /* in its CPU's run queue, unless it is throttled */
    uint32_t throttles;
    bool is_vcpu; /* runs only when no other thread of its CPU wants to */

    struct mutex *held; /* the last one taken first */
    struct mutex *waits_for;
    const char *waits_at;  /* step that waits */
    struct list wait_link; /* among the waiters of that */

    /* The CPU's, while the thread is off it. */
    uint32_t interrupt_depth;
    bool irq_on;
    enum cpu_category category;
};

/* Runnable from boot on. All memory is the host's arena's, the thread's own struct is the caller's. */
void thread_init(struct host *host, struct thread *thread, const char *name, uint32_t cpu,
                 void (*main)(struct cpu *cpu, struct thread *thread), void *context);

/* Sleeps until somebody wakes it, or returns at once if somebody has since the last call. May return for no reason:
 * call it in a loop over the condition. */
void thread_block(struct cpu *cpu);

/* From any context. Onto its CPU's run queue, ahead of nobody; the CPU is told to reschedule. */
void thread_wake(struct cpu *cpu, struct thread *thread);

/* User-mode work of this length; a thread woken on this CPU takes over within it. */
void thread_work(struct cpu *cpu, cycles mean);

/* Off its CPU from its next return to user or guest mode, or its next wake-up, on, until as often told otherwise:
 * others have its time. Not on a CPU, and takes none. */
void thread_throttle(struct thread *thread, bool is_off);

/* Lets others of this CPU run if one of them was woken. Not while a spinlock is held. */
void thread_reschedule(struct cpu *cpu);

#endif
