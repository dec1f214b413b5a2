/* SPDX-License-Identifier: Apache-2.0
 *
 * Queueing a block, catching up with one whose xchgs fail, and breaking one up.
 */
#include "machine/lines/line_poller_block.h"

#include "machine/cpu.h"
#include "machine/lines/line.h"

/* Between the services of two CPUs of one domain. */
static cycles step_of(const struct pollers *pollers)
{
    return pollers->line->machine->costs->atomic_modified[DISTANCE_NEAR];
}

bool block_is_possible(const struct pollers *pollers, const struct domain_at_line *domain)
{
    return engine_is_in_order(pollers->line->machine->engine) && !pollers->has_socket_service && step_of(pollers) > 0 &&
           !domain->has_vectors && domain->block.count == 0;
}

void block_queue(struct pollers *pollers, struct domain_at_line *domain)
{
    CHECK(domain->block.count == 0);
    domain->block = pollers_take(pollers, domain);
    queue_add_block(pollers, domain, pollers->line->machine->engine->now);
}

/* Takes the first `count` CPUs out of the list. */
static struct poller_list list_split(struct poller_list *list, uint32_t count)
{
    struct poller_list taken = { .first = list->first, .last = list->last, .count = count };

    CHECK(count > 0 && count <= list->count);
    if (count < list->count) {
        taken.last = taken.first;
        for (uint32_t i = 1; i < count; i++)
            taken.last = taken.last->spin.next;
    }
    list->first = taken.last->spin.next;
    list->count -= count;
    return taken;
}

static bool list_has(const struct poller_list *list, const struct cpu *cpu)
{
    const struct cpu *other = list->first;

    for (uint32_t i = 0; i < list->count; i++, other = other->spin.next)
        if (other == cpu)
            return true;
    return false;
}

struct cpu *block_take_first(struct domain_at_line *domain)
{
    struct cpu *cpu = list_split(&domain->block, 1).first;

    attempt_prepare(cpu);
    return cpu;
}

/* --- a block whose xchgs fail --- */

void losers_begin(struct pollers *pollers, struct domain_at_line *domain)
{
    struct losers *losers = &pollers->losers;

    CHECK(losers->list.count == 0 && pollers->line->owner != LINE_NO_OWNER);
    *losers = (struct losers){
        .domain = domain, .list = domain->block, .next = pollers->line->free_at, .step = step_of(pollers)
    };
    domain->block.count = 0;
    pollers->line->free_at += losers->list.count * losers->step;
}

/* Every xchg but the first one that leaves a CPU polling finds a poller of its domain, whose copy it takes away. */
static void losers_serve(struct pollers *pollers, uint32_t count)
{
    struct losers *losers = &pollers->losers;
    struct domain_at_line *domain = losers->domain;
    struct poller_list served = list_split(&losers->list, count);
    bool reads = !domain->is_reading && domain->polling.count + count > 1;
    cycles reads_from = losers->next + (domain->polling.count > 0 ? 1 : 2) * losers->step;

    CHECK(pollers->idle_domains == domain_is_idle(domain));
    pollers_add(pollers, domain, &served);
    if (reads)
        queue_add_read(pollers, domain, reads_from);
    pollers->line->owner = served.last->id;
    pollers->line->machine->engine->events += count - losers->is_next_counted;
    losers->is_next_counted = false;
    losers->next += count * losers->step;
}

void losers_serve_before(struct pollers *pollers, cycles before)
{
    const struct losers *losers = &pollers->losers;
    uint64_t due =
        before >= pollers->line->free_at ? losers->list.count : (before - 1 - losers->next) / losers->step + 1;

    losers_serve(pollers, (uint32_t)due);
}

/* --- breaking up --- */

/* Queues the xchgs of the list one by one from this link on. */
static void queue_each(struct pollers *pollers, struct line_place **link, const struct poller_list *list)
{
    struct cpu *cpu = list->first, *next;

    for (uint32_t i = 0; i < list->count; i++, cpu = next) {
        next = cpu->spin.next;
        attempt_prepare(cpu);
        cpu->spin.place.kind = PLACE_CPU;
        cpu->spin.place.issued = cpu->engine->now;
        queue_insert(&pollers->queue, link, &cpu->spin.place);
        link = &cpu->spin.place.next;
    }
}

void losers_stop(struct pollers *pollers)
{
    struct losers *losers = &pollers->losers;

    losers_look(pollers, pollers->line->machine->engine->now);
    if (losers->list.count == 0)
        return;
    pollers->line->free_at = losers->next;
    queue_each(pollers, &pollers->queue.first, &losers->list);
    losers->list.count = 0;
}

static void block_stop(struct pollers *pollers, struct domain_at_line *domain)
{
    struct line_place **link = &pollers->queue.first;

    while (*link != &domain->block_place)
        link = &(*link)->next;
    queue_remove(&pollers->queue, link);
    queue_each(pollers, link, &domain->block);
    domain->block.count = 0;
}

bool poller_single_out(struct pollers *pollers, struct cpu *cpu)
{
    struct domain_at_line *domain = &pollers->domains[cpu->domain];

    losers_look(pollers, cpu->engine->now);
    if (list_has(&pollers->losers.list, cpu)) {
        losers_stop(pollers);
        return true;
    }
    if (list_has(&domain->block, cpu))
        block_stop(pollers, domain);
    else
        domain->has_vectors = true;
    return false;
}
