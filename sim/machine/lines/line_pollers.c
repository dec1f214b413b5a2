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
#include "machine/lines/line_poller_block.h"
#include "machine/lines/pollers.h"
#include "machine/lines/queues.h"

void pollers_init(struct machine *machine, struct line *line)
{
    struct pollers *pollers = ARENA_NEW(machine->arena, struct pollers);

    pollers->line = line;
    queue_init(&pollers->queue);
    queue_init(&pollers->near);
    pollers->has_socket_service = line_socket_service(machine->costs) > 0;
    pollers->next_copy = CYCLES_NEVER;
    pollers->domains = ARENA_ARRAY(machine->arena, struct domain_at_line, machine->topology->domain_count);
    for (uint32_t i = 0; i < machine->topology->domain_count; i++)
        pollers->domains[i].copy_arrives = CYCLES_NEVER;
    line->pollers = pollers;
}

static uint32_t queued_cpus(const struct pollers *pollers, const struct place_queue *queue)
{
    uint32_t count = 0;

    for (struct line_place *place = queue->first; place != NULL; place = place->next)
        count += place->kind == PLACE_CPU     ? 1
                 : place->kind == PLACE_BLOCK ? place_domain(pollers, place)->block.count
                                              : 0;
    return count;
}

uint32_t pollers_count(const struct line *line)
{
    const struct pollers *pollers = line->pollers;

    return pollers->polling + pollers->losers.list.count + queued_cpus(pollers, &pollers->queue) +
           queued_cpus(pollers, &pollers->near);
}

static void poller_attempt(struct pollers *pollers, struct cpu *cpu)
{
    if (cpu->lapic.irr_count != 0)
        engine_cancel(cpu->engine, cpu->slot); /* a vector of this cycle comes after the xchg */
    attempt_prepare(cpu);
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
        if (domain_is_idle(domain))
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
    struct cpu *cpu = domain->polling.first;
    uint32_t count = domain->polling.count;

    domain->is_reading = false;
    if (count == 0)
        return; /* all its pollers stopped polling to take interrupts */
    pollers->idle_domains++;
    cycles arrival = line_read(pollers->line, cpu, now);
    if (!costs->reads_per_socket)
        pollers->line->free_at += (count - 1) * costs->directory_service;
    if (cpu->spin.word->value == cpu->spin.wanted) {
        domain->copy_arrives = arrival;
        domain->copies_end = CYCLES_NEVER;
        domain->copy_latency = arrival - now;
        domain->copies_left = count;
        if (arrival < pollers->next_copy)
            pollers->next_copy = arrival;
    }
}

/* The poller's xchg failed: it polls again with its previous interrupt state, and an interrupt may be pending. */
static void attempt_failed(struct pollers *pollers, struct cpu *cpu, cycles finish)
{
    poller_join(pollers, cpu);
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

/* The queue of the request that reaches the line first: either the oldest one issued in the line's own domain, or the
 * oldest one from the directory, which forwards one per directory_service. */
static struct place_queue *next_queue(struct pollers *pollers, cycles now)
{
    const struct machine *machine = pollers->line->machine;
    const struct costs *costs = machine->costs;
    struct line_place *near = pollers->near.first, *far = pollers->queue.first;

    if (!pollers->has_socket_service)
        return &pollers->queue;
    if (far == NULL)
        return &pollers->near;
    uint32_t far_domain = (uint32_t)(place_domain(pollers, far) - pollers->domains);
    enum distance distance = machine_distance(machine, pollers->near_domain, far_domain);
    cycles far_reaches = far->issued + costs->load_modified[distance] / 2;
    if (far_reaches < pollers->directory_free_at)
        far_reaches = pollers->directory_free_at;
    if (near != NULL && near->issued + costs->load_modified[DISTANCE_NEAR] / 2 <= far_reaches)
        return &pollers->near;
    pollers->directory_free_at = now + costs->directory_service;
    return &pollers->queue;
}

/* The first xchg wins, and the rest of the block is the first in the queue again; or it fails, and so do all. */
static void serve_block(struct pollers *pollers, struct domain_at_line *domain, cycles now)
{
    struct cpu *cpu = block_take_first(domain);
    bool wins = cpu->spin.word->value == cpu->spin.wanted;

    if (wins && domain->block.count > 0)
        queue_insert(&pollers->queue, &pollers->queue.first, &domain->block_place);
    serve_cpu(pollers, cpu, now);
    if (!wins && domain->block.count > 0)
        losers_begin(pollers, domain);
}

static void serve_first(struct pollers *pollers, cycles now)
{
    losers_look(pollers, now);
    struct place_queue *queue = next_queue(pollers, now);
    struct line_place *place = queue->first;

    CHECK(place != NULL && pollers->losers.list.count == 0);
    queue_remove(queue, &queue->first);
    switch (place->kind) {
    case PLACE_CPU:
        serve_cpu(pollers, place_cpu(place), now);
        break;
    case PLACE_READ:
        serve_read(pollers, place_domain(pollers, place), now);
        break;
    case PLACE_BLOCK:
        serve_block(pollers, place_domain(pollers, place), now);
        break;
    }
}

/* The LLC serves one poller of the domain; the next one follows a service time later. */
static void poller_served(struct pollers *pollers, struct domain_at_line *domain, cycles service)
{
    struct cpu *cpu = domain->polling.first;

    if (cpu != NULL) {
        poller_leave(pollers, cpu);
        poller_attempt(pollers, cpu);
    }
    domain->copy_arrives += service;
    if (domain->polling.count == 0 || --domain->copies_left == 0 || domain->copy_arrives > domain->copies_end)
        domain->copy_arrives = CYCLES_NEVER;
    if (domain->copy_arrives < pollers->next_copy)
        pollers->next_copy = domain->copy_arrives;
}

/* The domain's copy has arrived: all its pollers issue xchgs. */
static void pollers_attempt(struct pollers *pollers, struct domain_at_line *domain)
{
    domain->copy_arrives = CYCLES_NEVER;
    if (domain->polling.count > 0 && block_is_possible(pollers, domain)) {
        block_queue(pollers, domain);
        return;
    }
    while (domain->polling.count > 0) {
        struct cpu *cpu = domain->polling.first;
        poller_leave(pollers, cpu);
        poller_attempt(pollers, cpu);
    }
}

/* Copies with the wanted value have arrived, before any service of the same cycle, with which they share an event. */
static void copies_arrive(struct pollers *pollers, cycles now)
{
    cycles service = line_socket_service(pollers->line->machine->costs);

    losers_settle(pollers, now);
    pollers->losers.is_next_counted = pollers->losers.list.count > 0 && pollers->losers.next == now;
    pollers->next_copy = CYCLES_NEVER;
    for (uint32_t i = 0; i < pollers->line->machine->topology->domain_count; i++) {
        struct domain_at_line *domain = &pollers->domains[i];
        if (domain->copy_arrives > now) {
            if (domain->copy_arrives < pollers->next_copy)
                pollers->next_copy = domain->copy_arrives;
            continue;
        }
        if (service > 0)
            poller_served(pollers, domain, service);
        else
            pollers_attempt(pollers, domain);
    }
}

/* Every request goes through the queue while a CPU polls, a request is queued or a copy is in flight. */
static void update(struct pollers *pollers)
{
    pollers->line->is_contended = pollers->polling > 0 || pollers->losers.list.count > 0 || is_queued(pollers) ||
                                  pollers->next_copy != CYCLES_NEVER;
}

static cycles next_step(const struct pollers *pollers)
{
    bool is_served = is_queued(pollers) || losers_will_read(pollers);
    cycles service = is_served ? pollers->line->free_at : CYCLES_NEVER;

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
        if (step == CYCLES_NEVER && (*link)->losers.list.count == 0) {
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

void queues_settle(struct machine *machine)
{
    for (struct pollers *pollers = machine->queues->first; pollers != NULL; pollers = pollers->next_listed)
        losers_settle(pollers, machine->engine->now);
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

    losers_look(pollers, line->machine->engine->now);
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
        poller_join(pollers, cpu);
        if (!has_copy && !domain->is_reading)
            queue_add_read(pollers, domain, cpu->engine->now);
    }
    queue_changed(pollers);
}

/* All poll for the same: that all xchgs behind a failed one fail, too, depends on it. */
static void check_alike(struct pollers *pollers, const struct spin *spin)
{
    if (pollers->word == NULL) {
        pollers->word = spin->word;
        pollers->wanted = spin->wanted;
        pollers->replacement = spin->operand;
    }
    CHECK(pollers->word == spin->word && pollers->wanted == spin->wanted && pollers->replacement == spin->operand);
}

bool pollers_park(struct cpu *cpu, struct word *word, uint64_t wanted, uint64_t replacement)
{
    struct pollers *pollers = word->line->pollers;

    CHECK(cpu->spin.state == SPIN_NONE);
    cpu->spin.word = word;
    cpu->spin.wanted = wanted;
    cpu->spin.operand = replacement;
    check_alike(pollers, &cpu->spin);
    poll_begin(pollers, cpu);
    engine_park(cpu->engine);
    cpu->is_interruptible = false;
    if (cpu->spin.state == SPIN_DONE) {
        cpu->spin.state = SPIN_NONE;
        return true;
    }
    losers_look(pollers, cpu->engine->now);
    poller_leave(pollers, cpu);
    update(pollers);
    if (pollers->losers.list.count > 0)
        queues_schedule(cpu->machine); /* with one poller less the domain may not read any more */
    return false;
}

/* --- from outside the CPU --- */

void pollers_disturb(struct cpu *cpu)
{
    struct pollers *pollers = cpu->spin.word->line->pollers;

    if (poller_single_out(pollers, cpu))
        queue_changed(pollers);
}

void pollers_bypass(struct line *line)
{
    if (line->pollers == NULL || line->pollers->losers.list.count == 0)
        return;
    losers_stop(line->pollers);
    queue_changed(line->pollers);
}
