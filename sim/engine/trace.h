/* SPDX-License-Identifier: Apache-2.0
 *
 * The trace record of a run: what happens is emitted as it happens, kept outside of the arena, and handed over in order
 * of time at the end of each slice of the run, so that memory stays bounded. Nothing in a run reads it: with it and
 * without it a run gives the same result. Off (engine->trace is NULL) it is one predictable branch.
 *
 * An interrupt has one number (flow) from the device to the guest's handler.
 */
#ifndef ENGINE_TRACE_H
#define ENGINE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cycles.h"

/* What `who`, `a` and `b` of the record are. Where nothing is said, `cpu` did it and `who` is nobody. */
enum trace_kind {
    TRACE_VCPU,          /* at boot: who is in state a on pCPU b */
    TRACE_RUNSTATE,      /* who goes from state a / 16 to a % 16; belongs to pCPU b */
    TRACE_SWITCH,        /* from vCPU b to who */
    TRACE_WAKE,          /* who */
    TRACE_BLOCK,         /* who */
    TRACE_RAISE,         /* interrupt a / 256 for who has reached the pCPU as vector a % 256; raised at time b */
    TRACE_ACCEPT,        /* the LAPIC has a new request: vector a */
    TRACE_IRQ_ENTRY,     /* vector a */
    TRACE_IRQ_EXIT,      /* vector a */
    TRACE_DO_IRQ,        /* the interrupt in progress is vector a, of number b in who's domain */
    TRACE_SOFTIRQ_RAISE, /* number a at pCPU b */
    TRACE_SOFTIRQ_ENTRY, /* number a */
    TRACE_SOFTIRQ_EXIT,  /* number a */
    TRACE_FOR,           /* the work in progress is for who from here on */
    TRACE_LOCK_WAIT,     /* lock a, which pCPU b holds (UINT32_MAX: nobody) */
    TRACE_LOCK_ACQUIRE,  /* lock a; without a TRACE_LOCK_WAIT when it was only tried */
    TRACE_LOCK_RELEASE,  /* lock a */
    TRACE_IDLE_ENTRY,
    TRACE_IDLE_EXIT,
    TRACE_VMEXIT,      /* who; a: enum guest_exit */
    TRACE_VMENTRY,     /* who */
    TRACE_PEND,        /* virtual vector a (0: event channel) is pending for who */
    TRACE_INJECT,      /* the same is injected */
    TRACE_HANDLER,     /* the guest's handler sees it */
    TRACE_HANDLER_END, /* and is through */
    TRACE_IPI,         /* vector a to pCPU b */
    TRACE_DROPPED,     /* records are missing before this one: a, over the time since b */
    TRACE_KIND_COUNT,
};

#define TRACE_ALL_KINDS ((UINT64_C(1) << TRACE_KIND_COUNT) - 1)
#define TRACE_NOBODY UINT32_MAX
#define TRACE_IDLE_DOMAIN 0x7fffu   /* its vCPUs are the pCPUs' idle vCPUs */
#define TRACE_WHOLE_DOMAIN 0xffffu  /* as vCPU: none in particular */
#define TRACE_DOMAINS_MAX 0x7ffeu

static inline uint32_t trace_who(uint32_t domain, uint32_t vcpu) { return domain << 16 | vcpu; }
static inline uint32_t trace_domain(uint32_t who) { return who >> 16; }
static inline uint32_t trace_vcpu(uint32_t who) { return who & 0xffff; }

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

/* Receives records ascending by time; those of one pCPU stand in the order in which it emitted them. */
typedef void trace_consumer(void *context, const struct trace_record *records, size_t count);

struct trace {
    uint64_t kinds; /* which to record: bits */
    struct trace_record *records, *sorted;
    size_t count, capacity, limit;
    uint64_t dropped; /* since the start; each gap has its TRACE_DROPPED */
    uint64_t gap;
    cycles gap_from;
    uint32_t flows; /* handed out so far */
    uint32_t cpu_count;
    cycles *held;  /* [cpu_count]: this pCPU may still emit records from here on; CYCLES_NEVER: none before now */
    cycles *floor; /* [cpu_count], of trace_drain */
    struct trace_lock *locks;
    uint32_t lock_count, lock_capacity;
    const char *const *softirq_names; /* the model's */
    uint32_t softirq_count;
};

/* When `limit` records wait for a trace_drain, only those of runstates are still recorded. */
void trace_init(struct trace *trace, uint64_t kinds, uint32_t cpu_count, size_t limit);
void trace_free(struct trace *trace);

void trace_write(struct trace *trace, struct trace_record record);

/* The number of a lock in records; 0 while off. */
uint32_t trace_lock_new(struct trace *trace, const char *class_name, uint32_t number);

/* What the model calls its softirqs. */
static inline void trace_softirq_names(struct trace *trace, const char *const *names, uint32_t count)
{
    if (trace != NULL) {
        trace->softirq_names = names;
        trace->softirq_count = count;
    }
}

/* A new interrupt's number; 0 while off. */
static inline uint32_t trace_flow_new(struct trace *trace)
{
    return __builtin_expect(trace != NULL, false) ? ++trace->flows : 0;
}

/* Until trace_release a record of this pCPU may come with any time from `from` on: a runstate change is stamped with a
 * time that was read before a lock was waited for. */
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

/* Hands over what is before `now`, the engine's time, and final. */
void trace_drain(struct trace *trace, cycles now, trace_consumer *consumer, void *context);

/* The run ends at `now`: nothing more will come. */
void trace_finish(struct trace *trace, cycles now, trace_consumer *consumer, void *context);

#endif
