/* SPDX-License-Identifier: Apache-2.0
 *
 * Which tasks of a recording are vCPUs of one guest in its scenario, and of what number.
 *
 * A guest has one load, one placement and one pin, so that the vCPUs of a recorded guest make one guest as far as they
 * have these in common: those that compute and those that halt are two guests, and so are those that stay on one pCPU
 * and those that float. vCPUs that float share the pin if some pCPUs are common to them. Of vCPUs that stay, which is
 * on which pCPU follows from the pin (number), so that they get numbers of their own.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"
#include "models/family/keys.h"
#include "trace/import.h"
#include "trace/workload_log.h"

#define APART ", so that they are guests apart, with locks, caps and weights of their own"

/* Tasks, ascending. */
struct group {
    uint32_t members[SETUP_VCPUS_MAX];
    uint32_t count;
};

static bool may_run_on(const struct workload_task *task, uint32_t cpu)
{
    return task->is_pinned ? task->home == cpu : task->cpu_ns[cpu] > 0;
}

bool import_guest_may_run_on(const struct workload *workload, uint32_t guest, uint32_t cpu)
{
    bool may = false;

    for (size_t t = 0; t < workload->task_count; t++)
        may |= workload->tasks[t].guest == guest && may_run_on(&workload->tasks[t], cpu);
    return may;
}

const struct workload_task *import_vcpu(const struct workload *workload, uint32_t guest, uint32_t vcpu)
{
    for (size_t t = 0; t < workload->task_count; t++)
        if (workload->tasks[t].guest == guest && workload->tasks[t].vcpu == vcpu)
            return &workload->tasks[t];
    return NULL;
}

const struct workload_task *import_simulated(const struct workload *simulated, const struct workload_task *task)
{
    return workload_task_of(simulated, trace_who(task->guest, task->vcpu));
}

/* --- groups --- */

/* Numbers the vCPUs as Xen's boot places them: each on the pCPU of the pin to which it has yet assigned the fewest
 * (`placed`, of all guests), the first of several. False where one would not be on its pCPU then. */
static bool number(const struct workload *workload, const struct group *group, uint32_t *placed)
{
    bool is_in_pin[WORKLOAD_CPUS_MAX] = { false }, is_numbered[SETUP_VCPUS_MAX] = { false };

    for (uint32_t i = 0; i < group->count; i++)
        for (uint32_t cpu = 0; cpu < WORKLOAD_CPUS_MAX; cpu++)
            is_in_pin[cpu] |= may_run_on(&workload->tasks[group->members[i]], cpu);
    for (uint32_t vcpu = 0; vcpu < group->count; vcpu++) {
        uint32_t best = WORKLOAD_CPUS_MAX, i = 0;
        for (uint32_t cpu = 0; cpu < WORKLOAD_CPUS_MAX; cpu++)
            if (is_in_pin[cpu] && (best == WORKLOAD_CPUS_MAX || placed[cpu] < placed[best]))
                best = cpu;
        while (i < group->count && (is_numbered[i] || (workload->tasks[group->members[i]].is_pinned &&
                                                       workload->tasks[group->members[i]].home != best)))
            i++;
        if (i == group->count || best == WORKLOAD_CPUS_MAX)
            return false;
        placed[best]++;
        is_numbered[i] = true;
        workload->tasks[group->members[i]].vcpu = vcpu;
    }
    return true;
}

static bool can_number(const struct workload *workload, const struct group *group, const uint32_t *placed)
{
    uint32_t again[WORKLOAD_CPUS_MAX];

    memcpy(again, placed, sizeof again);
    return number(workload, group, again);
}

static bool float_together(const struct workload *workload, const struct group *group, const struct workload_task *task)
{
    for (uint32_t i = 0; i < group->count; i++)
        for (uint32_t cpu = 0; cpu < WORKLOAD_CPUS_MAX; cpu++)
            if (task->cpu_ns[cpu] > 0 && workload->tasks[group->members[i]].cpu_ns[cpu] > 0)
                return true;
    return false;
}

/* Whether the task can be a vCPU of the group's guest, wherever the pin has its pCPU. */
static bool joins(const struct workload *workload, const struct group *group, const struct workload_task *task)
{
    const struct workload_task *first = &workload->tasks[group->members[0]];

    return task->guest == WORKLOAD_NOBODY && task->domain[0] != '\0' && first->domain[0] != '\0' &&
           trace_domain(task->who) == trace_domain(first->who) && task->is_computing == first->is_computing &&
           task->is_pinned == first->is_pinned && group->count < SETUP_VCPUS_MAX &&
           (task->is_pinned || float_together(workload, group, task));
}

/* The guest of the task: with all that can join it, or else with those of them that leave each on its pCPU. */
static void form(const struct workload *workload, uint32_t first, bool may_join, uint32_t *placed, struct group *group)
{
    struct group all = { .members = { first }, .count = 1 };

    for (uint32_t t = first + 1; t < workload->task_count && may_join; t++)
        if (joins(workload, &all, &workload->tasks[t]))
            all.members[all.count++] = t;
    *group = all;
    if (!can_number(workload, group, placed)) {
        group->count = 1;
        for (uint32_t i = 1; i < all.count; i++) {
            group->members[group->count++] = all.members[i];
            group->count -= !can_number(workload, group, placed);
        }
    }
    CHECK(number(workload, group, placed));
}

/* --- names --- */

static uint32_t vcpus_of_domain(const struct workload *workload, const struct workload_task *task)
{
    uint32_t count = 0;

    for (size_t t = 0; t < workload->task_count; t++)
        count +=
            workload->tasks[t].domain[0] != '\0' && trace_domain(workload->tasks[t].who) == trace_domain(task->who);
    return count;
}

static void guest_add(struct workload *workload, const struct group *group)
{
    const struct workload_task *first = &workload->tasks[group->members[0]],
                               *last = &workload->tasks[group->members[group->count - 1]];

    workload->guests = array_grown(workload->guests, workload->guest_count, sizeof *workload->guests);
    struct workload_guest *guest = &workload->guests[workload->guest_count];
    guest->vcpus = group->count;
    if (group->count == 1)
        memcpy(guest->name, first->name, sizeof guest->name);
    else if (group->count == vcpus_of_domain(workload, first))
        memcpy(guest->name, first->domain, sizeof guest->name);
    else
        snprintf(guest->name, sizeof guest->name, "%.30s-v%u-v%u", first->domain, trace_vcpu(first->who),
                 trace_vcpu(last->who));
    for (uint32_t i = 0; i < group->count; i++)
        workload->tasks[group->members[i]].guest = (uint32_t)workload->guest_count;
    workload->guest_count++;
}

/* --- what is apart --- */

static const char *why_apart(const struct workload *workload, const struct workload_task *first,
                             const struct workload_task *task, bool may_join)
{
    if (!may_join)
        return "no device of this design's family chooses a vCPU" APART;
    if (task->is_computing != first->is_computing)
        return "some compute and others halt" APART;
    if (task->is_pinned != first->is_pinned)
        return "some float and others stay on one pCPU" APART;
    if (workload->guests[first->guest].vcpus == SETUP_VCPUS_MAX)
        return "a scenario's guest has at most 128" APART;
    return task->is_pinned ? "no pin has each on its pCPU" APART : "they float on different pCPUs" APART;
}

/* Says which guests of the recording are several in the scenario. */
static void note_apart(struct workload *workload, bool may_join)
{
    char what[120];

    for (uint32_t t = 1; t < workload->task_count; t++) {
        const struct workload_task *task = &workload->tasks[t];
        uint32_t first = 0;
        while (first < t && (task->domain[0] == '\0' || workload->tasks[first].domain[0] == '\0' ||
                             trace_domain(workload->tasks[first].who) != trace_domain(task->who)))
            first++;
        if (first == t || workload->tasks[first].guest == task->guest)
            continue;
        snprintf(what, sizeof what, "vCPU in one guest with %s", workload->tasks[first].name);
        workload_drop(workload, what, why_apart(workload, &workload->tasks[first], task, may_join));
    }
}

void import_group(struct workload *workload, const struct design *design)
{
    bool may_join = family_key(design->family, "devices", "vcpu") != NULL;
    uint32_t placed[WORKLOAD_CPUS_MAX] = { 0 };
    struct group group;

    for (size_t t = 0; t < workload->task_count; t++)
        workload->tasks[t].guest = WORKLOAD_NOBODY;
    for (uint32_t t = 0; t < workload->task_count; t++) {
        if (workload->tasks[t].guest != WORKLOAD_NOBODY)
            continue;
        form(workload, t, may_join, placed, &group);
        guest_add(workload, &group);
    }
    note_apart(workload, may_join);
}
