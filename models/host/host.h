/* SPDX-License-Identifier: Apache-2.0
 *
 * A Linux host that runs QEMU, as far as the path of an interrupt needs it: threads on host CPUs, sleeping mutexes,
 * kernel spinlocks (models/locks) and rwlocks, eventfds, poll loops, work queues, and vCPU threads in KVM_RUN, with a
 * header of this folder for each. The families qemu, vfio and nvme share it. Left out: migration of threads between
 * CPUs, time slices (a thread that never blocks keeps the CPU until another of its threads is woken), priorities,
 * signals, memory.
 *
 * Each thread has a stack of its own, an engine actor; a CPU is one struct cpu, whichever thread runs on it. A context
 * switch is a direct switch of stacks (cpu_exchange): the clock, the LAPIC, the cache lines and the interrupt nesting
 * belong to the CPU, and one thread at a time uses them. The explorer copies the stacks of all actors.
 *
 * Rules for code that runs here:
 *
 * - A first parameter `struct cpu *cpu` means "runs on this CPU, in its current thread or in an interrupt above it".
 * - Threads stay on their CPU, so that `cpu` remains valid across thread_block.
 * - Read and write plain fields only between two verbs, where nothing suspends, and after cpu_settle. State that other
 *   CPUs may change between two steps of this CPU is a word; each access is a choice point of `explore`.
 * - Interrupt handlers, wake-up callbacks and holders of spinlocks must not block.
 * - A guest's code is straight-line C above the vcpu_* functions; a VM exit is a call.
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
    struct workqueue *worker; /* NULL when none is needed */
    uint32_t next_vector;
    struct host_irq irqs[256];
};

struct host_statistics {
    uint64_t wakes, context_switches, vmexits, kicks, irqs, work_items, halt_polls, halt_polls_met;
    cycles halt_polled; /* time for which vCPUs polled */
};

/* Counted from boot, including the warm-up. */
struct host_faults {
    uint64_t deadlocks;  /* threads that wait for a lock for ever; a timed run continues without them */
    uint64_t lock_order; /* mutexes acquired against their rank */
};

struct host {
    struct machine *machine;
    const struct host_costs *costs;
    const struct halt_poll_setup *halt_poll;
    struct host_cpu *cpus;
    struct thread *threads; /* all threads, linked by `next` */
    uint32_t thread_count;
    struct lock_system *locks;
    struct lock_class *wqh_class; /* of all eventfds */
    cycles measured_from;
    struct host_statistics statistics;
    struct host_faults faults;
    void *model; /* the family's model */
};

/* Number of engine slots that `threads` threads need in addition to those of the machine. */
static inline uint32_t host_slots(uint32_t threads) { return threads; }

/* Creates the host in the machine's arena and sets machine->hypervisor to it. A model's boot calls it first and creates
 * threads afterwards. */
struct host *host_boot(struct machine *machine, const struct setup *setup);

/* Resets the counters of the host; the family resets its own. */
void host_measure(struct host *host);

/* Reports lock_metric_table, cpu_metric_table and host_metric_table. */
void host_report(struct host *host, struct metrics *metrics);

extern const struct metric_table host_metric_table;

static inline struct host *host_of(const struct cpu *cpu) { return cpu->machine->hypervisor; }
static inline struct host_cpu *host_cpu_of(const struct cpu *cpu) { return &host_of(cpu)->cpus[cpu->id]; }
static inline struct thread *thread_current(const struct cpu *cpu) { return host_cpu_of(cpu)->current; }
static inline const struct host_costs *host_costs(const struct cpu *cpu) { return host_of(cpu)->costs; }

#endif
