/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds the Xen model from a setup, without simulated time: pCPUs, domains with their vCPUs placed on pCPUs, PIRQs
 * already bound, and the first ticks armed. Left out: Xen's own boot and the creation of domains by the toolstack.
 */
#include "models/family/arrivals.h"
#include "models/xen/own_code.h"
#include "models/xen/posted.h"

enum { VECTORS = 256, PAGE_BYTES = 4096 };

/* The random stream of a vCPU or vector does not depend on the rest of the scenario: each setup has a seed of its own,
 * and the entities within a setup are numbered. */
static uint64_t setup_seed(const struct machine *machine, uint32_t setup_index)
{
    return machine->seed + 0x9e3779b97f4a7c15u * (setup_index + 1);
}

static uint32_t vcpu_entity(uint32_t guest, uint32_t vcpu) { return guest * SETUP_VCPUS_MAX + vcpu; }

static uint32_t vector_entity(uint32_t guest, uint32_t device, uint32_t vector)
{
    return (guest << 19) + (device << 11) + vector;
}

static cycles from_ns(const struct xen *xen, uint64_t ns)
{
    return cycles_from_ns(ns, xen->machine->costs->frequency_hz);
}

/* --- pCPUs --- */

static void idle_vcpu_boot(struct xen_cpu *xc)
{
    struct vcpu *v = &xc->idle_vcpu;

    v->processor = xc;
    v->who = trace_who(TRACE_IDLE_DOMAIN, xc->id);
    v->csched.priority = CSCHED_PRI_IDLE;
    list_init(&v->csched.runq_link);
    runstate_init(v, RUNSTATE_RUNNING);
    xc->current = xc->curr = v;
}

static void pcpu_boot(struct xen *xen, uint32_t id)
{
    struct xen_cpu *xc = &xen->cpus[id];

    xc->cpu = &xen->machine->cpus[id];
    xc->cpu->hypervisor = xc;
    xc->xen = xen;
    xc->id = id;
    line_init(xen->machine, &xc->pending_line, LINE_PLAIN);
    word_init(&xc->softirq_pending, &xc->pending_line, 1u << TIMER_SOFTIRQ | 1u << SCHEDULE_SOFTIRQ);
    line_init(xen->machine, &xc->tasklet_line, LINE_PLAIN);
    list_init(&xc->softirq_tasklets);
    list_init(&xc->idle_tasklets);
    line_init(xen->machine, &xc->work_line, LINE_PLAIN);
    word_init(&xc->tasklet_work_to_do, &xc->work_line, 0);
    names_add_of(xen->machine, &xc->tasklet_work_to_do, "tasklet_work_to_do", "cpu%u", id);
    list_init(&xc->dpci_list);
    list_init(&xc->dpci_todo);
    list_init(&xc->timers);
    list_init(&xc->actions);
    list_init(&xc->runq);
    lock_init(&xc->timers_lock, xen->timers_class);
    lock_init(&xc->schedule_lock, xen->schedule_class);
    xc->timer_deadline = CYCLES_NEVER;
    ARENA_EXCLUDE(xen->machine->arena, xc->lock_clock);
    names_add_of(xen->machine, &xc->softirq_pending, "softirq_pending", "cpu%u", id);
    timer_init(&xc->s_timer, schedule_timer_fn, xc);
    timer_tick(xen, &xc->s_timer, "s_timer", TRACE_NOBODY);
    idle_vcpu_boot(xc);
    csched_pcpu_init(xc);
}

/* --- vCPUs --- */

/* The pCPU of the pin with the fewest vCPUs; the first of several. */
static struct xen_cpu *place(struct xen *xen, const uint16_t *pin, uint32_t pin_count)
{
    struct xen_cpu *best = &xen->cpus[pin[0]];

    for (uint32_t i = 1; i < pin_count; i++)
        if (xen->cpus[pin[i]].pinned < best->pinned)
            best = &xen->cpus[pin[i]];
    best->pinned++;
    return best;
}

static void affinity_boot(struct xen *xen, struct vcpu *v, const uint16_t *pin, uint32_t pin_count, bool is_pinned)
{
    v->processor = place(xen, pin, pin_count);
    v->hard_affinity = ARENA_ARRAY(xen->machine->arena, uint64_t, (xen->cpu_count + 63) / 64);
    for (uint32_t i = 0; i < pin_count; i++)
        if (!is_pinned || pin[i] == v->processor->id)
            v->hard_affinity[pin[i] / 64] |= 1ull << (pin[i] % 64);
}

static void vcpu_word_name(struct xen *xen, const struct vcpu *v, const struct word *word, const char *name)
{
    names_add_of(xen->machine, word, name, "d%uv%u", v->domain->id, v->id);
}

static void vcpu_words_boot(struct xen *xen, struct vcpu *v)
{
    line_init(xen->machine, &v->line, LINE_PLAIN);
    word_init(&v->pause_flags, &v->line, 0);
    word_init(&v->is_running, &v->line, 0);
    line_init(xen->machine, &v->state_line, LINE_WAITED);
    word_init(&v->loaded_on, &v->state_line, 0);
    line_init(xen->machine, &v->vlapic_line, LINE_PLAIN);
    for (int i = 0; i < 4; i++) {
        word_init(&v->vlapic_irr[i], &v->vlapic_line, 0);
        vcpu_word_name(xen, v, &v->vlapic_irr[i], "vlapic irr");
    }
    vcpu_word_name(xen, v, &v->pause_flags, "pause_flags");
    vcpu_word_name(xen, v, &v->loaded_on, "loaded_on");
    vcpu_word_name(xen, v, &v->is_running, "is_running");
    vcpu_word_name(xen, v, &v->guest.upcall_pending, "upcall_pending");
    ARENA_EXCLUDE(xen->machine->arena, v->was_woken_by_tasklet);
    ARENA_EXCLUDE(xen->machine->arena, v->exits);
    ARENA_EXCLUDE(xen->machine->arena, v->assert_evtchn_irq_tasklet.enqueued_while_running_guest);
}

/* Tables of pointers, one for each vector of `count` CPUs. They seldom change: on pages of their own, explorations need
 * not compare them (explore/hot_pages.h). */
static void *vector_tables(const struct xen *xen, uint32_t count)
{
    return arena_alloc(xen->machine->arena, (size_t)count * VECTORS * sizeof(void *), PAGE_BYTES);
}

static void guest_boot(struct xen *xen, struct vcpu *v, const struct guest_setup *setup, uint32_t guest_index)
{
    struct domain *d = v->domain;
    uint32_t entity = vcpu_entity(guest_index, v->id);
    enum guest_phase kind = xen_guest_setup(setup)->phase;
    cycles phase = 0;

    if (kind != GUEST_PHASE_ALIGNED && d->behaviour.tick_period > 0) {
        struct rng rng;
        uint32_t phase_entity = kind == GUEST_PHASE_GUEST ? vcpu_entity(guest_index, 0) : entity;
        rng_init(&rng, setup_seed(xen->machine, d->group), phase_entity, RNG_PHASE);
        phase = rng_below(&rng, d->behaviour.tick_period);
    }
    guest_vcpu_init(&v->guest, xen->machine, &d->behaviour, v->id, setup_seed(xen->machine, d->group), entity, phase);
    if (d->behaviour.tick_period == 0)
        return;
    timer_tick(xen, &v->singleshot_timer, "singleshot_timer", v->who);
    timer_boot(v->processor, &v->singleshot_timer, guest_first_tick(&v->guest));
}

static void vcpu_boot(struct xen *xen, struct vcpu *v, const struct guest_setup *setup, uint32_t guest_index)
{
    vcpu_words_boot(xen, v);
    v->who = trace_who(v->domain->id, v->id);
    lock_init(&v->virq_lock, xen->virq_class);
    timer_init(&v->singleshot_timer, vcpu_singleshot_timer_fn, v);
    tasklet_init(&v->assert_evtchn_irq_tasklet, hvm_assert_evtchn_irq_fn, v);
    v->assert_evtchn_irq_tasklet.owner = v->who;
    own_tasklet_boot(xen, &v->assert_evtchn_irq_tasklet);
    v->next_vector = GUEST_VECTOR_FIRST;
    v->csched.priority = CSCHED_PRI_TS_UNDER;
    list_init(&v->csched.runq_link);
    guest_boot(xen, v, setup, guest_index);
    if (setup->load == GUEST_LOAD_HALT) {
        v->pause_flags.value = VPF_BLOCKED;
        runstate_init(v, RUNSTATE_BLOCKED);
    } else {
        runstate_init(v, RUNSTATE_RUNNABLE);
        csched_runq_insert(v);
    }
}

/* --- PIRQs --- */

static struct pirq *pirq_boot(struct xen *xen, struct domain *d)
{
    struct pirq *pirq = &d->pirqs[d->pirq_count];

    pirq->domain = d;
    pirq->number = d->pirq_count++;
    pirq->desc.pirq = pirq;
    lock_init(&pirq->desc.lock, xen->desc_class);
    line_init(xen->machine, &pirq->dpci_line, LINE_PLAIN);
    word_init(&pirq->masked, &pirq->dpci_line, 0);
    word_init(&pirq->state, &pirq->dpci_line, 0);
    names_add_of(xen->machine, &pirq->masked, "masked", "d%u pirq %u", d->id, pirq->number);
    names_add_of(xen->machine, &pirq->state, "state", "d%u pirq %u", d->id, pirq->number);
    ARENA_EXCLUDE(xen->machine->arena, pirq->tasklet.enqueued_while_running_guest);
    word_init(&pirq->dom, &pirq->dpci_line, 1);
    names_add_of(xen->machine, &pirq->dom, "dom", "d%u pirq %u", d->id, pirq->number);
    pirq->flags = pirq->bound_flags = DPCI_MAPPED | DPCI_GUEST_MSI;
    list_init(&pirq->softirq_link);
    tasklet_init(&pirq->tasklet, xen->dpci->pirq_tasklet, pirq);
    pirq->tasklet.owner = trace_who(d->id, TRACE_WHOLE_DOMAIN);
    own_tasklet_boot(xen, &pirq->tasklet);
    own_pirq_boot(pirq);
    return pirq;
}

/* A vector that no vCPU of the domain uses yet. */
static uint32_t shared_vector(const struct domain *d)
{
    uint32_t vector = GUEST_VECTOR_FIRST;

    for (uint32_t i = 0; i < d->vcpu_count; i++)
        vector = d->vcpus[i].next_vector > vector ? d->vcpus[i].next_vector : vector;
    return vector;
}

static void destination_boot(struct pirq *pirq, const struct device_setup *setup, uint32_t vcpu)
{
    struct domain *d = pirq->domain;

    pirq->is_multicast = xen_device_setup(setup)->destination == MSI_DESTINATION_ALL;
    pirq->is_hashed = xen_device_setup(setup)->destination == MSI_DESTINATION_HASHED;
    pirq->wants_event = xen_device_setup(setup)->delivery == DEVICE_DELIVERY_EVENT;
    pirq->has_port = pirq->is_event = pirq->wants_event;
    pirq->is_emulated = xen_device_setup(setup)->assigned == DEVICE_ASSIGNED_NEVER;
    if (pirq->is_event && xen_device_setup(setup)->binding == DEVICE_BINDING_MSI) {
        pirq->dest_vcpu = &d->vcpus[vcpu];
        pirq->dest_vcpu->vector_pirq[0] = pirq; /* for what may be posted as vector 0 */
        return;
    }
    if (!pirq->is_multicast && !pirq->is_hashed) {
        pirq->dest_vcpu = &d->vcpus[vcpu];
        pirq->gvec = pirq->dest_vcpu->next_vector++;
        CHECK(pirq->gvec <= GUEST_VECTOR_LAST);
        return;
    }
    pirq->gvec = shared_vector(d);
    pirq->dest_vcpu = &d->vcpus[pirq->is_hashed ? pirq->gvec % d->vcpu_count : vcpu];
    CHECK(pirq->gvec <= GUEST_VECTOR_LAST);
    for (uint32_t i = 0; i < d->vcpu_count; i++)
        d->vcpus[i].next_vector = pirq->gvec + 1;
}

/* Registers the PIRQ at its target vCPUs; for a device on a line, intx_boot does that. */
static void sink_boot(struct pirq *pirq, const struct device_setup *setup)
{
    if (xen_device_setup(setup)->binding != DEVICE_BINDING_MSI) {
        intx_boot(pirq, setup, pirq->gvec);
        pirq->line->is_masked = pirq->is_event; /* Linux leaves the pin of a GSI that it gets as an event masked */
        if (pirq->is_event)
            device_expect(pirq->desc.source, &pirq->dest_vcpu->guest, 0);
        return;
    }
    if (pirq->is_event) {
        device_expect(pirq->desc.source, &pirq->dest_vcpu->guest, 0);
        return;
    }
    pirq->dest_vcpu->vector_pirq[pirq->gvec] = pirq;
    for (uint32_t i = 0; (pirq->is_multicast || pirq->is_hashed) && i < pirq->domain->vcpu_count; i++)
        pirq->domain->vcpus[i].vector_pirq[pirq->gvec] = pirq;
    pirq->desc.source->is_multicast = pirq->is_multicast;
    if (!pirq->is_multicast)
        device_expect(pirq->desc.source, &pirq->dest_vcpu->guest, pirq->gvec);
}

/* A PIRQ takes one of a vCPU's vectors at boot, and no more than one in each action; they are taken in ascending order.
 */
static uint32_t irr_words(const struct xen *xen, uint32_t bound_pirqs)
{
    uint64_t taken = (uint64_t)bound_pirqs * (xen->setup->action_count + 1);

    return taken > GUEST_VECTOR_LAST - GUEST_VECTOR_FIRST ? 4 : (uint32_t)(GUEST_VECTOR_FIRST + taken) / 64 + 1;
}

/* Vectors are assigned to the guest's vCPUs round robin, unless the device names one; a physical interrupt starts on
 * its vCPU's pCPU. */
static void vector_boot(struct xen *xen, struct domain *d, uint32_t device_index, uint32_t entity, uint32_t vcpu)
{
    const struct device_setup *setup = &xen->setup->devices[device_index];
    struct device *device = &xen->devices[device_index];
    uint64_t seed = setup_seed(xen->machine, device_index);
    struct pirq *pirq = pirq_boot(xen, d);
    struct device_vector *source = &xen->vectors[xen->vector_count++];

    device_vector_init(source, device, seed, entity);
    pirq->desc.source = source;
    source->number = pirq->number;
    source->binding = pirq;
    pirq->desc.is_bound = true;
    destination_boot(pirq, setup, vcpu);
    source->owner = pirq->dest_vcpu->who;
    irq_boot(&pirq->desc, pirq->dest_vcpu->processor);
    sink_boot(pirq, setup);
    device_start(source);
    if (xen_device_setup(setup)->assigned == DEVICE_ASSIGNED_LATER) {
        pirq->flags = 0;
        pirq->has_port = pirq->is_event = false;
        pirq->desc.is_bound = false;
        device_mask(source);
    }
    own_bind_boot(pirq);
}

static void devices_boot(struct xen *xen, struct domain *d, uint32_t guest_index, enum pirq_order order, uint32_t *vcpu)
{
    for (uint32_t i = 0; i < xen->setup->device_count; i++) {
        const struct device_setup *setup = &xen->setup->devices[i];
        uint32_t named = xen_device_setup(setup)->vcpu;
        if (setup->guest != d->group || xen_device_setup(setup)->pirqs != order)
            continue;
        for (uint32_t n = 0; n < setup->count; n++)
            for (uint32_t vector = 0; vector < setup->vectors; vector++)
                vector_boot(xen, d, i, vector_entity(guest_index, n, vector),
                            named > 0 ? named - 1 : (*vcpu)++ % d->vcpu_count);
        if (xen_device_setup(setup)->assigned == DEVICE_ASSIGNED_ON)
            d->assigned_at_boot++;
    }
}

static uint32_t pirqs_of(const struct setup *setup, uint32_t group)
{
    uint32_t count = setup->guests[group].pirqs;

    for (uint32_t i = 0; i < setup->device_count; i++)
        if (setup->devices[i].guest == group)
            count += setup->devices[i].count * setup->devices[i].vectors;
    return count;
}

/* --- domains and guests --- */

static void domain_boot(struct xen *xen, uint32_t group, uint32_t guest_index, const uint16_t *pin, uint32_t pin_count)
{
    const struct guest_setup *setup = &xen->setup->guests[group];
    const struct xen_guest_setup *own = xen_guest_setup(setup);
    uint64_t hz = xen->machine->costs->frequency_hz;
    struct domain *d = &xen->domains[xen->domain_count];
    uint32_t next_vcpu = 0;

    *d = (struct domain){
        .xen = xen, .id = xen->domain_count++, .group = group, .vcpu_count = setup->vcpus,
        .behaviour = {
            .is_halting = setup->load == GUEST_LOAD_HALT,
            .tick_period = cycles_of_period(own->timer_millihertz, hz),
            .handler = xen->costs->guest_handler,
            .tick_run = from_ns(xen, own->tick_run_ns), .wake_run = from_ns(xen, own->wake_run_ns),
            .spread_permille = own->work_spread_percent * 10,
            .min_delta = from_ns(xen, own->min_delta_ns), .wake_gap = cycles_of_period(own->wake_millihertz, hz),
            .vcpus = setup->vcpus,
        },
    };
    list_add_tail(&d->credit_link, &xen->credit_domains);
    lock_init(&d->event_lock, xen->event_class);
    line_init(xen->machine, &d->refcnt_line, LINE_PLAIN);
    word_init(&d->refcnt, &d->refcnt_line, 1);
    word_init(&d->dpci, &d->refcnt_line, 1);
    names_add_of(xen->machine, &d->refcnt, "refcnt", "d%u", d->id);
    names_add_of(xen->machine, &d->dpci, "dpci", "d%u", d->id);
    tasklet_init(&d->dirq_tasklet, xen->dpci->domain_tasklet, d);
    d->dirq_tasklet.owner = trace_who(d->id, TRACE_WHOLE_DOMAIN);
    ARENA_EXCLUDE(xen->machine->arena, d->dirq_tasklet.enqueued_while_running_guest);
    own_tasklet_boot(xen, &d->dirq_tasklet);
    struct pirq **vector_pirqs = vector_tables(xen, d->vcpu_count);
    d->vcpus = ARENA_ARRAY(xen->machine->arena, struct vcpu, d->vcpu_count);
    for (uint32_t i = 0; i < d->vcpu_count; i++) {
        d->vcpus[i].vector_pirq = &vector_pirqs[i * VECTORS];
        d->vcpus[i].domain = d;
        d->vcpus[i].id = i;
        affinity_boot(xen, &d->vcpus[i], pin, pin_count, own->placement == GUEST_PLACEMENT_PINNED);
        vcpu_boot(xen, &d->vcpus[i], setup, guest_index);
    }
    d->pirqs = ARENA_ARRAY(xen->machine->arena, struct pirq, pirqs_of(xen->setup, group));
    own_domain_boot(d, pirqs_of(xen->setup, group));
    devices_boot(xen, d, guest_index, PIRQ_ORDER_FIRST, &next_vcpu);
    for (uint32_t i = 0; i < setup->pirqs; i++)
        pirq_boot(xen, d);
    devices_boot(xen, d, guest_index, PIRQ_ORDER_LAST, &next_vcpu);
    d->irr_words = irr_words(xen, d->pirq_count - setup->pirqs);
}

static void guests_boot(struct xen *xen)
{
    uint16_t *pin = ARENA_ARRAY(xen->machine->arena, uint16_t, xen->cpu_count);
    char message[256];

    for (uint32_t group = 0; group < xen->setup->guest_count; group++) {
        const struct guest_setup *setup = &xen->setup->guests[group];
        uint32_t count = topology_pin(xen->machine->topology, setup->pin, pin, message, sizeof message);
        CHECK(count > 0);
        for (uint32_t i = 0; i < setup->count; i++)
            domain_boot(xen, group, i, pin, count);
    }
}

static enum target_state target_state(const struct device_vector *vector)
{
    const struct pirq *pirq = vector->binding;

    switch (pirq->dest_vcpu->state) {
    case RUNSTATE_RUNNING:
        return TARGET_RUNNING;
    case RUNSTATE_BLOCKED:
        return TARGET_BLOCKED;
    default:
        return TARGET_PREEMPTED;
    }
}

static void split_by_state(struct xen *xen, struct device *device)
{
    device->target_state = target_state;
    for (int state = 0; state < TARGET_STATE_COUNT; state++) {
        device->latency_by_state[state] = ARENA_NEW(xen->machine->arena, struct histogram);
        histogram_init(device->latency_by_state[state]);
        ARENA_EXCLUDE(xen->machine->arena, *device->latency_by_state[state]);
    }
}

static void device_kinds_boot(struct xen *xen)
{
    bool is_explored = machine_is_explored(xen->machine);

    for (uint32_t i = 0; i < xen->setup->device_count; i++) {
        const struct device_setup *setup = &xen->setup->devices[i];
        const struct xen_device_setup *own = xen_device_setup(setup);
        xen->devices[i] = device_kind_of(xen->machine, setup, xen->costs->guest_handler);
        xen->devices[i].is_polled = own->is_polled;
        xen->devices[i].is_at_any_cpu =
            is_explored && own->target == MSI_TARGET_ANY && own->binding != DEVICE_BINDING_INTX;
        if (own->by_state || xen_setup(xen->setup)->posted)
            split_by_state(xen, &xen->devices[i]);
    }
}

static void classes_boot(struct xen *xen)
{
    xen->locks = lock_system_new(xen->machine, xen->setup->hypervisor.lock);
    lock_init(&xen->tasklet_lock, lock_class_new(xen->locks, "tasklet_lock"));
    xen->event_class = lock_class_new(xen->locks, "event_lock");
    xen->schedule_class = lock_class_new(xen->locks, "schedule_lock");
    xen->schedule_class->is_tried = true;
    xen->timers_class = lock_class_new(xen->locks, "timers_lock");
    xen->desc_class = lock_class_new(xen->locks, "desc_lock");
    xen->virq_class = lock_class_new(xen->locks, "virq_lock");
    lock_init(&xen->credit_lock, lock_class_new(xen->locks, "credit_lock"));
}

void xen_boot(const struct design *design, struct machine *machine, const struct setup *setup)
{
    struct xen *xen = ARENA_NEW(machine->arena, struct xen);
    uint32_t domains = 0, vectors = 0;

    machine->hypervisor = xen;
    machine->is_delayed = xen_is_delayed;
    machine->awaits_exit = xen_awaits_exit;
    ARENA_EXCLUDE(machine->arena, xen->statistics);
    ARENA_EXCLUDE(machine->arena, xen->tasklet_counts);
    ARENA_EXCLUDE(machine->arena, xen->hypercalls);
    xen->machine = machine;
    xen->setup = setup;
    xen->costs = &xen_setup(setup)->costs;
    machine->software = rng_spread_of((uint32_t)xen->costs->software_cv_permille);
    xen->dpci = design->options;
    xen->tasklets = tasklet_operations_of(xen_setup(setup)->history);
    xen->cpu_count = machine->cpu_count;
    xen->timeslice = from_ns(xen, xen_setup(setup)->timeslice_ns);
    xen->ratelimit = from_ns(xen, xen_setup(setup)->ratelimit_ns);
    xen->timer_slop = from_ns(xen, xen_setup(setup)->timer_slop_ns);
    for (uint32_t group = 0; group < setup->guest_count; group++)
        domains += setup->guests[group].count;
    for (uint32_t i = 0; i < setup->device_count; i++)
        vectors += setup->devices[i].count * setup->devices[i].vectors * setup->guests[setup->devices[i].guest].count;
    classes_boot(xen);
    ticks_boot(xen);
    softirq_boot(machine->engine->trace);
    struct irq_desc **vector_irqs = vector_tables(xen, xen->cpu_count);
    xen->cpus = ARENA_ARRAY(machine->arena, struct xen_cpu, xen->cpu_count);
    for (uint32_t id = 0; id < xen->cpu_count; id++)
        xen->cpus[id].vector_irq = &vector_irqs[id * VECTORS];
    csched_init(xen);
    for (uint32_t id = 0; id < xen->cpu_count; id++)
        pcpu_boot(xen, id);
    csched_master_init(xen);
    xen->domains = ARENA_ARRAY(machine->arena, struct domain, domains);
    xen->devices = ARENA_ARRAY(machine->arena, struct device, setup->device_count);
    xen->vectors = ARENA_ARRAY(machine->arena, struct device_vector, vectors);
    device_kinds_boot(xen);
    own_code_boot(xen);
    guests_boot(xen);
    own_code_started(xen);
    if (xen_setup(setup)->posted)
        posted_boot(xen);
    if (setup->action_count > 0) {
        control_boot(xen);
        hotplug_boot(xen);
        rcu_boot(xen);
    }
}
