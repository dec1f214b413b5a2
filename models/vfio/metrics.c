/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics of a VFIO run, and the laws that hold in every run: each device's interrupts are delivered, coalesced,
 * discarded or outstanding; DisINTx and the depths of the lines agree with VFIO's `masked`; a line without actions is
 * disabled.
 */
#include <stdio.h>

#include "models/family/exits.h"
#include "models/family/interrupts.h"
#include "models/vfio/own_code.h"
#include "models/vfio/vfio.h"

void vfio_measure(struct machine *machine)
{
    struct host *host = machine->hypervisor;
    struct vfio *vfio = host->model;

    host_measure(host);
    for (uint32_t i = 0; i < vfio->setup->device_count; i++)
        device_measure(&vfio->kinds[i]);
    for (uint32_t i = 0; i < vfio->device_count; i++) {
        struct vfio_device *vdev = &vfio->devices[i];
        vdev->device->statistics.raised += vdev->vector.outstanding;
        vfio_device_charge(vdev);
        vdev->statistics = (struct vfio_statistics){ .masked = 0 };
    }
    for (uint32_t i = 0; i < vfio->line_count; i++) {
        irq_pin_measure(&vfio->lines[i].pin);
        vfio->lines[i].statistics = (struct irq_statistics){ .depth_max = vfio->lines[i].depth };
    }
    for (uint32_t g = 0; g < vfio->guest_count; g++) {
        for (uint32_t i = 0; i < vfio->guests[g].pin_count; i++)
            vfio->guests[g].pins[i].statistics = (struct kvm_statistics){ .injections = 0 };
        for (uint32_t i = 0; i < vfio->guests[g].setup->vcpus; i++)
            vfio->guests[g].vcpus[i].exits = (struct vm_exits){ .all = 0 };
    }
}

/* --- devices --- */

/* Counts of all devices of one kind. */
struct path_record {
    struct vfio_statistics counted;
    cycles elapsed;
    uint64_t delivered, refusals;
};

static const struct metric_row path_rows[] = {
    { "devices.D.masked.percent", "%", METRIC_NEUTRAL,
      "vfio: share of the elapsed time in which VFIO masked the device",
      METRIC_PER(struct path_record, counted.masked, elapsed) },
    { "devices.D.direct.percent", "%", METRIC_NEUTRAL,
      "vfio: share of the elapsed time in which the device had direct EOI",
      METRIC_PER(struct path_record, counted.direct, elapsed) },
    { "devices.D.config_cycles", "count", METRIC_LOWER, "vfio: accesses of the device's configuration space",
      METRIC_AT(struct path_record, counted.config_cycles) },
    { "devices.D.config_cycles_per_interrupt", "ratio", METRIC_LOWER,
      "vfio: accesses of the device's configuration space per interrupt delivered",
      METRIC_PER(struct path_record, counted.config_cycles, delivered) },
    { "devices.D.mmio_exits", "count", METRIC_LOWER, "vfio: register accesses of the guest that exited to QEMU",
      METRIC_AT(struct path_record, counted.mmio_exits) },
    { "devices.D.resignals", "count", METRIC_NEUTRAL,
      "vfio: unmasks that found the device asserting and signalled the trigger without a host interrupt",
      METRIC_AT(struct path_record, counted.resignals) },
    { "devices.D.mode_switches", "count", METRIC_NEUTRAL, "vfio: changes to and from direct EOI",
      METRIC_AT(struct path_record, counted.switches) },
};
static const struct metric_table path_metric_table = METRIC_TABLE(path_rows);

static const struct metric_row refusal_rows[] = {
    { "devices.D.refusals", "count", METRIC_LOWER, "vfio: requests of its line that failed; includes the warm-up",
      METRIC_AT(struct path_record, refusals) },
};
static const struct metric_table refusal_metric_table = METRIC_TABLE(refusal_rows);

static void path_metrics(struct vfio *vfio, struct metrics *metrics, uint32_t kind)
{
    struct path_record record = { .delivered = vfio->kinds[kind].statistics.delivered };
    const struct device_setup *setup = &vfio->setup->devices[kind];

    for (uint32_t i = 0; i < vfio->device_count; i++) {
        struct vfio_device *vdev = &vfio->devices[i];
        if (vdev->device != &vfio->kinds[kind])
            continue;
        vfio_device_charge(vdev);
        counters_add(&record.counted, &vdev->statistics, sizeof(record.counted));
        record.elapsed += vfio_now(vfio) - vfio->host->measured_from;
        record.refusals += vdev->refusals;
    }
    if (setup->driver != DEVICE_DRIVER_HOST)
        metrics_report(metrics, &path_metric_table, &record, 0, setup->name);
    metrics_report(metrics, &refusal_metric_table, &record, 0, setup->name);
}

/* --- guests --- */

/* Counts of all guests of one kind. */
struct guest_record {
    struct kvm_statistics counted;
    struct vm_exits exits;
    uint64_t kernel_eois;
};

static const struct metric_row guest_rows[] = {
    { "guests.G.eoi_exits.kernel", "count", METRIC_LOWER, "vfio: EOIs of level-triggered interrupts that KVM handled",
      METRIC_AT(struct guest_record, kernel_eois) },
    { "guests.G.eoi_exits.userspace", "count", METRIC_LOWER,
      "vfio: EOIs of level-triggered interrupts that QEMU handled",
      METRIC_AT(struct guest_record, counted.userspace_eois) },
    { "guests.G.injections", "count", METRIC_NEUTRAL, "vfio: INTx interrupts injected",
      METRIC_AT(struct guest_record, counted.injections) },
    { "guests.G.spurious", "count", METRIC_LOWER, "vfio: INTx interrupts that found no device with a cause",
      METRIC_AT(struct guest_record, counted.spurious) },
    { "guests.G.eoi_brakes", "count", METRIC_LOWER, "vfio: 10 ms brakes after 10000 EOIs of an asserted line in a row",
      METRIC_AT(struct guest_record, counted.brakes) },
};
static const struct metric_table guest_metric_table = METRIC_TABLE(guest_rows);

static void guest_metrics(const struct vfio *vfio, struct metrics *metrics, uint32_t kind)
{
    const struct guest_setup *setup = &vfio->setup->guests[kind];
    struct guest_record record = { .kernel_eois = 0 };

    for (uint32_t g = 0; g < vfio->guest_count; g++) {
        const struct guest *guest = &vfio->guests[g];
        if (guest->setup != setup)
            continue;
        for (uint32_t i = 0; i < guest->pin_count; i++)
            counters_add(&record.counted, &guest->pins[i].statistics, sizeof(record.counted));
        for (uint32_t i = 0; i < setup->vcpus; i++)
            counters_add(&record.exits, &guest->vcpus[i].exits, sizeof(record.exits));
    }
    record.kernel_eois = record.counted.eoi_exits - record.counted.userspace_eois;
    vm_exits_report(&record.exits, metrics, setup->name);
    metrics_report(metrics, &guest_metric_table, &record, 0, setup->name);
}

/* --- lines --- */

struct line_record {
    struct irq_pin_statistics pin;
    struct irq_statistics line;
    uint64_t taken; /* interrupts for which the handlers were called */
    cycles elapsed;
};

static const struct metric_row line_rows[] = {
    { "lines.N.interrupts", "count", METRIC_NEUTRAL, "vfio: interrupts of the host's line",
      METRIC_AT(struct line_record, pin.interrupts) },
    { "lines.N.none.percent", "%", METRIC_LOWER, "vfio: interrupts of the line that no handler claimed (IRQ_NONE)",
      METRIC_PER(struct line_record, line.none, taken) },
    { "lines.N.disabled", "count", METRIC_LOWER, "vfio: interrupts that found the line disabled and masked it",
      METRIC_AT(struct line_record, line.disabled) },
    { "lines.N.high.percent", "%", METRIC_NEUTRAL,
      "vfio: share of the elapsed time in which a device asserted the line",
      METRIC_PER(struct line_record, pin.high, elapsed) },
    { "lines.N.active.percent", "%", METRIC_LOWER,
      "vfio: share of the elapsed time in which the line was in service and could not interrupt again",
      METRIC_PER(struct line_record, pin.active, elapsed) },
    { "lines.N.active.max_ns", "ns", METRIC_LOWER, "vfio: longest service of the line",
      METRIC_CYCLES_AT(struct line_record, pin.longest_active) },
    { "lines.N.masked.percent", "%", METRIC_LOWER,
      "vfio: share of the elapsed time in which the line was masked at the chip",
      METRIC_PER(struct line_record, pin.masked, elapsed) },
    { "lines.N.kills", "count", METRIC_LOWER,
      "vfio: times the line was disabled because no handler claimed 99900 of 100000 interrupts",
      METRIC_AT(struct line_record, line.kills) },
    { "lines.N.polls", "count", METRIC_NEUTRAL, "vfio: polls of the handlers of a line that was killed",
      METRIC_AT(struct line_record, line.polls) },
    { "lines.N.depth.max", "count", METRIC_NEUTRAL, "vfio: most disable_irq calls in force at once",
      METRIC_AT(struct line_record, line.depth_max) },
};
static const struct metric_table line_metric_table = METRIC_TABLE(line_rows);

/* `masked`, the device's DisINTx and the line's depth agree, unless irqlock is held. */
static void check_masks(const struct vfio *vfio)
{
    for (uint32_t i = 0; i < vfio->device_count; i++) {
        const struct vfio_device *vdev = &vfio->devices[i];
        if (vdev->guest == NULL || vdev->irq_type != IRQ_TYPE_INTX || vfio_irqlock(vdev)->holder != UINT32_MAX)
            continue;
        if (vdev->pci_2_3)
            CHECK(vfio_is_masked(vdev) == vdev->source.disintx || own_has(vdev) ||
                  vfio_setup(vfio->setup)->revert != VFIO_REVERT_NONE);
    }
}

static void line_metrics(struct vfio *vfio, struct metrics *metrics, struct irq_desc *desc)
{
    char name[16];

    irq_pin_charge(&desc->pin);
    struct line_record record = {
        .pin = desc->pin.statistics,
        .line = desc->statistics,
        .taken = desc->statistics.none + desc->statistics.handled,
        .elapsed = vfio_now(vfio) - vfio->host->measured_from,
    };
    (void)snprintf(name, sizeof(name), "%u", desc->number);
    metrics_report(metrics, &line_metric_table, &record, vfio->machine->costs->frequency_hz, name);
}

/* --- interrupts --- */

/* Whether the line's chip has sampled the edge of a device that still asserts, so that nothing samples it again. */
static bool is_edge_spent(const struct irq_pin *pin)
{
    return pin->sampling == IRQ_SAMPLING_EDGE && pin->is_high && !pin->has_edge && !pin->is_in_service &&
           !pin->is_resampling;
}

/* Whether the device's interrupt cannot reach the host's handler, although VFIO and the guest take the device for
 * unmasked: its DisINTx is set, or its line is masked or waits for an edge that does not come. A killed line is polled,
 * and who holds one of the locks may be about to unmask it.
 */
static bool is_lost(const struct vfio_device *vdev)
{
    const struct irq_pin *pin = &vdev->desc->pin;

    if (vfio_irqlock(vdev)->holder != UINT32_MAX || vdev->desc->lock.holder != UINT32_MAX)
        return false;
    if (vdev->irq_type != IRQ_TYPE_INTX || vfio_is_masked(vdev) || vdev->virq_disabled || vdev->desc->is_killed)
        return false;
    return vdev->source.disintx || pin->is_masked || is_edge_spent(pin);
}

static const char *place_in_vcpu(const struct vcpu *vcpu)
{
    const struct guest *guest = vcpu->context;

    if (guest->is_paused || guest->is_dead)
        return guest->is_dead ? "in the virtual IRR of a dead guest" : "in the virtual IRR of a paused guest";
    if (word_peek(&vcpu->mode) == VCPU_BLOCKED)
        return "in the virtual IRR of a blocked vCPU";
    if (vcpu->thread.state != THREAD_RUNNING)
        return "in the virtual IRR of a preempted vCPU";
    return vcpu->irq_on ? "in the virtual IRR of a running vCPU"
                        : "in the virtual IRR of a running vCPU with interrupts off";
}

static const char *place_in_guest(const struct vfio_device *vdev)
{
    const struct kvm_pin *pin = vdev->pin;
    bool is_level = vdev->irq_type == IRQ_TYPE_INTX;
    uint32_t vector = is_level ? pin->vector : vdev->msi_vector;

    if (word_peek(&pin->vcpu->irr) >> vector & 1 || pin->vcpu->injected == vector + 1)
        return place_in_vcpu(pin->vcpu);
    if (!is_level)
        return NULL;
    if (pin->has_task)
        return "with a task of its guest's driver";
    if (engine_is_pending(vdev->vfio->machine->engine, pin->brake_slot))
        return "at its virtual pin, which KVM's storm brake holds back";
    if (pin->remote_irr)
        return "at its virtual pin, which awaits the guest's EOI";
    return pin->irr && pin->is_masked ? "at its virtual pin, which the guest has masked" : NULL;
}

static const char *place_in_lapic(const struct device_vector *vector)
{
    const struct lapic *lapic = &vector->target->lapic;

    return (lapic->irr[vector->vector / 64] | lapic->isr[vector->vector / 64]) >> (vector->vector % 64) & 1
               ? "in a pCPU's LAPIC"
               : NULL;
}

static const char *place_in_vfio(const struct vfio_device *vdev)
{
    if (vdev->trigger_fd.count > 0)
        return "in its trigger eventfd";
    if ((vdev->irqfd_inject.function != NULL && word_peek(&vdev->irqfd_inject.pending) != 0) ||
        (vdev->assigned_inject.function != NULL && word_peek(&vdev->assigned_inject.pending) != 0))
        return "in KVM's work queue";
    if (vdev->is_pending)
        return "with QEMU, until it takes a register access for an EOI";
    if (vdev->irq_type == IRQ_TYPE_INTX)
        return vdev->masked ? "at its line, which VFIO has masked until the guest's EOI" : NULL;
    return place_in_lapic(&vdev->vector);
}

static const char *place_on_line(const struct vfio_device *vdev)
{
    const struct irq_pin *pin = &vdev->desc->pin;

    if (!vdev->source.status)
        return NULL;
    if (vdev->source.disintx)
        return "in the device, whose DisINTx is set";
    if (vdev->desc->is_killed)
        return "on its line, which the kernel has disabled because nobody handled it";
    if (pin->is_masked)
        return "on its line, which is masked";
    return pin->is_in_service ? "on its line, whose service has not ended" : "on its line, which is asserted";
}

static struct interrupt_fate fate_of(const struct vfio_device *vdev)
{
    const char *place = vdev->guest != NULL && vdev->pin != NULL ? place_in_guest(vdev) : NULL;

    if (place == NULL && vdev->guest != NULL)
        place = place_in_vfio(vdev);
    if (place == NULL && vdev->vector.wire != NULL)
        place = place_on_line(vdev);
    return (struct interrupt_fate){ is_lost(vdev), place != NULL ? place : "in code that is running" };
}

void vfio_interrupts(struct machine *machine, const struct drain *drain, struct metrics *metrics,
                     struct stuck_interrupts *stuck)
{
    const struct vfio *vfio = ((struct host *)machine->hypervisor)->model;
    struct interrupts interrupts = interrupts_begin(machine, drain, vfio->setup, vfio->kinds);

    for (uint32_t i = 0; i < vfio->device_count; i++) {
        const struct vfio_device *vdev = &vfio->devices[i];
        struct interrupt_fate fate = { .place = NULL };
        if (vdev->vector.outstanding > 0)
            fate = fate_of(vdev);
        interrupts_outstanding(&interrupts, &vdev->vector, fate);
    }
    interrupts_report(&interrupts, metrics, stuck);
}

/* --- report --- */

void vfio_metrics(struct machine *machine, struct metrics *metrics)
{
    struct host *host = machine->hypervisor;
    struct vfio *vfio = host->model;

    check_masks(vfio);
    for (uint32_t i = 0; i < vfio->setup->device_count; i++)
        path_metrics(vfio, metrics, i);
    for (uint32_t i = 0; i < vfio->setup->guest_count; i++)
        guest_metrics(vfio, metrics, i);
    for (uint32_t i = 0; i < vfio->line_count; i++)
        line_metrics(vfio, metrics, &vfio->lines[i]);
    host_report(host, metrics);
}

const struct metric_table *const vfio_metric_tables[] = {
    &vm_exit_metric_table,
    &guest_metric_table,
    &irq_metric_table,
    &device_metric_table,
    &path_metric_table,
    &refusal_metric_table,
    &line_metric_table,
    &lock_metric_table,
    &cpu_metric_table,
    &host_metric_table,
    NULL,
};
