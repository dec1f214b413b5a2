/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts the recording of a Xen host together: domains are numbered in the order of their numbers in the file, times
 * begin at 0, and what no analysis could take is refused.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"
#include "formats/xentrace_names.h"
#include "formats/xentrace_parts.h"
#include "models/registry.h"
#include "trace/opening.h"

enum { DOMAINS = TRACE_DOMAINS_MAX, VCPUS_MAX = 8192, ALL_VCPUS_MAX = 1 << 18, LOCKS_MAX = 1 << 16, SOFTIRQS_MAX = 64 };
enum { FRAMES_MAX = 16, HELD_MAX = 12 };

/* --- domains --- */

struct domains {
    uint32_t vcpus[DOMAINS + 1]; /* by number in the file: highest vCPU + 1, 0: none */
    uint32_t index[DOMAINS + 1];
};

static bool note(struct xen_reader *reader, struct domains *domains, uint32_t who)
{
    uint32_t domain = trace_domain(who), vcpu = trace_vcpu(who);

    if (who == TRACE_NOBODY || domain > DOMAINS)
        return true;
    if (vcpu != TRACE_WHOLE_DOMAIN && vcpu >= VCPUS_MAX)
        return xen_fail(reader, 0, "a record of vCPU %u of domain %u; there are at most %d", vcpu, domain, VCPUS_MAX);
    if (vcpu == TRACE_WHOLE_DOMAIN)
        vcpu = 0;
    if (domains->vcpus[domain] <= vcpu)
        domains->vcpus[domain] = vcpu + 1;
    return true;
}

static bool note_all(struct xen_reader *reader, struct domains *domains)
{
    for (size_t i = 0; i < reader->text_count; i++)
        if (reader->texts[i].what == XENTRACE_TEXT_DOMAIN && reader->texts[i].index < DOMAINS &&
            reader->texts[i].number <= VCPUS_MAX)
            domains->vcpus[reader->texts[i].index + 1] = (uint32_t)reader->texts[i].number;
    for (size_t i = 0; i < reader->recorded->count && reader->version < 2; i++) {
        const struct trace_record *record = &reader->recorded->records[i];
        if (!note(reader, domains, record->who) ||
            (record->kind == TRACE_SWITCH && !note(reader, domains, (uint32_t)record->b)))
            return false;
    }
    return true;
}

static const struct xen_text *text_of(const struct xen_reader *reader, uint32_t what, uint32_t index)
{
    uint32_t number;

    return intern_find(&reader->text_numbers, (uint64_t)what << 32 | index, "", &number) ? &reader->texts[number]
                                                                                         : NULL;
}

static bool make_domains(struct xen_reader *reader, struct domains *domains)
{
    struct trace_world *world = &reader->recorded->world;
    uint32_t count = 0;

    for (uint32_t d = 0; d <= DOMAINS; d++)
        count += domains->vcpus[d] > 0;
    world->domains = calloc(count + 1, sizeof *world->domains);
    CHECK(world->domains != NULL);
    for (uint32_t d = 0; d <= DOMAINS; d++) {
        if (domains->vcpus[d] == 0)
            continue;
        struct trace_domain *domain = &world->domains[world->domain_count];
        domains->index[d] = world->domain_count++;
        *domain = (struct trace_domain){ .vcpu_count = domains->vcpus[d], .first_vcpu = world->vcpu_count };
        world->vcpu_count += domains->vcpus[d];
        const struct xen_text *name = d > 0 ? text_of(reader, XENTRACE_TEXT_DOMAIN, d - 1) : NULL;
        if (name != NULL)
            snprintf(domain->name, sizeof domain->name, "%s", name->text);
        else
            snprintf(domain->name, sizeof domain->name, "d%u", d);
    }
    return world->vcpu_count <= ALL_VCPUS_MAX || xen_fail(reader, 0, "%u vCPUs", world->vcpu_count);
}

static uint32_t final_who(const struct xen_reader *reader, const struct domains *domains, uint32_t who)
{
    uint32_t domain = trace_domain(who);

    if (who == TRACE_NOBODY || domain > TRACE_IDLE_DOMAIN)
        return TRACE_NOBODY;
    if (domain == TRACE_IDLE_DOMAIN)
        return trace_vcpu(who) < reader->recorded->world.cpu_count ? who : TRACE_NOBODY;
    if (domain == TRACE_THREADS)
        return trace_vcpu(who) < reader->recorded->world.thread_count ? who : TRACE_NOBODY;
    if (reader->version >= 2) /* irqpath names all its domains; others are numbers of its own */
        return domain > 0 ? who - (1u << 16) : TRACE_NOBODY;
    return trace_who(domains->index[domain], trace_vcpu(who));
}

/* --- names --- */

static void make_locks(struct xen_reader *reader, uint32_t count)
{
    struct trace *names = &reader->recorded->names;

    names->locks = calloc(count + 1, sizeof *names->locks);
    CHECK(names->locks != NULL);
    names->lock_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct xen_text *name = text_of(reader, XENTRACE_TEXT_LOCK, i);
        names->locks[i].class_name = name != NULL ? recorded_text(reader->recorded, name->text) : "lock";
        names->locks[i].number = name != NULL ? (uint32_t)name->number : i;
    }
}

static void make_names(struct xen_reader *reader)
{
    struct recorded *recorded = reader->recorded;
    struct trace_world *world = &recorded->world;
    const struct xen_text *design = text_of(reader, XENTRACE_TEXT_DESIGN, 0);
    const struct xen_text *text;

    if (design != NULL)
        snprintf(recorded->design, sizeof recorded->design, "%.47s", design->text);
    const struct design *known = design_find(recorded->design);
    if (known != NULL && strcmp(known->family->name, "xen") != 0)
        recorded->host = RECORDED_HOST_LINUX;
    for (uint32_t i = 0; (text = text_of(reader, XENTRACE_TEXT_THREAD, i)) != NULL; i++) {
        world->threads = array_grown(world->threads, i, sizeof *world->threads);
        world->threads[i] = (struct trace_thread){ .pid = (int32_t)text->number };
        snprintf(world->threads[i].name, sizeof world->threads[i].name, "%.47s", text->text);
        world->thread_count = i + 1;
    }
    recorded->names.softirq_names = xen_texts_of(reader, XENTRACE_TEXT_SOFTIRQ, &recorded->names.softirq_count);
    world->irq_names = xen_texts_of(reader, XENTRACE_TEXT_IRQ, &world->irq_count);
    world->action_names = xen_texts_of(reader, XENTRACE_TEXT_ACTION, &world->action_count);
    world->exit_names = xen_texts_of(reader, XENTRACE_TEXT_EXIT, &world->exit_count);
    if (reader->exits.count > 0)
        world->exit_names = xen_exit_names(reader, &world->exit_count);
}

/* --- what an analysis relies on --- */

struct depth {
    uint32_t frames, held;
};

static bool check_depth(struct depth *depth, enum trace_kind kind)
{
    switch (kind) {
    case TRACE_IRQ_ENTRY:
    case TRACE_SOFTIRQ_ENTRY:
    case TRACE_LOCK_WAIT:
        return ++depth->frames <= FRAMES_MAX;
    case TRACE_IRQ_EXIT:
    case TRACE_SOFTIRQ_EXIT:
        depth->frames -= depth->frames > 0;
        return true;
    case TRACE_LOCK_ACQUIRE:
        depth->frames -= depth->frames > 0;
        return ++depth->held <= HELD_MAX;
    case TRACE_LOCK_RELEASE:
        depth->held -= depth->held > 0;
        return true;
    default:
        return true;
    }
}

static bool check_record(struct xen_reader *reader, const struct trace_record *record, uint32_t *locks)
{
    uint32_t cpus = reader->recorded->world.cpu_count;
    uint32_t world_exits = reader->recorded->world.exit_count;
    uint64_t cpu = 0;

    switch (record->kind) {
    case TRACE_RUNSTATE:
    case TRACE_VCPU:
    case TRACE_SOFTIRQ_RAISE:
    case TRACE_IPI:
        cpu = record->b;
        break;
    case TRACE_LOCK_WAIT:
        cpu = record->b == UINT32_MAX ? 0 : record->b;
        break;
    default:
        break;
    }
    if (cpu >= cpus || record->cpu >= cpus)
        return xen_fail(reader, 0, "a record tells of pCPU %" PRIu64 ", which has no window", cpu);
    if (record->kind >= TRACE_SOFTIRQ_RAISE && record->kind <= TRACE_SOFTIRQ_EXIT && record->a >= SOFTIRQS_MAX)
        return xen_fail(reader, 0, "a record tells of softirq %u", record->a);
    if (record->kind == TRACE_VMEXIT && reader->exits.count == 0 && record->a >= (world_exits > 0 ? world_exits : 7))
        return xen_fail(reader, 0, "a record tells of exit %u", record->a);
    if (record->kind < TRACE_LOCK_WAIT || record->kind > TRACE_LOCK_RELEASE)
        return true;
    if (record->a >= LOCKS_MAX)
        return xen_fail(reader, 0, "a record tells of lock %u", record->a);
    *locks = record->a >= *locks ? record->a + 1 : *locks;
    return true;
}

/* The interrupts and locks of a pCPU that lost records are no longer known. */
static bool check_all(struct xen_reader *reader, uint32_t *locks)
{
    struct depth *depths = calloc(RECORDING_CPUS_MAX, sizeof *depths);
    bool is_good = true;

    CHECK(depths != NULL);
    for (size_t i = 0; i < reader->recorded->count && is_good; i++) {
        const struct trace_record *record = &reader->recorded->records[i];
        is_good = check_record(reader, record, locks);
        if (is_good && !check_depth(&depths[record->cpu], record->kind))
            is_good =
                xen_fail(reader, 0, "interrupts, softirqs or locks of pCPU %u that begin and do not end", record->cpu);
    }
    free(depths);
    return is_good;
}

/* --- times --- */

static bool check_times(struct xen_reader *reader)
{
    if (reader->choice->frequency_hz != 0)
        reader->frequency_hz = reader->choice->frequency_hz;
    if (reader->first_tsc > reader->last_tsc)
        return xen_fail(reader, 0, "no record with a time");
    if (reader->frequency_hz < 1000000 || reader->frequency_hz > UINT64_C(100000000000))
        return xen_fail(reader, 0, "the file does not give its clock's frequency: use --cpu-hz, as in --cpu-hz 2.4GHz");
    if (reader->last_tsc - reader->first_tsc >= CYCLES_NEVER)
        return xen_fail(reader, 0, "the recording spans %" PRIu64 " cycles: longer than any run",
                        reader->last_tsc - reader->first_tsc);
    reader->recorded->world.frequency_hz = reader->frequency_hz;
    reader->recorded->is_in_cycles = true;
    return true;
}

static uint64_t since(uint64_t tsc, uint64_t base) { return tsc > base ? tsc - base : 0; }

/* A vCPU that waits in a trace of Xen's is assigned to the pCPU on which it runs next: the record of its wake-up is the
 * waker's. */
static void assign(struct xen_reader *reader)
{
    struct recorded *recorded = reader->recorded;
    uint32_t *next = malloc((recorded->world.vcpu_count + 1) * sizeof *next);

    CHECK(next != NULL);
    memset(next, 0xff, (recorded->world.vcpu_count + 1) * sizeof *next);
    for (size_t i = recorded->count; i-- > 0 && reader->version < 2;) {
        struct trace_record *record = &recorded->records[i];
        uint32_t vcpu = trace_world_vcpu(&recorded->world, record->who);
        if (record->kind != TRACE_RUNSTATE || vcpu == UINT32_MAX)
            continue;
        if (record->a % 16 == XEN_RUNNING)
            next[vcpu] = (uint32_t)record->b;
        else if (record->a % 16 == XEN_RUNNABLE && next[vcpu] != UINT32_MAX)
            record->b = next[vcpu];
    }
    free(next);
}

/* Tells where the part begins, as records of time 0, what is known of tasks and pCPUs from the records before it. */
struct before {
    struct trace_record *states; /* [tasks] */
    bool *are_known;
    size_t tasks;
    struct trace_opening opening;
};

static void before_init(struct before *before, const struct recorded *recorded)
{
    before->tasks = recorded->world.vcpu_count + recorded->world.thread_count;
    before->states = calloc(before->tasks + 1, sizeof *before->states);
    before->are_known = calloc(before->tasks + 1, sizeof *before->are_known);
    CHECK(before->states != NULL && before->are_known != NULL);
    trace_opening_init(&before->opening, recorded->world.cpu_count, recorded->host == RECORDED_HOST_LINUX);
}

static void before_free(struct before *before)
{
    free(before->states);
    free(before->are_known);
    trace_opening_free(&before->opening);
}

static void before_follow(struct before *before, const struct trace_world *world, const struct trace_record *record)
{
    uint32_t task = trace_world_task(world, record->who);

    trace_opening_follow(&before->opening, record);
    if ((record->kind != TRACE_RUNSTATE && record->kind != TRACE_VCPU) || task == UINT32_MAX)
        return;
    before->states[task] = *record;
    before->are_known[task] = true;
}

static void before_tell(const struct before *before, struct recorded *recorded)
{
    size_t count;
    struct trace_record *records = trace_opening_records(&before->opening, 0, &count);

    for (size_t task = 0; task < before->tasks; task++) {
        struct trace_record state = before->states[task];
        state.kind = TRACE_VCPU;
        state.a %= 16;
        state.time = 0;
        if (before->are_known[task])
            recorded_add(recorded, state);
    }
    for (size_t i = 0; i < count; i++)
        recorded_add(recorded, records[i]);
    free(records);
}

static void select_part(struct xen_reader *reader)
{
    struct recorded *recorded = reader->recorded;
    uint64_t hz = reader->frequency_hz, from = cycles_from_ns(reader->choice->from_ns, hz);
    uint64_t until = reader->choice->until_ns != 0 ? cycles_from_ns(reader->choice->until_ns, hz) : UINT64_MAX;
    struct trace_record *all = recorded->records;
    size_t count = recorded->count, at = 0;
    struct before before;

    before_init(&before, recorded);
    recorded->records = NULL;
    recorded->count = recorded->capacity = 0;
    for (; at < count && all[at].time < from; at++)
        before_follow(&before, &recorded->world, &all[at]);
    before_tell(&before, recorded);
    before_free(&before);
    for (; at < count && all[at].time < until; at++) {
        struct trace_record record = all[at];
        record.time -= from;
        if (record.kind == TRACE_RAISE || record.kind == TRACE_DROPPED)
            record.b = since(record.b, from);
        recorded_add(recorded, record);
    }
    free(all);
    uint64_t end = recorded->world.end < until ? recorded->world.end : until;
    recorded->world.end = since(end, from);
}

bool xen_finish(struct xen_reader *reader)
{
    struct recorded *recorded = reader->recorded;
    struct domains *domains = calloc(1, sizeof *domains);
    uint32_t locks = 0;

    CHECK(domains != NULL);
    bool is_good = check_times(reader) && note_all(reader, domains) && make_domains(reader, domains);
    if (is_good)
        make_names(reader);
    for (size_t i = 0; is_good && i < recorded->count; i++) {
        struct trace_record *record = &recorded->records[i];
        record->who = final_who(reader, domains, record->who);
        record->time = since(record->time, reader->first_tsc);
        if (record->kind == TRACE_SWITCH)
            record->b = final_who(reader, domains, (uint32_t)record->b);
        if (record->kind == TRACE_RAISE || record->kind == TRACE_DROPPED)
            record->b = since(record->b, reader->first_tsc);
    }
    free(domains);
    if (!is_good)
        return false;
    for (size_t i = 0; i < reader->text_count; i++)
        if (reader->texts[i].what == XENTRACE_TEXT_LOCK && reader->texts[i].index < LOCKS_MAX &&
            reader->texts[i].index >= locks)
            locks = reader->texts[i].index + 1;
    recorded->world.end =
        reader->end_tsc != 0 ? since(reader->end_tsc, reader->first_tsc) : reader->last_tsc - reader->first_tsc + 1;
    recorded_finish(recorded);
    if (!check_all(reader, &locks))
        return false;
    make_locks(reader, locks);
    assign(reader);
    if (reader->choice->from_ns != 0 || reader->choice->until_ns != 0) {
        select_part(reader);
        recorded_finish(recorded);
    }
    return true;
}
