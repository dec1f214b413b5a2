/* SPDX-License-Identifier: Apache-2.0
 *
 * The beginning and the end of an attribution: the tasks and pCPUs of the world, copies of its names, which are printed
 * after the run, and the sums of each task.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "trace/attribution_engine.h"

enum { RUNNING, RUNNABLE, BLOCKED, OFFLINE };

/* --- names --- */

static char **names_of(const char *const *names, uint32_t count)
{
    char **kept = calloc(count + 1, sizeof *kept);

    CHECK(kept != NULL);
    for (uint32_t i = 0; i < count && names != NULL; i++)
        kept[i] = names[i] == NULL ? NULL : text_copy(names[i]);
    return kept;
}

static void names_free(char **names, uint32_t count)
{
    for (uint32_t i = 0; names != NULL && i < count; i++)
        free(names[i]);
    free(names);
}

static void keep_world(struct attribution *attribution, const struct trace_world *world)
{
    static const uint32_t exits = sizeof trace_exit_names / sizeof *trace_exit_names;
    const struct trace *trace = world->trace;
    char text[TRACE_TEXT_BYTES];

    attribution->world = trace_world_kept(world);
    attribution->world.irq_count = world->irq_names != NULL ? world->irq_count : 0;
    attribution->world.exit_count = world->exit_names != NULL ? world->exit_count : exits;
    attribution->irq_names = names_of(world->irq_names, attribution->world.irq_count);
    attribution->exit_names =
        names_of(world->exit_names != NULL ? world->exit_names : trace_exit_names, attribution->world.exit_count);
    for (uint32_t i = 0; i < 64; i++)
        snprintf(attribution->softirq_names[i], SETUP_NAME_BYTES, "%.40s", trace_softirq_text(world, i, text));
    attribution->class_names = calloc(trace->lock_count + 1, sizeof *attribution->class_names);
    CHECK(attribution->class_names != NULL);
}

static uint8_t class_of(struct attribution *attribution, const char *name)
{
    uint32_t i = 0;

    while (i < attribution->class_count && strcmp(attribution->class_names[i], name) != 0)
        i++;
    if (i == attribution->class_count)
        snprintf(attribution->class_names[attribution->class_count++], SETUP_NAME_BYTES, "%s", name);
    CHECK(i <= UINT8_MAX);
    return (uint8_t)i;
}

/* --- begin and end --- */

/* At first nothing is known of a task, and of the pCPUs of a recording. */
static void begin_tasks(struct attribution *attribution)
{
    const struct trace_world *world = &attribution->world;

    for (uint32_t i = 0; i < attribution->cpu_count; i++) {
        attribution->cpus[i].first = attribution->cpus[i].current = UINT32_MAX;
        attribution->cpus[i].mode = attribution->is_recording ? MODE_UNKNOWN : MODE_HYPERVISOR;
    }
    for (uint32_t i = 0; i < attribution->task_count; i++)
        attribution->tasks[i].state = ATTRIBUTION_UNKNOWN;
    for (uint32_t d = 0; d < world->domain_count; d++)
        for (uint32_t v = 0; v < world->domains[d].vcpu_count; v++)
            attribution->tasks[world->domains[d].first_vcpu + v].who = trace_who(d, v);
    for (uint32_t t = 0; t < world->thread_count; t++)
        attribution->tasks[world->vcpu_count + t].who = trace_who(TRACE_THREADS, t);
}

bool attribution_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    struct attribution *attribution = (struct attribution *)sink;

    (void)message, (void)message_bytes;
    keep_world(attribution, world);
    attribution->is_recording = world->setup == NULL;
    attribution->is_linux |= world->thread_count > 0;
    attribution->cpu_count = world->cpu_count;
    attribution->task_count = world->vcpu_count + world->thread_count;
    attribution->lock_count = world->trace->lock_count;
    attribution->from = world->measured_from;
    attribution->until = world->end;
    if (attribution->until_ns > 0) {
        cycles until = cycles_from_ns(attribution->until_ns, world->frequency_hz);
        attribution->from = cycles_from_ns(attribution->from_ns, world->frequency_hz);
        attribution->until = until < world->end ? until : world->end;
    }
    attribution->cpus = calloc(world->cpu_count + 1, sizeof *attribution->cpus);
    attribution->tasks = calloc(attribution->task_count + 1, sizeof *attribution->tasks);
    attribution->locks = calloc(attribution->lock_count + 1, sizeof *attribution->locks);
    CHECK(attribution->cpus != NULL && attribution->tasks != NULL && attribution->locks != NULL);
    begin_tasks(attribution);
    for (uint32_t i = 0; i < attribution->lock_count; i++) {
        attribution->locks[i].class = class_of(attribution, world->trace->locks[i].class_name);
        attribution_lock_change(attribution, i, (struct holder){ 0, TRACE_NOBODY, NO_CPU, false });
    }
    return true;
}

void attribution_free(struct attribution *attribution)
{
    for (uint32_t i = 0; attribution->locks != NULL && i < attribution->lock_count; i++)
        free(attribution->locks[i].holders);
    free(attribution->locks);
    free(attribution->cpus);
    free(attribution->tasks);
    free(attribution->parts);
    free(attribution->class_names);
    names_free(attribution->irq_names, attribution->world.irq_count);
    names_free(attribution->exit_names, attribution->world.exit_count);
    trace_world_free(&attribution->world);
}

/* --- sums --- */

cycles attribution_state_time(const struct attribution *attribution, uint32_t task, uint32_t state)
{
    return attribution->tasks[task].time[state];
}

cycles attribution_own_time(const struct attribution *attribution, uint32_t task)
{
    return attribution->tasks[task].own;
}

uint32_t attribution_who(const struct attribution *attribution, uint32_t task) { return attribution->tasks[task].who; }

cycles attribution_task_loss(const struct attribution *attribution, uint32_t task, enum attribution_loss loss)
{
    const struct attribution_task *it = &attribution->tasks[task];

    return loss == LOSS_STEAL ? it->time[RUNNABLE] + it->time[OFFLINE] : it->time[RUNNING] - it->own;
}

cycles attribution_whole(const struct attribution *attribution, uint32_t domain, enum attribution_loss loss)
{
    const struct trace_domain *it = &attribution->world.domains[domain];
    cycles whole = 0;

    for (uint32_t v = 0; v < it->vcpu_count; v++)
        whole += attribution_task_loss(attribution, it->first_vcpu + v, loss);
    return whole;
}
