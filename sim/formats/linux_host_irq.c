/* SPDX-License-Identifier: Apache-2.0
 *
 * Interrupts and softirqs of a Linux host. The kernel asks the actions of a shared line one after the other, each with
 * an entry and an exit of its own: they are one interrupt when nothing else happens between them.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "formats/linux_host_parts.h"

/* BETWEEN_NS: from one action's exit to the next one's entry. SOON_NS: a waking without a recorded softirq belongs to
 * an interrupt that ended at most so long ago on its CPU, and a handler whose exit is not recorded takes no longer. */
enum { BETWEEN_NS = 5000, SOON_NS = 100000, IRQS_MAX = 1 << 16, LINE_NAME_MAX = 1000 };

void linux_irq_close(struct linux_host *host, uint32_t cpu_id)
{
    struct linux_cpu *cpu = &host->cpus[cpu_id];

    if (!cpu->is_irq_open || (cpu->is_in_irq && host->has_irq_exit))
        return;
    if (cpu->is_in_irq && host->now_ns - cpu->irq_ns <= SOON_NS)
        return;
    linux_emit(host, cpu->is_in_irq ? cpu->irq_ns : cpu->irq_exit_ns, cpu_id, TRACE_IRQ_EXIT, TRACE_NOBODY,
               cpu->irq_flow, cpu->irq, 0);
    cpu->is_irq_open = cpu->is_in_irq = false;
}

void linux_irq_end(struct linux_host *host, uint32_t cpu_id, uint64_t ns)
{
    struct linux_cpu *cpu = &host->cpus[cpu_id];

    if (cpu->is_in_irq)
        cpu->irq_exit_ns = host->has_irq_exit ? ns : cpu->irq_ns;
    cpu->is_in_irq = false;
    linux_irq_close(host, cpu_id);
}

uint32_t linux_flow(const struct linux_host *host, const struct linux_at *at)
{
    const struct linux_cpu *cpu = &host->cpus[at->cpu];

    if (cpu->is_in_irq)
        return cpu->irq_flow;
    if (cpu->is_in_softirq)
        return cpu->softirq_flow[cpu->softirq];
    if (!host->has_softirq && cpu->recent_flow != 0 && at->ns - cpu->recent_ns <= SOON_NS)
        return cpu->recent_flow;
    return cpu->current != LINUX_NO_THREAD ? host->threads[cpu->current].flow : 0;
}

/* A line is named after its actions: "uhci_hcd:usb3, eth0". Behind LINE_NAME_MAX bytes further ones are left out. */
static void name_line(struct linux_host *host, uint32_t irq, const char *name)
{
    if (irq >= host->irq_count) {
        host->irq_names = realloc(host->irq_names, (irq + 1) * sizeof *host->irq_names);
        CHECK(host->irq_names != NULL);
        memset(host->irq_names + host->irq_count, 0, (irq + 1 - host->irq_count) * sizeof *host->irq_names);
        host->irq_count = irq + 1;
    }
    char *old = host->irq_names[irq];
    if (old == NULL) {
        host->irq_names[irq] = text_copy(name);
        return;
    }
    if (strlen(old) > LINE_NAME_MAX)
        return;
    CHECK(asprintf(&host->irq_names[irq], "%s, %s", old, name) >= 0);
    free(old);
}

static bool is_asked(const struct linux_cpu *cpu, uint32_t action)
{
    for (uint32_t i = 0; i < cpu->asked_count; i++)
        if (cpu->asked[i] == action)
            return true;
    return cpu->asked_count == LINUX_ASKED_MAX;
}

/* An interrupt of irqpath, which tells its line and flow itself. */
static bool is_told(const struct linux_host *host, const char *name)
{
    return host->is_ours || !strncmp(name, "vector-", 7);
}

/* --- what was under way when the recording began --- */

void linux_begun_is_known(struct linux_cpu *cpu) { cpu->begun_irq.is_known = cpu->begun_softirq.is_known = true; }

static void ignore_irq_end(struct linux_host *host)
{
    recorded_ignore(host->recorded, "end of an interrupt handler", "its beginning is not in the recording");
}

static void ignore_softirq_end(struct linux_host *host)
{
    recorded_ignore(host->recorded, "end of a softirq", "its beginning is not in the recording");
}

/* Whether what ends here may have begun before the recording. Later on its beginning is missing for another reason. */
static bool ends_begun(const struct linux_host *host, struct linux_begun *begun, uint32_t number, uint64_t ns)
{
    bool is_first = !begun->is_known && !host->is_ours && host->choice->from_ns == 0;

    begun->is_known = true;
    if (!is_first || ns - host->first_ns > SOON_NS)
        return false;
    begun->has_end = true;
    begun->number = number;
    begun->end_ns = ns;
    return true;
}

/* Softirqs run after interrupts, so an interrupt is the inner one. A recorder that writes no beginnings at all says
 * nothing of when these began. */
static void use_begun(struct linux_host *host, uint32_t cpu_id)
{
    const struct linux_begun *irq = &host->cpus[cpu_id].begun_irq, *softirq = &host->cpus[cpu_id].begun_softirq;
    bool has_irq = irq->has_end && host->has_irq_entry, has_softirq = softirq->has_end && host->has_softirq;
    uint32_t flow = has_irq ? ++host->flows : 0;

    if (irq->has_end && !has_irq)
        ignore_irq_end(host);
    if (softirq->has_end && !has_softirq)
        ignore_softirq_end(host);
    if (has_softirq)
        linux_emit(host, host->first_ns, cpu_id, TRACE_SOFTIRQ_ENTRY, TRACE_NOBODY, 0, softirq->number, 0);
    if (has_irq) {
        linux_emit(host, host->first_ns, cpu_id, TRACE_IRQ_ENTRY, TRACE_NOBODY, flow, irq->number, 0);
        linux_emit(host, host->first_ns, cpu_id, TRACE_DO_IRQ, TRACE_NOBODY, flow, irq->number, irq->number);
        linux_emit(host, irq->end_ns, cpu_id, TRACE_IRQ_EXIT, TRACE_NOBODY, flow, irq->number, 0);
    }
    if (has_softirq)
        linux_emit(host, softirq->end_ns, cpu_id, TRACE_SOFTIRQ_EXIT, TRACE_NOBODY, 0, softirq->number, 0);
}

void linux_use_begun(struct linux_host *host)
{
    for (uint32_t cpu = 0; cpu < host->recorded->world.cpu_count; cpu++)
        use_begun(host, cpu);
}

/* --- events --- */

const char *linux_irq_entry(struct linux_host *host, const struct linux_at *at, uint32_t irq, const char *name)
{
    struct linux_cpu *cpu = &host->cpus[at->cpu];

    if (irq >= IRQS_MAX)
        return "an interrupt number beyond the limit of 65536";
    host->has_irq_entry = true;
    cpu->begun_irq.is_known = true;
    size_t actions = host->actions.count;
    uint32_t action = intern_number(&host->actions, irq, name);
    if (action == actions)
        name_line(host, irq, name);
    bool continues = !is_told(host, name) && cpu->is_irq_open && !cpu->is_in_irq && cpu->irq == irq &&
                     !is_asked(cpu, action) && at->ns - cpu->irq_exit_ns <= BETWEEN_NS;
    if (!continues) {
        linux_irq_end(host, at->cpu, at->ns);
        cpu->irq = irq;
        cpu->irq_flow = cpu->recent_flow = is_told(host, name) ? 0 : ++host->flows;
        cpu->asked_count = 0;
        cpu->is_irq_open = true;
        linux_emit(host, at->ns, at->cpu, TRACE_IRQ_ENTRY, TRACE_NOBODY, cpu->irq_flow, irq, 0);
        if (!is_told(host, name))
            linux_emit(host, at->ns, at->cpu, TRACE_DO_IRQ, TRACE_NOBODY, cpu->irq_flow, irq, irq);
    }
    cpu->is_in_irq = true;
    cpu->irq_ns = cpu->recent_ns = at->ns;
    cpu->action = action;
    if (cpu->asked_count < LINUX_ASKED_MAX)
        cpu->asked[cpu->asked_count++] = action;
    return NULL;
}

const char *linux_irq_exit(struct linux_host *host, const struct linux_at *at, uint32_t irq, bool is_handled)
{
    struct linux_cpu *cpu = &host->cpus[at->cpu];

    host->has_irq_exit = true;
    if (!cpu->is_in_irq || cpu->irq != irq) {
        if (!ends_begun(host, &cpu->begun_irq, irq, at->ns))
            ignore_irq_end(host);
        return NULL;
    }
    cpu->is_in_irq = false;
    cpu->irq_exit_ns = cpu->recent_ns = at->ns;
    if (!is_told(host, host->actions.rows[cpu->action].text))
        linux_emit(host, at->ns, at->cpu, TRACE_ACTION, TRACE_NOBODY, cpu->irq_flow, cpu->action, is_handled);
    return NULL;
}

const char *linux_softirq(struct linux_host *host, const struct linux_at *at, enum trace_kind kind, uint32_t vector,
                          const char *name)
{
    struct linux_cpu *cpu = &host->cpus[at->cpu];

    if (vector >= LINUX_SOFTIRQS)
        return "a softirq beyond the limit of 32";
    if (name != NULL && host->softirq_names[vector] == NULL)
        host->softirq_names[vector] = text_copy(name);
    linux_irq_close(host, at->cpu);
    host->has_softirq |= kind == TRACE_SOFTIRQ_ENTRY;
    cpu->begun_softirq.is_known |= kind == TRACE_SOFTIRQ_ENTRY;
    if (kind == TRACE_SOFTIRQ_RAISE) {
        uint32_t flow = linux_flow(host, at);
        if (flow != 0 || !cpu->is_in_softirq)
            cpu->softirq_flow[vector] = flow;
    } else if (kind == TRACE_SOFTIRQ_EXIT && !cpu->is_in_softirq) {
        if (!ends_begun(host, &cpu->begun_softirq, vector, at->ns))
            ignore_softirq_end(host);
        return NULL;
    } else if (kind == TRACE_SOFTIRQ_ENTRY && cpu->is_in_softirq) { /* its exit is missing */
        linux_emit(host, at->ns, at->cpu, TRACE_SOFTIRQ_EXIT, TRACE_NOBODY, 0, cpu->softirq, 0);
    }
    linux_emit(host, at->ns, at->cpu, kind, TRACE_NOBODY, cpu->softirq_flow[vector], vector,
               kind == TRACE_SOFTIRQ_RAISE ? at->cpu : 0);
    if (kind == TRACE_SOFTIRQ_EXIT)
        cpu->softirq_flow[vector] = 0;
    if (kind == TRACE_SOFTIRQ_RAISE)
        return NULL;
    cpu->is_in_softirq = kind == TRACE_SOFTIRQ_ENTRY;
    cpu->softirq = vector;
    return NULL;
}
