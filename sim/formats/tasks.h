/* SPDX-License-Identifier: Apache-2.0
 *
 * Presents vCPUs to Linux tools as tasks: runstate changes become switches and wakings. A guest is a process, its vCPUs
 * are threads of the process, and pCPUs are CPUs; the idle vCPUs are pid 0.
 */
#ifndef FORMATS_TASKS_H
#define FORMATS_TASKS_H

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

/* The vCPU's thread number, 1000 * (domain + 1) + vCPU; 0 for idle vCPUs and TRACE_NOBODY. */
int32_t task_pid(uint32_t who);
/* The vCPU's name in at most 15 characters, as in "idle.3v0" or "<idle>". */
const char *task_name(const struct trace_world *world, uint32_t who, char name[TASK_NAME_BYTES]);

#endif
