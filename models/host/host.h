/* SPDX-License-Identifier: Apache-2.0
 *
 * A Linux host with QEMU on it, as far as an interrupt's path needs one: threads on host CPUs, sleeping mutexes,
 * kernel spinlocks (models/locks) and rwlocks, eventfds, poll loops, work queues, and vCPU threads in KVM_RUN; a header
 * of this folder each. Shared by the families qemu, vfio and nvme. Left out: migration of threads between CPUs, time
 * slices (a thread that never blocks keeps others off its CPU until one of them is woken), priorities, signals, memory.
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
#include "machine/violation.h"
#include "models/family/setup.h"
#include "models/host/costs.h"
#include "models/host/irq.h"
#include "models/locks/lock.h"

struct device;
struct thread;
struct workqueue;

struct host_cpu {
    struct host *host;
    struct cpu *cpu;
    struct thread *current, *idle;
    struct list runq;
    bool need_resched;
    struct workqueue *worker; /* NULL where none is needed */
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

/* Counters restart; the family's own are its own. */
void host_measure(struct host *host);

/* The locks', the pCPUs' and host_metric_table. */
void host_report(struct host *host, struct metrics *metrics);

extern const struct metric_table host_metric_table;

static inline struct host *host_of(const struct cpu *cpu) { return cpu->machine->hypervisor; }
static inline struct host_cpu *host_cpu_of(const struct cpu *cpu) { return &host_of(cpu)->cpus[cpu->id]; }
static inline struct thread *thread_current(const struct cpu *cpu) { return host_cpu_of(cpu)->current; }
static inline const struct host_costs *host_costs(const struct cpu *cpu) { return host_of(cpu)->costs; }

#endif
