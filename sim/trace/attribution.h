/* SPDX-License-Identifier: Apache-2.0
 *
 * Attributes the time that vCPUs lose, in a run or a recording. A vCPU loses time as steal (RUNNABLE or OFFLINE) and as
 * lost RUNNING (charged as running, but not in guest mode). Every lost cycle is charged to what the vCPU's pCPU was
 * doing at that time: the top of a stack of interrupts, softirqs and lock waits, and below them the thread or vCPU that
 * is current. Lock waits are split further by the pCPU that held the lock and the domain whose interrupt it was
 * handling. The parts sum to the whole, to the cycle.
 *
 * What a recording does not tell is unknown: the state of a task before its first record and behind lost records, what
 * a pCPU did while records were lost. A recording without TRACE_VMENTRY, or with no VM entry and exit of a vCPU, does
 * not tell guest mode from the host's work: then a vCPU that runs loses only what interrupts and softirqs take.
 */
#ifndef TRACE_ATTRIBUTION_H
#define TRACE_ATTRIBUTION_H

#include <jansson.h>
#include <stdio.h>

#include "trace/sink.h"

enum attribution_loss { LOSS_STEAL, LOSS_RUNNING, LOSS_COUNT };

enum attribution_cause {
    CAUSE_LOCK_HELD,     /* waits for a lock that pCPU `cpu` holds on behalf of `culprit` */
    CAUSE_LOCK_HANDOVER, /* waits for a lock that `cpu` has released and no pCPU holds: its line is being transferred */
    CAUSE_LOCK_FREE,     /* takes a lock that was free when the wait began */
    CAUSE_INTERRUPT,     /* handles an interrupt of `culprit`'s device, or a timer's or an IPI while it is current */
    CAUSE_SOFTIRQ,       /* runs softirq `what`, for `culprit` */
    CAUSE_GUEST,         /* runs the vCPU `culprit` */
    CAUSE_HYPERVISOR,    /* VM exits and entries, context switches; `what`: the exit of the vCPU that is current */
    CAUSE_WAKE_UP,       /* the idle pCPU is being woken */
    CAUSE_THREAD,        /* runs the host's thread `culprit` */
    CAUSE_THROTTLED,     /* a Linux host: the pCPU idles, though the task could run on: a limit (cpu.max) keeps it */
    CAUSE_UNKNOWN,       /* the recording does not tell */
    ATTRIBUTION_CAUSES,
};

extern const char *const attribution_loss_names[LOSS_COUNT];
extern const char *const attribution_cause_names[ATTRIBUTION_CAUSES];

#define ATTRIBUTION_NONE 0xffffu

/* States of tasks: the four of trace_state_names, and one more. */
enum { ATTRIBUTION_UNKNOWN = 4, ATTRIBUTION_STATES };

/* One part. */
struct attribution_part {
    cycles time;
    uint32_t victim;  /* task: number of the vCPU, or number of vCPUs + number of the thread */
    uint32_t culprit; /* as `who` in records: a whole domain, a vCPU, a thread; or TRACE_NOBODY */
    uint32_t what;    /* class of the lock; number of the softirq; 1 + number of the interrupt or exit, 0: not known */
    uint16_t cpu;     /* the pCPU that holds or last held the lock, or ATTRIBUTION_NONE */
    uint8_t loss, cause;
};

struct attribution_cpu;
struct attribution_lock;
struct attribution_task;

struct attribution {
    struct trace_sink sink;
    struct trace_world world; /* a copy with its own names, valid after the run */
    /* To be set between attribution_init and the run: */
    bool hides_guest_mode;      /* the recording has no TRACE_VMENTRY */
    const uint8_t *first_modes; /* recorded_first_modes of the trace, not owned; NULL: all vCPUs have such records */
    bool wants_threads;         /* the host's threads lose time, too */
    bool is_linux;              /* the recording is of a Linux host; as are worlds that have threads */
    uint64_t from_ns, until_ns; /* the part of the run to attribute; both 0: the measured one */

    uint32_t cpu_count, task_count;
    bool is_recording;
    bool has_vcpus;     /* the trace has runstates; without them nothing can be attributed */
    cycles from, until; /* the measured part of the run */
    struct attribution_cpu *cpus;
    struct attribution_task *tasks;
    struct attribution_lock *locks;
    uint32_t lock_count;
    struct attribution_part *parts; /* a hash table; entries with time 0 are free */
    size_t part_count, part_capacity;
    char (*class_names)[SETUP_NAME_BYTES];
    uint32_t class_count;
    char softirq_names[64][SETUP_NAME_BYTES];
    char **irq_names, **exit_names; /* of the world; NULL where it has none */
};

/* An attribution of the measured part of the run; attach its sink to the run. */
void attribution_init(struct attribution *attribution);
void attribution_free(struct attribution *attribution);

/* Of a task: the time in a state (or ATTRIBUTION_UNKNOWN), and the part of its running time that it had to itself. The
 * states sum to the measured time; running less own time, and runnable and offline time, are its losses. */
cycles attribution_state_time(const struct attribution *attribution, uint32_t task, uint32_t state);
cycles attribution_own_time(const struct attribution *attribution, uint32_t task);
cycles attribution_task_loss(const struct attribution *attribution, uint32_t task, enum attribution_loss loss);

/* The task as `who` in records. */
uint32_t attribution_who(const struct attribution *attribution, uint32_t task);

/* The domain's loss from its runstates, which its parts must sum to. */
cycles attribution_whole(const struct attribution *attribution, uint32_t domain, enum attribution_loss loss);

/* --- attribution_parts.c --- */

/* Adds the part's time to the part with the same key. */
void attribution_add(struct attribution *attribution, const struct attribution_part *part);

/* --- attribution_report.c --- */

/* Parts of one kind of victim and one kind of culprit. A kind of guest is an index of setup->guests; threads are kinds
 * from ATTRIBUTION_THREADS on. */
#define ATTRIBUTION_THREADS 0x10000u
struct attribution_row {
    cycles time;
    uint32_t victim, culprit; /* kinds, or ATTRIBUTION_NONE */
    uint32_t what;            /* as in parts, but 0 of the hypervisor */
    uint8_t loss, cause;
};

/* The pCPUs that held the lock of a row. */
struct attribution_holders {
    uint32_t count, most; /* most: the one that held it longest; ATTRIBUTION_NONE where the row is about no lock */
    cycles most_time;
};

/* The rows of a kind of victim and a loss, the largest first; the caller frees them. */
struct attribution_row *attribution_rows(const struct attribution *attribution, uint32_t victim,
                                         enum attribution_loss loss, size_t *count);
struct attribution_holders attribution_holders_of(const struct attribution *attribution,
                                                  const struct attribution_row *row);

uint32_t attribution_kinds(const struct attribution *attribution);
/* "idle" for "idle.0"; "-" for ATTRIBUTION_NONE. Returns name. */
const char *attribution_kind_name(const struct attribution *attribution, uint32_t kind, char name[TRACE_TEXT_BYTES]);
/* "tasklet_lock", "NET_RX", "36 virtio1-req.0", "hlt"; "-" where there is nothing to say. Returns text. */
const char *attribution_what(const struct attribution *attribution, uint8_t cause, uint32_t what,
                             char text[TRACE_TEXT_BYTES]);
/* Of all vCPUs of the kind: the measured time, and the loss. */
cycles attribution_elapsed(const struct attribution *attribution, uint32_t kind);
cycles attribution_loss_of(const struct attribution *attribution, uint32_t kind, enum attribution_loss loss);

/* Prints a table by kind of guest: causes with culprits in descending order up to 99.5 % of the loss, the rest, and the
 * sum; then a matrix of the time lost by each kind of guest to each other kind. */
void attribution_print(const struct attribution *attribution, FILE *out, bool use_colour);

/* --- attribution_csv.c --- */

/* One line for each part: victim,loss,cause,what,cpu,culprit,cycles. */
void attribution_print_csv(const struct attribution *attribution, FILE *out);

/* --- attribution_json.c --- */

/* [{"guest", "cycles": measured, of all its vCPUs,
 *   "losses": [{"loss": "steal", "cycles", "parts": [{"while": cause, "what", "for": guest or "-", "cycles",
 *               "holders", "most": pCPU, "most_cycles"}]}]}]
 * one object for each kind of guest that has lost time; the parts sum to their loss. "holders" (a number of pCPUs),
 * "most" and "most_cycles" only of locks. The caller releases it. */
json_t *attribution_json(const struct attribution *attribution);

#endif
