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
#include "models/host/workqueue.h"

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
    uint32_t who;                                         /* in traces; of a vCPU set by the family (host/trace.h) */
    void (*main)(struct cpu *cpu, struct thread *thread); /* must not return */
    void *context;
    struct thread *next; /* next thread of the host */

    enum thread_state state;
    bool has_permit;      /* woken while it was not asleep */
    bool is_preemptible;  /* in user mode: an interrupt that wakes a thread of this CPU may switch to it */
    struct list run_link; /* in its CPU's run queue, unless it is throttled */
    uint32_t throttles;
    bool is_vcpu; /* runs only when no other thread of its CPU is runnable */

    struct mutex *held; /* most recently acquired first */
    struct mutex *waits_for;
    struct work_entry barrier; /* in a queue while it flushes an item of that queue */
    struct work *cancels;      /* waits for another thread that cancels this item already */
    const char *waits_at;      /* step of the wait */
    struct list wait_link;     /* in the queue of that mutex or item */
    struct worker *worker;     /* NULL: it is no worker of a work queue */

    /* State of the CPU, saved while the thread is not on it. */
    uint32_t interrupt_depth;
    bool irq_on;
    enum cpu_category category;
};

/* Creates a thread that is runnable from boot. The caller owns the struct; everything else lies in the machine's arena.
 */
void thread_init(struct host *host, struct thread *thread, const char *name, uint32_t cpu,
                 void (*main)(struct cpu *cpu, struct thread *thread), void *context);

/* At boot: the thread sleeps until it is woken for the first time. */
void thread_init_asleep(struct thread *thread);

/* Puts the current thread to sleep until it is woken; returns at once if it has been woken since the last call. May
 * return without a wake-up: call it in a loop that checks the condition. */
void thread_block(struct cpu *cpu);

/* Makes the thread runnable, at the end of its CPU's run queue, and tells that CPU to reschedule. From any context. */
void thread_wake(struct cpu *cpu, struct thread *thread);

/* Spends cycles in user mode, `mean` on average; a thread woken on this CPU may preempt it. */
void thread_work(struct cpu *cpu, cycles mean);

/* Keeps the thread off its CPU, from its next return to user or guest mode or its next wake-up, until each call with
 * is_off has been undone. Other threads get its time. The call itself takes no time and needs no CPU. */
void thread_throttle(struct thread *thread, bool is_off);

/* Lets a woken thread of this CPU run. Not while a spinlock is held. */
void thread_reschedule(struct cpu *cpu);

/* The name of a step for a message; "?" where none was set. */
static inline const char *step_text(const char *step) { return step != NULL ? step : "?"; }

#endif
