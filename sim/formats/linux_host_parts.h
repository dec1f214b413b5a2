/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of a Linux host while its events become records; private to linux_host*.c.
 */
#ifndef FORMATS_LINUX_HOST_PARTS_H
#define FORMATS_LINUX_HOST_PARTS_H

#include <stdio.h>

#include "base/intern.h"
#include "formats/linux_host.h"
#include "trace/opening.h"

enum { LINUX_RUNNING, LINUX_RUNNABLE, LINUX_BLOCKED, LINUX_OFFLINE, LINUX_UNKNOWN };

enum {
    LINUX_COMM_BYTES = 40,
    LINUX_ASKED_MAX = 32, /* actions of a line that are told apart */
    LINUX_SOFTIRQS = 32,
    LINUX_VCPUS_MAX = 4096, /* of a guest: KVM has no more */
};

/* In records, until linux_finish: a thread, the guest of a thread, or a local APIC that an interrupt is for. */
#define LINUX_WHO_THREAD 0x80000000u
#define LINUX_WHO_GUEST 0x40000000u
#define LINUX_WHO_TARGET 0xc0000000u
#define LINUX_WHO_INDEX 0x3fffffffu
#define LINUX_NO_THREAD UINT32_MAX

struct linux_thread {
    int32_t pid, tgid; /* tgid: -1 if unknown */
    char comm[LINUX_COMM_BYTES];
    uint32_t next_of_pid; /* an earlier thread with the same number, or LINUX_NO_THREAD */
    bool is_vcpu;
    int32_t vcpu; /* -1: unknown */
    uint8_t state;
    uint32_t cpu;
    uint64_t left_ns;   /* when it blocked */
    uint64_t since_ns;  /* of its state */
    bool is_used;       /* a record has it */
    bool is_dead;       /* its number may be given to another thread */
    bool is_woken;      /* since it was last switched in */
    bool is_waking;     /* a sched_waking whose sched_wakeup has not come */
    bool has_record;    /* of its state */
    size_t unsure;      /* its first record, which says that it was runnable before; SIZE_MAX: none */
    uint32_t flow;      /* of the interrupt it was woken for */
    uint32_t msi_flow;  /* of its last MSI */
    uint32_t injecting; /* vector that the next entry injects; 0: none */
    uint32_t injecting_flow;
    uint32_t who; /* from linux_finish on */
};

/* The first end of an interrupt or softirq of a CPU, if no beginning of one, no switch and no gap was before it. */
struct linux_begun {
    bool is_known; /* no such end may come any more, or it has come: */
    bool has_end;
    uint32_t number;
    uint64_t end_ns;
};

struct linux_cpu {
    uint32_t current; /* LINUX_NO_THREAD: unknown, if it is not idle */
    uint64_t last_ns; /* its last event; 0: it has had none */
    bool is_idle;     /* the idle thread is current */
    bool has_idle_record;
    bool is_in_irq;     /* a handler is in progress */
    bool is_irq_open;   /* an interrupt's TRACE_IRQ_EXIT is still to be written */
    bool is_in_softirq; /* and which */
    uint32_t irq, irq_flow, action;
    uint32_t asked[LINUX_ASKED_MAX], asked_count;
    uint64_t irq_ns, irq_exit_ns;
    uint32_t softirq, softirq_flow[LINUX_SOFTIRQS];
    uint32_t recent_flow; /* of the last interrupt, until another thread runs */
    uint64_t recent_ns;
    uint32_t msi_flow;
    uint32_t our_waits, our_held; /* locks, of irqpath's own events */
    struct linux_begun begun_irq, begun_softirq;
};

/* A wake-up as KVM tells it. */
struct linux_halt {
    uint64_t ns, halted_ns;
    uint64_t left_ns; /* when the thread had blocked; 0: not known */
    uint32_t thread, cpu;
};

struct linux_target {
    int32_t tgid; /* of the process that interrupts; -1: unknown */
    uint32_t apic;
    uint32_t who;
};

struct linux_host {
    struct recorded *recorded;
    const struct recording_choice *choice;
    bool has_begun, is_open, is_over; /* the part to read */
    bool has_switch, has_waking, has_irq_entry, has_irq_exit, has_softirq;
    uint64_t first_ns, now_ns;    /* of the recording; of this event */
    struct trace_opening opening; /* follows what is before the part, if the part is not the whole */
    struct linux_thread *threads;
    uint32_t thread_count;
    uint32_t **of_pid; /* pages of the newest thread of each number */
    struct linux_cpu cpus[RECORDING_CPUS_MAX];
    struct linux_halt *halts;
    size_t halt_count;
    struct intern target_numbers; /* by process and local APIC */
    struct linux_target *targets; /* [target_numbers.count] */
    struct intern actions;        /* by line and name */
    struct intern exits;          /* by reason */
    struct intern lock_numbers;   /* by number and class, of irqpath's own events */
    char **irq_names;
    uint32_t irq_count;
    char *softirq_names[LINUX_SOFTIRQS];
    uint32_t flows;
    bool is_ours;                        /* a trace of irqpath */
    struct intern our_names;             /* of tasks in irqpath's own events */
    uint32_t *our_threads;               /* [our_names.count]: a thread + 1 with that name; 0: none yet */
};

/* Adds a record of this CPU, if its time is in the part to read; one from just before that part is moved to its
 * beginning. */
void linux_emit(struct linux_host *host, uint64_t ns, uint32_t cpu, enum trace_kind kind, uint32_t who, uint32_t flow,
                uint32_t a, uint64_t b);

/* The thread with that number, which is added if it is new. `comm` and `tgid` are noted if they are known. */
uint32_t linux_thread(struct linux_host *host, int32_t pid, int32_t tgid, const char *comm);

/* The newest thread that may have that number, or LINUX_NO_THREAD; the earlier ones follow by next_of_pid. */
uint32_t linux_newest(const struct linux_host *host, int32_t pid);

/* Changes the thread's state, and emits what that is. */
void linux_state(struct linux_host *host, uint32_t thread, uint64_t ns, uint32_t cpu, uint32_t state,
                 uint32_t assigned);

/* The interrupt whose work this CPU does; 0: none that is known. */
uint32_t linux_flow(const struct linux_host *host, const struct linux_at *at);

/* Ends the interrupt whose handlers have all returned. */
void linux_irq_close(struct linux_host *host, uint32_t cpu);
/* The same when a handler's exit is missing, because something happened at `ns` that no handler does. */
void linux_irq_end(struct linux_host *host, uint32_t cpu, uint64_t ns);

/* What the CPU had under way when the recording began has ended, if it had something. */
void linux_begun_is_known(struct linux_cpu *cpu);
/* In linux_finish: the interrupts and softirqs that were under way when the recording began. */
void linux_use_begun(struct linux_host *host);

/* The number of an exit's reason among those that occurred. */
uint32_t linux_exit_number(struct linux_host *host, const char *reason);

/* The numbers behind the name and number of a task in a trace of irqpath. */
bool linux_our_vcpu(const char *comm, int32_t pid, uint32_t *domain, uint32_t *vcpu);

static inline uint32_t linux_who(uint32_t thread) { return LINUX_WHO_THREAD | thread; }

#endif
