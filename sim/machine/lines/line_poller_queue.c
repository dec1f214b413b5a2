/* SPDX-License-Identifier: Apache-2.0
 *
 * The lists of CPUs that poll a contended line, one for each cache domain, and the line's queue.
 */
#include "machine/cpu.h"
#include "machine/lines/pollers.h"

/* --- pollers --- */

void pollers_add(struct pollers *pollers, struct domain_at_line *domain, const struct poller_list *list)
{
    struct poller_list *polling = &domain->polling;

    list->first->spin.previous = polling->last;
    list->last->spin.next = NULL;
    *(polling->last != NULL ? &polling->last->spin.next : &polling->first) = list->first;
    polling->last = list->last;
    pollers->idle_domains += polling->count == 0 && !domain->is_reading;
    polling->count += list->count;
    pollers->polling += list->count;
}

void poller_join(struct pollers *pollers, struct cpu *cpu)
{
    struct domain_at_line *domain = &pollers->domains[cpu->domain];

    cpu->spin.state = SPIN_POLLING;
    if (cpu->irq_on && cpu->lapic.irr_count != 0)
        domain->has_vectors = true;
    pollers_add(pollers, domain, &(struct poller_list){ cpu, cpu, 1 });
}

static void polling_ends(struct pollers *pollers, struct domain_at_line *domain)
{
    domain->has_vectors = false;
    if (!domain->is_reading)
        pollers->idle_domains--;
}

void poller_leave(struct pollers *pollers, struct cpu *cpu)
{
    struct domain_at_line *domain = &pollers->domains[cpu->domain];
    struct poller_list *polling = &domain->polling;

    CHECK(cpu->spin.state == SPIN_POLLING && polling->count > 0);
    *(cpu->spin.previous != NULL ? &cpu->spin.previous->spin.next : &polling->first) = cpu->spin.next;
    *(cpu->spin.next != NULL ? &cpu->spin.next->spin.previous : &polling->last) = cpu->spin.previous;
    cpu->spin.state = SPIN_NONE;
    pollers->polling--;
    if (--polling->count == 0)
        polling_ends(pollers, domain);
}

struct poller_list pollers_take(struct pollers *pollers, struct domain_at_line *domain)
{
    struct poller_list list = domain->polling;

    CHECK(list.count > 0);
    domain->polling = (struct poller_list){ .count = 0 };
    pollers->polling -= list.count;
    polling_ends(pollers, domain);
    return list;
}

/* --- the queue --- */

static struct domain_at_line *place_read(struct line_place *place)
{
    return (struct domain_at_line *)(void *)((char *)place - offsetof(struct domain_at_line, read_place));
}

static struct domain_at_line *place_block(struct line_place *place)
{
    return (struct domain_at_line *)(void *)((char *)place - offsetof(struct domain_at_line, block_place));
}

struct cpu *place_cpu(struct line_place *place)
{
    return (struct cpu *)(void *)((char *)place - offsetof(struct cpu, spin.place));
}

struct domain_at_line *place_domain(const struct pollers *pollers, struct line_place *place)
{
    switch (place->kind) {
    case PLACE_CPU:
        break;
    case PLACE_READ:
        return place_read(place);
    case PLACE_BLOCK:
        return place_block(place);
    }
    return &pollers->domains[place_cpu(place)->domain];
}

void queue_insert(struct place_queue *queue, struct line_place **link, struct line_place *place)
{
    place->next = *link;
    *link = place;
    if (place->next == NULL)
        queue->end = &place->next;
}

void queue_remove(struct place_queue *queue, struct line_place **link)
{
    *link = (*link)->next;
    if (*link == NULL)
        queue->end = link;
}

static void queue_add(struct pollers *pollers, struct line_place *place, enum place_kind kind, cycles issued)
{
    struct place_queue *queue = &pollers->queue;

    place->kind = kind;
    place->issued = issued;
    if (pollers->has_socket_service && place_domain(pollers, place) == &pollers->domains[pollers->near_domain])
        queue = &pollers->near;
    queue_insert(queue, queue->end, place);
}

void queue_add_read(struct pollers *pollers, struct domain_at_line *domain, cycles issued)
{
    CHECK(domain_is_idle(domain));
    domain->is_reading = true;
    pollers->idle_domains--;
    queue_add(pollers, &domain->read_place, PLACE_READ, issued);
}

void attempt_prepare(struct cpu *cpu)
{
    cpu->spin.is_attempt = true;
    cpu->spin.operation = WORD_XCHG;
    cpu->spin.state = SPIN_QUEUED;
    cpu->is_interruptible = false;
}

void queue_add_cpu(struct pollers *pollers, struct cpu *cpu)
{
    cpu->spin.state = SPIN_QUEUED;
    cpu->is_interruptible = false;
    queue_add(pollers, &cpu->spin.place, PLACE_CPU, cpu->engine->now);
}

void queue_add_block(struct pollers *pollers, struct domain_at_line *domain, cycles issued)
{
    queue_add(pollers, &domain->block_place, PLACE_BLOCK, issued);
}
