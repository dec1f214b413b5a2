/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes records of a Linux host's events, whichever reader they come from: text, or a file of trace-cmd. Events are
 * handed over in ascending order of time.
 */
#ifndef FORMATS_LINUX_HOST_H
#define FORMATS_LINUX_HOST_H

#include "formats/recordings.h"

/* What every event says. */
struct linux_at {
    uint64_t ns;
    uint32_t cpu;
    int32_t tid, tgid; /* of the current thread and its process; -1: unknown */
    const char *comm;  /* of the current thread; NULL: unknown */
    bool ends;         /* the event ends what the thread did before: a VM exit, or a switch from it */
};

struct linux_task {
    const char *comm;
    int32_t pid; /* of the thread */
};

enum linux_wake {
    LINUX_WAKING,    /* sched_waking: on the CPU of the waker, when it begins */
    LINUX_WAKEUP,    /* sched_wakeup: the thread is runnable */
    LINUX_WAKEUP_NEW /* of a thread that was created */
};

struct linux_host;

struct linux_host *linux_host_new(struct recorded *recorded, const struct recording_choice *choice);
void linux_host_free(struct linux_host *host);

/* Each returns NULL, or a sentence that says why the event cannot be taken. */

/* To be called first for each event: any event tells time, CPU and the current thread. */
const char *linux_event(struct linux_host *host, const struct linux_at *at);

/* sched_switch; `blocks`: the thread that leaves is not runnable; `dies`: it has exited. */
const char *linux_switch(struct linux_host *host, const struct linux_at *at, struct linux_task previous, bool blocks,
                         bool dies, struct linux_task next);
const char *linux_waking(struct linux_host *host, const struct linux_at *at, enum linux_wake wake,
                         struct linux_task task, uint32_t target_cpu);
const char *linux_migrate(struct linux_host *host, const struct linux_at *at, struct linux_task task, uint32_t cpu);
/* A thread is given another name. tgid: -1 if unknown. */
const char *linux_rename(struct linux_host *host, int32_t pid, int32_t tgid, const char *comm);

/* A handler of the line begins and ends. */
const char *linux_irq_entry(struct linux_host *host, const struct linux_at *at, uint32_t irq, const char *name);
const char *linux_irq_exit(struct linux_host *host, const struct linux_at *at, uint32_t irq, bool is_handled);
/* `kind`: TRACE_SOFTIRQ_RAISE, _ENTRY or _EXIT. `name` may be NULL. */
const char *linux_softirq(struct linux_host *host, const struct linux_at *at, enum trace_kind kind, uint32_t vector,
                          const char *name);

/* kvm_msi_set_irq and kvm_apic_accept_irq: the local APIC `apic` gets the vector. */
const char *linux_kvm_msi(struct linux_host *host, const struct linux_at *at, uint32_t apic, uint32_t vector);
const char *linux_kvm_accept(struct linux_host *host, const struct linux_at *at, uint32_t apic, uint32_t vector);
const char *linux_kvm_inject(struct linux_host *host, const struct linux_at *at, uint32_t vector);
/* kvm_vcpu_wakeup: the current thread had been halted for `ns`, or was woken after it had polled for `ns`. */
const char *linux_kvm_wakeup(struct linux_host *host, const struct linux_at *at, bool has_polled, uint64_t ns);
/* `vcpu`: -1 if the event does not say it. */
const char *linux_kvm_entry(struct linux_host *host, const struct linux_at *at, int32_t vcpu);
const char *linux_kvm_exit(struct linux_host *host, const struct linux_at *at, int32_t vcpu, const char *reason);

/* An event of irqpath's own in its trace.dat; `text` is changed. */
bool linux_is_ours(const char *event);
const char *linux_ours(struct linux_host *host, const struct linux_at *at, const char *event, char *text);

/* `count` events are missing here; 0: it is not known how many. */
const char *linux_lost(struct linux_host *host, const struct linux_at *at, uint64_t count);

/* Names the threads and guests, and finishes the recording. */
const char *linux_finish(struct linux_host *host);

#endif
