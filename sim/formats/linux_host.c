/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads and what the scheduler does with them. What a thread was before its first event is known from that event: who
 * leaves a CPU has run, who enters one was runnable.
 */
#include "formats/linux_host_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"

enum { PID_PAGE = 4096, PID_PAGES = 1024 };

struct linux_host *linux_host_new(struct recorded *recorded, const struct recording_choice *choice)
{
    struct linux_host *host = calloc(1, sizeof *host);

    CHECK(host != NULL);
    host->of_pid = calloc(PID_PAGES, sizeof *host->of_pid);
    CHECK(host->of_pid != NULL);
    host->recorded = recorded;
    host->choice = choice;
    recorded->host = RECORDED_HOST_LINUX;
    recorded->world.frequency_hz = 1000000000;
    trace_opening_init(&host->opening, choice->from_ns != 0 ? RECORDING_CPUS_MAX : 0, true);
    for (uint32_t cpu = 0; cpu < RECORDING_CPUS_MAX; cpu++)
        host->cpus[cpu].current = LINUX_NO_THREAD;
    return host;
}

void linux_host_free(struct linux_host *host)
{
    for (uint32_t page = 0; page < PID_PAGES; page++)
        free(host->of_pid[page]);
    for (uint32_t i = 0; i < host->irq_count; i++)
        free(host->irq_names[i]);
    for (uint32_t i = 0; i < LINUX_SOFTIRQS; i++)
        free(host->softirq_names[i]);
    intern_free(&host->target_numbers);
    intern_free(&host->actions);
    intern_free(&host->exits);
    intern_free(&host->lock_numbers);
    intern_free(&host->our_names);
    free(host->our_threads);
    free(host->irq_names);
    free(host->of_pid);
    free(host->threads);
    free(host->halts);
    free(host->targets);
    trace_opening_free(&host->opening);
    free(host);
}

/* --- records --- */

void linux_emit(struct linux_host *host, uint64_t ns, uint32_t cpu, enum trace_kind kind, uint32_t who, uint32_t flow,
                uint32_t a, uint64_t b)
{
    uint64_t from = host->first_ns + host->choice->from_ns;
    struct trace_record record = { .time = ns > from ? ns - from : 0,
                                   .b = b,
                                   .who = who,
                                   .flow = flow,
                                   .a = a,
                                   .kind = (uint16_t)kind,
                                   .cpu = (uint16_t)cpu };

    if (!host->is_open)
        trace_opening_follow(&host->opening, &record);
    if (!host->is_open || host->is_over)
        return;
    if (who != TRACE_NOBODY && (who & LINUX_WHO_TARGET) == LINUX_WHO_THREAD)
        host->threads[who & LINUX_WHO_INDEX].is_used = true;
    recorded_add(host->recorded, record);
}

void linux_state(struct linux_host *host, uint32_t thread, uint64_t ns, uint32_t cpu, uint32_t state, uint32_t assigned)
{
    struct linux_thread *it = &host->threads[thread];

    linux_emit(host, ns, cpu, TRACE_RUNSTATE, linux_who(thread), 0, it->state * 16 + state, assigned);
    it->has_record |= host->is_open;
    it->since_ns = ns;
    it->state = (uint8_t)state;
    it->cpu = assigned;
}

/* What is under way when the part to read begins. */
static void open_cpus(struct linux_host *host)
{
    size_t count;
    struct trace_record *records = trace_opening_records(&host->opening, 0, &count);

    for (size_t i = 0; i < count; i++)
        linux_emit(host, 0, records[i].cpu, (enum trace_kind)records[i].kind, records[i].who, records[i].flow,
                   records[i].a, records[i].b);
    free(records);
}

/* What is known of every thread and CPU when the part to read begins. */
static void open_part(struct linux_host *host)
{
    host->is_open = true;
    if (host->choice->from_ns == 0)
        return;
    for (uint32_t cpu = 0; cpu < host->recorded->world.cpu_count; cpu++)
        if (host->cpus[cpu].is_idle || host->cpus[cpu].current != LINUX_NO_THREAD)
            linux_emit(host, 0, cpu, TRACE_VCPU, trace_who(TRACE_IDLE_DOMAIN, cpu), 0,
                       host->cpus[cpu].is_idle ? LINUX_RUNNING : LINUX_RUNNABLE, cpu);
    for (uint32_t i = 0; i < host->thread_count; i++) {
        struct linux_thread *thread = &host->threads[i];
        thread->unsure = SIZE_MAX;
        if (thread->state != LINUX_UNKNOWN)
            linux_emit(host, 0, thread->cpu, TRACE_VCPU, linux_who(i), 0, thread->state, thread->cpu);
        thread->has_record = thread->state != LINUX_UNKNOWN;
    }
    open_cpus(host);
}

/* --- threads --- */

static uint32_t thread_new(struct linux_host *host, int32_t pid, uint32_t older)
{
    host->threads = array_grown(host->threads, host->thread_count, sizeof *host->threads);
    host->threads[host->thread_count] = (struct linux_thread){
        .pid = pid, .tgid = -1, .vcpu = -1, .next_of_pid = older, .state = LINUX_UNKNOWN, .unsure = SIZE_MAX
    };
    return host->thread_count++;
}

/* The name of a vCPU's thread says its number: "CPU 3/KVM" of QEMU, "fc_vcpu 3" of Firecracker, "vcpu3" of
 * cloud-hypervisor, "crosvm_vcpu3", "kvm-vcpu-3" of kvmtool. */
static void note_vcpu(struct linux_thread *thread)
{
    static const char *const formats[] = { "CPU %u/KVM%n", "fc_vcpu %u%n",    "vcpu%u%n",
                                           "vcpu-%u%n",    "crosvm_vcpu%u%n", "kvm-vcpu-%u%n" };

    thread->is_vcpu |= !strncmp(thread->comm, "vcpu", 4);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        unsigned number;
        int end = 0;
        if (sscanf(thread->comm, formats[i], &number, &end) == 1 && end > 0 && thread->comm[end] == '\0' &&
            number < LINUX_VCPUS_MAX) {
            thread->is_vcpu = true;
            thread->vcpu = (int32_t)number;
        }
    }
}

uint32_t linux_newest(const struct linux_host *host, int32_t pid)
{
    const uint32_t *page = host->of_pid[(uint32_t)pid / PID_PAGE % PID_PAGES];

    return page != NULL ? page[(uint32_t)pid % PID_PAGE] : LINUX_NO_THREAD;
}

uint32_t linux_thread(struct linux_host *host, int32_t pid, int32_t tgid, const char *comm)
{
    uint32_t **page = &host->of_pid[(uint32_t)pid / PID_PAGE % PID_PAGES];

    if (*page == NULL) {
        *page = malloc(PID_PAGE * sizeof **page);
        CHECK(*page != NULL);
        memset(*page, 0xff, PID_PAGE * sizeof **page);
    }
    uint32_t *newest = &(*page)[(uint32_t)pid % PID_PAGE], found = *newest;
    while (found != LINUX_NO_THREAD && host->threads[found].pid != pid)
        found = host->threads[found].next_of_pid;
    if (found == LINUX_NO_THREAD || (host->threads[found].is_dead && comm != NULL &&
                                     strncmp(comm, host->threads[found].comm, LINUX_COMM_BYTES - 1) != 0))
        found = *newest = thread_new(host, pid, *newest);
    struct linux_thread *thread = &host->threads[found];
    if (tgid >= 0)
        thread->tgid = tgid;
    if (comm != NULL && strncmp(comm, thread->comm, LINUX_COMM_BYTES - 1) != 0) {
        snprintf(thread->comm, sizeof thread->comm, "%s", comm);
        note_vcpu(thread);
    }
    return found;
}

const char *linux_rename(struct linux_host *host, int32_t pid, int32_t tgid, const char *comm)
{
    linux_thread(host, pid, tgid, comm);
    return NULL;
}

/* --- the scheduler --- */

static void idle_leaves(struct linux_host *host, const struct linux_at *at)
{
    uint32_t who = trace_who(TRACE_IDLE_DOMAIN, at->cpu);

    linux_emit(host, at->ns, at->cpu, TRACE_IDLE_EXIT, TRACE_NOBODY, 0, 0, 0);
    linux_emit(host, at->ns, at->cpu, TRACE_RUNSTATE, who, 0, LINUX_RUNNING * 16 + LINUX_RUNNABLE, at->cpu);
}

static void idle_enters(struct linux_host *host, const struct linux_at *at)
{
    uint32_t who = trace_who(TRACE_IDLE_DOMAIN, at->cpu);

    linux_emit(host, at->ns, at->cpu, TRACE_RUNSTATE, who, 0, LINUX_RUNNABLE * 16 + LINUX_RUNNING, at->cpu);
}

static void leaves(struct linux_host *host, const struct linux_at *at, uint32_t thread, bool blocks, bool dies)
{
    struct linux_thread *it = &host->threads[thread];

    if (it->state == LINUX_UNKNOWN)
        it->state = LINUX_RUNNING;
    if (it->state != LINUX_RUNNING || it->cpu != at->cpu) {
        recorded_ignore(host->recorded, "switch from a thread that was not running",
                        "its earlier events are missing; `perf record -a` records those of all threads");
        linux_state(host, thread, at->ns, at->cpu, LINUX_RUNNING, at->cpu);
        it->is_woken = false;
    }
    linux_state(host, thread, at->ns, at->cpu, dies ? LINUX_OFFLINE : blocks ? LINUX_BLOCKED : LINUX_RUNNABLE, at->cpu);
    it->is_dead = dies;
    if (!blocks)
        return;
    it->left_ns = at->ns;
    it->flow = it->msi_flow = 0;
}

static void enters(struct linux_host *host, const struct linux_at *at, uint32_t thread)
{
    struct linux_thread *it = &host->threads[thread];

    if (it->state == LINUX_RUNNING) { /* elsewhere, where its leaving is missing */
        linux_state(host, thread, at->ns, at->cpu, LINUX_RUNNABLE, at->cpu);
    } else if (it->state == LINUX_UNKNOWN) {
        it->state = LINUX_RUNNABLE;
        it->unsure = host->is_open && !host->is_over ? host->recorded->count : SIZE_MAX;
    } else if (it->state != LINUX_RUNNABLE) {
        /* Its waking came between its decision to sleep and the switch, or was not recorded. */
        linux_state(host, thread, it->is_woken ? it->left_ns : at->ns, at->cpu, LINUX_RUNNABLE, at->cpu);
    }
    linux_state(host, thread, at->ns, at->cpu, LINUX_RUNNING, at->cpu);
    it->is_woken = it->is_waking = it->is_dead = false;
}

/* The thread whose event this is runs, though no switch to it was recorded, as when perf records a process alone. Since
 * when is not known: it seems to be since now, but what ends here has begun before. What the CPU did before is known
 * until its last event, at `seen_ns`. */
static void unseen_switch(struct linux_host *host, const struct linux_at *at, uint32_t thread, uint64_t seen_ns)
{
    struct linux_cpu *cpu = &host->cpus[at->cpu];
    struct linux_thread *from = cpu->current != LINUX_NO_THREAD ? &host->threads[cpu->current] : NULL;

    recorded_ignore(host->recorded, "event of a thread whose switch is missing",
                    "what it did before is unknown; `perf record -a` records the switches of all threads");
    linux_begun_is_known(cpu);
    if (from != NULL && from->state == LINUX_RUNNING && from->cpu == at->cpu)
        linux_state(host, cpu->current, seen_ns, at->cpu, LINUX_UNKNOWN, at->cpu);
    if (cpu->is_idle)
        idle_leaves(host, at);
    cpu->is_idle = thread == LINUX_NO_THREAD;
    cpu->current = thread;
    if (thread == LINUX_NO_THREAD) {
        idle_enters(host, at);
        return;
    }
    struct linux_thread *to = &host->threads[thread];
    if (to->state != LINUX_RUNNING && to->state != LINUX_UNKNOWN && at->ends)
        linux_state(host, thread, to->since_ns, at->cpu, LINUX_UNKNOWN, at->cpu);
    if (to->state == LINUX_UNKNOWN)
        linux_state(host, thread, at->ns, at->cpu, LINUX_RUNNING, at->cpu);
    else
        enters(host, at, thread);
}

/* Whether another thread has this event than the current one; where that is not known, whether it is of a thread that
 * was last known not to run. */
static bool is_of_other(const struct linux_host *host, const struct linux_at *at, uint32_t thread)
{
    const struct linux_cpu *cpu = &host->cpus[at->cpu];

    if (!host->has_switch || host->is_ours || at->tid < 0)
        return false;
    if (cpu->current == LINUX_NO_THREAD && !cpu->is_idle)
        return thread != LINUX_NO_THREAD && host->threads[thread].state != LINUX_RUNNING &&
               host->threads[thread].state != LINUX_UNKNOWN;
    return at->tid == 0 ? !cpu->is_idle : cpu->current != thread;
}

const char *linux_event(struct linux_host *host, const struct linux_at *at)
{
    struct linux_cpu *cpu = &host->cpus[at->cpu];
    uint32_t thread = at->tid > 0 ? linux_thread(host, at->tid, at->tgid, at->comm) : LINUX_NO_THREAD;
    uint64_t seen_ns = cpu->last_ns;

    CHECK(at->cpu < RECORDING_CPUS_MAX);
    if (!host->has_begun)
        host->first_ns = at->ns;
    host->has_begun = true;
    if (at->cpu >= host->recorded->world.cpu_count)
        host->recorded->world.cpu_count = at->cpu + 1;
    cpu->last_ns = at->ns;
    uint64_t since = at->ns - host->first_ns;
    if (!host->is_open && since >= host->choice->from_ns)
        open_part(host);
    host->is_over |= host->choice->until_ns != 0 && since >= host->choice->until_ns;
    if (!host->is_over)
        host->now_ns = at->ns;
    if (is_of_other(host, at, thread)) {
        unseen_switch(host, at, thread, seen_ns);
    } else if (at->tid > 0 && cpu->current == LINUX_NO_THREAD && !cpu->is_idle) {
        cpu->current = thread;
        if (host->threads[thread].state == LINUX_UNKNOWN) {
            host->threads[thread].state = LINUX_RUNNING;
            host->threads[thread].cpu = at->cpu;
        }
    } else if (at->tid == 0 && cpu->current == LINUX_NO_THREAD) {
        cpu->is_idle = true;
    }
    return host->thread_count > LINUX_WHO_INDEX ? "more threads than can be numbered" : NULL;
}

/* For TRACE_SWITCH. */
static uint32_t who_of(struct linux_host *host, uint32_t cpu, struct linux_task task)
{
    return task.pid == 0 ? trace_who(TRACE_IDLE_DOMAIN, cpu) : linux_who(linux_thread(host, task.pid, -1, task.comm));
}

const char *linux_switch(struct linux_host *host, const struct linux_at *at, struct linux_task previous, bool blocks,
                         bool dies, struct linux_task next)
{
    struct linux_cpu *cpu = &host->cpus[at->cpu];

    linux_irq_end(host, at->cpu, at->ns);
    linux_begun_is_known(&host->cpus[at->cpu]);
    host->has_switch = true;
    uint32_t from = who_of(host, at->cpu, previous), to = who_of(host, at->cpu, next);
    if (previous.pid == 0)
        idle_leaves(host, at);
    else
        leaves(host, at, from & LINUX_WHO_INDEX, blocks, dies);
    cpu->is_idle = next.pid == 0;
    cpu->current = next.pid == 0 ? LINUX_NO_THREAD : to & LINUX_WHO_INDEX;
    cpu->recent_flow = 0;
    if (next.pid == 0)
        idle_enters(host, at);
    else
        enters(host, at, to & LINUX_WHO_INDEX);
    linux_emit(host, at->ns, at->cpu, TRACE_SWITCH, to, 0, 0, from);
    if (next.pid == 0)
        linux_emit(host, at->ns, at->cpu, TRACE_IDLE_ENTRY, TRACE_NOBODY, 0, 0, 0);
    return NULL;
}

const char *linux_waking(struct linux_host *host, const struct linux_at *at, enum linux_wake wake,
                         struct linux_task task, uint32_t target_cpu)
{
    if (task.pid <= 0)
        return "a thread number that cannot be woken";
    if (target_cpu >= RECORDING_CPUS_MAX)
        return "a target CPU beyond the limit";
    uint32_t thread = linux_thread(host, task.pid, -1, task.comm);
    struct linux_thread *it = &host->threads[thread];
    bool is_second = wake == LINUX_WAKEUP && it->is_waking; /* of the same wake-up */

    linux_irq_close(host, at->cpu);
    if (target_cpu >= host->recorded->world.cpu_count)
        host->recorded->world.cpu_count = target_cpu + 1;
    host->has_waking = true;
    it->is_waking = wake == LINUX_WAKING;
    if (is_second) {
        if (it->state == LINUX_RUNNABLE && it->cpu != target_cpu)
            linux_state(host, thread, at->ns, at->cpu, LINUX_RUNNABLE, target_cpu);
        return NULL;
    }
    uint32_t flow = linux_flow(host, at);
    linux_emit(host, at->ns, at->cpu, TRACE_WAKE, linux_who(thread), flow, 0, 0);
    it->is_woken = true;
    if (it->flow == 0 || it->state == LINUX_BLOCKED)
        it->flow = flow;
    if (it->state == LINUX_UNKNOWN)
        it->state = wake == LINUX_WAKEUP_NEW ? LINUX_OFFLINE : LINUX_BLOCKED;
    if (it->state == LINUX_BLOCKED || it->state == LINUX_OFFLINE)
        linux_state(host, thread, at->ns, at->cpu, LINUX_RUNNABLE, target_cpu);
    return NULL;
}

const char *linux_migrate(struct linux_host *host, const struct linux_at *at, struct linux_task task, uint32_t cpu)
{
    if (task.pid <= 0 || cpu >= RECORDING_CPUS_MAX)
        return "a thread or CPU that cannot be";
    uint32_t thread = linux_thread(host, task.pid, -1, task.comm);
    if (cpu >= host->recorded->world.cpu_count)
        host->recorded->world.cpu_count = cpu + 1;
    if (host->threads[thread].state == LINUX_RUNNABLE && host->threads[thread].cpu != cpu)
        linux_state(host, thread, at->ns, at->cpu, LINUX_RUNNABLE, cpu);
    return NULL;
}

/* What was under way is not known to have gone on after the CPU's last event, with which the gap begins. */
const char *linux_lost(struct linux_host *host, const struct linux_at *at, uint64_t count)
{
    struct linux_cpu *cpu = &host->cpus[at->cpu];
    uint64_t since = cpu->last_ns != 0 ? cpu->last_ns : host->first_ns;

    CHECK(at->cpu < RECORDING_CPUS_MAX);
    if (at->cpu >= host->recorded->world.cpu_count)
        host->recorded->world.cpu_count = at->cpu + 1;
    linux_irq_end(host, at->cpu, since);
    linux_begun_is_known(cpu);
    if (cpu->is_in_softirq)
        linux_emit(host, since, at->cpu, TRACE_SOFTIRQ_EXIT, TRACE_NOBODY, 0, cpu->softirq, 0);
    cpu->is_in_softirq = false;
    cpu->current = LINUX_NO_THREAD;
    cpu->is_idle = false;
    linux_emit(host, since, at->cpu, TRACE_DROPPED, TRACE_NOBODY, 0, count < UINT32_MAX ? (uint32_t)count : UINT32_MAX,
               since - host->first_ns);
    host->recorded->lost += count;
    return NULL;
}
