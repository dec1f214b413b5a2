/* SPDX-License-Identifier: Apache-2.0
 *
 * The MSI route table: QEMU's array, KVM's copy as of the last commit, and the irqfds that use it. After a bind or
 * close the merged code rebuilds all entries and commits once (refresh-all); `batched` does so once for each device;
 * `on-demand` only detaches the changed vector's eventfd from KVM and rebuilds its route when it fires next. Costs: an
 * entry is translated and found in the array by a linear search, and a commit takes longer the more irqfds are
 * attached; scenarios/costs/qemu/ has the values. Source: QEMU 10.2, accel/kvm; costs derived from the figures in
 * dc580d51f7.
 */
#include "models/qemu/qemu.h"

void route_attach(struct qemu *q, struct qemu_vector *vector)
{
    if (vector->is_attached)
        return;
    q->statistics.attaches++;
    vector->is_attached = true;
    vector->eventfd.wakeup = evtchn_irqfd_wakeup;
    q->attached_count++;
}

void route_detach(struct qemu *q, struct qemu_vector *vector)
{
    if (!vector->is_attached)
        return;
    q->statistics.detaches++;
    vector->is_attached = false;
    vector->eventfd.wakeup = NULL;
    q->attached_count--;
}

/* KVM_SET_GSI_ROUTING: the new table is in use before the end of the grace period for which the caller waits. */
void route_commit(struct cpu *cpu, struct qemu *q)
{
    cpu_settle(cpu);
    cycles from = cpu_now(cpu);

    q->statistics.commits++;
    cpu_spend(cpu, q->options->costs.commit_irqfd * q->attached_count);
    cpu_settle(cpu);
    for (uint32_t i = 0; i < q->route_count; i++)
        q->routes[i]->kernel = q->routes[i]->user;
    cpu_spend(cpu, q->options->costs.commit);
    cpu_settle(cpu);
    q->statistics.commit_cycles += cpu_now(cpu) - from;
}

/* An entry whose translation is refused stays unchanged. */
static void rebuild_entry(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector)
{
    struct route route = { .is_valid = true, .is_plain = true };

    if (vector->is_masked)
        return;
    q->statistics.entries_walked++;
    cpu_spend(cpu, q->options->costs.entry + q->options->costs.entry_search * q->route_count);
    if (message_translate(cpu, q, vector, &route) >= 0)
        vector->user = route;
    else
        q->statistics.entries_left++;
}

static void refresh_all(struct cpu *cpu, struct qemu *q)
{
    cpu_settle(cpu);
    cycles from = cpu_now(cpu);

    q->statistics.refreshes++;
    for (uint32_t i = 0; i < q->route_count; i++)
        rebuild_entry(cpu, q, q->routes[i]);
    route_commit(cpu, q);
    q->statistics.refresh_cycles += cpu_now(cpu) - from;
}

static void detach(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector)
{
    cpu_settle(cpu);
    cycles from = cpu_now(cpu);

    cpu_spend_software(cpu, q->host->costs->syscall);
    cpu_settle(cpu);
    route_detach(q, vector);
    q->statistics.refresh_cycles += cpu_now(cpu) - from;
}

void route_flush(struct cpu *cpu, struct qemu *q, struct qemu_vector *changed)
{
    if (q->options->routes == ROUTES_ON_DEMAND && changed != NULL)
        detach(cpu, q, changed);
    else if (q->is_batching)
        q->is_refresh_due = true;
    else
        refresh_all(cpu, q);
}

void route_batch_end(struct cpu *cpu, struct qemu *q)
{
    if (!q->is_batching)
        return;
    bool took = bql_lock(cpu, q, "batch");
    cycles from = cpu_now(cpu);
    q->is_batching = false;
    if (q->is_refresh_due)
        refresh_all(cpu, q);
    else
        route_commit(cpu, q);
    q->is_refresh_due = false;
    q->statistics.bind_cycles += cpu_now(cpu) - from;
    if (took)
        mutex_unlock(cpu, &q->bql);
}

void route_add(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector)
{
    struct route route = { .is_valid = true, .is_plain = true };

    cpu_spend(cpu, q->options->costs.vector_setup);
    if (message_translate(cpu, q, vector, &route) < 0)
        return;
    cpu_settle(cpu);
    vector->user = route;
    if (!vector->has_route)
        q->routes[q->route_count++] = vector;
    vector->has_route = true;
    if (!q->is_batching)
        route_commit(cpu, q);
    route_attach(q, vector);
}

void route_rebuild(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector)
{
    struct route route = { .is_valid = true, .is_plain = true };

    if (q->options->routes != ROUTES_ON_DEMAND || !vector->has_route || vector->is_attached || vector->is_masked)
        return;
    cycles from = cpu_now(cpu);
    cpu_spend(cpu, q->options->costs.entry);
    if (message_translate(cpu, q, vector, &route) != 0)
        return;
    cpu_settle(cpu);
    vector->user = route;
    route_commit(cpu, q);
    route_attach(q, vector);
    q->statistics.refresh_cycles += cpu_now(cpu) - from;
}
