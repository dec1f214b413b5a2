/* SPDX-License-Identifier: Apache-2.0
 *
 * The guest's side: one driver for each passed-through device, its interrupt handler on the first vCPU, and the events
 * that keep vCPUs off their pCPUs. enum device_isr has the orders in which handlers clear the cause and send the EOI.
 * An interrupt whose handler finds nothing to do is counted as spurious. Left out: handlers on other vCPUs, other work
 * of the guest.
 */
#include "models/vfio/vfio.h"

/* --- device registers --- */

static bool read_status(struct cpu *cpu, struct vcpu *vcpu, struct vfio_device *vdev)
{
    bool is_emulated = guest_register_access(step(cpu, "G1"), vcpu, vdev, host_costs(cpu)->mmio_read);
    bool status = vdev->source.status;

    guest_register_done(cpu, vcpu, vdev, is_emulated);
    return status;
}

static void clear_status(struct cpu *cpu, struct vcpu *vcpu, struct vfio_device *vdev)
{
    bool is_emulated = guest_register_access(step(cpu, "G1"), vcpu, vdev, host_costs(cpu)->mmio_write);

    host_handler_begin(cpu, &vdev->vector);
    irq_source_status(&vdev->source, false);
    guest_register_done(cpu, vcpu, vdev, is_emulated);
}

/* The driver's work after it has cleared the cause. */
static void serve(struct cpu *cpu, struct vcpu *vcpu, struct vfio_device *vdev, uint32_t accesses)
{
    for (uint32_t i = 0; i < accesses && !cpu_is_explored(cpu); i++) {
        bool is_emulated = guest_register_access(cpu, vcpu, vdev, host_costs(cpu)->mmio_write);
        guest_register_done(cpu, vcpu, vdev, is_emulated);
    }
    vcpu_compute(cpu, vcpu, device_work(&vdev->vector));
    device_handler_end(&vdev->vector);
}

/* --- INTx --- */

/* The hard interrupt: checks each device of the pin and clears its cause. Returns one bit for each device that had a
 * cause. */
static uint32_t walk(struct cpu *cpu, struct vcpu *vcpu, struct kvm_pin *pin)
{
    uint32_t found = 0, bit = 1;

    for (struct vfio_device *vdev = pin->devices; vdev != NULL; vdev = vdev->next_of_pin, bit <<= 1) {
        if (vdev->irq_type != IRQ_TYPE_INTX || !read_status(cpu, vcpu, vdev))
            continue;
        clear_status(cpu, vcpu, vdev);
        found |= bit;
    }
    return found;
}

/* The softirq after the hard interrupt. */
static void poll(struct cpu *cpu, struct vcpu *vcpu, struct kvm_pin *pin, uint32_t found)
{
    for (struct vfio_device *vdev = pin->devices; found != 0; vdev = vdev->next_of_pin, found >>= 1)
        if (found & 1)
            serve(cpu, vcpu, vdev, vdev->own->registers - 2);
}

/* The handler only checks the cause; a task does the rest. */
static bool look(struct cpu *cpu, struct vcpu *vcpu, struct kvm_pin *pin)
{
    bool has_status = false;

    for (struct vfio_device *vdev = pin->devices; vdev != NULL; vdev = vdev->next_of_pin)
        has_status = (vdev->irq_type == IRQ_TYPE_INTX && read_status(cpu, vcpu, vdev)) || has_status;
    pin->has_task = pin->has_task || has_status;
    return has_status;
}

static void note_spurious(struct cpu *cpu, struct kvm_pin *pin)
{
    pin->statistics.spurious++;
    notes_add(cpu->engine, cpu, "guest: no device has a cause");
    if (pin->isr == DEVICE_ISR_ONESHOT)
        violation_find(cpu, VIOLATION_DOUBLE_DELIVERY, "the guest takes an interrupt whose cause it has cleared");
}

static void intx_interrupt(struct cpu *cpu, struct vcpu *vcpu, struct kvm_pin *pin)
{
    uint32_t found;

    switch (pin->isr) {
    case DEVICE_ISR_NORMAL:
    case DEVICE_ISR_NO_EOI:
    case DEVICE_ISR_TASK:
        found = walk(cpu, vcpu, pin);
        if (found == 0)
            note_spurious(cpu, pin);
        if (pin->isr != DEVICE_ISR_NO_EOI)
            kvm_eoi(cpu, vcpu, pin);
        poll(cpu, vcpu, pin, found);
        break;
    case DEVICE_ISR_EARLY_EOI:
        kvm_eoi(cpu, vcpu, pin);
        pin->has_task = true;
        break;
    case DEVICE_ISR_ONESHOT:
        if (!look(cpu, vcpu, pin)) {
            note_spurious(cpu, pin);
            kvm_eoi(cpu, vcpu, pin);
            break;
        }
        kvm_pin_mask(cpu, vcpu, pin, true);
        kvm_eoi(cpu, vcpu, pin);
        break;
    }
}

/* The work that the handler left to a task; virtual interrupts are enabled. */
static void run_task(struct cpu *cpu, struct vcpu *vcpu, struct kvm_pin *pin)
{
    pin->has_task = false;
    for (struct vfio_device *vdev = pin->devices; vdev != NULL; vdev = vdev->next_of_pin) {
        vcpu_compute(cpu, vcpu, device_work_ahead(&vdev->vector));
        if (vdev->irq_type == IRQ_TYPE_INTX && read_status(cpu, vcpu, vdev)) {
            clear_status(cpu, vcpu, vdev);
            device_handler_end(&vdev->vector);
        }
    }
    if (pin->isr == DEVICE_ISR_ONESHOT)
        kvm_pin_mask(cpu, vcpu, pin, false);
}

/* --- messages and timers: no status to check, the EOI comes first --- */

/* The guest's kernel is Linux: it returns from the interrupt and switches from the current task to the woken one. */
static void switch_to_task(struct cpu *cpu, struct vcpu *vcpu)
{
    const struct host_costs *costs = host_costs(cpu);

    vcpu_compute(cpu, vcpu, cpu->costs->irq_entry + costs->wake + cpu->costs->irq_exit);
    vcpu_compute(cpu, vcpu, costs->context_switch + costs->syscall / 2);
}

static void msi_interrupt(struct cpu *cpu, struct vcpu *vcpu, struct vfio_device *vdev)
{
    bool has_task = vdev->own->isr == DEVICE_ISR_TASK;

    kvm_message_eoi(cpu, vcpu, vdev->pin);
    if (has_task && is_timer(vdev->setup))
        apic_timer_expire(cpu, vcpu, vdev);
    if (has_task)
        switch_to_task(cpu, vcpu);
    vcpu_border(cpu, vcpu);
    cpu_step_end(cpu);
    host_handler_begin(cpu, &vdev->vector);
    if (!has_task && is_timer(vdev->setup))
        apic_timer_expire(cpu, vcpu, vdev);
    serve(cpu, vcpu, vdev, vdev->own->registers - 2);
}

/* --- the vCPU --- */

static void interrupt(struct cpu *cpu, struct vcpu *vcpu, uint32_t vector)
{
    struct guest *guest = vcpu->context;

    for (uint32_t i = 0; i < guest->pin_count; i++)
        if (guest->pins[i].vector == vector)
            intx_interrupt(cpu, vcpu, &guest->pins[i]);
    for (uint32_t i = 0; i < guest->device_count; i++)
        if (guest->devices[i]->msi_vector == vector)
            msi_interrupt(cpu, vcpu, guest->devices[i]);
}

static struct kvm_pin *find_task(const struct guest *guest)
{
    for (uint32_t i = 0; i < guest->pin_count; i++)
        if (guest->pins[i].has_task)
            return &guest->pins[i];
    return NULL;
}

static void guest_main(struct cpu *cpu, struct vcpu *vcpu)
{
    const struct guest *guest = vcpu->context;

    for (;;) {
        struct kvm_pin *pin = vcpu->id == 0 ? find_task(guest) : NULL;
        if (pin != NULL)
            run_task(cpu, vcpu, pin);
        else
            vcpu_idle(cpu, vcpu);
    }
}

/* Of a pin: the first of its devices that waits for its handler. */
static uint32_t flow(const struct vcpu *vcpu, uint32_t vector)
{
    const struct guest *guest = vcpu->context;

    for (uint32_t i = 0; i < guest->device_count; i++) {
        const struct vfio_device *vdev = guest->devices[i];
        if ((vdev->pin->vector == vector || vdev->msi_vector == vector) && vdev->vector.outstanding > 0)
            return vdev->vector.flow;
    }
    return 0;
}

const struct vcpu_operations guest_operations = { .main = guest_main, .interrupt = interrupt, .flow = flow };

/* --- descheduled vCPUs --- */

static void throttle_fire(void *argument)
{
    struct vcpu_throttle *throttle = argument;
    const struct machine *machine = throttle->vfio->machine;
    cycles now = machine->engine->now;

    throttle->is_off = !throttle->is_off;
    thread_throttle(&throttle->vcpu->thread, throttle->is_off);
    if (throttle->is_off)
        machine_event_at(machine, throttle->slot, now + throttle->length);
    else
        machine_event_again(machine, throttle->slot, now + rng_exponential(&throttle->rng, throttle->every));
}

void guest_throttle_boot(struct guest *guest, struct vcpu_throttle *throttle, struct vcpu *vcpu)
{
    struct machine *machine = guest->vfio->machine;
    uint64_t hz = machine->costs->frequency_hz;

    *throttle = (struct vcpu_throttle){ .vfio = guest->vfio, .vcpu = vcpu };
    throttle->slot = engine_event(machine->engine, throttle_fire, throttle);
    throttle->length = cycles_from_ns(vfio_guest_setup(guest->setup)->descheduled_ns, hz);
    throttle->every = cycles_from_ns(vfio_guest_setup(guest->setup)->descheduled_every_ns, hz);
    rng_init(&throttle->rng, machine->seed, guest->number * SETUP_VCPUS_MAX + vcpu->id, RNG_GUEST);
    if (throttle->length == 0)
        return;
    machine_event_at(machine, throttle->slot, rng_exponential(&throttle->rng, throttle->every));
}
