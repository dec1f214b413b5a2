/* SPDX-License-Identifier: Apache-2.0
 *
 * Derives task switches and wakings from runstate changes. One switch takes two records: of the vCPU that leaves the
 * pCPU and of the one that enters it.
 */
#include "formats/tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { RUNNING, RUNNABLE, BLOCKED, OFFLINE };

void task_view_init(struct task_view *view, uint32_t cpu_count)
{
    view->current = malloc(cpu_count * sizeof *view->current);
    view->left_as = calloc(cpu_count, sizeof *view->left_as);
    CHECK(view->current != NULL && view->left_as != NULL);
    for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
        view->current[cpu] = trace_who(TRACE_IDLE_DOMAIN, cpu);
}

void task_view_free(struct task_view *view)
{
    free(view->current);
    free(view->left_as);
}

static bool comes(struct task_view *view, const struct trace_record *record, struct task_event *event)
{
    uint32_t cpu = (uint32_t)record->b;

    *event =
        (struct task_event){ TASK_SWITCH, cpu, view->current[cpu], (enum task_state)view->left_as[cpu], record->who };
    view->current[cpu] = record->who;
    view->left_as[cpu] = TASK_RUNNABLE;
    return event->from != event->to;
}

bool task_view_follow(struct task_view *view, const struct trace_record *record, struct task_event *event)
{
    static const uint8_t left_as[] = { TASK_RUNNABLE, TASK_RUNNABLE, TASK_SLEEPING, TASK_DEAD };
    uint32_t state = record->a % 16, cpu = (uint32_t)record->b;

    if (record->kind != TRACE_RUNSTATE && record->kind != TRACE_VCPU)
        return false;
    if (state == RUNNING)
        return comes(view, record, event);
    if (record->kind == TRACE_RUNSTATE && record->a / 16 == RUNNING)
        view->left_as[cpu] = left_as[state];
    else if (state == RUNNABLE && trace_domain(record->who) != TRACE_IDLE_DOMAIN) {
        *event = (struct task_event){ TASK_WAKING, cpu, view->current[record->cpu], TASK_RUNNABLE, record->who };
        return true;
    }
    return false;
}

int32_t task_pid(uint32_t who)
{
    if (who == TRACE_NOBODY || trace_domain(who) >= TRACE_IDLE_DOMAIN)
        return 0;
    uint32_t vcpu = trace_vcpu(who) == TRACE_WHOLE_DOMAIN ? 0 : trace_vcpu(who);
    return (int32_t)(1000 * (trace_domain(who) + 1) + vcpu);
}

const char *task_name(const struct trace_world *world, uint32_t who, char name[TASK_NAME_BYTES])
{
    char vcpu[16];

    if (task_pid(who) == 0 || trace_domain(who) >= world->domain_count)
        return strcpy(name, "<idle>");
    const char *domain = world->domains[trace_domain(who)].name;
    int vcpu_bytes = snprintf(vcpu, sizeof vcpu, "v%u", trace_vcpu(who));
    size_t room = (size_t)(TASK_NAME_BYTES - 1 - vcpu_bytes);
    size_t bytes = strlen(domain) < room ? strlen(domain) : room;
    memcpy(name, domain, bytes);
    memcpy(name + bytes, vcpu, (size_t)vcpu_bytes + 1);
    return name;
}
