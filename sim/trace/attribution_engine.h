/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of an attribution while its records come; private to attribution*.c.
 */
#ifndef TRACE_ATTRIBUTION_ENGINE_H
#define TRACE_ATTRIBUTION_ENGINE_H

#include "trace/attribution.h"

enum { FRAMES_MAX = 24, HELD_MAX = 16, NO_CPU = ATTRIBUTION_NONE };
enum frame_kind { FRAME_INTERRUPT, FRAME_SOFTIRQ, FRAME_WAIT };
/* MODE_UNKNOWN: of a recording, before its first record of this pCPU. */
enum mode { MODE_HYPERVISOR, MODE_GUEST, MODE_IDLE, MODE_UNKNOWN };

struct frame {
    enum frame_kind kind;
    uint32_t a;    /* vector, softirq, lock */
    uint32_t who;  /* the vCPU or domain it works for; a wait inherits it */
    size_t at;     /* wait: index into the lock's holders when the last part was closed */
    bool was_free; /* wait: the lock has not been held since the wait began */
    uint32_t line; /* interrupt: 1 + its number where it has a name; 0: not known */
};

struct attribution_cpu {
    struct frame frames[FRAMES_MAX];
    uint32_t depth;
    enum mode mode;
    cycles since;
    bool is_lost;     /* records of it are missing, and none has told since then what it does */
    bool is_in_gap;   /* no record of it has come since */
    bool is_told;     /* a VM entry or exit has told whether its vCPU was in the guest */
    cycles untold;    /* time of its current vCPU, in the host or in the guest, as the next record of it will tell */
    cycles seen;      /* its last record */
    uint32_t current; /* task that is charged as running, or UINT32_MAX */
    uint32_t first;   /* head of the list of its tasks that are runnable, running or offline */
    struct {
        uint32_t lock, depth; /* `depth`: number of frames when it was taken */
    } held[HELD_MAX];
    uint32_t held_count;
};

struct attribution_task {
    uint32_t who;
    uint16_t cpu;
    uint8_t state;
    bool is_linked, is_asleep; /* is_asleep: it was blocked when records were lost */
    bool is_put_aside;         /* it is runnable because it was switched out */
    bool is_told;              /* it has had a VM entry or exit */
    uint32_t next;
    uint32_t exit; /* vCPU: 1 + reason of its last exit; 0: it has entered since, or the reason is not known */
    cycles since;  /* of the state */
    cycles own;
    cycles time[ATTRIBUTION_STATES];
};

struct holder {
    cycles since;
    uint32_t who; /* domain that the holder works for, or TRACE_NOBODY */
    uint16_t cpu; /* the holder, or the last one */
    bool is_held;
};

struct attribution_lock {
    struct holder *holders; /* ascending by time; the last is the present one */
    size_t count, capacity;
    size_t gone; /* number of entries dropped before holders[0] */
    uint32_t waiters;
    uint8_t class;
};

/* The domain that the work is for, or else the one whose vCPU is current; or TRACE_NOBODY. */
uint32_t attribution_domain_of(const struct attribution *attribution, const struct attribution_cpu *cpu, uint32_t who);

static inline uint32_t attribution_current_who(const struct attribution *attribution, const struct attribution_cpu *cpu)
{
    return cpu->current == UINT32_MAX ? TRACE_NOBODY : attribution->tasks[cpu->current].who;
}

static inline bool attribution_is_vcpu(const struct attribution *attribution, uint32_t task)
{
    return task < attribution->world.vcpu_count;
}

/* --- attribution_modes.c --- */

/* Whether nothing tells when this vCPU is in its guest. */
bool attribution_hides_mode(const struct attribution *attribution, uint32_t task);
/* Whether the time of the current vCPU, which runs, is to be kept in cpu->untold until a record tells what it is. */
bool attribution_is_untold(const struct attribution *attribution, const struct attribution_cpu *cpu, uint32_t task);
/* It is told now: the current vCPU was in its guest, in the host (CAUSE_HYPERVISOR), or it stays unknown. One that
 * stops running without an exit was in the host. */
void attribution_tell(struct attribution *attribution, uint32_t cpu_id, bool was_in_guest,
                      enum attribution_cause cause);
/* Where the pCPU's activity changes. At the beginning it waits for the first VM entry or exit. */
void attribution_tell_host(struct attribution *attribution, uint32_t cpu_id);
/* At the end of the part. */
void attribution_tell_last(struct attribution *attribution, uint32_t cpu_id);

/* --- attribution_world.c --- */

/* Begins a run or recording (struct trace_sink). */
bool attribution_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes);

/* --- attribution_locks.c --- */

void attribution_lock_change(struct attribution *attribution, uint32_t id, struct holder holder);

/* Adds the time from..until of a wait to the part of each holder in turn. */
void attribution_add_wait(struct attribution *attribution, const struct frame *wait, struct attribution_part part,
                          cycles from, cycles until);
void attribution_wait_advance(const struct attribution *attribution, struct frame *wait, cycles now);

void attribution_acquire(struct attribution *attribution, const struct trace_record *record);
void attribution_release(struct attribution *attribution, const struct trace_record *record);
/* The frame of a wait that begins. */
struct frame attribution_wait(struct attribution *attribution, const struct trace_record *record);
/* The innermost work of the pCPU, whose number of frames is `depth`, is now for `who`; and with it the locks that it
 * took. */
void attribution_held_for(struct attribution *attribution, const struct trace_record *record, uint32_t depth);

#endif
