/* SPDX-License-Identifier: Apache-2.0
 *
 * Live migration as the guest sees it: the vCPUs stop between two instructions, the state in vmstate is kept, the rest
 * is rebuilt on the destination, and the vCPUs resume. Not in vmstate: PIRQ records, the shared level of the callback's
 * GSI, the flag of the poll, KVM's routes. `rfc` rebuilds nothing; `merged` does what post_load and the devices' load
 * do; `ideal` keeps the records and posts pending events again. Interrupts that devices raise meanwhile stay in their
 * eventfds. Source: vmstate, pre_load and post_load of QEMU 10.2, hw/i386/kvm/xen_evtchn.c; the RFC's cover letter.
 */
#include "models/qemu/own_code.h"

static void stop(struct cpu *cpu, struct qemu *q)
{
    for (uint32_t i = 0; i < q->vcpu_count; i++)
        vcpu_pause(cpu, &q->vcpus[i].vcpu);
    for (uint32_t i = 0; i < q->vcpu_count; i++)
        vcpu_wait_paused(cpu, &q->vcpus[i].vcpu);
}

/* Resets the state to that of a new destination. */
static void forget(struct qemu *q, enum rebuild_kind rebuild)
{
    if (rebuild != REBUILD_IDEAL && q->code == NULL)
        for (uint32_t i = 0; i < q->nr_pirqs; i++)
            q->pirqs[i] = (struct pirq){ .gsi = 0 };
    q->extern_level = rebuild == REBUILD_IDEAL && q->extern_level;
    q->is_callback_asserted = rebuild == REBUILD_IDEAL && q->is_callback_asserted;
    for (uint32_t i = 0; i < q->vector_count; i++) {
        struct qemu_vector *vector = &q->vectors[i];
        route_detach(q, vector);
        vector->has_route = false;
        vector->user = vector->kernel = (struct route){ .is_valid = false };
    }
    q->route_count = 0;
}

/* xen_evtchn's post_load. */
static void post_load(struct cpu *cpu, struct qemu *q)
{
    callback_param_set(cpu, q);
    for (uint32_t port = 1; port < q->nr_ports; port++) {
        if (q->ports[port].type != PORT_PIRQ)
            continue;
        CHECK(q->ports[port].value > 0 && q->ports[port].value < q->nr_pirqs);
        q->pirqs[q->ports[port].value].gsi = GSI_UNBOUND;
        q->pirqs[q->ports[port].value].port = port;
    }
    for (uint32_t gsi = 0; gsi < GSI_COUNT; gsi++)
        if (q->gsi_pirq[gsi] != 0)
            q->pirqs[q->gsi_pirq[gsi]].gsi = (int32_t)gsi;
}

/* PCI devices are loaded after post_load: each MSI-X vector that is not masked is used again. */
static void devices_load(struct cpu *cpu, struct qemu *q)
{
    for (uint32_t i = 0; i < q->vector_count; i++) {
        struct qemu_vector *vector = &q->vectors[i];
        if (!vector_is_message(vector))
            continue;
        if (q->is_merged && vector->device->own->pirq_kind == PIRQ_KIND_MSIX)
            message_snoop(cpu, q, vector);
        if (!vector->is_masked && vector->message_pirq != 0 && vector->device->own->path == DEVICE_PATH_IRQFD &&
            q->is_in_kernel)
            route_add(cpu, q, vector);
    }
}

static void repost(struct cpu *cpu, struct qemu *q)
{
    for (uint32_t port = 1; port < q->nr_ports; port++)
        if (q->ports[port].type != PORT_CLOSED && q->ports[port].type != PORT_IPI)
            evtchn_bind_vcpu(cpu, q, port, q->ports[port].vcpu);
    callback_param_set(cpu, q);
}

static enum rebuild_kind rebuild_of(const struct qemu *q)
{
    if (q->options->rebuild != REBUILD_DESIGN)
        return q->options->rebuild;
    return q->is_merged ? REBUILD_MERGED : REBUILD_RFC;
}

void migration_run(struct cpu *cpu, struct eventfd *eventfd)
{
    struct qemu *q = eventfd->context;
    enum rebuild_kind rebuild = rebuild_of(q);

    q->has_migrated = true;
    stop(cpu, q);
    q->stopped_at = cpu_now(cpu);
    notes_add(cpu->engine, cpu, "the guest is stopped, saved and loaded elsewhere");
    mutex_lock(step(cpu, "load"), &q->bql);
    cpu_spend(cpu, cycles_from_ns(q->options->blackout_ns, cpu->costs->frequency_hz));
    cpu_settle(cpu);
    forget(q, rebuild);
    if (q->code != NULL)
        qemu_own_migrate(cpu, q);
    else if (rebuild == REBUILD_MERGED)
        post_load(cpu, q);
    devices_load(cpu, q);
    if (rebuild == REBUILD_IDEAL)
        repost(cpu, q);
    mutex_unlock(cpu, &q->bql);
    q->statistics.migrations++;
    q->is_recovering = true;
    for (uint32_t i = 0; i < q->vcpu_count; i++)
        vcpu_resume(cpu, &q->vcpus[i].vcpu);
    cpu_settle(cpu);
    q->statistics.blackout_cycles += cpu_now(cpu) - q->stopped_at;
}

void migration_point(struct cpu *cpu, struct qemu *q, enum migration_step step)
{
    struct vcpu *vcpu = thread_current(cpu)->context;

    cpu_settle(cpu);
    if (q->migration == NULL || qemu_action_setup(q->migration)->step != step)
        return;
    q->migration = NULL;
    vcpu_exit(cpu, vcpu, VM_EXIT_EXTERNAL_INTERRUPT);
    eventfd_signal(cpu, &q->migrate_fd);
    /* The vCPU executes no further instruction. */
    vcpu->is_pause_wanted = true;
    vcpu_enter(cpu, vcpu);
}
