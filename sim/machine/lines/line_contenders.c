/* SPDX-License-Identifier: Apache-2.0
 *
 * CPUs that race for a word by test-and-test-and-set. The line has one queue, first come first served, of three kinds
 * of requests: an operation of a CPU that is not polling (the holder's releasing store, a newcomer's xchg); the read of
 * a cache domain whose pollers lost their copy (one for all of them); a poller's xchg.
 *
 * A write that is served takes every copy: each domain with pollers and no read in the queue adds one. A read that
 * finds the wanted value turns the domain's pollers into xchgs as the copy arrives. The first xchg served wins, the
 * others move the line all the same and delay whoever is behind them, the holder's release included; a loser polls
 * again. Nobody's coroutine is switched to until its own request is served.
 *
 * With socket_service a line lives in the LLC of the domain that wrote last. Requests of that domain reach it half a
 * near load after they are made. Those of others go to the directory, and keep that way when the line comes to their
 * domain meanwhile: half a far load, and one in directory_service. Who reaches it first is served first. A read's
 * copies go to the domain's pollers one in socket_service, and a write that is served meanwhile stops those that are
 * not on their way.
 */
#include "machine/lines/line.h"
#include "machine/lines/queues.h"

void contenders_init(struct machine *machine, struct line *line)
{
    struct contenders *contenders = ARENA_NEW(machine->arena, struct contenders);

    contenders->line = line;
    contenders->queue_end = &contenders->queue_first;
    contenders->has_socket_service = line_socket_service(machine->costs) > 0;
    contenders->next_copy = CYCLES_NEVER;
    contenders->domains = ARENA_ARRAY(machine->arena, struct domain_at_line, machine->topology->domain_count);
    for (uint32_t i = 0; i < machine->topology->domain_count; i++) {
        contenders->domains[i].copy_arrives = CYCLES_NEVER;
        contenders->domains[i].place.is_read = true;
    }
    line->contenders = contenders;
}

uint32_t contenders_count(const struct line *line)
{
    uint32_t count = line->contenders->polling;

    for (const struct line_place *place = line->contenders->queue_first; place != NULL; place = place->next)
        count += !place->is_read;
    return count;
}

/* --- pollers and the queue --- */

static struct domain_at_line *place_read(struct line_place *place)
{
    return (struct domain_at_line *)(void *)((char *)place - offsetof(struct domain_at_line, place));
}

static struct cpu *place_cpu(struct line_place *place)
{
    return (struct cpu *)(void *)((char *)place - offsetof(struct cpu, spin.place));
}

static uint32_t place_domain(const struct contenders *contenders, struct line_place *place)
{
    return place->is_read ? (uint32_t)(place_read(place) - contenders->domains) : place_cpu(place)->domain;
}

static void queue_add(struct contenders *contenders, struct line_place *place, cycles issued)
{
    place->next = NULL;
    place->issued = issued;
    if (contenders->has_socket_service)
        place->is_near = place_domain(contenders, place) == contenders->near;
    *contenders->queue_end = place;
    contenders->queue_end = &place->next;
}

static void queue_add_read(struct contenders *contenders, struct domain_at_line *domain, cycles issued)
{
    CHECK(!domain->is_reading && domain->first != NULL);
    domain->is_reading = true;
    contenders->idle_domains--;
    queue_add(contenders, &domain->place, issued);
}

static void queue_add_cpu(struct contenders *contenders, struct cpu *cpu)
{
    cpu->spin.state = SPIN_QUEUED;
    cpu->spin.place.is_read = false;
    cpu->is_interruptible = false;
    queue_add(contenders, &cpu->spin.place, cpu->engine->now);
}

static void poller_add(struct contenders *contenders, struct cpu *cpu)
{
    struct domain_at_line *domain = &contenders->domains[cpu->domain];

    cpu->spin.state = SPIN_READING;
    cpu->spin.previous = domain->last;
    cpu->spin.next = NULL;
    if (domain->first == NULL && !domain->is_reading)
        contenders->idle_domains++;
    *(domain->last != NULL ? &domain->last->spin.next : &domain->first) = cpu;
    domain->last = cpu;
    contenders->polling++;
}

static void poller_remove(struct contenders *contenders, struct cpu *cpu)
{
    struct domain_at_line *domain = &contenders->domains[cpu->domain];

    CHECK(cpu->spin.state == SPIN_READING);
    *(cpu->spin.previous != NULL ? &cpu->spin.previous->spin.next : &domain->first) = cpu->spin.next;
    *(cpu->spin.next != NULL ? &cpu->spin.next->spin.previous : &domain->last) = cpu->spin.previous;
    cpu->spin.state = SPIN_NONE;
    contenders->polling--;
    if (domain->first == NULL && !domain->is_reading)
        contenders->idle_domains--;
}

static void poller_attempt(struct contenders *contenders, struct cpu *cpu)
{
    cpu->spin.is_attempt = true;
    cpu->spin.operation = WORD_XCHG;
    if (cpu->lapic.irr_count != 0)
        engine_cancel(cpu->engine, cpu->slot); /* a vector of this cycle comes after the xchg */
    queue_add_cpu(contenders, cpu);
}

/* --- service --- */

/* Every copy but the writer's is gone: pollers read again, the writer's neighbours first. */
static void copies_lost(struct contenders *contenders, uint32_t writer_domain, cycles finish)
{
    const struct machine *machine = contenders->line->machine;
    uint32_t domains = machine->topology->domain_count;
    const uint16_t *nearest = &machine->nearest[writer_domain * domains];

    for (uint32_t i = 0; contenders->idle_domains > 0; i++) {
        struct domain_at_line *domain = &contenders->domains[nearest[i]];
        CHECK(i < domains);
        if (domain->first != NULL && !domain->is_reading)
            queue_add_read(contenders, domain, finish);
    }
}

/* A write is served: copies that the LLC has not sent yet are not sent. */
static void copies_stop(struct contenders *contenders, cycles now)
{
    if (!contenders->has_socket_service || contenders->next_copy == CYCLES_NEVER)
        return;
    contenders->next_copy = CYCLES_NEVER;
    for (uint32_t i = 0; i < contenders->line->machine->topology->domain_count; i++) {
        struct domain_at_line *domain = &contenders->domains[i];
        if (domain->copy_arrives == CYCLES_NEVER)
            continue;
        if (domain->copies_end > now + domain->copy_latency)
            domain->copies_end = now + domain->copy_latency;
        if (domain->copy_arrives > domain->copies_end)
            domain->copy_arrives = CYCLES_NEVER;
        if (domain->copy_arrives < contenders->next_copy)
            contenders->next_copy = domain->copy_arrives;
    }
}

static void serve_read(struct contenders *contenders, struct domain_at_line *domain, cycles now)
{
    const struct costs *costs = contenders->line->machine->costs;
    struct cpu *cpu = domain->first;

    domain->is_reading = false;
    if (cpu == NULL)
        return; /* its pollers have left for interrupts */
    contenders->idle_domains++;
    cycles arrival = line_read(contenders->line, cpu, now);
    if (!costs->reads_per_socket)
        for (const struct cpu *other = cpu->spin.next; other != NULL; other = other->spin.next)
            contenders->line->free_at += costs->directory_service;
    if (cpu->spin.word->value == cpu->spin.wanted) {
        domain->copy_arrives = arrival;
        domain->copies_end = CYCLES_NEVER;
        domain->copy_latency = arrival - now;
        domain->copies_left = 0;
        for (const struct cpu *other = cpu; contenders->has_socket_service && other != NULL; other = other->spin.next)
            domain->copies_left++;
        if (arrival < contenders->next_copy)
            contenders->next_copy = arrival;
    }
}

/* The poller's xchg has failed: interrupts are as before, and one may have come. */
static void lose(struct contenders *contenders, struct cpu *cpu, cycles finish)
{
    poller_add(contenders, cpu);
    cpu->is_interruptible = cpu->irq_on;
    if (cpu->irq_on && lapic_deliverable(cpu) != 0)
        cpu_wake_at(cpu, finish);
}

static void serve_cpu(struct contenders *contenders, struct cpu *cpu, cycles now)
{
    struct spin *spin = &cpu->spin;
    enum line_access access = word_access(spin->operation);
    cycles finish;

    spin->result = spin->word->value;
    if (access == LINE_LOAD) {
        finish = line_request(contenders->line, cpu, now, access);
    } else {
        finish = line_own(contenders->line, cpu, now, access);
        spin->word->value = word_apply(spin->operation, spin->result, spin->operand, spin->comparand);
        copies_stop(contenders, now);
        contenders->near = cpu->domain;
        copies_lost(contenders, cpu->domain, finish);
    }
    if (spin->is_attempt && spin->result != spin->wanted) {
        lose(contenders, cpu, finish);
        return;
    }
    spin->state = SPIN_DONE;
    cpu_wake_at(cpu, finish);
}

/* The link to the request that reaches the line first: of those that found it in their own LLC, and of those that the
 * directory sends after it, one in directory_service. */
static struct line_place **next_place(struct contenders *contenders, cycles now)
{
    const struct machine *machine = contenders->line->machine;
    const struct costs *costs = machine->costs;
    struct line_place **near = NULL, **far = NULL;

    if (!contenders->has_socket_service)
        return &contenders->queue_first;
    for (struct line_place **link = &contenders->queue_first; *link != NULL && (near == NULL || far == NULL);
         link = &(*link)->next) {
        if ((*link)->is_near && near == NULL)
            near = link;
        if (!(*link)->is_near && far == NULL)
            far = link;
    }
    if (far == NULL)
        return near;
    enum distance distance = machine_distance(machine, contenders->near, place_domain(contenders, *far));
    cycles far_reaches = (*far)->issued + costs->load_modified[distance] / 2;
    if (far_reaches < contenders->far_from)
        far_reaches = contenders->far_from;
    if (near != NULL && (*near)->issued + costs->load_modified[DISTANCE_NEAR] / 2 <= far_reaches)
        return near;
    contenders->far_from = now + costs->directory_service;
    return far;
}

static void serve_first(struct contenders *contenders, cycles now)
{
    struct line_place **link = next_place(contenders, now), *place = *link;

    CHECK(place != NULL);
    *link = place->next;
    if (place->next == NULL)
        contenders->queue_end = link;
    if (place->is_read)
        serve_read(contenders, place_read(place), now);
    else
        serve_cpu(contenders, place_cpu(place), now);
}

/* The LLC serves one poller, and the next one a service time later. */
static void poller_served(struct contenders *contenders, struct domain_at_line *domain, cycles service)
{
    struct cpu *cpu = domain->first;

    if (cpu != NULL) {
        poller_remove(contenders, cpu);
        poller_attempt(contenders, cpu);
    }
    domain->copy_arrives += service;
    if (domain->first == NULL || --domain->copies_left == 0 || domain->copy_arrives > domain->copies_end)
        domain->copy_arrives = CYCLES_NEVER;
    if (domain->copy_arrives < contenders->next_copy)
        contenders->next_copy = domain->copy_arrives;
}

/* Copies that show the wanted value have arrived: their pollers xchg. */
static void copies_arrive(struct contenders *contenders, cycles now)
{
    cycles service = line_socket_service(contenders->line->machine->costs);

    contenders->next_copy = CYCLES_NEVER;
    for (uint32_t i = 0; i < contenders->line->machine->topology->domain_count; i++) {
        struct domain_at_line *domain = &contenders->domains[i];
        if (domain->copy_arrives > now) {
            if (domain->copy_arrives < contenders->next_copy)
                contenders->next_copy = domain->copy_arrives;
            continue;
        }
        if (service > 0) {
            poller_served(contenders, domain, service);
            continue;
        }
        domain->copy_arrives = CYCLES_NEVER;
        for (struct cpu *cpu = domain->first; cpu != NULL; cpu = domain->first) {
            poller_remove(contenders, cpu);
            poller_attempt(contenders, cpu);
        }
    }
}

/* Until nobody polls, queues or waits for a copy, every request goes through the queue. */
static void update(struct contenders *contenders)
{
    contenders->line->is_contended =
        contenders->polling > 0 || contenders->queue_first != NULL || contenders->next_copy != CYCLES_NEVER;
}

static cycles next_step(const struct contenders *contenders)
{
    cycles service = contenders->queue_first != NULL ? contenders->line->free_at : CYCLES_NEVER;

    return service < contenders->next_copy ? service : contenders->next_copy;
}

/* Goes on as long as nothing else is due: `others` is when something is at another line. */
static void run(struct contenders *contenders, cycles others)
{
    struct engine *engine = contenders->line->machine->engine;
    cycles next;

    do {
        if (contenders->next_copy <= engine->now)
            copies_arrive(contenders, engine->now);
        else
            serve_first(contenders, engine->now);
        next = next_step(contenders);
    } while (next <= engine->now || (next < others && engine_advance(engine, next)));
    update(contenders);
}

/* --- the machine's list: one event slot for all contended lines --- */

static void queues_schedule(struct machine *machine)
{
    cycles next = CYCLES_NEVER;

    for (struct contenders **link = &machine->queues->first; *link != NULL;) {
        cycles step = next_step(*link);
        if (step == CYCLES_NEVER) {
            (*link)->is_listed = false;
            *link = (*link)->next_listed;
            continue;
        }
        next = step < next ? step : next;
        link = &(*link)->next_listed;
    }
    engine_at(machine->engine, machine->queues->slot, next < machine->engine->now ? machine->engine->now : next);
}

static void queues_fire(void *argument)
{
    struct machine *machine = argument;
    struct contenders *due = NULL;
    cycles others = CYCLES_NEVER;

    for (struct contenders *contenders = machine->queues->first; contenders != NULL;
         contenders = contenders->next_listed) {
        cycles step = next_step(contenders);
        if (due == NULL && step <= machine->engine->now)
            due = contenders;
        else if (step < others)
            others = step;
    }
    if (due != NULL)
        run(due, others);
    queues_schedule(machine);
}

static void queue_changed(struct contenders *contenders)
{
    struct machine *machine = contenders->line->machine;

    contenders->line->is_contended = true;
    if (!contenders->is_listed) {
        contenders->is_listed = true;
        contenders->next_listed = machine->queues->first;
        machine->queues->first = contenders;
    }
    queues_schedule(machine);
}

void queues_init(struct machine *machine)
{
    machine->queues = ARENA_NEW(machine->arena, struct queues);
    machine->queues->slot = engine_event(machine->engine, queues_fire, machine);
}

/* --- from a CPU --- */

/* Before a request joins the queue. A line without one has been written without it, too. */
static void approach(struct contenders *contenders)
{
    const struct line *line = contenders->line;

    line_contest(contenders->line);
    if (!line->is_contended && line->owner != LINE_NO_OWNER)
        contenders->near = line->machine->cpus[line->owner].domain;
}

uint64_t contenders_request(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand,
                            uint64_t comparand)
{
    struct contenders *contenders = word->line->contenders;

    CHECK(cpu->spin.state == SPIN_NONE);
    approach(contenders);
    cpu->spin.word = word;
    cpu->spin.is_attempt = false;
    cpu->spin.operation = operation;
    cpu->spin.operand = operand;
    cpu->spin.comparand = comparand;
    queue_add_cpu(contenders, cpu);
    queue_changed(contenders);
    engine_park(cpu->engine);
    CHECK(cpu->spin.state == SPIN_DONE);
    cpu->spin.state = SPIN_NONE;
    return cpu->spin.result;
}

/* Joins the pollers of its domain, with the copy they have or with a read; or sees at once that the word is free. */
static void join(struct contenders *contenders, struct cpu *cpu)
{
    struct domain_at_line *domain = &contenders->domains[cpu->domain];

    approach(contenders);
    bool has_copy = contenders->line->owner == cpu->id || line_is_shared_by(contenders->line, cpu->domain);

    if (has_copy && cpu->spin.word->value == cpu->spin.wanted) {
        poller_attempt(contenders, cpu);
    } else {
        cpu->is_interruptible = cpu->irq_on;
        poller_add(contenders, cpu);
        if (!has_copy && !domain->is_reading)
            queue_add_read(contenders, domain, cpu->engine->now);
    }
    queue_changed(contenders);
}

bool contenders_park(struct cpu *cpu, struct word *word, uint64_t wanted, uint64_t replacement)
{
    CHECK(cpu->spin.state == SPIN_NONE);
    cpu->spin.word = word;
    cpu->spin.wanted = wanted;
    cpu->spin.operand = replacement;
    join(word->line->contenders, cpu);
    engine_park(cpu->engine);
    cpu->is_interruptible = false;
    if (cpu->spin.state == SPIN_DONE) {
        cpu->spin.state = SPIN_NONE;
        return true;
    }
    poller_remove(word->line->contenders, cpu);
    update(word->line->contenders);
    return false;
}
