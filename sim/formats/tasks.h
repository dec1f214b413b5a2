/* SPDX-License-Identifier: Apache-2.0
 *
 * vCPUs as Linux tools see tasks: runstates become switches and wakings. A guest is a process, a vCPU a thread of it,
 * a pCPU a CPU; the idle vCPUs are pid 0.
 */
#ifndef FORMATS_TASKS_H
#define FORMATS_TASKS_H

#include "trace/sink.h"

enum task_event_kind { TASK_SWITCH, TASK_WAKING };

/* prev_state of a switch, as Linux has it. */
enum task_state { TASK_RUNNABLE = 0, TASK_SLEEPING = 1, TASK_DEAD = 2 };

struct task_event {
    enum task_event_kind kind;
    uint32_t cpu;
    uint32_t from; /* switch: who */
    enum task_state from_state;
    uint32_t to; /* who */
};

struct task_view {
    uint32_t *current; /* [cpu_count]: who */
    uint8_t *left_as;  /* [cpu_count]: enum task_state of what has just left */
};

void task_view_init(struct task_view *view, uint32_t cpu_count);
void task_view_free(struct task_view *view);

/* Whether the record makes an event. */
bool task_view_follow(struct task_view *view, const struct trace_record *record, struct task_event *event);

#define TASK_NAME_BYTES 16

/* Process and thread numbers; 0 for idle and nobody. */
int32_t task_pid(uint32_t who);
/* At most 15 characters: "idle.3v0", "<idle>". */
const char *task_name(const struct trace_world *world, uint32_t who, char name[TASK_NAME_BYTES]);

#endif
