/* SPDX-License-Identifier: Apache-2.0
 *
 * A Linux host with QEMU on it, as far as an interrupt's path needs one: threads on host CPUs, sleeping mutexes,
 * kernel spinlocks (models/locks) and rwlocks, eventfds, poll loops, work queues, and vCPU threads in KVM_RUN. Shared
 * by the families qemu, vfio and nvme. Left out: migration of threads between CPUs, time slices (a thread that never
 * blocks keeps others off its CPU until one of them is woken), priorities, signals, memory.
 *
 * A thread has a stack of its own, an engine actor; a CPU is one struct cpu, whatever thread is on it. A context
 * switch is a direct switch of stacks (cpu_exchange): the CPU's clock, LAPIC, cache lines and interrupt nesting stay
 * the CPU's, one thread at a time can use them, and the explorer, which knows the stacks of actors, copies all of them.
 *
 * Rules for code that runs here:
 * - `struct cpu *cpu` first means "runs on this CPU, in its current thread or in an interrupt over it".
 * - Threads stay on their CPU, so that `cpu` stays valid across thread_block.
 * - Plain fields are read and written only between two verbs: nothing suspends there. Before that, cpu_settle. Words
 *   are for what other CPUs may change between two steps of this one; each access is a choice point of explore.
 * - Interrupt handlers, wake-up callbacks and holders of spinlocks must not block.
 * - A guest's code is straight-line C above vcpu_* verbs; an exit is a call.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/metric.h"
#include "machine/cpu.h"
#include "machine/names.h"
#include "machine/notes.h"
#include "machine/property.h"
#include "machine/violation.h"
#include "models/host/hooks.h"
#include "models/locks/lock.h"
#include "models/family/setup.h"
#include "models/host/costs.h"

struct device_vector;
struct host;
struct mutex;
struct thread;

/* --- host.c: the host and its CPUs --- */

typedef void host_irq_handler(struct cpu *cpu, void *argument);

struct host_irq {
    host_irq_handler *handler;
    void *argument;
};

struct host_cpu {
    struct host *host;
    struct cpu *cpu;
    struct thread *current, *idle;
    struct list runq;
    bool need_resched;
    uint32_t next_vector;
    struct host_irq irqs[256];
};

struct host_statistics {
    uint64_t wakes, context_switches, vmexits, kicks, irqs, work_items;
};

/* Since boot. */
struct host_faults {
    uint64_t deadlocks;  /* threads that hang for ever in a lock: timed runs go on without them */
    uint64_t lock_order; /* mutexes taken against their rank */
};

struct host {
    struct machine *machine;
    const struct host_costs *costs;
    struct host_cpu *cpus;
    struct thread *threads; /* all, linked */
    uint32_t thread_count;
    struct lock_system *locks;
    struct lock_class *wqh_class; /* of all eventfds */
    cycles measured_from;
    struct host_statistics statistics;
    struct host_faults faults;
    void *model; /* the family's own */
};

/* Slots of the engine that `threads` threads need besides the machine's. */
static inline uint32_t host_slots(uint32_t threads) { return threads; }

/* First in a model's boot; threads are created after it. machine->hypervisor becomes the host. */
struct host *host_boot(struct machine *machine, const struct setup *setup);

/* An interrupt of the host: the handler runs in hard-interrupt context after the EOI. Returns its vector. */
uint32_t host_irq_add(struct host *host, uint32_t cpu, host_irq_handler *handler, void *argument);

/* What host_interrupt does between its EOI and its look for a woken thread, for a family's own entry. */
void host_irq_call(struct cpu *cpu, uint32_t vector);

/* Counters restart; the family's own are its own. */
void host_measure(struct host *host);

/* The locks', the pCPUs' and host_metric_table. */
void host_report(struct host *host, struct metrics *metrics);

extern const struct metric_table host_metric_table;

/* At the end: threads that wait for a mutex for ever, thread by thread, lock by lock. For struct model's invariants. */
extern const struct property host_deadlock;

static inline struct host *host_of(const struct cpu *cpu) { return cpu->machine->hypervisor; }
static inline struct host_cpu *host_cpu_of(const struct cpu *cpu) { return &host_of(cpu)->cpus[cpu->id]; }
static inline struct thread *thread_current(const struct cpu *cpu) { return host_cpu_of(cpu)->current; }
static inline const struct host_costs *host_costs(const struct cpu *cpu) { return host_of(cpu)->costs; }

/* --- thread.c: threads and the scheduler --- */

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

/* --- mutex.c --- */

/* A sleeping lock that knows its owner. Not recursive: taken again by its owner, or in a cycle of waiting threads, it
 * is a deadlock: a violation when explored; a timed run counts it and leaves the threads hanging. Whoever is woken
 * tries again, so that others may overtake. rank: a thread takes mutexes in ascending rank; 0: any order. */
struct mutex {
    struct host *host;
    struct lock_class *class;
    const char *name;
    uint32_t rank;
    struct line line;
    struct word word; /* owner's id + 1; 0: free */
    struct list waiters;
    struct thread *owner;
    const char *where; /* the owner's step that took it */
    cycles since;
    struct mutex *next_held;
};

void mutex_init(struct host *host, struct mutex *mutex, const char *name, uint32_t rank);

/* The step's name of the caller (machine/cpu.h) is kept for reports: mutex_lock(step(cpu, "B1"), ...). */
void mutex_lock(struct cpu *cpu, struct mutex *mutex);
void mutex_unlock(struct cpu *cpu, struct mutex *mutex);
static inline bool mutex_is_mine(const struct cpu *cpu, const struct mutex *mutex)
{
    return mutex->owner == thread_current(cpu);
}

/* --- rwlock.c: kernel rwlock_t; waiting spins --- */

struct rwlock {
    struct line line;
    struct word word; /* readers; RWLOCK_WRITER */
};

void rwlock_init(struct host *host, struct rwlock *lock, const char *name);
/* Interrupts off while it is held; return whether they were on. */
bool read_lock_irqsave(struct cpu *cpu, struct rwlock *lock);
void read_unlock_irqrestore(struct cpu *cpu, struct rwlock *lock, bool was_on);
bool write_lock_irqsave(struct cpu *cpu, struct rwlock *lock);
void write_unlock_irqrestore(struct cpu *cpu, struct rwlock *lock, bool was_on);

/* --- eventfd.c: eventfds and the poll loops of user-space threads --- */

struct poller;

struct eventfd {
    struct host *host;
    struct lock wqh; /* the wait queue's, around count and wake-up */
    uint64_t count;
    /* irqfd: runs in the signaller's context, under wqh, interrupts off. */
    void (*wakeup)(struct cpu *cpu, struct eventfd *eventfd);
    void *wakeup_context;
    /* A poll loop: runs in its thread when the eventfd is readable. */
    struct poller *poller;
    void (*handler)(struct cpu *cpu, struct eventfd *eventfd);
    void *context;
    struct eventfd *next; /* of the poller */
};

struct poller {
    struct thread thread;
    struct eventfd *eventfds;
    cycles dispatch; /* from ppoll's return to a handler */
};

void eventfd_init(struct host *host, struct eventfd *eventfd);
void eventfd_signal(struct cpu *cpu, struct eventfd *eventfd);
/* Whether there was something; the count is 0 afterwards. */
bool eventfd_read(struct cpu *cpu, struct eventfd *eventfd);

void poller_init(struct host *host, struct poller *poller, const char *name, uint32_t cpu);
void poller_add(struct poller *poller, struct eventfd *eventfd,
                void (*handler)(struct cpu *cpu, struct eventfd *eventfd), void *context);

/* --- workqueue.c --- */

struct work {
    void (*function)(struct cpu *cpu, struct work *work);
    void *context;
    struct line line;
    struct word pending;
    struct list link;
    bool is_running;
    struct thread *flusher; /* wants to know when it is done */
};

struct workqueue {
    struct thread thread; /* its one worker */
    struct list items;
};

void workqueue_init(struct host *host, struct workqueue *queue, const char *name, uint32_t cpu);
void work_init(struct host *host, struct work *work, void (*function)(struct cpu *cpu, struct work *work),
               void *context);
/* False: it is queued already. From any context. */
bool work_queue(struct cpu *cpu, struct workqueue *queue, struct work *work);
/* Until the item neither is queued nor runs; one thread at a time. Not from a worker. */
void work_flush(struct cpu *cpu, struct work *work);

/* --- vcpu.c: a vCPU thread --- */

/* What KVM calls vcpu->mode, and whether kvm_vcpu_block sleeps. */
enum vcpu_mode { VCPU_OUTSIDE, VCPU_IN_GUEST, VCPU_BLOCKED };

#define VCPU_VECTORS 64
#define VCPU_UPCALL VCPU_VECTORS /* the "vector" of an interrupt that `wants_upcall` asked for */

struct vcpu;

struct vcpu_operations {
    /* The guest's life, from its first entry on, virtual interrupts on; must not return. */
    void (*main)(struct cpu *cpu, struct vcpu *vcpu);
    /* The guest takes a virtual interrupt, with virtual interrupts off until it returns. */
    void (*interrupt)(struct cpu *cpu, struct vcpu *vcpu, uint32_t vector);
    /* At VM entry, and before it blocks: is there one besides the vectors? Or NULL. */
    bool (*wants_upcall)(struct cpu *cpu, struct vcpu *vcpu);
};

struct vcpu {
    struct thread thread;
    const struct vcpu_operations *operations;
    uint32_t id;
    void *context;
    enum vcpu_mode mode;
    struct line line;
    struct word irr;   /* vectors 0..63 that wait; the highest goes first */
    bool irq_on;       /* the guest's interrupt flag */
    bool wants_window; /* something waits for it */
    uint32_t injected; /* at the last entry: vector + 1 */
    bool is_posted;    /* some device's interrupts are */
    bool is_computing; /* never halts when idle */
    bool is_pause_wanted, is_paused;
    struct thread *pauser; /* to be woken when it is */
    uint64_t exits;
};

void vcpu_init(struct host *host, struct vcpu *vcpu, const char *name, uint32_t cpu,
               const struct vcpu_operations *operations, void *context);

/* Between two instructions of the guest: whatever host or virtual interrupt is due goes first. Explored, the access
 * that follows belongs to the same step. */
void vcpu_border(struct cpu *cpu, struct vcpu *vcpu);

/* Guest work of this length, interruptible. */
void vcpu_compute(struct cpu *cpu, struct vcpu *vcpu, cycles work);

/* Until a virtual interrupt has been taken: HLT, or computing if it never halts. */
void vcpu_idle(struct cpu *cpu, struct vcpu *vcpu);

/* A VM exit, and the way back: what is between runs in the vCPU thread's kernel context. */
void vcpu_exit(struct cpu *cpu, struct vcpu *vcpu);
void vcpu_enter(struct cpu *cpu, struct vcpu *vcpu);

/* Out of KVM_RUN to the VMM and back, after vcpu_exit. */
void vcpu_userspace_begin(struct cpu *cpu, struct vcpu *vcpu);
void vcpu_userspace_end(struct cpu *cpu, struct vcpu *vcpu);

/* From anywhere: sets the vector's bit and kicks. False: it was set. */
bool vcpu_interrupt(struct cpu *cpu, struct vcpu *vcpu, uint32_t vector);

/* From anywhere, after something it looks at on entry has changed: out of the guest, or out of its sleep. */
void kvm_vcpu_kick(struct cpu *cpu, struct vcpu *vcpu);

/* From another thread: the vCPU stops before its next VM entry; wait until it has; and on. */
void vcpu_pause(struct cpu *cpu, struct vcpu *vcpu);
void vcpu_wait_paused(struct cpu *cpu, struct vcpu *vcpu);
void vcpu_resume(struct cpu *cpu, struct vcpu *vcpu);

/* Posted interrupts: a device's messages set this bit of the vCPU's irr without anybody's help; a vCPU in the guest
 * takes a notification there, without an exit, one that blocks is woken. One vCPU of a pCPU. */
struct vcpu_posting {
    struct vcpu *vcpu;
    uint32_t vector;
};

void vcpu_post_from(struct device_vector *vector, struct vcpu_posting *posting);

/* The guest's access of a word that others change. */
static inline struct cpu *vcpu_at(struct cpu *cpu, struct vcpu *vcpu)
{
    vcpu_border(cpu, vcpu);
    return cpu;
}

#endif
