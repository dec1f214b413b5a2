/* SPDX-License-Identifier: Apache-2.0
 *
 * CPUs that each poll a line for one value (queue locks, handshakes). Polling costs no events: each write computes
 * which readers see it, and when. After a write every cache domain with readers reads the line again, the nearest to
 * the writer first; with socket_service the readers of a domain see it one after another, in the order of their CPU
 * numbers, and the next write waits for the last of them. Simplification: requests of other CPUs issued between the
 * start of a write and its end are served after these reads.
 */
#include "machine/lines/line.h"

void waiters_init(struct machine *machine, struct line *line)
{
    struct waiters *waiters = ARENA_NEW(machine->arena, struct waiters);

    waiters->line = line;
    waiters->domain_readers = ARENA_ARRAY(machine->arena, uint32_t, machine->topology->domain_count);
    line->waiters = waiters;
    line->is_waited = true;
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

/* Each domain with readers reads the line, not before `from`; when[domain] is the arrival of its first copy. */
static void reread(struct waiters *waiters, cycles from, cycles *when)
{
    struct line *line = waiters->line;
    const struct machine *machine = line->machine;
    const struct costs *costs = machine->costs;
    cycles start = from > line->free_at ? from : line->free_at, last = 0;
    uint32_t domains = machine->topology->domain_count;
    const uint16_t *nearest = &machine->nearest[waiters->writer_domain * domains];
    const cycles *latency = costs->load_modified; /* only for the first read, which makes the line clean */

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

/* How much later than the first reader of its domain this reader sees the line, in cycles. */
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

/* The first reader that waits for this value. In a FIFO lock that is usually the first of the list, but a CPU that took
 * an interrupt is behind later ones in this list, though not in the lock's queue. */
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
    /* Compute all wake-up times before removing any reader: they depend on the readers in the list. */
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
    line_revoke(word->line);
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
