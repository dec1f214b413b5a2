/* SPDX-License-Identifier: Apache-2.0
 *
 * CPUs that contend for a word by test-and-test-and-set. The line has one FIFO queue with three kinds of requests: the
 * operation of a CPU that is not polling (the holder's releasing store, a new CPU's xchg); one read for all pollers of
 * a cache domain that lost their copy; a poller's xchg.
 *
 * A served write invalidates every copy: each domain with pollers and no queued read then queues one. When a read
 * returns the wanted value, the domain's pollers issue their xchgs as the copy arrives. The first xchg wins; the others
 * fail, but move the line and delay the requests behind them, the holder's release included. A CPU whose xchg failed
 * polls again. No coroutine is resumed before its own request is served.
 *
 * With socket_service the line is in the LLC of the domain that wrote last. Requests from that domain reach it half a
 * near load after they are issued. Requests from other domains go through the directory, even if the line moves to
 * their domain in the meantime: half a far load, at most one per directory_service. Requests are served in the order in
 * which they reach the line. A read's copies go to the domain's pollers one per socket_service; a write cancels those
 * not yet sent.
 */
#include "machine/lines/line.h"
#include "machine/lines/queues.h"

void pollers_init(struct machine *machine, struct line *line)
{
    struct pollers *pollers = ARENA_NEW(machine->arena, struct pollers);

    pollers->line = line;
    pollers->queue_end = &pollers->queue_first;
    pollers->has_socket_service = line_socket_service(machine->costs) > 0;
    pollers->next_copy = CYCLES_NEVER;
    pollers->domains = ARENA_ARRAY(machine->arena, struct domain_at_line, machine->topology->domain_count);
    for (uint32_t i = 0; i < machine->topology->domain_count; i++) {
        pollers->domains[i].copy_arrives = CYCLES_NEVER;
        pollers->domains[i].place.is_read = true;
    }
    line->pollers = pollers;
}

uint32_t pollers_count(const struct line *line)
{
    uint32_t count = line->pollers->polling;

    for (const struct line_place *place = line->pollers->queue_first; place != NULL; place = place->next)
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

static uint32_t place_domain(const struct pollers *pollers, struct line_place *place)
{
    return place->is_read ? (uint32_t)(place_read(place) - pollers->domains) : place_cpu(place)->domain;
}

static void queue_add(struct pollers *pollers, struct line_place *place, cycles issued)
{
    place->next = NULL;
    place->issued = issued;
    if (pollers->has_socket_service)
        place->is_near = place_domain(pollers, place) == pollers->near_domain;
    *pollers->queue_end = place;
    pollers->queue_end = &place->next;
}

static void queue_add_read(struct pollers *pollers, struct domain_at_line *domain, cycles issued)
{
    CHECK(!domain->is_reading && domain->first != NULL);
    domain->is_reading = true;
    pollers->idle_domains--;
    queue_add(pollers, &domain->place, issued);
}

static void queue_add_cpu(struct pollers *pollers, struct cpu *cpu)
{
    cpu->spin.state = SPIN_QUEUED;
    cpu->spin.place.is_read = false;
    cpu->is_interruptible = false;
    queue_add(pollers, &cpu->spin.place, cpu->engine->now);
}

static void poller_add(struct pollers *pollers, struct cpu *cpu)
{
    struct domain_at_line *domain = &pollers->domains[cpu->domain];

    cpu->spin.state = SPIN_READING;
    cpu->spin.previous = domain->last;
    cpu->spin.next = NULL;
    if (domain->first == NULL && !domain->is_reading)
        pollers->idle_domains++;
    *(domain->last != NULL ? &domain->last->spin.next : &domain->first) = cpu;
    domain->last = cpu;
    pollers->polling++;
}

static void poller_remove(struct pollers *pollers, struct cpu *cpu)
{
    struct domain_at_line *domain = &pollers->domains[cpu->domain];

    CHECK(cpu->spin.state == SPIN_READING);
    *(cpu->spin.previous != NULL ? &cpu->spin.previous->spin.next : &domain->first) = cpu->spin.next;
    *(cpu->spin.next != NULL ? &cpu->spin.next->spin.previous : &domain->last) = cpu->spin.previous;
    cpu->spin.state = SPIN_NONE;
    pollers->polling--;
    if (domain->first == NULL && !domain->is_reading)
        pollers->idle_domains--;
}

static void poller_attempt(struct pollers *pollers, struct cpu *cpu)
{
    cpu->spin.is_attempt = true;
    cpu->spin.operation = WORD_XCHG;
    if (cpu->lapic.irr_count != 0)
        engine_cancel(cpu->engine, cpu->slot); /* a vector of this cycle comes after the xchg */
    queue_add_cpu(pollers, cpu);
}

/* --- service --- */

/* A write invalidated every copy but the writer's: pollers read again, the domain nearest to the writer first. */
static void copies_invalidated(struct pollers *pollers, uint32_t writer_domain, cycles finish)
{
    const struct machine *machine = pollers->line->machine;
    uint32_t domains = machine->topology->domain_count;
    const uint16_t *nearest = &machine->nearest[writer_domain * domains];

    for (uint32_t i = 0; pollers->idle_domains > 0; i++) {
        struct domain_at_line *domain = &pollers->domains[nearest[i]];
        CHECK(i < domains);
        if (domain->first != NULL && !domain->is_reading)
            queue_add_read(pollers, domain, finish);
    }
}

/* A write was served: cancels the copies that the LLC has not sent yet. */
static void copies_cancel(struct pollers *pollers, cycles now)
{
    if (!pollers->has_socket_service || pollers->next_copy == CYCLES_NEVER)
        return;
    pollers->next_copy = CYCLES_NEVER;
    for (uint32_t i = 0; i < pollers->line->machine->topology->domain_count; i++) {
        struct domain_at_line *domain = &pollers->domains[i];
        if (domain->copy_arrives == CYCLES_NEVER)
            continue;
        if (domain->copies_end > now + domain->copy_latency)
            domain->copies_end = now + domain->copy_latency;
        if (domain->copy_arrives > domain->copies_end)
            domain->copy_arrives = CYCLES_NEVER;
        if (domain->copy_arrives < pollers->next_copy)
            pollers->next_copy = domain->copy_arrives;
    }
}

static void serve_read(struct pollers *pollers, struct domain_at_line *domain, cycles now)
{
    const struct costs *costs = pollers->line->machine->costs;
    struct cpu *cpu = domain->first;

    domain->is_reading = false;
    if (cpu == NULL)
        return; /* all its pollers stopped polling to take interrupts */
    pollers->idle_domains++;
    cycles arrival = line_read(pollers->line, cpu, now);
    if (!costs->reads_per_socket)
        for (const struct cpu *other = cpu->spin.next; other != NULL; other = other->spin.next)
            pollers->line->free_at += costs->directory_service;
    if (cpu->spin.word->value == cpu->spin.wanted) {
        domain->copy_arrives = arrival;
        domain->copies_end = CYCLES_NEVER;
        domain->copy_latency = arrival - now;
        domain->copies_left = 0;
        for (const struct cpu *other = cpu; pollers->has_socket_service && other != NULL; other = other->spin.next)
            domain->copies_left++;
        if (arrival < pollers->next_copy)
            pollers->next_copy = arrival;
    }
}

/* The poller's xchg failed: it polls again with its previous interrupt state, and an interrupt may be pending. */
static void attempt_failed(struct pollers *pollers, struct cpu *cpu, cycles finish)
{
    poller_add(pollers, cpu);
    cpu->is_interruptible = cpu->irq_on;
    if (cpu->irq_on && lapic_deliverable(cpu) != 0)
        cpu_wake_at(cpu, finish);
}

static void serve_cpu(struct pollers *pollers, struct cpu *cpu, cycles now)
{
    struct spin *spin = &cpu->spin;
    enum line_access access = word_access(spin->operation);
    cycles finish;

    spin->result = spin->word->value;
    if (access == LINE_LOAD) {
        finish = line_request(pollers->line, cpu, now, access);
    } else {
        finish = line_own(pollers->line, cpu, now, access);
        spin->word->value = word_apply(spin->operation, spin->result, spin->operand, spin->comparand);
        copies_cancel(pollers, now);
        pollers->near_domain = cpu->domain;
        copies_invalidated(pollers, cpu->domain, finish);
    }
    if (spin->is_attempt && spin->result != spin->wanted) {
        attempt_failed(pollers, cpu, finish);
        return;
    }
    spin->state = SPIN_DONE;
    cpu_wake_at(cpu, finish);
}

/* The link to the request that reaches the line first: either the oldest one issued in the line's own domain, or the
 * oldest one from the directory, which forwards one per directory_service. */
static struct line_place **next_place(struct pollers *pollers, cycles now)
{
    const struct machine *machine = pollers->line->machine;
    const struct costs *costs = machine->costs;
    struct line_place **near = NULL, **far = NULL;

    if (!pollers->has_socket_service)
        return &pollers->queue_first;
    for (struct line_place **link = &pollers->queue_first; *link != NULL && (near == NULL || far == NULL);
         link = &(*link)->next) {
        if ((*link)->is_near && near == NULL)
            near = link;
        if (!(*link)->is_near && far == NULL)
            far = link;
    }
    if (far == NULL)
        return near;
    enum distance distance = machine_distance(machine, pollers->near_domain, place_domain(pollers, *far));
    cycles far_reaches = (*far)->issued + costs->load_modified[distance] / 2;
    if (far_reaches < pollers->directory_free_at)
        far_reaches = pollers->directory_free_at;
    if (near != NULL && (*near)->issued + costs->load_modified[DISTANCE_NEAR] / 2 <= far_reaches)
        return near;
    pollers->directory_free_at = now + costs->directory_service;
    return far;
}

static void serve_first(struct pollers *pollers, cycles now)
{
    struct line_place **link = next_place(pollers, now), *place = *link;

    CHECK(place != NULL);
    *link = place->next;
    if (place->next == NULL)
        pollers->queue_end = link;
    if (place->is_read)
        serve_read(pollers, place_read(place), now);
    else
        serve_cpu(pollers, place_cpu(place), now);
}

/* The LLC serves one poller of the domain; the next one follows a service time later. */
static void poller_served(struct pollers *pollers, struct domain_at_line *domain, cycles service)
{
    struct cpu *cpu = domain->first;

    if (cpu != NULL) {
        poller_remove(pollers, cpu);
        poller_attempt(pollers, cpu);
    }
    domain->copy_arrives += service;
    if (domain->first == NULL || --domain->copies_left == 0 || domain->copy_arrives > domain->copies_end)
        domain->copy_arrives = CYCLES_NEVER;
    if (domain->copy_arrives < pollers->next_copy)
        pollers->next_copy = domain->copy_arrives;
}

/* Copies with the wanted value have arrived: their pollers issue xchgs. */
static void copies_arrive(struct pollers *pollers, cycles now)
{
    cycles service = line_socket_service(pollers->line->machine->costs);

    pollers->next_copy = CYCLES_NEVER;
    for (uint32_t i = 0; i < pollers->line->machine->topology->domain_count; i++) {
        struct domain_at_line *domain = &pollers->domains[i];
        if (domain->copy_arrives > now) {
            if (domain->copy_arrives < pollers->next_copy)
                pollers->next_copy = domain->copy_arrives;
            continue;
        }
        if (service > 0) {
            poller_served(pollers, domain, service);
            continue;
        }
        domain->copy_arrives = CYCLES_NEVER;
        for (struct cpu *cpu = domain->first; cpu != NULL; cpu = domain->first) {
            poller_remove(pollers, cpu);
            poller_attempt(pollers, cpu);
        }
    }
}

/* Every request goes through the queue while a CPU polls, a request is queued or a copy is in flight. */
static void update(struct pollers *pollers)
{
    pollers->line->is_contended =
        pollers->polling > 0 || pollers->queue_first != NULL || pollers->next_copy != CYCLES_NEVER;
}

static cycles next_step(const struct pollers *pollers)
{
    cycles service = pollers->queue_first != NULL ? pollers->line->free_at : CYCLES_NEVER;

    return service < pollers->next_copy ? service : pollers->next_copy;
}

/* Serves this line until something else is due; `others` is the time of the next step at any other line. */
static void run(struct pollers *pollers, cycles others)
{
    struct engine *engine = pollers->line->machine->engine;
    cycles next;

    do {
        if (pollers->next_copy <= engine->now)
            copies_arrive(pollers, engine->now);
        else
            serve_first(pollers, engine->now);
        next = next_step(pollers);
    } while (next <= engine->now || (next < others && engine_advance(engine, next)));
    update(pollers);
}

/* --- the machine's list of contended lines, which share one event slot --- */

static void queues_schedule(struct machine *machine)
{
    cycles next = CYCLES_NEVER;

    for (struct pollers **link = &machine->queues->first; *link != NULL;) {
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
    struct pollers *due = NULL;
    cycles others = CYCLES_NEVER;

    for (struct pollers *pollers = machine->queues->first; pollers != NULL; pollers = pollers->next_listed) {
        cycles step = next_step(pollers);
        if (due == NULL && step <= machine->engine->now)
            due = pollers;
        else if (step < others)
            others = step;
    }
    if (due != NULL)
        run(due, others);
    queues_schedule(machine);
}

static void queue_changed(struct pollers *pollers)
{
    struct machine *machine = pollers->line->machine;

    pollers->line->is_contended = true;
    if (!pollers->is_listed) {
        pollers->is_listed = true;
        pollers->next_listed = machine->queues->first;
        machine->queues->first = pollers;
    }
    queues_schedule(machine);
}

void queues_init(struct machine *machine)
{
    machine->queues = ARENA_NEW(machine->arena, struct queues);
    machine->queues->slot = engine_event(machine->engine, queues_fire, machine);
}

/* --- requests of the running CPU --- */

/* Before a request is queued. While the queue was empty, writes bypassed it and did not update near_domain. */
static void request_begin(struct pollers *pollers)
{
    const struct line *line = pollers->line;

    line_revoke(pollers->line);
    if (!line->is_contended && line->owner != LINE_NO_OWNER)
        pollers->near_domain = line->machine->cpus[line->owner].domain;
}

uint64_t pollers_request(struct cpu *cpu, struct word *word, enum word_operation operation, uint64_t operand,
                         uint64_t comparand)
{
    struct pollers *pollers = word->line->pollers;

    CHECK(cpu->spin.state == SPIN_NONE);
    request_begin(pollers);
    cpu->spin.word = word;
    cpu->spin.is_attempt = false;
    cpu->spin.operation = operation;
    cpu->spin.operand = operand;
    cpu->spin.comparand = comparand;
    queue_add_cpu(pollers, cpu);
    queue_changed(pollers);
    engine_park(cpu->engine);
    CHECK(cpu->spin.state == SPIN_DONE);
    cpu->spin.state = SPIN_NONE;
    return cpu->spin.result;
}

/* Issues the xchg at once if the domain has a copy with the wanted value. Otherwise the CPU joins the pollers of its
 * domain, and queues a read if they have no copy and no read queued. */
static void poll_begin(struct pollers *pollers, struct cpu *cpu)
{
    struct domain_at_line *domain = &pollers->domains[cpu->domain];

    request_begin(pollers);
    bool has_copy = pollers->line->owner == cpu->id || line_is_shared_by(pollers->line, cpu->domain);

    if (has_copy && cpu->spin.word->value == cpu->spin.wanted) {
        poller_attempt(pollers, cpu);
    } else {
        cpu->is_interruptible = cpu->irq_on;
        poller_add(pollers, cpu);
        if (!has_copy && !domain->is_reading)
            queue_add_read(pollers, domain, cpu->engine->now);
    }
    queue_changed(pollers);
}

bool pollers_park(struct cpu *cpu, struct word *word, uint64_t wanted, uint64_t replacement)
{
    CHECK(cpu->spin.state == SPIN_NONE);
    cpu->spin.word = word;
    cpu->spin.wanted = wanted;
    cpu->spin.operand = replacement;
    poll_begin(word->line->pollers, cpu);
    engine_park(cpu->engine);
    cpu->is_interruptible = false;
    if (cpu->spin.state == SPIN_DONE) {
        cpu->spin.state = SPIN_NONE;
        return true;
    }
    poller_remove(word->line->pollers, cpu);
    update(word->line->pollers);
    return false;
}
