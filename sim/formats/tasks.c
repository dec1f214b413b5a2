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
enum { THREAD_FIRST = 100, THREADS_BELOW_GUESTS = 900 };

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
    if (trace_is_thread(who) && vcpu < THREADS_BELOW_GUESTS)
        return (int32_t)(THREAD_FIRST + vcpu);
    return (int32_t)(1000 * (trace_domain(who) + 1) + vcpu);
}

const char *task_name(const struct trace_world *world, uint32_t who, char name[TASK_NAME_BYTES])
{
    const struct trace_thread *thread = trace_world_thread(world, who);
    char vcpu[16];

    if (thread != NULL) {
        snprintf(name, TASK_NAME_BYTES, "%.15s", thread->name);
        return name;
    }
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

/* --- the table --- */

static struct task_row row_of(const struct trace_world *world, uint32_t who)
{
    struct task_row row = { .who = who, .pid = task_pid(who) };

    task_name(world, who, row.name);
    row.name_bytes = (uint32_t)strlen(row.name);
    memset(row.name + row.name_bytes, 0, TASK_NAME_BYTES - row.name_bytes);
    return row;
}

void task_table_init(struct task_table *table, const struct trace_world *world)
{
    *table = (struct task_table){ .world = world, .count = world->vcpu_count + world->thread_count };
    table->rows = calloc(table->count + 1, sizeof *table->rows);
    CHECK(table->rows != NULL);
    for (uint32_t d = 0; d < world->domain_count; d++)
        for (uint32_t v = 0; v < world->domains[d].vcpu_count; v++)
            table->rows[world->domains[d].first_vcpu + v] = row_of(world, trace_who(d, v));
    for (uint32_t i = 0; i < world->thread_count; i++)
        table->rows[world->vcpu_count + i] = row_of(world, trace_who(TRACE_THREADS, i));
    table->rows[table->count] = row_of(world, TRACE_NOBODY);
}

void task_table_free(struct task_table *table) { free(table->rows); }

const struct task_row *task_row(struct task_table *table, uint32_t who)
{
    uint32_t task = trace_world_task(table->world, who);

    if (task < table->count)
        return &table->rows[task];
    if (task_pid(who) == 0)
        return &table->rows[table->count];
    table->other = row_of(table->world, who);
    return &table->other;
}

/* --- the clock --- */

/* Of a denominator of 1 the reciprocal would need 65 bits. */
void task_clock_init(struct task_clock *clock, uint64_t frequency_hz)
{
    uint64_t a = 1000000000, b = frequency_hz;

    CHECK(frequency_hz > 0);
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    uint64_t numerator = 1000000000 / a, denominator = frequency_hz / a;
    if (denominator == 1) {
        numerator *= 2;
        denominator = 2;
    }
    uint32_t shift = 63 - (uint32_t)__builtin_clzll(denominator - 1);
    *clock =
        (struct task_clock){ .frequency_hz = frequency_hz,
                             .numerator = numerator,
                             .half_denominator = denominator / 2,
                             .reciprocal = (uint64_t)((((uint128)1 << (64 + shift)) + denominator - 1) / denominator),
                             .shift = shift,
                             .limit = ((UINT64_MAX >> 1) - denominator / 2) / numerator };
}
