/* SPDX-License-Identifier: Apache-2.0
 *
 * What a VFIO run reports, and the laws that hold in every run: each device's interrupts are delivered, coalesced,
 * taken back or under way; DisINTx and the lines' depths agree with VFIO's `masked`; a line nobody uses is disabled.
 */
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
        vdev->device->raised += vdev->vector.outstanding;
        vdev->books = (struct vfio_books){ .since = vfio_now(vfio), .refusals = vdev->books.refusals };
    }
    for (uint32_t i = 0; i < vfio->line_count; i++) {
        irq_pin_measure(&vfio->lines[i].pin);
        vfio->lines[i].books = (struct irq_books){ .depth_max = vfio->lines[i].depth };
    }
    for (uint32_t g = 0; g < vfio->guest_count; g++) {
        for (uint32_t i = 0; i < vfio->guests[g].pin_count; i++)
            vfio->guests[g].pins[i].books = (struct kvm_books){ .injections = 0 };
        for (uint32_t i = 0; i < vfio->guests[g].setup->vcpus; i++)
            vfio->guests[g].vcpus[i].exits = 0;
    }
}

/* --- devices --- */

struct device_totals {
    struct vfio_books books;
    uint64_t outstanding, count;
    cycles starvation;
};

static struct device_totals totals_of(struct vfio *vfio, uint32_t kind)
{
    struct device_totals totals = { .starvation = vfio->kinds[kind].starvation_max };

    for (uint32_t i = 0; i < vfio->device_count; i++) {
        struct vfio_device *vdev = &vfio->devices[i];
        if (vdev->device != &vfio->kinds[kind])
            continue;
        vfio_device_charge(vdev);
        totals.count++;
        totals.books.config_cycles += vdev->books.config_cycles;
        totals.books.mmio_exits += vdev->books.mmio_exits;
        totals.books.resignals += vdev->books.resignals;
        totals.books.refusals += vdev->books.refusals;
        totals.books.switches += vdev->books.switches;
        totals.books.masked += vdev->books.masked;
        totals.books.direct += vdev->books.direct;
        totals.outstanding += vdev->vector.outstanding;
        if (vdev->vector.outstanding > 0 && vfio_now(vfio) - vdev->vector.first_raise > totals.starvation)
            totals.starvation = vfio_now(vfio) - vdev->vector.first_raise;
    }
    return totals;
}

static void path_metrics(struct vfio *vfio, struct metrics *metrics, uint32_t kind, const struct device_totals *totals)
{
    const char *name = vfio->setup->devices[kind].name;
    uint64_t elapsed = (vfio_now(vfio) - vfio->host->measured_from) * totals->count;

    if (vfio->setup->devices[kind].driver == DEVICE_DRIVER_HOST) {
        metric_count(metrics, totals->books.refusals, "devices.%s.refusals", name);
        return;
    }
    metric_ratio(metrics, totals->books.masked * 100, elapsed, "devices.%s.masked.percent", name);
    metric_ratio(metrics, totals->books.direct * 100, elapsed, "devices.%s.direct.percent", name);
    metric_count(metrics, totals->books.config_cycles, "devices.%s.config_cycles", name);
    metric_ratio(metrics, totals->books.config_cycles, vfio->kinds[kind].delivered,
                 "devices.%s.config_cycles_per_interrupt", name);
    metric_count(metrics, totals->books.mmio_exits, "devices.%s.mmio_exits", name);
    metric_count(metrics, totals->books.resignals, "devices.%s.resignals", name);
    metric_count(metrics, totals->books.switches, "devices.%s.mode_switches", name);
    metric_count(metrics, totals->books.refusals, "devices.%s.refusals", name);
}

static uint64_t device_metrics(struct vfio *vfio, struct metrics *metrics, uint32_t kind)
{
    const char *name = vfio->setup->devices[kind].name;
    const struct device *device = &vfio->kinds[kind];
    struct device_totals totals = totals_of(vfio, kind);

    CHECK(device->raised == device->delivered + device->coalesced + device->discarded + totals.outstanding);
    metric_count(metrics, device->raised, "devices.%s.interrupts", name);
    metric_count(metrics, device->delivered, "devices.%s.delivered", name);
    metric_count(metrics, device->coalesced, "devices.%s.coalesced", name);
    metric_count(metrics, device->absorbed, "devices.%s.absorbed", name);
    metric_count(metrics, device->discarded, "devices.%s.discarded", name);
    metric_count(metrics, histogram_quantile(device->latency, 5000), "devices.%s.latency.p50_ns", name);
    metric_count(metrics, histogram_quantile(device->latency, 9900), "devices.%s.latency.p99_ns", name);
    metric_count(metrics, device->latency->count == 0 ? 0 : device->latency->maximum, "devices.%s.latency.max_ns",
                 name);
    metric_count(metrics, cycles_to_ns(totals.starvation, vfio->machine->costs->frequency_hz),
                 "devices.%s.starvation.max_ns", name);
    path_metrics(vfio, metrics, kind, &totals);
    metric_distribution(metrics, device->latency, "devices.%s.latency", name);
    return totals.outstanding;
}

/* --- guests --- */

static void guest_metrics(struct vfio *vfio, struct metrics *metrics, uint32_t kind)
{
    const struct guest_setup *setup = &vfio->setup->guests[kind];
    struct kvm_books sum = { .injections = 0 };
    uint64_t exits = 0;

    for (uint32_t g = 0; g < vfio->guest_count; g++) {
        const struct guest *guest = &vfio->guests[g];
        if (guest->setup != setup)
            continue;
        for (uint32_t i = 0; i < guest->pin_count; i++) {
            const struct kvm_books *books = &guest->pins[i].books;
            sum.injections += books->injections;
            sum.spurious += books->spurious;
            sum.brakes += books->brakes;
            sum.eoi_exits += books->eoi_exits;
            sum.userspace_eois += books->userspace_eois;
        }
        for (uint32_t i = 0; i < setup->vcpus; i++)
            exits += guest->vcpus[i].exits;
    }
    metric_count(metrics, exits, "guests.%s.exits", setup->name);
    metric_count(metrics, sum.eoi_exits - sum.userspace_eois, "guests.%s.eoi_exits.kernel", setup->name);
    metric_count(metrics, sum.userspace_eois, "guests.%s.eoi_exits.userspace", setup->name);
    metric_count(metrics, sum.injections, "guests.%s.injections", setup->name);
    metric_count(metrics, sum.spurious, "guests.%s.spurious", setup->name);
    metric_count(metrics, sum.brakes, "guests.%s.eoi_brakes", setup->name);
}

/* --- lines --- */

/* VFIO's word, the device's register and the line's depth say the same, where nobody is between two. */
static void check_masks(const struct vfio *vfio)
{
    for (uint32_t i = 0; i < vfio->device_count; i++) {
        const struct vfio_device *vdev = &vfio->devices[i];
        if (vdev->guest == NULL || vdev->irq_type != IRQ_TYPE_INTX || vdev->irqlock.holder != UINT32_MAX)
            continue;
        if (vdev->pci_2_3)
            CHECK(vdev->masked == vdev->source.disintx || vfio_setup(vfio->setup)->revert != VFIO_REVERT_NONE);
    }
}

static void line_metrics(struct vfio *vfio, struct metrics *metrics, struct irq_desc *desc)
{
    cycles elapsed = vfio_now(vfio) - vfio->host->measured_from;
    const struct irq_pin_books *books = &desc->pin.books;
    uint64_t hz = vfio->machine->costs->frequency_hz;

    irq_pin_charge(&desc->pin);
    metric_count(metrics, books->interrupts, "lines.%u.interrupts", desc->number);
    metric_ratio(metrics, desc->books.none * 100, desc->books.none + desc->books.handled, "lines.%u.none.percent",
                 desc->number);
    metric_count(metrics, desc->books.disabled, "lines.%u.disabled", desc->number);
    metric_ratio(metrics, books->high * 100, elapsed, "lines.%u.high.percent", desc->number);
    metric_ratio(metrics, books->active * 100, elapsed, "lines.%u.active.percent", desc->number);
    metric_count(metrics, cycles_to_ns(books->longest_active, hz), "lines.%u.active.max_ns", desc->number);
    metric_ratio(metrics, books->masked * 100, elapsed, "lines.%u.masked.percent", desc->number);
    metric_count(metrics, desc->books.kills, "lines.%u.kills", desc->number);
    metric_count(metrics, desc->books.polls, "lines.%u.polls", desc->number);
    metric_count(metrics, desc->books.depth_max, "lines.%u.depth.max", desc->number);
}

/* --- interrupts --- */

/* A device that is asserting, and that nobody will be told about: its line is dead. */
static uint64_t lost_interrupts(const struct vfio *vfio)
{
    uint64_t lost = 0;

    for (uint32_t i = 0; i < vfio->device_count; i++) {
        const struct vfio_device *vdev = &vfio->devices[i];
        bool is_dead =
            vdev->irq_type == IRQ_TYPE_INTX && !vdev->masked && vdev->desc->pin.is_masked && !vdev->desc->is_killed;
        if (vdev->vector.outstanding > 0 && is_dead)
            lost += vdev->vector.outstanding;
    }
    return lost;
}

void vfio_metrics(struct machine *machine, struct metrics *metrics)
{
    struct host *host = machine->hypervisor;
    struct vfio *vfio = host->model;
    uint64_t outstanding = 0, lost = lost_interrupts(vfio);

    check_masks(vfio);
    for (uint32_t i = 0; i < vfio->setup->device_count; i++)
        outstanding += device_metrics(vfio, metrics, i);
    host_irq_metrics(host, metrics, vfio->kinds, vfio->setup->device_count, outstanding - lost, lost);
    for (uint32_t i = 0; i < vfio->setup->guest_count; i++)
        guest_metrics(vfio, metrics, i);
    for (uint32_t i = 0; i < vfio->line_count; i++)
        line_metrics(vfio, metrics, &vfio->lines[i]);
    host_metrics(host, metrics);
}
