/* SPDX-License-Identifier: Apache-2.0
 *
 * The trace of a run. Records are emitted as things happen, kept outside the arena, and handed over in the order of
 * time at the end of each slice of the run, so that memory stays bounded. No part of a run reads the trace: results are
 * the same with and without it. When tracing is off (engine->trace is NULL), a record costs one predictable branch.
 *
 * An interrupt has one number (flow) from the device to the guest's handler.
 */
#ifndef ENGINE_TRACE_H
#define ENGINE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cycles.h"

/* The kinds of records, with the meaning of `who`, `a` and `b`. Unless stated otherwise the record describes an action
 * of `cpu`, and `who` is TRACE_NOBODY. */
enum trace_kind {
    TRACE_VCPU,          /* at boot: vCPU `who` is in state a on pCPU b */
    TRACE_RUNSTATE,      /* vCPU `who` changes from state a / 16 to a % 16; it is assigned to pCPU b */
    TRACE_SWITCH,        /* from vCPU b to vCPU `who` */
    TRACE_WAKE,          /* vCPU `who` */
    TRACE_BLOCK,         /* vCPU `who` */
    TRACE_RAISE,         /* interrupt a / 256 of `who` reaches the pCPU as vector a % 256; raised at time b */
    TRACE_ACCEPT,        /* the LAPIC accepts a new request: vector a */
    TRACE_IRQ_ENTRY,     /* vector a */
    TRACE_IRQ_EXIT,      /* vector a */
    TRACE_DO_IRQ,        /* the interrupt in progress is vector a, with number b in the domain of `who` */
    TRACE_SOFTIRQ_RAISE, /* number a at pCPU b */
    TRACE_SOFTIRQ_ENTRY, /* number a */
    TRACE_SOFTIRQ_EXIT,  /* number a */
    TRACE_FOR,           /* from here on the work in progress is for `who` */
    TRACE_LOCK_WAIT,     /* lock a, held by pCPU b (UINT32_MAX: by none) */
    TRACE_LOCK_ACQUIRE,  /* lock a; without a TRACE_LOCK_WAIT before it after a successful trylock */
    TRACE_LOCK_RELEASE,  /* lock a */
    TRACE_IDLE_ENTRY,
    TRACE_IDLE_EXIT,
    TRACE_VMEXIT,      /* of vCPU `who`; a: enum guest_exit */
    TRACE_VMENTRY,     /* of vCPU `who` */
    TRACE_PEND,        /* virtual vector a (0: event channel) is pending for vCPU `who` */
    TRACE_INJECT,      /* virtual vector a is injected into vCPU `who` */
    TRACE_HANDLER,     /* the guest's handler of vector a (0: event channel) begins */
    TRACE_HANDLER_END, /* the guest's handler ends */
    TRACE_IPI,         /* vector a to pCPU b */
    /* Of a Linux host only: */
    TRACE_ACTION,  /* action a of the line in progress was asked; b: 1 when its device had interrupted */
    TRACE_POLL,    /* the thread of vCPU `who` has polled for b ns until now; a: 1 when it was woken meanwhile */
    TRACE_DROPPED, /* a records are missing before this one, the first at time b */
    TRACE_KIND_COUNT,
};

#define TRACE_ALL_KINDS ((UINT64_C(1) << TRACE_KIND_COUNT) - 1)
#define TRACE_KIND(name) (UINT64_C(1) << TRACE_##name) /* in a bit set of kinds */
#define TRACE_NOBODY UINT32_MAX
#define TRACE_IDLE_DOMAIN 0x7fffu  /* contains the idle vCPUs of the pCPUs */
#define TRACE_WHOLE_DOMAIN 0xffffu /* vCPU number that stands for no particular vCPU */
#define TRACE_THREADS 0x7ffeu      /* contains the threads of a host that are no vCPUs */
#define TRACE_DOMAINS_MAX 0x7ffdu

static inline uint32_t trace_who(uint32_t domain, uint32_t vcpu) { return domain << 16 | vcpu; }
static inline uint32_t trace_domain(uint32_t who) { return who >> 16; }
static inline uint32_t trace_vcpu(uint32_t who) { return who & 0xffff; }
static inline bool trace_is_thread(uint32_t who) { return trace_domain(who) == TRACE_THREADS; }

struct trace_record {
    cycles time;
    uint64_t b;
    uint32_t who;
    uint32_t flow; /* number of the interrupt; 0: none */
    uint32_t a;
    uint16_t kind;
    uint16_t cpu;
};

struct trace_lock {
    const char *class_name;
    uint32_t number; /* within its class, from 0 */
};

/* Names by number; NULL where a number has none. */
struct trace_names {
    char **rows;
    uint32_t count;
};

#define TRACE_NO_IRQ UINT32_MAX

/* Receives records in ascending order of time; those of one pCPU are in the order of emission. */
typedef void trace_consumer(void *context, const struct trace_record *records, size_t count);

struct trace {
    uint64_t kinds;                       /* bit set of the kinds to record */
    struct trace_record *first, *records; /* first: some of time 0, before which none goes; then records */
    struct trace_record *scratch;         /* [capacity]: of trace_drain */
    size_t count, capacity, limit;
    size_t room;      /* the smaller of capacity and limit */
    bool is_unsorted; /* records are in the order of time but for some far away from their place */
    uint64_t dropped; /* since the start; each gap is marked by a TRACE_DROPPED */
    uint64_t gap;     /* records dropped since the last trace_drain */
    cycles gap_from;  /* time of the first of them */
    uint32_t flows;   /* numbers handed out so far */
    uint32_t cpu_count;
    cycles *held; /* [cpu_count]: from trace_hold; CYCLES_NEVER: the pCPU emits no record before now */
    cycles *last; /* [cpu_count]: time of the last record, apart from those whose time is never moved */
    struct trace_lock *locks;
    uint32_t lock_count, lock_capacity;
    const char *const *softirq_names; /* from trace_softirq_names */
    uint32_t softirq_count;
    const char *const *exit_names; /* from trace_exits; NULL: those of sim/trace/sink.h */
    uint32_t exit_count;
    struct trace_names threads, irqs, actions; /* of a Linux host */
    uint32_t *vector_irqs;                     /* [cpu_count * 256]; NULL: no interrupt has a number */
};

/* `kinds` is a bit set. While `limit` records wait for a trace_drain, only records of runstates are added. */
void trace_init(struct trace *trace, uint64_t kinds, uint32_t cpu_count, size_t limit);
void trace_free(struct trace *trace);

static inline bool trace_wants(const struct trace *trace, enum trace_kind kind)
{
    return (trace->kinds >> kind & 1) != 0;
}

/* Appends a record, or drops it if its kind is not wanted or the limit is reached. */
void trace_write(struct trace *trace, struct trace_record record);

/* The second half of a record, in registers. */
struct trace_words {
    uint64_t who_flow, a_kind_cpu;
};

static inline struct trace_words trace_words(uint32_t cpu, enum trace_kind kind, uint32_t who, uint32_t flow,
                                             uint32_t a)
{
    return (struct trace_words){ who | (uint64_t)flow << 32, a | (uint64_t)kind << 32 | (uint64_t)cpu << 48 };
}

/* trace_write of a wanted kind, for callers that may park: they build no record, whose address a call on AArch64 would
 * take, in a frame of their own (explore/code_liveness.h). */
void trace_add(struct trace *trace, cycles when, uint64_t b, struct trace_words words);

/* Registers a lock and returns its number in records; 0 if `trace` is NULL. */
uint32_t trace_lock_new(struct trace *trace, const char *class_name, uint32_t number);

/* Sets the names of the model's softirqs, which must outlive the trace; no effect if `trace` is NULL. */
static inline void trace_softirq_names(struct trace *trace, const char *const *names, uint32_t count)
{
    if (trace != NULL) {
        trace->softirq_names = names;
        trace->softirq_count = count;
    }
}

/* Sets the names of the reasons of VM exits, which must outlive the trace; no effect if `trace` is NULL. */
static inline void trace_exits(struct trace *trace, const char *const *names, uint32_t count)
{
    if (trace != NULL) {
        trace->exit_names = names;
        trace->exit_count = count;
    }
}

/* Names a new thread of the host, or a new action of interrupts, and returns its number. The trace keeps a copy. */
uint32_t trace_thread_new(struct trace *trace, const char *name);
uint32_t trace_action_new(struct trace *trace, const char *name);

/* Names the interrupt `number` that comes to pCPU `cpu` as `vector`, which is below 256. An interrupt may come to
 * several. */
void trace_irq_new(struct trace *trace, uint32_t cpu, uint32_t vector, uint32_t number, const char *name);

/* The number of the interrupt that comes to pCPU `cpu` as `vector`, or TRACE_NO_IRQ. */
uint32_t trace_irq_of(const struct trace *trace, uint32_t cpu, uint32_t vector);

/* Returns the number of a new interrupt; 0 if `trace` is NULL. */
static inline uint32_t trace_flow_new(struct trace *trace)
{
    return __builtin_expect(trace != NULL, false) ? ++trace->flows : 0;
}

/* Until trace_release this pCPU may emit records with any time from `from` on: the time of a runstate change is read
 * before the CPU waits for a lock. */
static inline void trace_hold(struct trace *trace, uint32_t cpu, cycles from)
{
    if (__builtin_expect(trace != NULL, false))
        trace->held[cpu] = from;
}

static inline void trace_release(struct trace *trace, uint32_t cpu)
{
    if (__builtin_expect(trace != NULL, false))
        trace->held[cpu] = CYCLES_NEVER;
}

/* Hands over the records that are before `now`, the engine's time, and before every held time. */
void trace_drain(struct trace *trace, cycles now, trace_consumer *consumer, void *context);

/* Ends the trace at `now`: releases all pCPUs and hands over the remaining records before `now`. */
void trace_finish(struct trace *trace, cycles now, trace_consumer *consumer, void *context);

#endif
