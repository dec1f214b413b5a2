/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scenario can reproduce of a trace, of a run or of a recording: the interrupts of each source with the task
 * that each is for and the work that it asks of it, and when each task runs, waits for a pCPU and sleeps. A task is a
 * vCPU, or a thread of a host that some interrupt wakes, directly or through another thread (vhost, a threaded
 * interrupt).
 *
 * A task's time between two sleeps is shared among the interrupts that came for it since the first of them: the work
 * for one is the time in which it ran until the next came, or until it slept; those that came before it ran share
 * equally. Where the trace tells when an interrupt reaches its vCPU, which sleeps on until then, it comes at that time,
 * once for all that were raised before; one
 * that its vCPU sleeps through is none of its interrupts. Time in guest mode counts alone where the
 * trace has it, and polling after a halt never counts. A wake-up that no interrupt explains becomes one of a source of
 * its own.
 *
 * While a task waits for a pCPU that a task runs on which the workload does not have, that other one matters: for each
 * such pCPU there is a task that stands for all of them, and a source whose work is as long as those waits were.
 *
 * Times are nanoseconds since the beginning of the measured part.
 */
#ifndef TRACE_WORKLOAD_H
#define TRACE_WORKLOAD_H

#include "trace/sink.h"

enum { WORKLOAD_CPUS_MAX = 1024 };

#define WORKLOAD_NOBODY UINT32_MAX
#define WORKLOAD_UNKNOWN UINT64_MAX

struct workload_arrival {
    uint64_t ns;
    uint64_t work_ns; /* WORKLOAD_UNKNOWN: the task never sleeps, or is not followed */
};

/* Interrupts of one source for one task. */
struct workload_source {
    char name[SETUP_NAME_BYTES];
    char through[SETUP_NAME_BYTES]; /* the last thread that passed one on to the task; "": none did */
    size_t passed_on;               /* so many of them */
    uint32_t task;                  /* index into tasks */
    uint32_t cpu;                   /* that took the last of them */
    bool is_wakes;                  /* wake-ups that no interrupt explains */
    struct workload_arrival *arrivals;
    size_t count;
};

/* A half-open span of time, on a pCPU where that matters. */
struct workload_span {
    uint64_t from, to;
    uint32_t cpu;
};

struct workload_task {
    char name[SETUP_NAME_BYTES];
    char domain[SETUP_NAME_BYTES]; /* of a vCPU; "": a thread, or others */
    bool is_others;   /* no task: what other tasks did on one pCPU while one of these waited for it */
    uint32_t who;     /* as in records */
    uint64_t *cpu_ns; /* [WORKLOAD_CPUS_MAX]: running time on each pCPU */
    bool is_pinned;   /* from import_prepare on: whether it stays on one pCPU, */
    uint32_t home;    /* and its pCPU in the scenario, */
    uint32_t guest;   /* the scenario's guest, an index into guests, */
    uint32_t vcpu;    /* and the number of its vCPU there */
    uint64_t running_ns, runnable_ns, blocked_ns, offline_ns;
    uint64_t guest_ns;      /* part of running_ns in guest mode; 0: not recorded */
    uint64_t poll_ns;       /* part of running_ns: polling after a halt */
    uint64_t wakes, polled; /* ends of sleep, but for the first of one that computes from then on; of halts that polling
                               ended, which are part of wakes */
    uint64_t unknown_ns;    /* at the beginning, before anything is known of it */
    bool is_computing;      /* it runs, and never sleeps once it has run */
    uint64_t interrupts;    /* for it, without unexplained wake-ups */
    uint64_t delays;        /* interrupts and wake-ups that found it asleep, */
    double delay_sum_ns;    /* and the time until it ran */
    uint64_t delay_p99_ns;  /* an order statistic */
    uint64_t own_ns;        /* of the time for each interrupt, what is the design\'s own: import_calibrate */
};

/* A guest of the scenario, with one or more tasks as its vCPUs: from import_prepare on. */
struct workload_guest {
    char name[SETUP_NAME_BYTES];
    uint32_t vcpus;
};

struct workload_dropped {
    char what[120];
    const char *why;
    uint64_t count;
};

struct workload {
    struct trace_sink sink;
    struct workload_source *sources;
    size_t source_count;
    struct workload_task *tasks; /* those that the sources are for, and vCPUs that run */
    size_t task_count;
    struct workload_guest *guests;
    size_t guest_count;
    struct workload_dropped *dropped; /* what no scenario reproduces */
    size_t dropped_count;
    uint64_t duration_ns;
    uint64_t other_ns;       /* of all tasks that stand for others */
    uint64_t unexplained_ns; /* waits for a pCPU on which no other task ran, of all tasks together */
    uint32_t cpu_count;
    uint64_t frequency_hz;
    /* Set before the trace: a recording of a Linux host, whose messages have no device and whose tasks may not have
     * waited since the beginning when they first come to run; and the guest or thread to follow alone, NULL: all. */
    bool is_linux;
    const char *only;
    bool has_sleepless;       /* threads run, and none of all ever sleeps */
    bool knows_waits;         /* the trace tells a task that waits for its pCPU from one that runs */
    struct workload_log *log; /* private, until the end */
};

/* A sink that is ready when its `end` has been called. */
void workload_init(struct workload *workload);
void workload_free(struct workload *workload);

/* Whether the task runs on one pCPU at least for 95 % of its running time, and that pCPU. */
bool workload_is_pinned(const struct workload_task *task, uint32_t *home);

/* Counts one item that no scenario reproduces. `why` must be a string literal. */
void workload_drop(struct workload *workload, const char *what, const char *why);

/* Whether the trace tells when the task ran and slept. */
bool workload_has_states(const struct workload_task *task);

/* The task with that number in records; NULL: there is none. */
const struct workload_task *workload_task_of(const struct workload *workload, uint32_t who);

/* The work of an arrival without the design's own time. */
uint64_t workload_work(const struct workload *workload, const struct workload_source *source, size_t arrival);

/* The times of all arrivals; to be freed. */
uint64_t *workload_times(const struct workload_source *source);

/* Converts a name to one that a scenario accepts: letters, digits, '_' and '-', starting with a letter. */
void workload_name(char name[SETUP_NAME_BYTES], const char *text);

#endif
