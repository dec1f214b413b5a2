/* SPDX-License-Identifier: Apache-2.0
 *
 * Owner and sharers of a cache line, and the latency and occupancy of a request, by the cost table (costs.h).
 */
#include "machine/lines/line.h"

#include "machine/lines/pollers.h"

#define BITS 64u

static uint32_t bitmap_words(uint32_t bits) { return (bits + BITS - 1) / BITS; }

static bool bit_get(const uint64_t *bitmap, uint32_t bit) { return bitmap[bit / BITS] >> (bit % BITS) & 1; }

void line_init(struct machine *machine, struct line *line, enum line_kind kind)
{
    *line = (struct line){ .owner = LINE_NO_OWNER, .machine = machine };
    uint32_t cpu_words = bitmap_words(machine->cpu_count);
    line->sharers = ARENA_ARRAY(machine->arena, uint64_t, cpu_words + bitmap_words(machine->topology->domain_count));
    line->domains = line->sharers + cpu_words; /* adjacent in memory: a request reads both */
    line->is_contended = !machine->policy->has_line_ownership;
    if (kind == LINE_WAITED)
        waiters_init(machine, line);
    if (kind == LINE_CONTENDED)
        pollers_init(machine, line);
}

void line_add_sharer(struct line *line, const struct cpu *cpu)
{
    line->sharers[cpu->id / BITS] |= 1ull << (cpu->id % BITS);
    if (!line_is_shared_by(line, cpu->domain)) {
        line->domains[cpu->domain / BITS] |= 1ull << (cpu->domain % BITS);
        line->domain_count++;
    }
}

static void line_drop_sharers(struct line *line)
{
    if (line->domain_count == 0)
        return;
    for (uint32_t i = 0; i < bitmap_words(line->machine->cpu_count); i++)
        line->sharers[i] = 0;
    for (uint32_t i = 0; i < bitmap_words(line->machine->topology->domain_count); i++)
        line->domains[i] = 0;
    line->domain_count = 0;
}

void line_share(struct line *line)
{
    if (line->owner == LINE_NO_OWNER)
        return;
    line_add_sharer(line, &line->machine->cpus[line->owner]);
    line->owner = LINE_NO_OWNER;
}

/* Distance of the nearest (or farthest) domain that has a clean copy or spinning readers; there must be one. */
static enum distance sharer_distance(const struct line *line, const struct cpu *cpu, bool farthest)
{
    const struct machine *machine = line->machine;
    uint32_t domains = machine->topology->domain_count;
    const uint16_t *by_distance = &machine->nearest[cpu->domain * domains];

    for (uint32_t i = 0; i < domains; i++) {
        uint32_t domain = by_distance[farthest ? domains - 1 - i : i];
        if (line_is_shared_by(line, domain) || (line->waiters != NULL && line->waiters->domain_readers[domain] > 0))
            return machine_distance(machine, cpu->domain, domain);
    }
    CHECK(!"a sharer");
    return DISTANCE_NEAR;
}

cycles line_read_occupancy(const struct costs *costs, enum distance distance, bool is_modified)
{
    if (line_socket_service(costs) == 0 || distance != DISTANCE_NEAR)
        return costs->directory_service;
    return is_modified ? costs->load_modified[DISTANCE_NEAR] : costs->socket_service;
}

cycles line_read(struct line *line, struct cpu *cpu, cycles start)
{
    const struct costs *costs = line->machine->costs;
    cycles latency = costs->load_memory, occupancy = costs->directory_service;

    if (line->owner != LINE_NO_OWNER) {
        enum distance distance = line_owner_distance(line, cpu->domain);
        latency = costs->load_modified[distance];
        occupancy = line_read_occupancy(costs, distance, true);
        line_share(line);
    } else if (line->domain_count > 0 || (line->waiters != NULL && line->waiters->reading_count > 0)) {
        enum distance distance = sharer_distance(line, cpu, false);
        latency = costs->load_shared[distance];
        occupancy = line_read_occupancy(costs, distance, false);
    }
    line_add_sharer(line, cpu);
    line->free_at = start + occupancy;
    return start + latency;
}

static bool has_other_sharer(const struct line *line, const struct cpu *cpu)
{
    if (line->waiters != NULL && line->waiters->reading_count > 0)
        return true;
    /* All pollers of a domain share its copy, but only one of them is in `sharers`. */
    if (line->pollers != NULL && line->pollers->domains[cpu->domain].polling.count > 0 &&
        line_is_shared_by(line, cpu->domain))
        return true;
    for (uint32_t i = 0; i < bitmap_words(line->machine->cpu_count); i++)
        if (line->sharers[i] & ~(i == cpu->id / BITS ? 1ull << (cpu->id % BITS) : 0))
            return true;
    return false;
}

/* The write case for a line that no CPU owns. */
static cycles line_own_clean(struct line *line, const struct cpu *cpu, cycles start, bool is_atomic)
{
    const struct costs *costs = line->machine->costs;
    cycles latency;

    if (has_other_sharer(line, cpu)) {
        enum distance distance = sharer_distance(line, cpu, true);
        latency = is_atomic ? costs->atomic_shared[distance] : costs->store_shared[distance];
    } else if (line->domain_count > 0) {
        latency = is_atomic ? costs->atomic_hit : costs->store_hit; /* the only copy is its own: exclusive */
    } else {
        latency = costs->load_memory;
    }
    line_drop_sharers(line);
    line->owner = cpu->id;
    line->free_at = start + latency;
    return start + latency;
}

cycles line_own(struct line *line, struct cpu *cpu, cycles start, enum line_access access)
{
    if (line->owner == LINE_NO_OWNER)
        return line_own_clean(line, cpu, start, access == LINE_ATOMIC);
    if (line->owner != cpu->id)
        return line_take_over(line, cpu, start, access);
    line->free_at = start + line_hit_cost(line->machine->costs, access);
    return line->free_at;
}

cycles line_request(struct line *line, struct cpu *cpu, cycles now, enum line_access access)
{
    const struct costs *costs = line->machine->costs;

    waiters_settle(line, now);
    cycles start = now > line->free_at ? now : line->free_at;
    if (line->owner == cpu->id)
        return start + line_hit_cost(costs, access);
    if (access != LINE_LOAD)
        return line_own(line, cpu, start, access);
    return bit_get(line->sharers, cpu->id) ? now + costs->load_hit : line_read(line, cpu, start);
}

cycles line_take(struct line *line, uint32_t domain)
{
    const struct machine *machine = line->machine;
    const struct costs *costs = machine->costs;
    cycles now = machine->engine->now, start = now > line->free_at ? now : line->free_at;
    cycles latency = costs->load_memory;

    if (!machine->policy->has_line_ownership)
        return now;
    CHECK(line->waiters == NULL && line->pollers == NULL);
    line_revoke(line);
    if (line->owner != LINE_NO_OWNER)
        latency = costs->atomic_modified[line_owner_distance(line, domain)];
    line_drop_sharers(line);
    line->owner = LINE_NO_OWNER;
    line->free_at = start + latency;
    return line->free_at;
}
