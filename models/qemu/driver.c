/* SPDX-License-Identifier: Apache-2.0
 *
 * The guest's drivers outside of interrupts: bind and release of a device's vectors in Linux's order, moving a vector
 * to another vCPU, closing and reopening, and hypercalls that no driver makes. A task runs on one vCPU from the time of
 * its action on. Source: Linux's drivers/xen/events.
 */
#include "models/qemu/own_code.h"

static uint64_t bit_of(uint32_t port) { return 1ull << (port % 64); }

/* The vCPU to which a vector is bound: round robin. */
static uint32_t home_of(const struct qemu_vector *vector)
{
    return (uint32_t)(vector - vector->device->qemu->vectors) % vector->device->qemu->vcpu_count;
}

/* --- one vector --- */

static void bound_move(struct cpu *cpu, struct qemu_vcpu *v, uint32_t port, uint32_t from, uint32_t to)
{
    struct qemu *q = v->qemu;

    if (from != to)
        word_fetch_and(vcpu_at(cpu, &v->vcpu), &q->vcpus[from].bound[port / 64], ~bit_of(port));
    word_fetch_or(vcpu_at(cpu, &v->vcpu), &q->vcpus[to].bound[port / 64], bit_of(port));
}

static void set_vcpu(struct cpu *cpu, struct qemu_vcpu *v, struct qemu_vector *vector, uint32_t vcpu)
{
    guest_exit_begin(cpu, v, VM_EXIT_VMCALL);
    evtchn_bind_vcpu(cpu, v->qemu, vector->irq.port, vcpu);
    guest_exit_end(cpu, v);
    bound_move(cpu, v, vector->irq.port, vector->irq.vcpu, vcpu);
    vector_bind_to(vector, vcpu);
}

/* startup: the PIRQ has a number, and a message or a GSI. */
static void startup(struct cpu *cpu, struct qemu_vcpu *v, struct qemu_vector *vector)
{
    struct guest_irq *irq = &vector->irq;
    struct qemu *q = v->qemu;

    guest_exit_begin(cpu, v, VM_EXIT_VMCALL);
    int port = evtchn_bind_pirq(cpu, q, irq->pirq);
    guest_exit_end(cpu, v);
    if (port <= 0)
        return;
    irq->port = (uint32_t)port;
    vector_bind_to(vector, 0);
    q->guest_ports[port] = vector;
    bound_move(cpu, v, irq->port, 0, 0);
    migration_point(cpu, q, MIGRATION_STEP_BIND);
    if (home_of(vector) != 0)
        set_vcpu(cpu, v, vector, home_of(vector));
    guest_exit_begin(cpu, v, VM_EXIT_VMCALL);
    physdev_irq_status_query(cpu, q, irq->pirq, &irq->needs_eoi);
    guest_exit_end(cpu, v);
    guest_unmask(cpu, v, irq->port);
    if (irq->needs_eoi) {
        guest_exit_begin(cpu, v, VM_EXIT_VMCALL);
        physdev_eoi(cpu, q, irq->pirq);
        guest_exit_end(cpu, v);
    }
    device_unmask(&vector->source); /* the driver enables the device's interrupts */
}

static void vector_bind(struct cpu *cpu, struct qemu_vcpu *v, struct qemu_vector *vector)
{
    struct qemu *q = v->qemu;
    int pirq;

    guest_exit_begin(cpu, v, VM_EXIT_VMCALL);
    if (vector_is_message(vector))
        pirq = physdev_get_free_pirq(cpu, q);
    else
        pirq = physdev_map_pirq(cpu, q, -1, vector->device->gsi);
    guest_exit_end(cpu, v);
    if (pirq <= 0)
        return;
    vector->irq.pirq = (uint32_t)pirq;
    migration_point(cpu, q, MIGRATION_STEP_GET_FREE_PIRQ);
    if (vector_is_message(vector)) {
        guest_exit_begin(cpu, v, VM_EXIT_MMIO);
        msi_write_message(cpu, q, vector, (uint32_t)pirq);
        guest_exit_end(cpu, v);
        migration_point(cpu, q, MIGRATION_STEP_MSI_WRITE);
    }
    startup(cpu, v, vector);
}

/* Silences the device, masks and closes the port; the port may be reused for another vector. */
static void vector_close(struct cpu *cpu, struct qemu_vcpu *v, struct qemu_vector *vector)
{
    uint32_t port = vector->irq.port;
    struct qemu *q = v->qemu;

    if (port == 0)
        return;
    device_mask(&vector->source);
    page_fetch_or(step(vcpu_at(cpu, &v->vcpu), "mask"), &q->mask[port / 64], bit_of(port));
    guest_exit_begin(cpu, v, VM_EXIT_VMCALL);
    evtchn_close(cpu, q, port);
    guest_exit_end(cpu, v);
    word_fetch_and(vcpu_at(cpu, &v->vcpu), &q->vcpus[vector->irq.vcpu].bound[port / 64], ~bit_of(port));
    q->guest_ports[port] = NULL;
    vector->irq.port = 0;
}

static void vector_unbind(struct cpu *cpu, struct qemu_vcpu *v, struct qemu_vector *vector)
{
    vector_close(cpu, v, vector);
    if (vector_is_message(vector) || vector->irq.pirq == 0)
        return;
    guest_exit_begin(cpu, v, VM_EXIT_VMCALL);
    physdev_unmap_pirq(cpu, v->qemu, vector->irq.pirq);
    guest_exit_end(cpu, v);
    vector->irq.pirq = 0;
}

/* The port is masked during the move; for a pin of the I/O APIC the guest rewrites the redirection entry. */
static void vector_move(struct cpu *cpu, struct qemu_vcpu *v, struct qemu_vector *vector)
{
    uint32_t to = (vector->irq.vcpu + 1) % v->qemu->vcpu_count, port = vector->irq.port;
    struct qemu *q = v->qemu;

    if (vector->device->own->pirq_kind == PIRQ_KIND_INTX) {
        guest_exit_begin(cpu, v, VM_EXIT_MMIO);
        ioapic_mask(cpu, q, vector->device->gsi);
        guest_exit_end(cpu, v);
        vector_bind_to(vector, to);
        guest_exit_begin(cpu, v, VM_EXIT_MMIO);
        ioapic_set_affinity(cpu, q, vector->device->gsi, to);
        guest_exit_end(cpu, v);
        return;
    }
    if (port == 0)
        return;
    bool was_masked =
        page_fetch_or(step(vcpu_at(cpu, &v->vcpu), "mask"), &q->mask[port / 64], bit_of(port)) & bit_of(port);
    set_vcpu(cpu, v, vector, to);
    if (!was_masked)
        guest_unmask(cpu, v, port);
}

/* --- tasks --- */

static void of_device(struct cpu *cpu, struct qemu_vcpu *v, const struct guest_task *task,
                      void (*act)(struct cpu *cpu, struct qemu_vcpu *v, struct qemu_vector *vector))
{
    struct qemu *q = v->qemu;

    for (uint32_t i = 0; i < q->vector_count; i++)
        if (q->vectors[i].device->setup == &q->setup->devices[task->setup->device])
            act(cpu, v, &q->vectors[i]);
}

/* One device at a time, so that each device is one batch. */
static void bind_or_close(struct cpu *cpu, struct qemu_vcpu *v, const struct guest_task *task,
                          void (*act)(struct cpu *cpu, struct qemu_vcpu *v, struct qemu_vector *vector))
{
    struct qemu *q = v->qemu;

    for (uint32_t d = 0; d < q->device_count; d++) {
        if (q->devices[d].setup != &q->setup->devices[task->setup->device])
            continue;
        q->is_batching = q->options->routes == ROUTES_BATCHED;
        for (uint32_t i = 0; i < q->devices[d].setup->vectors; i++)
            act(cpu, v, &q->devices[d].vectors[i]);
        if (!q->is_batching)
            continue;
        guest_exit_begin(cpu, v, VM_EXIT_MMIO);
        route_batch_end(cpu, q);
        guest_exit_end(cpu, v);
    }
}

static void vector_reopen(struct cpu *cpu, struct qemu_vcpu *v, struct qemu_vector *vector)
{
    vector_close(cpu, v, vector);
    startup(cpu, v, vector);
}

/* 8e62bf2bfa46: when the local APIC is enabled, KVM checks for a pending upcall. */
static void lapic_toggle(struct cpu *cpu, struct qemu_vcpu *v)
{
    struct qemu *q = v->qemu;

    vcpu_exit(cpu, &v->vcpu, VM_EXIT_MSR_WRITE);
    v->is_lapic_off = true;
    vcpu_enter(cpu, &v->vcpu);
    vcpu_border(cpu, &v->vcpu);
    cpu_step_end(cpu);
    vcpu_exit(cpu, &v->vcpu, VM_EXIT_MSR_WRITE);
    v->is_lapic_off = false;
    if (q->revert != QEMU_REVERT_LAPIC && q->options->callback == CALLBACK_BY_VCPU_VECTOR &&
        page_load(cpu, &v->upcall_pending) != 0)
        kvm_send_upcall(cpu, v);
    vcpu_enter(cpu, &v->vcpu);
}

/* Hypercalls that a guest may make and its drivers do not. */
static void abuse(struct cpu *cpu, struct qemu_vcpu *v, const struct guest_task *task)
{
    struct qemu *q = v->qemu;

    guest_exit_begin(cpu, v, VM_EXIT_VMCALL);
    switch (task->setup->kind) {
    case QEMU_ACTION_MAP_PIRQ:
        physdev_map_pirq(cpu, q, (int32_t)qemu_action_setup(task->setup)->pirq, qemu_action_setup(task->setup)->gsi);
        break;
    case QEMU_ACTION_LOOPBACK:
        evtchn_bind_loopback(cpu, q, qemu_action_setup(task->setup)->port);
        break;
    case QEMU_ACTION_CALLBACK:
        callback_param_set(cpu, q);
        break;
    case QEMU_ACTION_RESET:
        evtchn_reset(cpu, q);
        break;
    default:
        break;
    }
    guest_exit_end(cpu, v);
}

void driver_run(struct cpu *cpu, struct qemu_vcpu *v, struct guest_task *task)
{
    switch (task->setup->kind) {
    case QEMU_ACTION_BIND:
        bind_or_close(cpu, v, task, vector_bind);
        break;
    case QEMU_ACTION_UNBIND:
        bind_or_close(cpu, v, task, vector_unbind);
        break;
    case QEMU_ACTION_REOPEN:
        bind_or_close(cpu, v, task, vector_reopen);
        break;
    case QEMU_ACTION_AFFINITY:
        of_device(cpu, v, task, vector_move);
        break;
    case QEMU_ACTION_LAPIC:
        lapic_toggle(cpu, v);
        break;
    default:
        abuse(cpu, v, task);
    }
}

/* --- before time starts --- */

static void boot_route(struct qemu *q, struct qemu_vector *vector, uint32_t port, uint32_t vcpu)
{
    if (vector->device->own->path != DEVICE_PATH_IRQFD || !q->is_in_kernel)
        return;
    vector->user = vector->kernel = (struct route){ .is_valid = true, .port = port, .vcpu = vcpu };
    if (q->code != NULL)
        CHECK(qemu_own_translate(NULL, q, vector, &vector->user) == 0);
    vector->has_route = true;
    q->routes[q->route_count++] = vector;
    route_attach(q, vector);
}

static uint32_t boot_pirq(struct qemu *q, struct qemu_vector *vector)
{
    uint32_t number = vector_is_message(vector) ? q->nr_pirqs - 1 : PIRQ_GSI_FIRST;
    int step = vector_is_message(vector) ? -1 : 1;

    while (pirq_in_use(q, number))
        number = (uint32_t)((int)number + step);
    q->inuse[number / 64] |= 1ull << (number % 64);
    q->pirqs[number] = (struct pirq){ .gsi = GSI_MSI_EMU, .vector = vector, .is_translated = true };
    if (!vector_is_message(vector)) {
        q->pirqs[number] = (struct pirq){ .gsi = (int32_t)vector->device->gsi };
        q->gsi_pirq[vector->device->gsi] = number;
    }
    return number;
}

/* The tables as after a bind; fills vector->irq. */
static void tables_bind(struct qemu *q, struct qemu_vector *vector, uint32_t vcpu)
{
    enum pirq_kind kind = vector->device->own->pirq_kind;
    uint32_t port;

    if (kind >= PIRQ_KIND_BACKEND) {
        port = port_allocate(q, kind == PIRQ_KIND_IPI ? PORT_IPI : PORT_INTERDOMAIN, vcpu, 0);
        vector->irq = (struct guest_irq){ .port = port, .vcpu = vcpu };
        return;
    }
    uint32_t pirq = boot_pirq(q, vector);
    port = port_allocate(q, PORT_PIRQ, vcpu, pirq);
    q->pirqs[pirq].port = port;
    vector->message_pirq = vector_is_message(vector) ? pirq : 0;
    vector->irq = (struct guest_irq){ pirq, port, vcpu, !vector_is_message(vector) };
}

void driver_boot(struct qemu *q, struct qemu_vector *vector, uint32_t vcpu)
{
    uint32_t port;

    vector_bind_to(vector, vcpu);
    if (vector->device->own->pirq_kind == PIRQ_KIND_INTX) {
        vector->irq = (struct guest_irq){ .vcpu = vcpu };
        q->pins[vector->device->gsi] = (struct ioapic_pin){ .vcpu = vcpu, .route_vcpu = vcpu };
        return;
    }
    vector->is_masked = false;
    vector->sender = (vcpu + 1) % q->vcpu_count;
    if (q->code != NULL)
        qemu_own_driver_boot(q, vector, vcpu);
    else
        tables_bind(q, vector, vcpu);
    port = vector->irq.port;
    q->guest_ports[port] = vector;
    page_clear_at_boot(&q->mask[port / 64], bit_of(port));
    q->vcpus[vcpu].bound[port / 64].value |= bit_of(port);
    if (vector_is_message(vector))
        boot_route(q, vector, port, vcpu);
}
