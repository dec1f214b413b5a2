/* SPDX-License-Identifier: Apache-2.0
 *
 * Spinning on a cache line. A reader costs no event: a write decides who sees it when.
 *
 * What word_wait's readers see is decided at the write (at most one of them is meant, in lock queues). The readers of
 * word_acquire go through a burst: the releasing store ends (reads_at), every domain reads the line again, nearest
 * first; each CPU that saw the lock free sends an xchg as its copy arrives; the first to be served wins, the others
 * move the line all the same, and read again when that queue ends. One event carries a whole burst as long as
 * nothing else in the machine is due in between.
 */
#include "machine/line.h"
#include "machine/spin_burst.h"

void spin_init(struct machine *machine, struct line *line)
{
    struct waiters *waiters = ARENA_NEW(machine->arena, struct waiters);

    waiters->line = line;
    waiters->domain_readers = ARENA_ARRAY(machine->arena, uint32_t, machine->topology->domain_count);
    waiters->reads_at = CYCLES_NEVER;
    line->waiters = waiters;
}

uint32_t line_waiters(const struct line *line)
{
    uint32_t count = 0;

    if (line->waiters == NULL)
        return 0;
    for (const struct cpu *cpu = line->waiters->attempt_first; cpu != NULL; cpu = cpu->spin.next)
        count++;
    return count + line->waiters->reading_count;
}

/* --- the readers --- */

static void reader_add(struct waiters *waiters, struct cpu *cpu)
{
    cpu->spin.state = SPIN_READING;
    cpu->spin.previous = waiters->last;
    cpu->spin.next = NULL;
    if (waiters->last != NULL)
        waiters->last->spin.next = cpu;
    else
        waiters->first = cpu;
    waiters->last = cpu;
    waiters->reading_count++;
    if (waiters->domain_readers[cpu->domain]++ == 0)
        waiters->domain_count++;
}

static void reader_remove(struct waiters *waiters, struct cpu *cpu)
{
    CHECK(cpu->spin.state == SPIN_READING);
    *(cpu->spin.previous != NULL ? &cpu->spin.previous->spin.next : &waiters->first) = cpu->spin.next;
    *(cpu->spin.next != NULL ? &cpu->spin.next->spin.previous : &waiters->last) = cpu->spin.previous;
    waiters->reading_count--;
    if (--waiters->domain_readers[cpu->domain] == 0)
        waiters->domain_count--;
}

/* --- attempts --- */

/* Sorted by time; at equal times the later added goes last. Attempts mostly come in order. */
static void attempt_add(struct waiters *waiters, struct cpu *cpu, cycles when)
{
    struct cpu *after = waiters->attempt_last;

    while (after != NULL && after->spin.when > when)
        after = after->spin.previous;
    cpu->spin.state = SPIN_ATTEMPT;
    cpu->spin.when = when;
    cpu->spin.previous = after;
    cpu->spin.next = after != NULL ? after->spin.next : waiters->attempt_first;
    *(after != NULL ? &after->spin.next : &waiters->attempt_first) = cpu;
    *(cpu->spin.next != NULL ? &cpu->spin.next->spin.previous : &waiters->attempt_last) = cpu;
}

static void attempt_remove(struct waiters *waiters, struct cpu *cpu)
{
    CHECK(cpu->spin.state == SPIN_ATTEMPT);
    *(cpu->spin.previous != NULL ? &cpu->spin.previous->spin.next : &waiters->attempt_first) = cpu->spin.next;
    *(cpu->spin.next != NULL ? &cpu->spin.next->spin.previous : &waiters->attempt_last) = cpu->spin.previous;
}

static void serve(struct cpu *cpu, cycles when)
{
    cpu->spin.state = SPIN_DONE;
    cpu->spin.when = when;
    cpu->is_interruptible = false;      /* the access is under way: one instruction */
    cpu_wake_at(cpu, when);
}

static cycles burst_next(const struct waiters *waiters)
{
    cycles attempt = waiters->attempt_first != NULL ? waiters->attempt_first->spin.when : CYCLES_NEVER;

    return attempt < waiters->reads_at ? attempt : waiters->reads_at;
}

/* Directory reads by domain, nearest to the writer first; when[domain] is the arrival of that domain's copy. */
static void reread(struct waiters *waiters, cycles from, cycles *when)
{
    struct line *line = waiters->line;
    const struct machine *machine = line->machine;
    const struct costs *costs = machine->costs;
    cycles start = from > line->free_at ? from : line->free_at;
    uint32_t domains = machine->topology->domain_count;
    bool is_first = true;

    for (uint32_t distance = DISTANCE_NEAR; distance < DISTANCE_COUNT; distance++) {
        for (uint32_t i = 0; i < domains; i++) {
            uint32_t domain = (waiters->writer_domain + i) % domains;
            uint32_t readers = waiters->domain_readers[domain];
            if (readers == 0 || machine_distance(machine, waiters->writer_domain, domain) != distance)
                continue;
            when[domain] = start + (is_first ? costs->load_modified : costs->load_shared)[distance];
            start += costs->directory_service * (costs->reads_per_socket ? 1 : readers);
            is_first = false;
        }
    }
    line->free_at = start;
    waiters->is_reread_due = false;
    line_share(line);
}

/* The time the next reader of a domain sees what its first one saw at `when`. */
static cycles next_reader(const struct costs *costs, cycles when, bool is_first_after)
{
    if (costs->reads_per_socket)
        return is_first_after ? when + costs->load_shared[DISTANCE_NEAR] : when;
    return when + costs->directory_service;
}

/* The write the readers wait for has become visible: all read, and who sees `wanted` attempts. */
static void burst_read(struct waiters *waiters)
{
    cycles when[TOPOLOGY_DOMAINS_MAX];
    bool is_first[TOPOLOGY_DOMAINS_MAX] = { false };
    struct cpu *cpu = waiters->first;
    const struct machine *machine = waiters->line->machine;

    waiters->reads_at = CYCLES_NEVER;
    if (cpu == NULL)
        return;
    bool is_wanted = word_peek(cpu->spin.word) == cpu->spin.wanted;
    if (!is_wanted) {
        waiters->is_reread_due = true;      /* somebody overtook them: they read, and read on */
        return;
    }
    reread(waiters, machine->engine->now, when);
    for (uint32_t domain = 0; domain < machine->topology->domain_count; domain++)
        is_first[domain] = true;
    while (cpu != NULL) {
        struct cpu *next = cpu->spin.next;
        cycles seen = when[cpu->domain];
        reader_remove(waiters, cpu);
        attempt_add(waiters, cpu, seen);
        when[cpu->domain] = next_reader(machine->costs, seen, is_first[cpu->domain]);
        is_first[cpu->domain] = false;
        cpu = next;
    }
}

static void burst_attempt(struct waiters *waiters)
{
    struct cpu *cpu = waiters->attempt_first;
    struct word *word = cpu->spin.word;
    cycles made = cpu->spin.when;

    attempt_remove(waiters, cpu);
    cycles finish = line_request(waiters->line, cpu, made, LINE_ATOMIC);
    if (word->value == cpu->spin.wanted) {
        word->value = cpu->spin.replacement;
        serve(cpu, finish);
    } else {
        reader_add(waiters, cpu);
    }
    waiters->is_reread_due = waiters->reading_count > 0;
}

static void burst_fire(struct waiters *waiters)
{
    struct engine *engine = waiters->line->machine->engine;

    do {
        if (waiters->reads_at <= engine->now)
            burst_read(waiters);
        else
            burst_attempt(waiters);
    } while (burst_next(waiters) <= engine->now || engine_advance(engine, burst_next(waiters)));
}

/* --- the machine's list of bursts: one event slot for all lines --- */

static void bursts_schedule(struct machine *machine)
{
    struct bursts *bursts = machine->bursts;
    cycles next = CYCLES_NEVER;

    for (struct waiters **link = &bursts->first; *link != NULL;) {
        cycles when = burst_next(*link);
        if (when == CYCLES_NEVER) {
            (*link)->is_active = false;
            *link = (*link)->next_active;
            continue;
        }
        next = when < next ? when : next;
        link = &(*link)->next_active;
    }
    engine_at(machine->engine, bursts->slot, next < machine->engine->now ? machine->engine->now : next);
}

static void bursts_fire(void *argument)
{
    struct machine *machine = argument;

    for (struct waiters *waiters = machine->bursts->first; waiters != NULL; waiters = waiters->next_active)
        if (burst_next(waiters) <= machine->engine->now) {
            burst_fire(waiters);
            break;
        }
    bursts_schedule(machine);
}

static void burst_changed(struct waiters *waiters)
{
    struct machine *machine = waiters->line->machine;

    if (!waiters->is_active) {
        waiters->is_active = true;
        waiters->next_active = machine->bursts->first;
        machine->bursts->first = waiters;
    }
    bursts_schedule(machine);
}

void bursts_init(struct machine *machine)
{
    machine->bursts = ARENA_NEW(machine->arena, struct bursts);
    machine->bursts->slot = engine_event(machine->engine, bursts_fire, machine);
}

/* --- writes and waits --- */

/* A reader sees the value it waits for: when its domain's copy arrives. */
static void serve_reader(struct waiters *waiters, struct cpu *cpu, const cycles *when)
{
    const struct costs *costs = waiters->line->machine->costs;
    cycles behind = 0;

    if (costs->reads_per_socket) {
        for (struct cpu *other = cpu->spin.previous; other != NULL && behind == 0; other = other->spin.previous)
            if (other->domain == cpu->domain)
                behind = costs->load_shared[DISTANCE_NEAR];
    } else {
        for (struct cpu *other = waiters->first; other != NULL; other = other->spin.next)
            if (other->domain == cpu->domain && other->id < cpu->id)
                behind += costs->directory_service;
    }
    reader_remove(waiters, cpu);
    line_add_sharer(waiters->line, cpu);
    serve(cpu, when[cpu->domain] + behind);
}

void spin_after_write(struct word *word, const struct cpu *writer, cycles finish)
{
    struct waiters *waiters = word->line->waiters;
    cycles when[TOPOLOGY_DOMAINS_MAX];
    bool was_read = false;

    if (waiters == NULL || waiters->first == NULL)
        return;
    waiters->is_reread_due = true;
    waiters->writer_domain = writer->domain;
    if (waiters->first->spin.word != word)
        return;
    if (waiters->first->spin.attempts) {
        if (waiters->first->spin.wanted == word->value && waiters->reads_at == CYCLES_NEVER) {
            waiters->reads_at = finish;
            burst_changed(waiters);
        }
        return;
    }
    /* In a FIFO lock the first reader is the one; a CPU that left for an interrupt has lost its place in this list only. */
    for (struct cpu *cpu = waiters->first, *next; cpu != NULL; cpu = next) {
        next = cpu->spin.next;
        if (cpu->spin.wanted != word->value)
            continue;
        if (!was_read)
            reread(waiters, finish, when);
        was_read = true;
        serve_reader(waiters, cpu, when);
        if (next != NULL && next->spin.wanted != word->value)
            break;
    }
}

static void spin_leave(struct cpu *cpu)
{
    struct waiters *waiters = cpu->spin.word->line->waiters;

    if (cpu->spin.state == SPIN_READING)
        reader_remove(waiters, cpu);
    else
        attempt_remove(waiters, cpu);
    cpu->spin.state = SPIN_NONE;
}

bool spin_park(struct cpu *cpu, struct word *word, uint64_t wanted, bool attempts, uint64_t replacement)
{
    struct waiters *waiters = word->line->waiters;

    CHECK(waiters != NULL && cpu->spin.state == SPIN_NONE);
    CHECK(waiters->first == NULL || waiters->first->spin.word == word);
    cpu->spin.word = word;
    cpu->spin.wanted = wanted;
    cpu->spin.attempts = attempts;
    cpu->spin.replacement = replacement;
    if (word->value == wanted) {
        CHECK(attempts);
        attempt_add(waiters, cpu, line_request(word->line, cpu, cpu->engine->now, LINE_LOAD));
        burst_changed(waiters);
    } else {
        reader_add(waiters, cpu);
    }
    cpu->is_interruptible = cpu->irq_on;
    engine_park(cpu->engine);
    cpu->is_interruptible = false;
    bool is_served = cpu->spin.state == SPIN_DONE;
    if (is_served)
        cpu->spin.state = SPIN_NONE;
    else
        spin_leave(cpu);
    return is_served;
}
