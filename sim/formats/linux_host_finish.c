/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts the recording of a Linux host together: which threads are vCPUs of which guest, what they are called, and what a
 * recording without sched_switch says of their states.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"
#include "formats/linux_host_parts.h"

enum { VCPUS_MAX = 1 << 18 };

/* --- guests --- */

/* A guest while threads become its vCPUs. */
struct guest {
    int32_t process;              /* -1: unknown */
    int32_t last_pid, before_pid; /* of its newest thread, and of the newest with a lower number; -1: none */
    int32_t next_vcpu;            /* every lower number is taken */
};

struct guests {
    struct guest *rows;         /* by domain */
    struct intern vcpus, names; /* that are taken; vCPUs by their `who` */
};

static bool has_vcpu(const struct guests *guests, uint32_t domain, int32_t vcpu)
{
    uint32_t number;

    return intern_find(&guests->vcpus, trace_who(domain, (uint32_t)vcpu), "", &number);
}

/* The guest's process. QEMU's vCPUs are never a process's first thread, so a thread that says to be one belongs to a
 * process that the recording does not tell; -1. */
static int32_t process_of(const struct linux_thread *thread)
{
    return thread->tgid == thread->pid && !strncmp(thread->comm, "CPU ", 4) ? -1 : thread->tgid;
}

static const struct linux_thread *first_thread(const struct linux_host *host, int32_t process)
{
    for (uint32_t i = linux_newest(host, process); process > 0 && i != LINUX_NO_THREAD;
         i = host->threads[i].next_of_pid)
        if (host->threads[i].pid == process && !host->threads[i].is_vcpu && host->threads[i].comm[0] != '\0')
            return &host->threads[i];
    return NULL;
}

/* After the process, or after its only vCPU. */
static void name_domain(const struct linux_host *host, struct guests *guests, struct trace_domain *domain,
                        const struct linux_thread *vcpu)
{
    int32_t process = process_of(vcpu);
    const struct linux_thread *first = first_thread(host, process);
    const char *name = first != NULL ? first->comm : strncmp(vcpu->comm, "CPU ", 4) != 0 ? vcpu->comm : "guest";
    uint32_t number;

    snprintf(domain->name, sizeof domain->name, "%s", name);
    if (host->is_ours && strrchr(domain->name, 'v') != NULL)
        *strrchr(domain->name, 'v') = '\0';
    if (intern_find(&guests->names, 0, domain->name, &number))
        snprintf(domain->name, sizeof domain->name, "%s-%d", name, process > 0 ? process : vcpu->pid);
    (void)intern_number(&guests->names, 0, domain->name);
}

static uint32_t domain_new(struct linux_host *host, struct guests *guests, const struct linux_thread *vcpu)
{
    struct trace_world *world = &host->recorded->world;

    world->domains = array_grown(world->domains, world->domain_count, sizeof *world->domains);
    struct trace_domain *domain = &world->domains[world->domain_count++];
    *domain = (struct trace_domain){ .group = 0 };
    name_domain(host, guests, domain, vcpu);
    guests->rows = array_grown(guests->rows, world->domain_count - 1, sizeof *guests->rows);
    guests->rows[world->domain_count - 1] = (struct guest){ process_of(vcpu), -1, -1, 0 };
    return world->domain_count - 1;
}

/* The number of the guest's newest thread below this one. Those whose process is unknown come in their order. */
static int32_t last_below(const struct guest *guest, int32_t pid)
{
    return guest->last_pid < pid ? guest->last_pid : guest->before_pid;
}

/* The guest to which the thread belongs: that of its process; where the process is not known, of those that lack this
 * vCPU the one whose threads were created last before it, as QEMU creates those of a guest together. */
static uint32_t domain_of(struct linux_host *host, struct guests *guests, const struct linux_thread *thread)
{
    int32_t process = process_of(thread), nearest = -1;
    uint32_t found = UINT32_MAX;

    for (uint32_t d = 0; d < host->recorded->world.domain_count; d++) {
        if (guests->rows[d].process != process || (thread->vcpu >= 0 && has_vcpu(guests, d, thread->vcpu)) ||
            (process < 0 && thread->vcpu < 0))
            continue;
        int32_t last = process < 0 ? last_below(&guests->rows[d], thread->pid) : 0;
        if (found == UINT32_MAX || last > nearest) {
            found = d;
            nearest = last;
        }
    }
    return found != UINT32_MAX ? found : domain_new(host, guests, thread);
}

/* A thread whose number nobody tells has the lowest one that is free. */
static void add_vcpu(struct linux_host *host, struct guests *guests, struct linux_thread *thread, uint32_t domain)
{
    struct trace_domain *of = &host->recorded->world.domains[domain];
    struct guest *guest = &guests->rows[domain];

    if (thread->vcpu < 0) {
        while (has_vcpu(guests, domain, guest->next_vcpu))
            guest->next_vcpu++;
        thread->vcpu = guest->next_vcpu;
    }
    if (thread->pid > guest->last_pid) {
        guest->before_pid = guest->last_pid;
        guest->last_pid = thread->pid;
    }
    thread->who = trace_who(domain, (uint32_t)thread->vcpu);
    (void)intern_number(&guests->vcpus, thread->who, "");
    if ((uint32_t)thread->vcpu >= of->vcpu_count)
        of->vcpu_count = (uint32_t)thread->vcpu + 1;
}

/* irqpath's own vCPUs. */
static void find_ours(struct linux_host *host)
{
    uint32_t domain, vcpu;

    for (uint32_t i = 0; i < host->thread_count && host->is_ours; i++) {
        struct linux_thread *thread = &host->threads[i];
        if (!linux_our_vcpu(thread->comm, thread->pid, &domain, &vcpu))
            continue;
        thread->is_vcpu = true;
        thread->vcpu = (int32_t)vcpu;
        thread->tgid = (int32_t)(1000 * (domain + 1));
    }
}

static int by_pid(const void *a, const void *b)
{
    const struct linux_thread *const *first = a, *const *second = b;

    return ((*first)->pid > (*second)->pid) - ((*first)->pid < (*second)->pid);
}

/* Those whose process is known as they appeared, which their place tells, and then the others by their numbers. */
static int by_process(const void *a, const void *b)
{
    const struct linux_thread *const *first = a, *const *second = b;
    bool is_told = process_of(*first) >= 0;

    if (is_told != (process_of(*second) >= 0))
        return is_told ? -1 : 1;
    return is_told ? (*first > *second) - (*first < *second) : by_pid(a, b);
}

/* The vCPUs as they appeared. */
static struct linux_thread **vcpus_of(struct linux_host *host, size_t *count)
{
    struct linux_thread **vcpus = calloc(host->thread_count + 1, sizeof *vcpus);

    CHECK(vcpus != NULL);
    *count = 0;
    for (uint32_t i = 0; i < host->thread_count; i++)
        if (host->threads[i].is_vcpu)
            vcpus[(*count)++] = &host->threads[i];
    return vcpus;
}

static void make_domains(struct linux_host *host)
{
    struct trace_world *world = &host->recorded->world;
    struct guests guests = { .rows = NULL };

    for (uint32_t i = 0; i < host->thread_count; i++)
        host->threads[i].who = TRACE_NOBODY;
    size_t count;
    struct linux_thread **vcpus = vcpus_of(host, &count);
    qsort(vcpus, count, sizeof *vcpus, host->is_ours ? by_pid : by_process); /* as guests are numbered */
    for (int is_numbered = 1; is_numbered >= 0; is_numbered--)
        for (size_t i = 0; i < count && world->domain_count < TRACE_DOMAINS_MAX; i++) {
            struct linux_thread *thread = vcpus[i];
            if (thread->who != TRACE_NOBODY || (thread->vcpu >= 0) != is_numbered)
                continue;
            add_vcpu(host, &guests, thread, domain_of(host, &guests, thread));
        }
    free(vcpus);
    free(guests.rows);
    intern_free(&guests.vcpus);
    intern_free(&guests.names);
    for (uint32_t d = 0; d < world->domain_count; d++) {
        world->domains[d].first_vcpu = world->vcpu_count;
        world->vcpu_count += world->domains[d].vcpu_count;
    }
}

static const char *make_threads(struct linux_host *host)
{
    struct trace_world *world = &host->recorded->world;

    for (uint32_t i = 0; i < host->thread_count; i++) {
        struct linux_thread *thread = &host->threads[i];
        if (thread->who != TRACE_NOBODY || !thread->is_used)
            continue;
        if (world->thread_count == TRACE_WHOLE_DOMAIN)
            return "more than 65535 threads: select a part with --trace-window";
        thread->who = trace_who(TRACE_THREADS, world->thread_count);
        world->threads = array_grown(world->threads, world->thread_count, sizeof *world->threads);
        struct trace_thread *named = &world->threads[world->thread_count++];
        *named = (struct trace_thread){ .pid = thread->pid };
        snprintf(named->name, sizeof named->name, "%s", thread->comm[0] != '\0' ? thread->comm : "?");
    }
    return NULL;
}

/* --- interrupts of vCPUs --- */

/* The vCPU with that local APIC in the guest of the process, or in the only guest that has one. Where no guest's
 * process is known, a guest's threads were created after its process, and before the next one. */
static uint32_t vcpu_of(struct linux_thread *const *vcpus, size_t vcpu_count, const struct linux_target *target)
{
    uint32_t who = TRACE_NOBODY, next_who = TRACE_NOBODY, count = 0;
    int32_t next_pid = INT32_MAX;

    for (size_t i = 0; i < vcpu_count; i++) {
        const struct linux_thread *thread = vcpus[i];
        if (thread->vcpu != (int32_t)target->apic)
            continue;
        if (target->tgid >= 0 && thread->tgid == target->tgid)
            return thread->who;
        who = thread->who;
        count++;
        if (target->tgid >= 0 && process_of(thread) < 0 && thread->pid > target->tgid && thread->pid < next_pid) {
            next_pid = thread->pid;
            next_who = who;
        }
    }
    return count == 1 ? who : next_who;
}

static uint32_t final_who(struct linux_host *host, uint32_t who)
{
    if (who == TRACE_NOBODY || (who & (LINUX_WHO_THREAD | LINUX_WHO_GUEST)) == 0 || who >> 16 == TRACE_IDLE_DOMAIN)
        return who;
    if ((who & LINUX_WHO_TARGET) == LINUX_WHO_GUEST) {
        uint32_t vcpu = host->threads[who & LINUX_WHO_INDEX].who;
        return trace_domain(vcpu) < TRACE_DOMAINS_MAX ? trace_who(trace_domain(vcpu), TRACE_WHOLE_DOMAIN)
                                                      : TRACE_NOBODY;
    }
    if ((who & LINUX_WHO_TARGET) == LINUX_WHO_TARGET)
        return host->targets[who & LINUX_WHO_INDEX].who;
    return host->threads[who & LINUX_WHO_INDEX].who;
}

static void find_targets(struct linux_host *host)
{
    size_t count;
    struct linux_thread **vcpus = vcpus_of(host, &count);

    for (size_t i = 0; i < host->target_numbers.count; i++)
        host->targets[i].who = vcpu_of(vcpus, count, &host->targets[i]);
    free(vcpus);
}

static void resolve(struct linux_host *host)
{
    find_targets(host);
    for (size_t i = 0; i < host->recorded->count; i++) {
        struct trace_record *record = &host->recorded->records[i];
        record->who = final_who(host, record->who);
        if (record->kind == TRACE_SWITCH)
            record->b = final_who(host, (uint32_t)record->b);
        if (record->kind == TRACE_RAISE && record->who == TRACE_NOBODY && !host->is_ours)
            recorded_ignore(host->recorded, "vCPU of an MSI", "its guest cannot be told");
    }
}

/* What is on its way to a vCPU. */
struct pending {
    uint32_t last;       /* the flow that was sent last and has woken nobody yet */
    uint32_t flows[256]; /* by vector */
};

/* A wake-up, an injection and a handler without a flow belong to the MSI that was sent before. */
static void link_flows(struct recorded *recorded)
{
    struct pending *all = calloc(recorded->world.vcpu_count + 1, sizeof *all);

    CHECK(all != NULL);
    for (size_t i = 0; i < recorded->count; i++) {
        struct trace_record *record = &recorded->records[i];
        uint32_t vcpu = trace_world_vcpu(&recorded->world, record->who);
        if (vcpu == UINT32_MAX)
            continue;
        if (record->kind == TRACE_RAISE || record->kind == TRACE_PEND) {
            all[vcpu].flows[record->a & 255] = record->flow;
            all[vcpu].last = record->kind == TRACE_RAISE ? record->flow : all[vcpu].last;
        } else if (record->kind == TRACE_WAKE && record->flow == 0) {
            record->flow = all[vcpu].last;
            all[vcpu].last = 0;
        } else if (record->kind == TRACE_INJECT || record->kind == TRACE_HANDLER) {
            uint32_t flow = all[vcpu].flows[record->a & 255];
            record->flow = flow != 0 ? flow : record->flow;
        }
    }
    free(all);
}

/* --- states --- */

/* With sched_switch, a halt began with a poll if it is longer than the vCPU was off its CPU. The records of polls are
 * to precede those of the moments at which they end. */
static void use_polls(struct linux_host *host)
{
    struct recorded *recorded = host->recorded;
    size_t others = recorded->count;
    uint64_t from = host->first_ns + host->choice->from_ns;

    for (size_t i = 0; i < host->halt_count && host->has_switch; i++) {
        const struct linux_halt *halt = &host->halts[i];
        if (halt->left_ns > from && halt->left_ns < halt->ns && halt->ns - halt->left_ns < halt->halted_ns)
            linux_emit(host, halt->left_ns, halt->cpu, TRACE_POLL, linux_who(halt->thread), 0, 0,
                       halt->halted_ns - (halt->ns - halt->left_ns));
    }
    size_t count = recorded->count - others;
    if (count == 0)
        return;
    struct trace_record *polls = malloc(count * sizeof *polls);
    CHECK(polls != NULL);
    memcpy(polls, recorded->records + others, count * sizeof *polls);
    memmove(recorded->records + count, recorded->records, others * sizeof *polls);
    memcpy(recorded->records, polls, count * sizeof *polls);
    free(polls);
}

/* Without sched_switch, KVM's wake-ups say when a vCPU was blocked; between them it ran. */
static void use_halts(struct linux_host *host)
{
    if (host->has_switch)
        return;
    for (size_t i = 0; i < host->halt_count; i++) {
        const struct linux_halt *halt = &host->halts[i];
        struct linux_thread *thread = &host->threads[halt->thread];
        uint64_t from = host->first_ns + host->choice->from_ns;
        uint64_t since = halt->ns - from > halt->halted_ns ? halt->ns - halt->halted_ns : from;
        if (since < thread->left_ns)
            since = thread->left_ns;
        thread->state = LINUX_RUNNING;
        if (since > from)
            linux_state(host, halt->thread, since, halt->cpu, LINUX_BLOCKED, halt->cpu);
        thread->state = LINUX_BLOCKED;
        if (!host->has_waking)
            linux_emit(host, halt->ns, halt->cpu, TRACE_WAKE, linux_who(halt->thread), thread->flow, 0, 0);
        linux_state(host, halt->thread, halt->ns, halt->cpu, LINUX_RUNNABLE, halt->cpu);
        linux_state(host, halt->thread, halt->ns, halt->cpu, LINUX_RUNNING, halt->cpu);
        thread->left_ns = halt->ns;
    }
}

/* Threads that ran all the time, and those that were first seen when they came to run. */
static void first_states(struct linux_host *host)
{
    for (uint32_t i = 0; i < host->thread_count; i++) {
        struct linux_thread *thread = &host->threads[i];
        if (thread->unsure != SIZE_MAX && !host->has_waking)
            host->recorded->records[thread->unsure].a = LINUX_BLOCKED * 16 + LINUX_RUNNING;
        if (!thread->has_record && host->has_switch && thread->state == LINUX_RUNNING)
            linux_emit(host, 0, thread->cpu, TRACE_VCPU, linux_who(i), 0, LINUX_RUNNING, thread->cpu);
    }
}

/* --- names --- */

static const char *const *texts_of(struct recorded *recorded, const struct intern *names)
{
    char **texts = calloc(names->count + 1, sizeof *texts);

    CHECK(texts != NULL);
    for (size_t i = 0; i < names->count; i++)
        texts[i] = names->rows[i].text;
    const char *const *kept = recorded_names(recorded, (const char *const *)texts, (uint32_t)names->count);
    free(texts);
    return kept;
}

static void keep_names(struct linux_host *host)
{
    struct recorded *recorded = host->recorded;

    recorded->world.irq_names = recorded_names(recorded, (const char *const *)host->irq_names, host->irq_count);
    recorded->world.irq_count = host->irq_count;
    recorded->world.has_lines = true;
    recorded->world.action_names = texts_of(recorded, &host->actions);
    recorded->world.action_count = (uint32_t)host->actions.count;
    if (host->exits.count > 0)
        recorded->world.exit_names = texts_of(recorded, &host->exits);
    recorded->world.exit_count = (uint32_t)host->exits.count;
    recorded->names.softirq_names = recorded_names(recorded, (const char *const *)host->softirq_names, LINUX_SOFTIRQS);
    recorded->names.softirq_count = LINUX_SOFTIRQS;
}

const char *linux_finish(struct linux_host *host)
{
    struct recorded *recorded = host->recorded;

    for (uint32_t cpu = 0; cpu < recorded->world.cpu_count; cpu++)
        linux_irq_end(host, cpu, host->now_ns);
    host->is_over = false;
    linux_use_begun(host);
    use_halts(host);
    first_states(host);
    use_polls(host);
    find_ours(host);
    make_domains(host);
    const char *problem = make_threads(host);
    if (problem != NULL)
        return problem;
    if (recorded->world.vcpu_count > VCPUS_MAX)
        return "more than 262144 vCPUs";
    resolve(host);
    keep_names(host);
    uint64_t since = host->now_ns - host->first_ns;
    recorded->world.end = since >= host->choice->from_ns ? since - host->choice->from_ns + 1 : 0;
    recorded_finish(recorded);
    if (!host->is_ours)
        link_flows(recorded);
    return NULL;
}
