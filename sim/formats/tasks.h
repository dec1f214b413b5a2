/* SPDX-License-Identifier: Apache-2.0
 *
 * Presents vCPUs to Linux tools as tasks: runstate changes become switches and wakings. A guest is a process, its vCPUs
 * are threads of the process, and pCPUs are CPUs; the idle vCPUs are pid 0. The other threads of a Linux host are tasks
 * of their own.
 */
#ifndef FORMATS_TASKS_H
#define FORMATS_TASKS_H

#include <string.h>

#include "trace/sink.h"

enum task_event_kind { TASK_SWITCH, TASK_WAKING };

/* Linux's values of prev_state in a switch. */
enum task_state { TASK_RUNNABLE = 0, TASK_SLEEPING = 1, TASK_DEAD = 2 };

struct task_event {
    enum task_event_kind kind;
    uint32_t cpu;
    uint32_t from; /* the vCPU that leaves, or that does the waking */
    enum task_state from_state;
    uint32_t to; /* the vCPU that enters or is woken */
};

struct task_view {
    uint32_t *current; /* [cpu_count]: the running vCPU */
    uint8_t *left_as;  /* [cpu_count]: enum task_state of the vCPU that left last */
};

void task_view_init(struct task_view *view, uint32_t cpu_count);
void task_view_free(struct task_view *view);

/* Updates the view with the record. True when it makes an event, which is then in `event`. */
bool task_view_follow(struct task_view *view, const struct trace_record *record, struct task_event *event);

#define TASK_NAME_BYTES 16

/* The thread number: of a vCPU 1000 * (domain + 1) + vCPU, of a host's other thread below 1000 if there are fewer than
 * 900; 0 for idle vCPUs and TRACE_NOBODY. */
int32_t task_pid(uint32_t who);
/* The task's name in at most 15 characters, as in "idle.3v0", "kworker/0:1" or "<idle>". */
const char *task_name(const struct trace_world *world, uint32_t who, char name[TASK_NAME_BYTES]);

/* "vector-fb": the name of an interrupt that has none. */
static inline void task_vector_name(uint32_t vector, char name[16])
{
    static const char digits[] = "0123456789abcdef";

    memcpy(name, "vector-xx", 10);
    name[7] = digits[vector >> 4 & 15];
    name[8] = digits[vector & 15];
}

/* What writers need of each task, computed once. */
struct task_row {
    uint32_t who;
    int32_t pid;
    char name[TASK_NAME_BYTES]; /* padded with zeros */
    uint32_t name_bytes;
};

struct task_table {
    const struct trace_world *world;
    struct task_row *rows; /* by trace_world_task, then the idle task */
    uint32_t count;        /* without the idle task */
    struct task_row other; /* of a whole domain: valid until the next call */
};

void task_table_init(struct task_table *table, const struct trace_world *world);
void task_table_free(struct task_table *table);
const struct task_row *task_row(struct task_table *table, uint32_t who);

/* Converts the times of records to ns as cycles_to_ns does, without a division: it is the same for every record, so
 * that a product with 2^(64 + shift) / denominator, rounded up, has the same whole part for numbers below 2^63. */
struct task_clock {
    uint64_t frequency_hz, numerator, half_denominator, reciprocal;
    uint32_t shift;
    cycles limit; /* up to which the quick way is exact */
};

void task_clock_init(struct task_clock *clock, uint64_t frequency_hz);
static inline uint64_t task_clock_ns(const struct task_clock *clock, cycles when)
{
    if (__builtin_expect(when > clock->limit, false))
        return cycles_to_ns(when, clock->frequency_hz);
    uint64_t dividend = when * clock->numerator + clock->half_denominator;
    return (uint64_t)((uint128)dividend * clock->reciprocal >> 64) >> clock->shift;
}

#endif
