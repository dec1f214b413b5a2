/* SPDX-License-Identifier: Apache-2.0
 *
 * Resolves the numbers of domains, vCPUs, locks and softirqs in a trace to names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "trace/sink.h"

const char *const trace_state_names[4] = { "running", "runnable", "blocked", "offline" };
const char *const trace_exit_names[7] = { "interrupt", "eoi", "set_timer", "send", "window", "halt", "pirq_eoi" };

/* The names that a model of a Linux host has given to the trace. */
static void host_names(struct trace_world *world, const struct trace *trace)
{
    world->threads = calloc(trace->threads.count + 1, sizeof *world->threads);
    CHECK(world->threads != NULL);
    world->thread_count = trace->threads.count;
    for (uint32_t i = 0; i < world->thread_count; i++)
        snprintf(world->threads[i].name, sizeof world->threads[i].name, "%s", trace->threads.rows[i]);
    world->irq_names = (const char *const *)trace->irqs.rows;
    world->irq_count = trace->irqs.count;
    world->action_names = (const char *const *)trace->actions.rows;
    world->action_count = trace->actions.count;
    world->exit_names = trace->exit_names;
    world->exit_count = trace->exit_count;
}

bool trace_world_init(struct trace_world *world, const struct setup *setup, const struct trace *trace,
                      uint32_t cpu_count, char *message, size_t message_bytes)
{
    uint64_t hz = setup->machine.costs.frequency_hz;
    uint32_t count = 0;

    for (uint32_t group = 0; group < setup->guest_count; group++)
        count += setup->guests[group].count;
    if (count > TRACE_DOMAINS_MAX) {
        snprintf(message, message_bytes, "%u guests; a trace supports at most %u", count, TRACE_DOMAINS_MAX);
        return false;
    }
    *world = (struct trace_world){
        .setup = setup,
        .trace = trace,
        .frequency_hz = hz,
        .cpu_count = cpu_count,
        .domains = calloc(count + 1, sizeof *world->domains),
        .measured_from = cycles_from_ns(setup->run.warmup_ns, hz),
        .end = cycles_from_ns(setup->run.warmup_ns + setup->run.duration_ns, hz),
    };
    CHECK(world->domains != NULL);
    host_names(world, trace);
    for (uint32_t group = 0; group < setup->guest_count; group++) {
        const struct guest_setup *guest = &setup->guests[group];
        for (uint32_t i = 0; i < guest->count; i++) {
            struct trace_domain *domain = &world->domains[world->domain_count++];
            *domain =
                (struct trace_domain){ .group = group, .vcpu_count = guest->vcpus, .first_vcpu = world->vcpu_count };
            snprintf(domain->name, sizeof domain->name, guest->count > 1 ? "%s.%u" : "%s", guest->name, i);
            world->vcpu_count += guest->vcpus;
        }
    }
    return true;
}

void trace_world_free(struct trace_world *world)
{
    free(world->domains);
    free(world->threads);
    *world = (struct trace_world){ 0 };
}

static void *copy_of(const void *array, size_t bytes)
{
    void *copy = malloc(bytes + 1);

    CHECK(copy != NULL);
    if (bytes > 0)
        memcpy(copy, array, bytes);
    return copy;
}

struct trace_world trace_world_kept(const struct trace_world *world)
{
    return (struct trace_world){
        .frequency_hz = world->frequency_hz,
        .cpu_count = world->cpu_count,
        .domains = copy_of(world->domains, world->domain_count * sizeof *world->domains),
        .domain_count = world->domain_count,
        .vcpu_count = world->vcpu_count,
        .threads = copy_of(world->threads, world->thread_count * sizeof *world->threads),
        .thread_count = world->thread_count,
        .measured_from = world->measured_from,
        .end = world->end,
    };
}

static bool is_domain(const struct trace_world *world, uint32_t who)
{
    return who != TRACE_NOBODY && trace_domain(who) < world->domain_count;
}

uint32_t trace_world_vcpu(const struct trace_world *world, uint32_t who)
{
    if (!is_domain(world, who) || trace_vcpu(who) >= world->domains[trace_domain(who)].vcpu_count)
        return UINT32_MAX;
    return world->domains[trace_domain(who)].first_vcpu + trace_vcpu(who);
}

const struct trace_thread *trace_world_thread(const struct trace_world *world, uint32_t who)
{
    return trace_is_thread(who) && trace_vcpu(who) < world->thread_count ? &world->threads[trace_vcpu(who)] : NULL;
}

uint32_t trace_world_task(const struct trace_world *world, uint32_t who)
{
    const struct trace_thread *thread = trace_world_thread(world, who);

    return thread != NULL ? world->vcpu_count + trace_vcpu(who) : trace_world_vcpu(world, who);
}

const char *trace_exit_text(const struct trace_world *world, uint32_t reason)
{
    static const uint32_t count = sizeof trace_exit_names / sizeof *trace_exit_names;

    if (world->exit_names != NULL)
        return reason < world->exit_count && world->exit_names[reason] != NULL ? world->exit_names[reason] : "unknown";
    return reason < count ? trace_exit_names[reason] : "unknown";
}

uint32_t trace_world_irq(const struct trace_world *world, uint32_t cpu, uint32_t vector)
{
    uint32_t irq = world->trace != NULL && vector < 256 ? trace_irq_of(world->trace, cpu, vector) : TRACE_NO_IRQ;

    return irq < world->irq_count && world->irq_names[irq] != NULL ? irq : TRACE_NO_IRQ;
}

const char *trace_interrupt_text(const struct trace_world *world, uint32_t number, char text[TRACE_TEXT_BYTES])
{
    const char *name = world->has_lines && number < world->irq_count ? world->irq_names[number] : NULL;

    if (name != NULL && strncmp(name, "vector-", 7) != 0)
        snprintf(text, TRACE_TEXT_BYTES, "interrupt %u %.47s", number, name);
    else
        snprintf(text, TRACE_TEXT_BYTES, "vector %02x", number);
    return text;
}

const char *trace_who_text(const struct trace_world *world, uint32_t who, char text[TRACE_TEXT_BYTES])
{
    const struct trace_thread *thread = trace_world_thread(world, who);

    if (who != TRACE_NOBODY && trace_domain(who) == TRACE_IDLE_DOMAIN)
        snprintf(text, TRACE_TEXT_BYTES, "idle cpu%u", trace_vcpu(who));
    else if (thread != NULL)
        snprintf(text, TRACE_TEXT_BYTES, "%s", thread->name);
    else if (!is_domain(world, who))
        strcpy(text, "nobody");
    else if (trace_vcpu(who) == TRACE_WHOLE_DOMAIN)
        snprintf(text, TRACE_TEXT_BYTES, "%s", world->domains[trace_domain(who)].name);
    else
        snprintf(text, TRACE_TEXT_BYTES, "%s v%u", world->domains[trace_domain(who)].name, trace_vcpu(who));
    return text;
}

const char *trace_lock_text(const struct trace_world *world, uint32_t lock, char text[TRACE_TEXT_BYTES])
{
    const struct trace *trace = world->trace;

    if (lock >= trace->lock_count)
        snprintf(text, TRACE_TEXT_BYTES, "lock %u", lock);
    else if (!strcmp(trace->locks[lock].class_name, "tasklet_lock"))
        snprintf(text, TRACE_TEXT_BYTES, "%s", trace->locks[lock].class_name);
    else
        snprintf(text, TRACE_TEXT_BYTES, "%.40s[%u]", trace->locks[lock].class_name, trace->locks[lock].number);
    return text;
}

const char *trace_softirq_text(const struct trace_world *world, uint32_t number, char text[TRACE_TEXT_BYTES])
{
    const struct trace *trace = world->trace;

    if (number < trace->softirq_count && trace->softirq_names[number] != NULL)
        snprintf(text, TRACE_TEXT_BYTES, "%s", trace->softirq_names[number]);
    else
        snprintf(text, TRACE_TEXT_BYTES, "softirq %u", number);
    return text;
}
