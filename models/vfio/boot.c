/* SPDX-License-Identifier: Apache-2.0
 *
 * Boots a host from a setup, without passing time: lines, devices, guests with their vCPUs, the pins of their I/O APICs
 * and their QEMUs, and the interrupts that are enabled at the start.
 */
#include <stdio.h>
#include <string.h>

#include "models/family/arrivals.h"
#include "models/host/trace.h"
#include "models/vfio/own_code.h"
#include "models/vfio/vfio.h"

const struct vfio_design vfio_automask = { .mode = VFIO_AUTOMASK };
const struct vfio_design vfio_exclusive = { .mode = VFIO_EXCLUSIVE };
const struct vfio_design vfio_direct_eoi = { .mode = VFIO_DIRECT_EOI };
const struct vfio_design vfio_msi = { .mode = VFIO_MSI };
const struct vfio_design vfio_kvm_assigned = { .mode = VFIO_MSI, .is_kvm_assigned = true };

enum { PIN_VECTOR_FIRST = 16, MSI_VECTOR_FIRST = PIN_VECTOR_FIRST + VFIO_GUEST_LINES_MAX, TRACE_LINE_BYTES = 256 };

_Static_assert(MSI_VECTOR_FIRST + VFIO_GUEST_DEVICES_MAX == VCPU_VECTORS, "a vector for each device of a guest");

/* --- sizes --- */

static uint32_t guests_of(const struct setup *setup)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < setup->guest_count; i++)
        count += setup->guests[i].count;
    return count;
}

static uint32_t vcpus_of(const struct setup *setup)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < setup->guest_count; i++)
        count += setup->guests[i].count * setup->guests[i].vcpus;
    return count;
}

static uint32_t copies_of(const struct setup *setup, const struct device_setup *device)
{
    return device->count * (device->driver == DEVICE_DRIVER_HOST ? 1 : setup->guests[device->guest].count);
}

static uint32_t devices_of(const struct setup *setup)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < setup->device_count; i++)
        count += copies_of(setup, &setup->devices[i]);
    return count;
}

static uint32_t lines_of(const struct setup *setup)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < setup->device_count; i++)
        if (vfio_device_setup(&setup->devices[i])->line >= count)
            count = vfio_device_setup(&setup->devices[i])->line + 1;
    return count;
}

/* For each line its message, its poll and a worker; for each vCPU its thread, its throttle and a worker; for each guest
 * a main loop and the brakes of its pins; for each action a thread and a worker; for each device its vector; and
 * the worker that releases virqfds. */
uint32_t vfio_slots(const struct setup *setup)
{
    uint32_t lines = lines_of(setup), guests = guests_of(setup);

    return 3 * lines + 3 * vcpus_of(setup) + guests + guests * lines + devices_of(setup) + 2 * setup->action_count + 1 +
           own_slots(setup);
}

/* --- devices --- */

static struct vfio_device *device_boot(struct vfio *vfio, uint32_t kind, struct guest *guest, uint32_t number)
{
    struct vfio_device *vdev = &vfio->devices[vfio->device_count++];
    const struct device_setup *setup = &vfio->setup->devices[kind];
    uint64_t seed = vfio->machine->seed + 0x9e3779b97f4a7c15u * (kind + 1);

    *vdev = (struct vfio_device){
        .vfio = vfio, .guest = guest, .setup = setup, .own = vfio_device_setup(setup), .number = number
    };
    (void)snprintf(vdev->name, sizeof(vdev->name), "%s", setup->name);
    vdev->device = &vfio->kinds[kind];
    vdev->desc = &vfio->lines[vdev->own->line];
    device_vector_init(&vdev->vector, vdev->device, seed, number);
    vdev->vector.owner = guest == NULL ? TRACE_NOBODY : guest->vcpus[0].thread.who;
    irq_source_init(&vdev->source, &vdev->desc->pin, vfio_device_setup(setup)->intx != DEVICE_INTX_LEGACY);
    vdev->vector.wire = &vdev->source;
    device_route(&vdev->vector, vdev->desc->pin.target, vdev->desc->pin.vector);
    vdev->action = (struct irq_action){ .handler = host_device_handler, .device = vdev, .is_shared = true };
    vfio_device_boot(vdev);
    device_start(&vdev->vector);
    return vdev;
}

static void refuse_at_boot(struct vfio_device *vdev)
{
    vdev->refusals++;
    device_mask(&vdev->vector);
}

/* What vfio_intx_enable does, before time starts. */
static void start_intx(struct vfio_device *vdev)
{
    const struct vfio *vfio = vdev->vfio;

    if (own_has(vdev)) {
        if (!own_enable_at_boot(vdev))
            refuse_at_boot(vdev);
        return;
    }
    if (vdev->guest != NULL)
        vdev->action = (struct irq_action){
            .handler = vfio->design->mode == VFIO_DIRECT_EOI ? vfio_intx_wrapper : vfio_intx_handler,
            .device = vdev,
            .is_shared = vdev->pci_2_3 && !direct_is_exclusive(vdev),
        };
    if (vdev->guest != NULL && !vdev->pci_2_3)
        vdev->desc->is_unlazy = !vfio_lacks(vfio, VFIO_REVERT_UNLAZY);
    if (!irq_request_boot(vdev->desc, &vdev->action)) {
        refuse_at_boot(vdev);
        return;
    }
    vdev->irq_type = IRQ_TYPE_INTX;
    if (vdev->guest == NULL)
        return;
    vdev->has_ctx = true;
    vdev->trigger.value = 1;
    direct_at_boot(vdev);
    virqfd_enable(NULL, vdev);
    qemu_resample_boot(vdev);
}

/* With shared-fallback a device loses direct EOI when another device is on its line. */
static void settle_admission(const struct vfio *vfio)
{
    for (uint32_t i = 0; i < vfio->device_count; i++) {
        struct vfio_device *vdev = &vfio->devices[i];
        if (!vdev->is_direct || vfio_setup(vfio->setup)->admission != ADMISSION_SHARED_FALLBACK ||
            vdev->desc->actions->next == NULL)
            continue;
        vdev->is_direct = vdev->desc->is_forwarded = false;
    }
}

static void interrupts_boot(struct vfio *vfio)
{
    for (uint32_t i = 0; i < vfio->device_count; i++)
        if (vfio->code != NULL && vfio->devices[i].guest != NULL)
            own_device_boot(&vfio->devices[i]);
    for (uint32_t i = 0; i < vfio->device_count; i++) {
        struct vfio_device *vdev = &vfio->devices[i];
        bool is_msi =
            vdev->guest != NULL && (vdev->own->interrupt == DEVICE_INTERRUPT_MSI || is_timer(vdev->setup) ||
                                    (vdev->own->interrupt == DEVICE_INTERRUPT_INTX && vfio->design->mode == VFIO_MSI));
        if (vdev->own->interrupt == DEVICE_INTERRUPT_OFF)
            device_mask(&vdev->vector);
        else if (is_msi)
            vfio_msi_enable(vdev);
        else
            start_intx(vdev);
        if (is_msi)
            vdev->trigger.value = 1;
    }
    settle_admission(vfio);
}

/* --- guests --- */

static struct kvm_pin *pin_of(struct guest *guest, uint32_t line)
{
    for (uint32_t i = 0; i < guest->pin_count; i++)
        if (guest->pins[i].devices->own->line == line)
            return &guest->pins[i];
    CHECK(PIN_VECTOR_FIRST + guest->pin_count < MSI_VECTOR_FIRST);
    struct kvm_pin *pin = &guest->pins[guest->pin_count];
    kvm_pin_boot(guest, pin, PIN_VECTOR_FIRST + guest->pin_count++);
    pin->resamplers = ARENA_ARRAY(guest->vfio->machine->arena, struct vfio_device *, devices_of(guest->vfio->setup));
    return pin;
}

/* The guest's devices on one line of the host share one pin of the guest. */
static void attach(struct guest *guest, struct vfio_device *vdev)
{
    struct vfio *vfio = guest->vfio;
    struct kvm_pin *pin = pin_of(guest, vdev->own->line);
    struct vfio_device **link = &pin->devices;

    if (pin->devices == NULL || pin->isr == DEVICE_ISR_TASK)
        pin->isr = vdev->own->isr;
    while (*link != NULL)
        link = &(*link)->next_of_pin;
    *link = vdev;
    vdev->pin = pin;
    vdev->msi_vector = MSI_VECTOR_FIRST + guest->device_count;
    CHECK(vdev->msi_vector < VCPU_VECTORS);
    guest->devices[guest->device_count++] = vdev;
    if (is_timer(vdev->setup))
        apic_timer_boot(vdev);
    else
        msi_boot(vdev);
    work_init(vfio->host, &vdev->irqfd_inject, irqfd_inject, vdev);
    if (vfio_setup(vfio->setup)->irqchip == IRQCHIP_USERSPACE) {
        poller_add(&guest->main_loop, &vdev->trigger_fd, qemu_intx_interrupt, vdev);
        return;
    }
    vdev->trigger_fd.wakeup = irqfd_wakeup;
    vdev->trigger_fd.wakeup_context = vdev;
}

static void vcpus_boot(struct guest *guest, const uint16_t *pin, uint32_t pin_count, uint32_t *next)
{
    struct vfio *vfio = guest->vfio;
    const struct guest_setup *setup = guest->setup;

    guest->vcpus = ARENA_ARRAY(vfio->machine->arena, struct vcpu, setup->vcpus);
    guest->throttles = ARENA_ARRAY(vfio->machine->arena, struct vcpu_throttle, setup->vcpus);
    for (uint32_t i = 0; i < setup->vcpus; i++) {
        struct vcpu *vcpu = &guest->vcpus[i];
        vcpu_init(vfio->host, vcpu, guest->name, pin[(*next)++ % pin_count], &guest_operations, guest);
        vcpu->id = i;
        vcpu->thread.who = trace_who(guest->number - 1, i);
        worker_boot(vfio->host, vcpu->thread.on->cpu->id, own_pool_workers(vfio->setup));
        vcpu->is_computing = setup->load == GUEST_LOAD_COMPUTE;
        vcpu->is_hlt_kept = vfio_guest_setup(setup)->hlt == GUEST_HLT_STAYS;
        vcpu->irqs_off_permille = vfio_guest_setup(setup)->irqs_off_permille;
        vcpu->irqs_off = cycles_from_ns(vfio_guest_setup(setup)->irqs_off_ns, vfio->machine->costs->frequency_hz);
        rng_init(&vcpu->sections, vfio->machine->seed, guest->number * SETUP_VCPUS_MAX + i, RNG_WAKE);
        guest_throttle_boot(guest, &guest->throttles[i], vcpu);
    }
}

static void guest_boot(struct vfio *vfio, uint32_t kind, uint32_t number, const uint16_t *pin, uint32_t pin_count,
                       uint32_t *next)
{
    struct guest *guest = &vfio->guests[vfio->guest_count++];
    const struct setup *setup = vfio->setup;

    *guest = (struct guest){ .vfio = vfio, .setup = &setup->guests[kind], .number = vfio->guest_count };
    (void)snprintf(guest->name, sizeof(guest->name), "%s", guest->setup->name);
    lock_init(&guest->ioapic_lock, vfio->ioapic_class);
    mutex_init(vfio->host, &guest->bql, "bql", 1);
    vcpus_boot(guest, pin, pin_count, next);
    poller_init(vfio->host, &guest->main_loop, "main loop", guest->vcpus[0].thread.on->cpu->id);
    guest->devices = ARENA_ARRAY(vfio->machine->arena, struct vfio_device *, devices_of(setup) + 1);
    guest->pins = ARENA_ARRAY(vfio->machine->arena, struct kvm_pin, lines_of(setup) + 1);
    for (uint32_t i = 0; i < setup->device_count; i++)
        if (setup->devices[i].driver == DEVICE_DRIVER_GUEST && setup->devices[i].guest == kind)
            for (uint32_t n = 0; n < setup->devices[i].count; n++)
                attach(guest, device_boot(vfio, i, guest, number * setup->devices[i].count + n));
}

static void guests_boot(struct vfio *vfio)
{
    uint16_t *pin = ARENA_ARRAY(vfio->machine->arena, uint16_t, vfio->machine->cpu_count);
    char message[256];

    for (uint32_t kind = 0; kind < vfio->setup->guest_count; kind++) {
        const struct guest_setup *setup = &vfio->setup->guests[kind];
        uint32_t count = topology_pin(vfio->machine->topology, setup->pin, pin, message, sizeof(message)), next = 0;
        CHECK(count > 0);
        for (uint32_t i = 0; i < setup->count; i++)
            guest_boot(vfio, kind, i, pin, count, &next);
    }
}

static void host_devices_boot(struct vfio *vfio)
{
    for (uint32_t i = 0; i < vfio->setup->device_count; i++)
        if (vfio->setup->devices[i].driver == DEVICE_DRIVER_HOST)
            for (uint32_t n = 0; n < vfio->setup->devices[i].count; n++)
                device_boot(vfio, i, NULL, n);
}

/* --- the names of interrupts in traces, as in /proc/interrupts --- */

/* "vfio-intx(nic)", or all that share the line. */
static void line_name(const struct vfio *vfio, const struct irq_desc *desc)
{
    char text[TRACE_LINE_BYTES] = "";
    size_t bytes = 0;

    for (uint32_t i = 0; i < vfio->device_count && bytes < sizeof text; i++) {
        const struct vfio_device *vdev = &vfio->devices[i];
        if (vdev->desc != desc || vdev->vector.wire == NULL)
            continue;
        bytes += (size_t)snprintf(text + bytes, sizeof text - bytes, vdev->guest != NULL ? "%svfio-intx(%s)" : "%s%s",
                                  bytes > 0 ? "," : "", vdev->name);
    }
    host_trace_irq(vfio->host, desc->pin.target->id, desc->pin.vector, desc->number, "%s", text);
}

static void names_boot(const struct vfio *vfio)
{
    struct trace *trace = vfio->machine->engine->trace;

    if (trace == NULL)
        return;
    for (uint32_t i = 0; i < vfio->line_count; i++)
        line_name(vfio, &vfio->lines[i]);
    for (uint32_t i = 0; i < vfio->line_count; i++)
        host_trace_irq(vfio->host, vfio->lines[i].pin.target->id, vfio->lines[i].poll_vector, TRACE_NO_IRQ,
                       "irq %u poll", i);
    for (uint32_t i = 0; i < vfio->device_count; i++) {
        const struct vfio_device *vdev = &vfio->devices[i];
        (void)trace_action_new(trace, vdev->name);
        if (vdev->guest != NULL)
            host_trace_irq(vfio->host, vdev->msi_cpu->id, vdev->msi_host_vector, TRACE_NO_IRQ,
                           is_timer(vdev->setup) ? "apic-timer(%s)" : "vfio-msi[0](%s)", vdev->name);
    }
    for (uint32_t g = 0; g < vfio->guest_count; g++)
        for (uint32_t p = 0; p < vfio->guests[g].pin_count; p++)
            host_trace_irq(vfio->host, vfio->guests[g].pins[p].vcpu->thread.on->cpu->id,
                           vfio->guests[g].pins[p].brake_vector, TRACE_NO_IRQ, "%s eoi brake", vfio->guests[g].name);
    for (uint32_t i = 0; i < vfio->control_count; i++)
        host_trace_irq(vfio->host, vfio->controls[i].cpu, vfio->controls[i].vector, TRACE_NO_IRQ, "actions");
}

/* --- boot --- */

static void tables_boot(struct vfio *vfio)
{
    struct machine *machine = vfio->machine;
    const struct setup *setup = vfio->setup;

    vfio->line_count = lines_of(setup);
    vfio->lines = ARENA_ARRAY(machine->arena, struct irq_desc, vfio->line_count + 1);
    vfio->kinds = ARENA_ARRAY(machine->arena, struct device, setup->device_count + 1);
    vfio->devices = ARENA_ARRAY(machine->arena, struct vfio_device, devices_of(setup) + 1);
    vfio->guests = ARENA_ARRAY(machine->arena, struct guest, guests_of(setup) + 1);
    for (uint32_t i = 0; i < vfio->line_count; i++) {
        irq_desc_boot(vfio, &vfio->lines[i], i);
        worker_boot(vfio->host, vfio->lines[i].pin.target->id, own_pool_workers(vfio->setup));
    }
    for (uint32_t i = 0; i < setup->device_count; i++) {
        vfio->kinds[i] = device_kind_of(vfio->machine, &setup->devices[i], vfio->host->costs->guest_handler);
        histogram_init(vfio->kinds[i].latency);
    }
}

void vfio_boot(const struct design *design, struct machine *machine, const struct setup *setup)
{
    struct host *host = host_boot(machine, setup);
    struct vfio *vfio = ARENA_NEW(machine->arena, struct vfio);

    host->model = vfio;
    vfio->host = host;
    vfio->machine = machine;
    vfio->setup = setup;
    vfio->design = design->options;
    vfio->irqlock_class = lock_class_new(host->locks, "irqlock");
    vfio->desc_class = lock_class_new(host->locks, "desc_lock");
    vfio->ioapic_class = lock_class_new(host->locks, "ioapic_lock");
    lock_init(&vfio->pci_lock, lock_class_new(host->locks, "pci_lock"));
    lock_init(&vfio->virqfd_lock, lock_class_new(host->locks, "virqfd_lock"));
    workqueue_init(host, &vfio->virqfd_cleanup, "cleanup", 0);
    tables_boot(vfio);
    own_boot(vfio);
    host_devices_boot(vfio);
    guests_boot(vfio);
    interrupts_boot(vfio);
    own_boot_end(vfio);
    vfio_control_boot(vfio);
    names_boot(vfio);
    host_trace_boot(host);
}
