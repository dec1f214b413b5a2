/* SPDX-License-Identifier: Apache-2.0
 *
 * The control domain. Actions become due at their times and run on their pCPU, one hypercall after the other. A
 * hypercall runs no softirqs unless it asks for them; between two hypercalls and between attempts the pCPU returns to
 * its loop. Hypercalls run where the pCPU would enter a guest or halt, so that interrupts and deliveries race with them
 * as they do with a domctl. The control domain has no vCPU: on a pCPU that also runs a guest, the time of its
 * hypercalls is charged to the guest. Left out: the toolstack's own time between two hypercalls.
 */
#include "models/xen/keys.h"
#include "models/xen/own_code.h"
#include "models/xen/posted.h"

/* --- due actions --- */

static struct domain *domain_of(const struct control_action *action)
{
    uint32_t number = 0;

    for (uint32_t i = 0; i < action->xen->domain_count; i++) {
        struct domain *d = &action->xen->domains[i];
        if (d->group == action->setup->guest && number++ == xen_action_setup(action->setup)->number)
            return d;
    }
    CHECK(!"a guest of that number");
    return NULL;
}

/* The action's first PIRQ at or after next_pirq; NULL if there is none left. */
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

/* The guest's driver stops the device. */
static void silence(struct control_action *action)
{
    const struct domain *d = domain_of(action);
    struct pirq *pirq;

    for (action->next_pirq = 0; (pirq = next_pirq(action, d)) != NULL; action->next_pirq++)
        device_mask(pirq->desc.source);
}

static uint64_t frequency_of(const struct control_action *action) { return action->xen->machine->costs->frequency_hz; }

/* When explored, the actions of one pCPU fire in the order of their times, those of different pCPUs in any order: only
 * the earliest of each pCPU may fire. */
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
    const struct machine *machine = action->xen->machine;

    action->due = due;
    if (machine_is_explored(machine))
        release_earliest(action->xen, action->setup->cpu);
    else
        machine_event_at(machine, action->slot, due);
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
    return action->setup->kind == XEN_ACTION_UNBIND && xen_action_setup(action->setup)->quiesce_ns > 0 &&
           !action->is_quiet;
}

static void fire(void *argument)
{
    struct control_action *action = argument;
    struct xen_cpu *xc = &action->xen->cpus[action->setup->cpu];

    if (list_is_empty(&action->link) && wants_quiet(action)) {
        action->is_quiet = true;
        silence(action);
        schedule_at(action,
                    action->due + cycles_from_ns(xen_action_setup(action->setup)->quiesce_ns, frequency_of(action)));
        return;
    }
    action->is_quiet = false;
    action->fired++;
    schedule_next(action);
    if (!list_is_empty(&action->link))
        return; /* the last round is still in progress */
    action->next_pirq = 0;
    action->is_assigned = action->is_over = false;
    list_add_tail(&action->link, &xc->actions);
    lapic_deliver(xc->cpu, VECTOR_EVENT_CHECK);
}

/* The function of an action's tasklet: work of the hypervisor that needs the context of a vCPU. */
static void tasklet_work(struct cpu *cpu, void *data)
{
    const struct control_action *action = data;

    cpu_spend(cpu, cycles_from_ns(xen_action_setup(action->setup)->work_ns, cpu->costs->frequency_hz));
}

static void action_tasklet_boot(struct control_action *action)
{
    tasklet_init(&action->tasklet, tasklet_work, action);
    action->tasklet.runs_in_idle = true;
    action->tasklet.owner = TRACE_NOBODY;
    own_tasklet_boot(action->xen, &action->tasklet);
    ARENA_EXCLUDE(action->xen->machine->arena, action->tasklet.enqueued_while_running_guest);
    action->xen->has_idle_tasklets |= action->setup->kind == XEN_ACTION_TASKLET;
}

void control_boot(struct xen *xen)
{
    lock_init(&xen->pcidevs_lock, lock_class_new(xen->locks, "pcidevs_lock"));
    for (int kind = 0; kind < XEN_ACTION_COUNT; kind++) {
        xen->hypercalls[kind].time = ARENA_NEW(xen->machine->arena, struct histogram);
        ARENA_EXCLUDE(xen->machine->arena, *xen->hypercalls[kind].time);
    }
    control_measure(xen);
    xen->actions = ARENA_ARRAY(xen->machine->arena, struct control_action, xen->setup->action_count);
    for (uint32_t i = 0; i < xen->setup->action_count; i++) {
        struct control_action *action = &xen->actions[i];
        action->setup = &xen->setup->actions[i];
        action->xen = xen;
        list_init(&action->link);
        action_tasklet_boot(action);
        action->slot = engine_event(xen->machine->engine, fire, action);
        action->round = action->due = cycles_from_ns(action->setup->at_ns, frequency_of(action));
    }
    for (uint32_t i = 0; i < xen->setup->action_count; i++)
        schedule_at(&xen->actions[i], xen->actions[i].due);
}

/* --- hypercalls --- */

bool domain_pause(struct cpu *cpu, struct domain *d, uint64_t flag)
{
    for (uint32_t i = 0; i < d->vcpu_count; i++)
        if (!(word_fetch_or(cpu, &d->vcpus[i].pause_flags, flag) & flag))
            vcpu_sleep(cpu, &d->vcpus[i]);
    for (uint32_t i = 0; i < d->vcpu_count; i++)
        while (word_load(cpu, &d->vcpus[i].is_running) != 0) {
            if (xen_cpu(cpu)->current == &d->vcpus[i])
                return false;
            cpu_relax(cpu);
        }
    return true;
}

void domain_unpause(struct cpu *cpu, struct domain *d, uint64_t flag)
{
    for (uint32_t i = 0; i < d->vcpu_count; i++)
        if (word_fetch_and(cpu, &d->vcpus[i].pause_flags, ~flag) & flag)
            vcpu_wake(cpu, &d->vcpus[i]);
}

static enum hypercall_result domain_kill(struct cpu *cpu, struct domain *d)
{
    if (!domain_pause(cpu, d, VPF_DOWN))
        return HYPERCALL_RESTART;
    spin_lock(cpu, &d->xen->pcidevs_lock);
    enum hypercall_result result = pci_clean_dpci_irqs(cpu, d);
    if (result == HYPERCALL_DONE)
        result = posted_deassign_all(cpu, d);
    spin_unlock(cpu, &d->xen->pcidevs_lock);
    if (result != HYPERCALL_DONE)
        return result;
    for (uint32_t i = 0; i < d->vcpu_count; i++)
        kill_timer(cpu, &d->vcpus[i].singleshot_timer);
    d->is_dead = true;
    put_domain(cpu, d);
    return HYPERCALL_DONE;
}

static bool is_of_device(const struct control_action *action)
{
    return xen_actions[action->setup->kind].object == ACTION_ON_DEVICE;
}

static enum hypercall_result pirq_hypercall(struct cpu *cpu, struct control_action *action, struct pirq *pirq)
{
    struct domain *d = pirq->domain;
    enum hypercall_result result = HYPERCALL_DONE;
    bool has_line = pirq->line != NULL && !pirq->wants_event && pirq->line->first == pirq && pirq->line_next == NULL;

    if (has_line && action->setup->kind == XEN_ACTION_UNBIND)
        guest_line_mask(cpu, pirq, true);
    spin_lock(cpu, &action->xen->pcidevs_lock);
    switch (action->setup->kind) {
    case XEN_ACTION_UNMAP:
        pirq_unmap(cpu, pirq);
        break;
    case XEN_ACTION_UNBIND:
    case XEN_ACTION_DETACH:
        pt_irq_destroy_bind(cpu, pirq);
        break;
    case XEN_ACTION_CLOSE:
        hvm_evtchn_close_pirq(cpu, pirq);
        break;
    case XEN_ACTION_OPEN:
        hvm_evtchn_bind_pirq(cpu, pirq);
        break;
    case XEN_ACTION_AFFINITY:
        result = pt_irq_move_bind(cpu, pirq, &d->vcpus[(pirq->dest_vcpu->id + 1) % d->vcpu_count]);
        break;
    case XEN_ACTION_SPREAD:
        result = pt_irq_move_bind(cpu, pirq, NULL);
        break;
    default:
        result = pt_irq_create_bind(cpu, pirq, xen_action_setup(action->setup)->fails);
    }
    spin_unlock(cpu, &action->xen->pcidevs_lock);
    if (has_line && action->setup->kind == XEN_ACTION_BIND && result == HYPERCALL_DONE)
        guest_line_mask(cpu, pirq, false);
    return result;
}

/* A hypercall on a guest or on a pCPU. */
static enum hypercall_result guest_hypercall(struct cpu *cpu, struct control_action *action, struct domain *d)
{
    switch (action->setup->kind) {
    case XEN_ACTION_PAUSE:
        return domain_pause(cpu, d, VPF_PAUSED) ? HYPERCALL_DONE : HYPERCALL_RESTART;
    case XEN_ACTION_RESUME:
        domain_unpause(cpu, d, VPF_PAUSED);
        return HYPERCALL_DONE;
    case XEN_ACTION_NOTIFY:
        evtchn_send(cpu, &d->vcpus[0]);
        return HYPERCALL_DONE;
    case XEN_ACTION_OFFLINE:
        return cpu_down(cpu, &action->xen->cpus[xen_action_setup(action->setup)->target]);
    case XEN_ACTION_ONLINE:
        return cpu_up(cpu, &action->xen->cpus[xen_action_setup(action->setup)->target]);
    case XEN_ACTION_TASKLET:
        tasklet_schedule_on_cpu(cpu, &action->tasklet, &action->xen->cpus[xen_action_setup(action->setup)->target]);
        return HYPERCALL_DONE;
    default:
        return domain_kill(cpu, d);
    }
}

/* Assigns a device before its first bind, or deassigns it after its last unbind. */
static enum hypercall_result device_hypercall(struct cpu *cpu, struct control_action *action, struct domain *d)
{
    enum hypercall_result result = HYPERCALL_DONE;

    spin_lock(cpu, &action->xen->pcidevs_lock);
    if (action->setup->kind == XEN_ACTION_ATTACH)
        posted_assign(cpu, d);
    else
        result = posted_deassign(cpu, d);
    spin_unlock(cpu, &action->xen->pcidevs_lock);
    return result;
}

/* A write to the message's registers that Xen emulates (vpci_msi_arch_update): all vectors are unbound and bound again
 * within one VM exit, so this pCPU runs no softirq in between. The next attempt finds unbound what this one left so. */
static enum hypercall_result rebind_in_exit(struct cpu *cpu, struct control_action *action, const struct domain *d)
{
    enum hypercall_result result = HYPERCALL_DONE;
    struct pirq *pirq;

    spin_lock(cpu, &action->xen->pcidevs_lock);
    for (action->next_pirq = 0; (pirq = next_pirq(action, d)) != NULL; action->next_pirq++)
        pt_irq_destroy_bind(cpu, pirq);
    for (action->next_pirq = 0; result == HYPERCALL_DONE && (pirq = next_pirq(action, d)) != NULL; action->next_pirq++)
        result = pt_irq_create_bind(cpu, pirq, false);
    spin_unlock(cpu, &action->xen->pcidevs_lock);
    action->next_pirq = 0;
    action->is_over = result == HYPERCALL_DONE;
    return result;
}

/* Attempts the action's next hypercall. */
static enum hypercall_result next_hypercall(struct cpu *cpu, struct control_action *action, struct domain *d)
{
    struct pirq *pirq = is_of_device(action) ? next_pirq(action, d) : NULL;
    enum hypercall_result result;

    if (action->setup->kind == XEN_ACTION_ATTACH && !action->is_assigned) {
        action->is_assigned = true;
        return device_hypercall(cpu, action, d);
    }
    if (action->setup->kind == XEN_ACTION_REBIND_IN_EXIT)
        return rebind_in_exit(cpu, action, d);
    if (pirq != NULL) {
        result = pirq_hypercall(cpu, action, pirq);
        action->next_pirq += result == HYPERCALL_DONE;
        return result;
    }
    result =
        action->setup->kind == XEN_ACTION_DETACH ? device_hypercall(cpu, action, d) : guest_hypercall(cpu, action, d);
    action->is_over = result == HYPERCALL_DONE;
    return result;
}

static bool has_hypercall(struct control_action *action, const struct domain *d)
{
    enum xen_action kind = action->setup->kind;

    if (action->is_over || (d->is_dead && xen_actions[kind].object != ACTION_ON_PCPU))
        return false;
    return !is_of_device(action) || kind == XEN_ACTION_DETACH || (kind == XEN_ACTION_ATTACH && !action->is_assigned) ||
           next_pirq(action, d) != NULL;
}

/* Accounts for a completed hypercall. */
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
    if (!has_hypercall(action, d)) {
        list_remove(&action->link);
        return true;
    }

    if (!action->is_under_way)
        action->since = now_of(cpu);
    action->is_under_way = true;
    cycles from = now_of(cpu);
    cpu_spend_software(cpu, xen_costs(cpu)->hypercall);
    enum hypercall_result result = next_hypercall(cpu, action, d);
    if (result != HYPERCALL_DONE) {
        action->xen->hypercalls[action->setup->kind].retries++;
        action->xen->hypercalls[action->setup->kind].waiting += now_of(cpu) - from;
        return true;
    }
    done(cpu, action);
    return true;
}

/* --- metrics --- */

static const struct metric_row hypercall_rows[] = {
    { "xen.H.count", "count", METRIC_NEUTRAL,
      "completed hypercalls of actions of kind H (bind, unbind, destroy and others)",
      METRIC_AT(struct hypercall_statistics, done) },
    { "xen.H.pending", "count", METRIC_LOWER, "hypercalls attempted but not completed when the run ended",
      METRIC_AT(struct hypercall_statistics, pending) },
    { "xen.H.retries", "count", METRIC_LOWER, "attempts that had to be repeated",
      METRIC_AT(struct hypercall_statistics, retries) },
    { "xen.H.wait_ns", "ns", METRIC_LOWER, "total pCPU time of these attempts",
      METRIC_CYCLES_AT(struct hypercall_statistics, waiting) },
    METRIC_PERCENTILES("xen.H.time", "a hypercall from its first attempt to its completion",
                       struct hypercall_statistics, time),
};
const struct metric_table hypercall_metric_table = METRIC_TABLE(hypercall_rows);

void control_measure(struct xen *xen)
{
    if (xen->setup->action_count == 0)
        return;
    for (int kind = 0; kind < XEN_ACTION_COUNT; kind++) {
        struct hypercall_statistics *statistics = &xen->hypercalls[kind];
        *statistics = (struct hypercall_statistics){ .time = statistics->time };
        histogram_init(statistics->time);
    }
}

/* Hypercalls attempted and not done; one that hangs is counted here. */
static uint64_t pending_of(const struct xen *xen, enum xen_action kind)
{
    uint64_t pending = 0;

    for (uint32_t i = 0; i < xen->setup->action_count; i++)
        pending += xen->actions[i].setup->kind == kind && xen->actions[i].is_under_way;
    return pending;
}

static bool is_reported(const struct xen *xen, enum xen_action kind)
{
    if (kind <= XEN_ACTION_DESTROY)
        return true;
    for (uint32_t i = 0; i < xen->setup->action_count; i++)
        if (xen->setup->actions[i].kind == kind)
            return true;
    return false;
}

/* Reports the first three kinds if there is any action, and the others if the scenario has one of the kind. */
void control_metrics(struct xen *xen, struct metrics *metrics)
{
    if (xen->setup->action_count == 0)
        return;
    for (enum xen_action kind = 0; kind < XEN_ACTION_COUNT; kind++) {
        if (!is_reported(xen, kind))
            continue;
        xen->hypercalls[kind].pending = pending_of(xen, kind);
        metrics_report(metrics, &hypercall_metric_table, &xen->hypercalls[kind], xen->machine->costs->frequency_hz,
                       xen_actions[kind].name);
    }
}
