/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices, from the host's interrupt to QEMU or KVM. The host's handler signals the vector's eventfd. The signal runs
 * an irqfd's wake-up (F1, F2) or wakes the main loop, as VFIO does without a route (S3) or the backend of an emulated
 * device does (S1, S2). A masked vector records that it is pending. The line of a GSI stays asserted until the guest
 * has served the device.
 */
#include "models/host/trace.h"
#include "models/qemu/own_code.h"

static enum qemu_path slow_path(const struct qemu_vector *vector)
{
    if (vector->device->own->path != DEVICE_PATH_EMULATED)
        return PATH_S3;
    return vector->device->qemu->is_in_kernel ? PATH_S1 : PATH_S2;
}

/* msix_notify and msi_notify, with the BQL held. */
static void notify(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector)
{
    if (vector->is_masked) {
        vector->is_pending = true;
        return;
    }
    message_deliver(cpu, q, vector);
}

/* Called by the main loop when the eventfd is readable. */
static void handle(struct cpu *cpu, struct eventfd *eventfd)
{
    struct qemu_vector *vector = eventfd->context;
    struct qemu *q = vector->device->qemu;

    host_trace_for(cpu, &vector->source);
    if (slow_path(vector) != PATH_S3)
        vector_fire(cpu, vector, slow_path(vector));
    mutex_lock(step(cpu, "fire"), &q->bql);
    if (vector->device->own->pirq_kind == PIRQ_KIND_BACKEND && q->code != NULL) {
        qemu_own_notify(cpu, q, vector);
    } else if (vector->device->own->pirq_kind == PIRQ_KIND_BACKEND) {
        port_enter(cpu, q, vector->irq.port, "notify");
        port_set_pending(cpu, q, vector->irq.port);
        port_leave(cpu, q);
    } else if (vector_is_message(vector)) {
        notify(cpu, q, vector);
        route_rebuild(cpu, q, vector);
    } else {
        vector->cause = true;
        gsi_handler(cpu, q, vector->device->gsi, true);
    }
    mutex_unlock(cpu, &q->bql);
}

static void host_handler(struct cpu *cpu, void *argument)
{
    struct qemu_vector *vector = argument;

    host_trace_do_irq(cpu, vector->source.vector, &vector->source);
    cpu_spend_software(cpu, host_costs(cpu)->do_irq);
    if (vector->device->own->pirq_kind == PIRQ_KIND_IPI) {
        vector->cause = true;
        vcpu_interrupt(cpu, &vector->device->qemu->vcpus[vector->sender].vcpu, GUEST_VECTOR_SEND);
        return;
    }
    if (!vector->is_attached && slow_path(vector) == PATH_S3)
        vector_fire(cpu, vector, PATH_S3);
    eventfd_signal(cpu, &vector->eventfd);
}

void vector_boot(struct qemu *q, struct qemu_vector *vector, struct qemu_device *device, uint32_t number)
{
    uint32_t cpu = q->options->irq_cpu;

    vector->device = device;
    vector->is_masked = vector_has_mask(vector);
    eventfd_init(q->host, &vector->eventfd);
    vector->eventfd.wakeup_context = vector;
    poller_add(&q->main_loop, &vector->eventfd, handle, vector);
    work_init(q->host, &vector->inject, evtchn_irqfd_inject, vector);
    device_vector_init(&vector->source, device->kind,
                       q->host->machine->seed + 0x9e3779b97f4a7c15u * (device->kind - q->kinds + 1u),
                       (device->number << 11) + number);
    if (q->options->irqs == QEMU_IRQS_SPREAD)
        cpu = (cpu + (uint32_t)(vector - q->vectors)) % q->host->machine->cpu_count;
    device_route(&vector->source, &q->host->machine->cpus[cpu], host_irq_add(q->host, cpu, host_handler, vector));
}

/* --- configuration space and MMIO of the device, under the BQL --- */

void msi_write_message(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector, uint32_t pirq)
{
    bool took = bql_lock(cpu, q, "msi_write");

    vector->message_pirq = pirq;
    if (q->is_merged || !vector_has_mask(vector)) {
        message_snoop(cpu, q, vector);
    } else {
        /* The RFC misses writes to a masked vector; it sees the vector when MSI-X is enabled. */
        mutex_lock(step(cpu, "S"), &q->port_lock);
        if (pirq_in_use(q, pirq) && q->pirqs[pirq].gsi == GSI_UNBOUND)
            q->pirqs[pirq] = (struct pirq){ .gsi = GSI_MSI_EMU, .vector = vector, .is_masked = vector->is_masked };
        mutex_unlock(cpu, &q->port_lock);
    }
    if (!vector->is_masked && vector->device->own->path == DEVICE_PATH_IRQFD && q->is_in_kernel)
        route_add(cpu, q, vector);
    if (took)
        mutex_unlock(cpu, &q->bql);
}

/* msix_set_mask and msi_set_mask: snoop (a), use of the vector (b), delivery of a pending message (c). */
void msi_set_mask(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector, bool is_masked)
{
    bool was_masked = vector->is_masked;

    vector->is_masked = is_masked;
    if (q->is_merged || was_masked != is_masked)
        message_snoop(cpu, q, vector);
    if (!was_masked || is_masked)
        return;
    if (vector->device->own->path == DEVICE_PATH_IRQFD && q->is_in_kernel)
        route_add(cpu, q, vector);
    cpu_settle(cpu);
    if (!vector->is_pending)
        return;
    vector->is_pending = false;
    message_deliver(cpu, q, vector);
}

void device_acknowledge(struct cpu *cpu, struct qemu *q, struct qemu_vector *vector)
{
    bool took = bql_lock(cpu, q, "acknowledge"), level = false;

    vector->cause = false;
    for (uint32_t i = 0; i < q->vector_count; i++)
        if (!vector_is_message(&q->vectors[i]) && q->vectors[i].device->gsi == vector->device->gsi)
            level = level || q->vectors[i].cause;
    gsi_handler(cpu, q, vector->device->gsi, level);
    if (took)
        mutex_unlock(cpu, &q->bql);
}
