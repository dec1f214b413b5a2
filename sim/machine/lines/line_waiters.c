/* SPDX-License-Identifier: Apache-2.0
 *
 * CPUs that poll a line for one value each (queue locks, hand-shakes). A reader costs no event: a write decides who
 * sees it when. After a write every cache domain with readers reads the line again, nearest to the writer first; with
 * socket_service its readers see it one after another, in the order of their numbers, and the next write waits for the
 * last. Left out: requests that other CPUs make between the write and its end stand behind these reads.
 */
#include "machine/lines/line.h"

void waiters_init(struct machine *machine, struct line *line)
{
    struct waiters *waiters = ARENA_NEW(machine->arena, struct waiters);

    waiters->line = line;
    waiters->domain_readers = ARENA_ARRAY(machine->arena, uint32_t, machine->topology->domain_count);
    line->waiters = waiters;
}

static void reader_add(struct waiters *waiters, struct cpu *cpu)
{
    cpu->spin.state = SPIN_READING;
    cpu->spin.previous = waiters->last;
    cpu->spin.next = NULL;
    *(waiters->last != NULL ? &waiters->last->spin.next : &waiters->first) = cpu;
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
    cpu->spin.state = SPIN_NONE;
    waiters->reading_count--;
    if (--waiters->domain_readers[cpu->domain] == 0)
        waiters->domain_count--;
}

/* Reads by domain from `from` on; when[domain] is the arrival of that domain's first copy. */
static void reread(struct waiters *waiters, cycles from, cycles *when)
{
    struct line *line = waiters->line;
    const struct machine *machine = line->machine;
    const struct costs *costs = machine->costs;
    cycles start = from > line->free_at ? from : line->free_at, last = 0;
    uint32_t domains = machine->topology->domain_count;
    const uint16_t *nearest = &machine->nearest[waiters->writer_domain * domains];
    const cycles *latency = costs->load_modified; /* of the first read: it makes the line clean */

    for (uint32_t i = 0, left = waiters->domain_count; left > 0; i++) {
        uint32_t domain = nearest[i], readers = waiters->domain_readers[domain];
        if (readers == 0)
            continue;
        enum distance distance = machine_distance(machine, waiters->writer_domain, domain);
        when[domain] = start + latency[distance];
        start += line_read_occupancy(costs, distance, latency == costs->load_modified) *
                 (costs->reads_per_socket ? 1 : readers);
        if (line_socket_service(costs) > 0 && when[domain] + (readers - 1) * costs->socket_service > last)
            last = when[domain] + (readers - 1) * costs->socket_service;
        latency = costs->load_shared;
        left--;
    }
    line->free_at = start > last ? start : last;
    waiters->is_reread_due = false;
    line_share(line);
}

void waiters_reread(struct line *line)
{
    cycles when[TOPOLOGY_DOMAINS_MAX];

    reread(line->waiters, line->free_at, when);
}

/* How much later than its domain's first copy this reader sees the line. */
static cycles behind_first(const struct waiters *waiters, const struct cpu *cpu)
{
    const struct costs *costs = waiters->line->machine->costs;
    cycles behind = 0, each = costs->reads_per_socket ? costs->socket_service : costs->directory_service;

    if (costs->reads_per_socket && each == 0) {
        for (const struct cpu *other = cpu->spin.previous; other != NULL; other = other->spin.previous)
            if (other->domain == cpu->domain)
                return costs->load_shared[DISTANCE_NEAR];
        return 0;
    }
    for (const struct cpu *other = waiters->first; other != NULL; other = other->spin.next)
        if (other->domain == cpu->domain && other->id < cpu->id)
            behind += each;
    return behind;
}

static void serve(struct waiters *waiters, struct cpu *cpu)
{
    reader_remove(waiters, cpu);
    line_add_sharer(waiters->line, cpu);
    cpu->spin.state = SPIN_DONE;
    cpu->is_interruptible = false;
}

/* In a FIFO lock the first reader is the one; a CPU that left for an interrupt has lost its place in this list only.
 * Otherwise the first of those that came one after the other. */
static struct cpu *first_served(const struct waiters *waiters, uint64_t value)
{
    struct cpu *cpu = waiters->first;

    while (cpu != NULL && cpu->spin.wanted != value)
        cpu = cpu->spin.next;
    return cpu;
}

void waiters_after_write(struct word *word, const struct cpu *writer, cycles finish)
{
    struct waiters *waiters = word->line->waiters;
    cycles when[TOPOLOGY_DOMAINS_MAX];

    if (waiters->first == NULL)
        return;
    waiters->is_reread_due = true;
    waiters->writer_domain = writer->domain;
    if (waiters->first->spin.word != word)
        return;
    struct cpu *first = first_served(waiters, word->value), *next;
    if (first == NULL)
        return;
    reread(waiters, finish, when);
    /* All times before anybody leaves: they depend on who stands there. */
    for (struct cpu *cpu = first; cpu != NULL && cpu->spin.wanted == word->value; cpu = cpu->spin.next)
        cpu_wake_at(cpu, when[cpu->domain] + behind_first(waiters, cpu));
    for (struct cpu *cpu = first; cpu != NULL && cpu->spin.wanted == word->value; cpu = next) {
        next = cpu->spin.next;
        serve(waiters, cpu);
    }
}

bool waiters_park(struct cpu *cpu, struct word *word, uint64_t wanted)
{
    struct waiters *waiters = word->line->waiters;

    CHECK(waiters != NULL && cpu->spin.state == SPIN_NONE && word->value != wanted);
    CHECK(waiters->first == NULL || waiters->first->spin.word == word);
    line_contest(word->line);
    cpu->spin.word = word;
    cpu->spin.wanted = wanted;
    reader_add(waiters, cpu);
    cpu->is_interruptible = cpu->irq_on;
    engine_park(cpu->engine);
    cpu->is_interruptible = false;
    if (cpu->spin.state == SPIN_DONE) {
        cpu->spin.state = SPIN_NONE;
        return true;
    }
    reader_remove(waiters, cpu);
    return false;
}
