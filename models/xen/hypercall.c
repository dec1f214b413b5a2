/* SPDX-License-Identifier: Apache-2.0
 *
 * The control domain: its actions fall due at their times and are done one hypercall after the other on their
 * pCPU, which runs no softirq within one but returns to its loop between two, and to try again. The hypercalls run
 * where the pCPU would enter a guest or halt, so that they nest with interrupts and meet deliveries as a domctl
 * does. No vCPU stands for the control domain: a pCPU that runs guests, too, charges its time to theirs.
 * Left out: the toolstack's own time between two hypercalls.
 */
#include "models/xen/xen.h"

/* --- what there is to do --- */

static struct domain *domain_of(const struct control_action *action)
{
    uint32_t number = 0;

    for (uint32_t i = 0; i < action->xen->domain_count; i++) {
        struct domain *d = &action->xen->domains[i];
        if (d->group == action->setup->guest && number++ == action->setup->number)
            return d;
    }
    CHECK(!"a guest of that number");
    return NULL;
}

/* The action's next PIRQ, at or after next_pirq; NULL when it has been through them all. */
static struct pirq *next_pirq(struct control_action *action, const struct domain *d)
{
    const struct device *device = &action->xen->devices[action->setup->device];

    for (; action->next_pirq < d->pirq_count; action->next_pirq++) {
        struct pirq *pirq = &d->pirqs[action->next_pirq];
        if (pirq->desc.source != NULL && pirq->desc.source->device == device)
            return pirq;
    }
    return NULL;
}

/* The driver has stopped the device. */
static void silence(struct control_action *action)
{
    const struct domain *d = domain_of(action);
    struct pirq *pirq;

    for (action->next_pirq = 0; (pirq = next_pirq(action, d)) != NULL; action->next_pirq++)
        device_mask(pirq->desc.source);
}

static uint64_t frequency_of(const struct control_action *action) { return action->xen->machine->costs->frequency_hz; }

/* Explored, time orders the actions of one pCPU, nothing those of different ones: its earliest may fire, no other. */
static void release_earliest(struct xen *xen, uint32_t cpu)
{
    struct control_action *earliest = NULL;

    for (uint32_t i = 0; i < xen->setup->action_count; i++) {
        struct control_action *action = &xen->actions[i];
        if (action->setup->cpu != cpu)
            continue;
        engine_cancel(xen->machine->engine, action->slot);
        if (action->due != CYCLES_NEVER && (earliest == NULL || action->due < earliest->due))
            earliest = action;
    }
    if (earliest != NULL)
        engine_at(xen->machine->engine, earliest->slot, xen->machine->engine->now);
}

static void schedule_at(struct control_action *action, cycles due)
{
    struct engine *engine = action->xen->machine->engine;

    action->due = due;
    if (engine->policy == POLICY_EXHAUSTIVE)
        release_earliest(action->xen, action->setup->cpu);
    else
        engine_at(engine, action->slot, due == CYCLES_NEVER || due > engine->now ? due : engine->now);
}

static void schedule_next(struct control_action *action)
{
    const struct action_setup *setup = action->setup;
    bool is_over = setup->every_ns == 0 || (setup->times > 0 && action->fired >= setup->times);

    schedule_at(action, is_over ? CYCLES_NEVER : action->round + cycles_from_ns(setup->every_ns, frequency_of(action)));
    action->round = action->due;
}

static bool wants_quiet(const struct control_action *action)
{
    return action->setup->kind == ACTION_UNBIND && action->setup->quiesce_ns > 0 && !action->is_quiet;
}

static void fire(void *argument)
{
    struct control_action *action = argument;
    struct xen_cpu *xc = &action->xen->cpus[action->setup->cpu];

    if (list_is_empty(&action->link) && wants_quiet(action)) {
        action->is_quiet = true;
        silence(action);
        schedule_at(action, action->due + cycles_from_ns(action->setup->quiesce_ns, frequency_of(action)));
        return;
    }
    action->is_quiet = false;
    action->fired++;
    schedule_next(action);
    if (!list_is_empty(&action->link))
        return; /* the last round is not over */
    action->next_pirq = 0;
    list_add_tail(&action->link, &xc->actions);
    lapic_deliver(xc->cpu, VECTOR_EVENT_CHECK);
}

void control_boot(struct xen *xen)
{
    lock_init(&xen->pcidevs_lock, lock_class_new(xen->locks, "pcidevs_lock"));
    for (int kind = 0; kind < XEN_ACTION_COUNT; kind++) {
        xen->hypercalls[kind].time = ARENA_NEW(xen->machine->arena, struct histogram);
        ARENA_BOOKS(xen->machine->arena, *xen->hypercalls[kind].time);
    }
    control_measure(xen);
    xen->actions = ARENA_ARRAY(xen->machine->arena, struct control_action, xen->setup->action_count);
    for (uint32_t i = 0; i < xen->setup->action_count; i++) {
        struct control_action *action = &xen->actions[i];
        action->setup = &xen->setup->actions[i];
        action->xen = xen;
        list_init(&action->link);
        action->slot = engine_event(xen->machine->engine, fire, action);
        action->round = action->due = cycles_from_ns(action->setup->at_ns, frequency_of(action));
    }
    for (uint32_t i = 0; i < xen->setup->action_count; i++)
        schedule_at(&xen->actions[i], xen->actions[i].due);
}

/* --- hypercalls --- */

/* False: one of its vCPUs is current here, and must be switched away from first. */
static bool domain_pause(struct cpu *cpu, struct domain *d)
{
    for (uint32_t i = 0; i < d->vcpu_count; i++)
        if (!(word_fetch_or(cpu, &d->vcpus[i].pause_flags, VPF_DOWN) & VPF_DOWN))
            vcpu_sleep(cpu, &d->vcpus[i]);
    for (uint32_t i = 0; i < d->vcpu_count; i++)
        while (d->vcpus[i].is_running) {
            if (xen_cpu(cpu)->current == &d->vcpus[i])
                return false;
            cpu_relax(cpu);
        }
    return true;
}

static enum hypercall_result domain_kill(struct cpu *cpu, struct domain *d)
{
    if (!domain_pause(cpu, d))
        return HYPERCALL_RESTART;
    spin_lock(cpu, &d->xen->pcidevs_lock);
    enum hypercall_result result = pci_clean_dpci_irqs(cpu, d);
    spin_unlock(cpu, &d->xen->pcidevs_lock);
    if (result != HYPERCALL_DONE)
        return result;
    for (uint32_t i = 0; i < d->vcpu_count; i++)
        kill_timer(cpu, &d->vcpus[i].singleshot_timer);
    d->is_dead = true;
    put_domain(cpu, d);
    return HYPERCALL_DONE;
}

static bool is_about_pirqs(const struct control_action *action)
{
    enum action_kind kind = action->setup->kind;

    return kind == ACTION_UNBIND || kind == ACTION_BIND || kind == ACTION_UNMAP;
}

/* Not about a PIRQ. */
static enum hypercall_result hypercall(struct cpu *cpu, struct control_action *action, struct domain *d)
{
    if (action->setup->kind == ACTION_DESTROY)
        return domain_kill(cpu, d);
    struct xen_cpu *target = &action->xen->cpus[action->setup->target];
    return action->setup->kind == ACTION_OFFLINE ? cpu_down(cpu, target) : cpu_up(cpu, target);
}

static bool is_over(const struct control_action *action, const struct domain *d, const struct pirq *pirq)
{
    if (is_about_pirqs(action))
        return d->is_dead || pirq == NULL;
    return action->next_pirq > 0 || (action->setup->kind == ACTION_DESTROY && d->is_dead);
}

static enum hypercall_result pirq_hypercall(struct cpu *cpu, struct control_action *action, struct pirq *pirq)
{
    enum hypercall_result result = HYPERCALL_DONE;
    bool has_line = pirq->line != NULL && pirq->line->first == pirq && pirq->line_next == NULL;

    if (has_line && action->setup->kind == ACTION_UNBIND)
        guest_line_mask(cpu, pirq, true);
    spin_lock(cpu, &action->xen->pcidevs_lock);
    if (action->setup->kind == ACTION_BIND)
        result = pt_irq_create_bind(cpu, pirq, action->setup->fails);
    else if (action->setup->kind == ACTION_UNMAP)
        pirq_unmap(cpu, pirq);
    else
        pt_irq_destroy_bind(cpu, pirq);
    spin_unlock(cpu, &action->xen->pcidevs_lock);
    if (has_line && action->setup->kind == ACTION_BIND && result == HYPERCALL_DONE)
        guest_line_mask(cpu, pirq, false);
    return result;
}

/* One hypercall ends, the action perhaps with it. */
static void done(struct cpu *cpu, struct control_action *action)
{
    struct hypercall_statistics *statistics = &action->xen->hypercalls[action->setup->kind];

    statistics->done++;
    histogram_record(statistics->time, cycles_to_ns(now_of(cpu) - action->since, cpu->costs->frequency_hz));
    action->is_under_way = false;
}

bool control_run(struct cpu *cpu)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    if (list_is_empty(&xc->actions))
        return false;
    struct control_action *action = LIST_ENTRY(xc->actions.next, struct control_action, link);
    struct domain *d = domain_of(action);
    struct pirq *pirq = is_about_pirqs(action) ? next_pirq(action, d) : NULL;
    if (is_over(action, d, pirq)) {
        list_remove(&action->link);
        return true;
    }

    if (!action->is_under_way)
        action->since = now_of(cpu);
    action->is_under_way = true;
    cycles from = now_of(cpu);
    cpu_spend_software(cpu, cpu->costs->hypercall);
    enum hypercall_result result = pirq == NULL ? hypercall(cpu, action, d) : pirq_hypercall(cpu, action, pirq);
    if (result != HYPERCALL_DONE) {
        action->xen->hypercalls[action->setup->kind].retries++;
        action->xen->hypercalls[action->setup->kind].waiting += now_of(cpu) - from;
        return true;
    }
    action->next_pirq++;
    done(cpu, action);
    return true;
}

/* --- what it took --- */

void control_measure(struct xen *xen)
{
    if (xen->setup->action_count == 0)
        return;
    for (int kind = 0; kind < XEN_ACTION_COUNT; kind++) {
        struct hypercall_statistics *statistics = &xen->hypercalls[kind];
        statistics->done = statistics->retries = 0;
        statistics->waiting = 0;
        histogram_init(statistics->time);
    }
}

/* Tried, and not done: a hypercall that hangs shows here. */
static uint64_t pending_of(const struct xen *xen, enum action_kind kind)
{
    uint64_t pending = 0;

    for (uint32_t i = 0; i < xen->setup->action_count; i++)
        pending += xen->actions[i].setup->kind == kind && xen->actions[i].is_under_way;
    return pending;
}

static bool is_kind_used(const struct xen *xen, enum action_kind kind)
{
    for (uint32_t i = 0; i < xen->setup->action_count; i++)
        if (xen->setup->actions[i].kind == kind)
            return true;
    return false;
}

void control_metrics(struct xen *xen, struct metrics *metrics)
{
    static const char *const names[] = { "unbind", "bind", "destroy", "offline", "online", "unmap" };
    uint64_t hz = xen->machine->costs->frequency_hz;

    if (xen->setup->action_count == 0)
        return;
    for (int kind = 0; kind < XEN_ACTION_COUNT; kind++) {
        if (kind > ACTION_DESTROY && !is_kind_used(xen, (enum action_kind)kind))
            continue;
        const struct hypercall_statistics *statistics = &xen->hypercalls[kind];
        metric_count(metrics, statistics->done, "xen.%s.count", names[kind]);
        metric_count(metrics, pending_of(xen, (enum action_kind)kind), "xen.%s.pending", names[kind]);
        metric_count(metrics, statistics->retries, "xen.%s.retries", names[kind]);
        metric_count(metrics, cycles_to_ns(statistics->waiting, hz), "xen.%s.wait_ns", names[kind]);
        metric_count(metrics, histogram_quantile(statistics->time, 5000), "xen.%s.time.p50_ns", names[kind]);
        metric_count(metrics, histogram_quantile(statistics->time, 9900), "xen.%s.time.p99_ns", names[kind]);
        metric_count(metrics, statistics->time->count == 0 ? 0 : statistics->time->maximum, "xen.%s.time.max_ns",
                     names[kind]);
    }
}
