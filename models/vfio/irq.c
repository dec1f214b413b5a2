/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's interrupt core for level-triggered lines (handle_fasteoi_irq): the line is in service, all actions of
 * the list run every time, EOI, and the line is sampled again. disable_irq is lazy by default: the first interrupt that
 * finds the line disabled masks the chip. A line is killed when no handler claims 99900 of 100000 interrupts; its
 * handlers are then polled every 100 ms. Source: Linux 7.0, kernel/irq (chip.c, spurious.c).
 *
 *   depth | chip            | interrupt
 *   0     | unmasked        | runs the actions
 *   > 0   | unmasked (lazy) | masks the chip
 *   > 0   | masked          | none
 */
#include "models/host/trace.h"
#include "models/vfio/vfio.h"

enum { UNHANDLED_WINDOW = 100000, UNHANDLED_LIMIT = 99900, POLLS_PER_SECOND = 10 };

static void handle_fasteoi_irq(struct cpu *cpu, void *argument);
static void poll_fire(void *argument);
static void poll_handle(struct cpu *cpu, void *argument);

void irq_desc_boot(struct vfio *vfio, struct irq_desc *desc, uint32_t number)
{
    uint32_t id = number % vfio->machine->cpu_count;

    *desc = (struct irq_desc){ .vfio = vfio, .number = number, .depth = 1 };
    irq_pin_init(&desc->pin, vfio->machine, vfio_setup(vfio->setup)->sampling);
    irq_pin_mask(&desc->pin);
    irq_pin_route(&desc->pin, &vfio->machine->cpus[id], host_irq_add(vfio->host, id, handle_fasteoi_irq, desc));
    lock_init(&desc->lock, vfio->desc_class);
    line_init(vfio->machine, &desc->line, LINE_WAITED);
    word_init(&desc->in_progress, &desc->line, 0);
    names_add_of(vfio->machine, &desc->in_progress, "in_progress", "irq %u", number);
    desc->poll_slot = engine_event(vfio->machine->engine, poll_fire, desc);
    desc->poll_vector = host_irq_add(vfio->host, id, poll_handle, desc);
    ARENA_EXCLUDE(vfio->machine->arena, desc->statistics);
}

/* --- the chip, with the lock held --- */

static void chip_mask(struct cpu *cpu, struct irq_desc *desc)
{
    cpu_spend(cpu, host_costs(cpu)->chip_access);
    cpu_settle(cpu);
    irq_pin_mask(&desc->pin);
}

static void chip_unmask(struct cpu *cpu, struct irq_desc *desc)
{
    cpu_spend(cpu, host_costs(cpu)->chip_access);
    cpu_settle(cpu);
    irq_pin_unmask(&desc->pin);
}

void irq_set_vcpu_affinity(struct irq_desc *desc, bool is_forwarded)
{
    bool was_forwarded = desc->is_forwarded;

    desc->is_forwarded = is_forwarded;
    if (was_forwarded && !is_forwarded && !vfio_lacks(desc->vfio, VFIO_REVERT_DEACTIVATE))
        irq_pin_deactivate(&desc->pin);
}

/* --- disable and enable --- */

/* irq_set_status_flags(IRQ_DISABLE_UNLAZY) */
void irq_set_unlazy(struct cpu *cpu, struct irq_desc *desc, bool is_unlazy)
{
    bool was_on = spin_lock_irqsave(cpu, &desc->lock);

    desc->is_unlazy = is_unlazy;
    spin_unlock_irqrestore(cpu, &desc->lock, was_on);
}

static void disable(struct cpu *cpu, struct irq_desc *desc)
{
    if (desc->depth++ == 0 && desc->is_unlazy)
        chip_mask(cpu, desc);
    if (desc->depth > desc->statistics.depth_max)
        desc->statistics.depth_max = desc->depth;
}

void disable_irq_nosync(struct cpu *cpu, struct irq_desc *desc)
{
    bool was_on = spin_lock_irqsave(cpu, &desc->lock);

    disable(cpu, desc);
    spin_unlock_irqrestore(cpu, &desc->lock, was_on);
}

void enable_irq(struct cpu *cpu, struct irq_desc *desc)
{
    bool was_on = spin_lock_irqsave(cpu, &desc->lock);

    if (desc->depth == 0)
        violation_raise(cpu, VIOLATION_STATE_MISMATCH, "enable_irq of an interrupt that is not disabled");
    if (--desc->depth == 0 && desc->pin.is_masked)
        chip_unmask(cpu, desc);
    spin_unlock_irqrestore(cpu, &desc->lock, was_on);
}

void synchronize_irq(struct cpu *cpu, struct irq_desc *desc) { word_wait(cpu, &desc->in_progress, 0); }

/* --- actions --- */

static bool link_action(struct irq_desc *desc, struct irq_action *action)
{
    struct irq_action **link = &desc->actions;

    if (desc->actions != NULL && (!desc->actions->is_shared || !action->is_shared))
        return false;
    while (*link != NULL)
        link = &(*link)->next;
    *link = action;
    action->next = NULL;
    return true;
}

bool irq_request_boot(struct irq_desc *desc, struct irq_action *action)
{
    bool is_first = desc->actions == NULL;

    if (!link_action(desc, action))
        return false;
    if (is_first) {
        desc->depth = 0;
        irq_pin_unmask(&desc->pin);
    }
    return true;
}

bool request_irq(struct cpu *cpu, struct irq_desc *desc, struct irq_action *action, bool is_no_autoen)
{
    bool was_on = spin_lock_irqsave(cpu, &desc->lock), is_first = desc->actions == NULL;
    bool is_linked = link_action(desc, action);

    if (is_linked && is_first && !is_no_autoen) {
        desc->depth = 0;
        chip_unmask(cpu, desc);
    }
    spin_unlock_irqrestore(cpu, &desc->lock, was_on);
    return is_linked;
}

void free_irq(struct cpu *cpu, struct irq_desc *desc, struct irq_action *action)
{
    bool was_on = spin_lock_irqsave(cpu, &desc->lock);
    struct irq_action **link = &desc->actions;

    while (*link != action)
        link = &(*link)->next;
    *link = action->next;
    if (desc->actions == NULL) {
        chip_mask(cpu, desc);
        desc->depth = 1;
        desc->is_unlazy = false;
    }
    spin_unlock_irqrestore(cpu, &desc->lock, was_on);
    synchronize_irq(cpu, desc);
}

/* --- interrupts --- */

static void trace_action(const struct cpu *cpu, const struct vfio_device *vdev, enum irq_return result)
{
    cpu_trace(cpu, TRACE_ACTION, vdev->vector.owner, 0, (uint32_t)(vdev - vdev->vfio->devices), result == IRQ_HANDLED);
}

/* The first device that waits for its handler. */
static void trace_line(const struct cpu *cpu, const struct irq_desc *desc, uint32_t vector)
{
    const struct irq_action *action = desc->actions;

    if (__builtin_expect(cpu->engine->trace == NULL, true))
        return;
    while (action != NULL && action->next != NULL && action->device->vector.outstanding == 0)
        action = action->next;
    host_trace_do_irq(cpu, vector, action != NULL ? &action->device->vector : NULL);
}

static enum irq_return run_actions(struct cpu *cpu, const struct irq_desc *desc)
{
    enum irq_return result = IRQ_NONE;

    for (struct irq_action *action = desc->actions, *next; action != NULL; action = next) {
        next = action->next;
        host_trace_for(cpu, &action->device->vector);
        enum irq_return one = action->handler(cpu, action);
        trace_action(cpu, action->device, one);
        if (one == IRQ_HANDLED)
            result = IRQ_HANDLED;
    }
    return result;
}

static void poll_later(const struct irq_desc *desc)
{
    const struct machine *machine = desc->vfio->machine;

    engine_at(machine->engine, desc->poll_slot, machine->engine->now + machine->costs->frequency_hz / POLLS_PER_SECOND);
}

/* An exploration needs no count: an endless storm is a cycle of states, which the search finds. */
static void note_interrupt(struct cpu *cpu, struct irq_desc *desc, enum irq_return result)
{
    cycles now = cpu_now(cpu);

    if (result == IRQ_NONE)
        desc->statistics.none++;
    else
        desc->statistics.handled++;
    if (cpu_is_explored(cpu))
        return;
    if (result == IRQ_NONE) {
        bool is_late = now - desc->last_unhandled > cpu->costs->frequency_hz / POLLS_PER_SECOND;
        desc->irqs_unhandled = is_late ? 1 : desc->irqs_unhandled + 1;
        desc->last_unhandled = now;
    }
    if (++desc->irq_count < UNHANDLED_WINDOW)
        return;
    desc->irq_count = 0;
    if (desc->irqs_unhandled > UNHANDLED_LIMIT && !desc->is_killed) {
        desc->is_killed = true;
        desc->statistics.kills++;
        disable_irq_nosync(cpu, desc);
        poll_later(desc);
    }
    desc->irqs_unhandled = 0;
}

static void handle_irq_event(struct cpu *cpu, struct irq_desc *desc)
{
    word_store(cpu, &desc->in_progress, 1);
    spin_unlock(cpu, &desc->lock);
    note_interrupt(cpu, desc, run_actions(cpu, desc));
    spin_lock(cpu, &desc->lock);
    word_store(cpu, &desc->in_progress, 0);
}

static void handle_fasteoi_irq(struct cpu *cpu, void *argument)
{
    struct irq_desc *desc = argument;

    trace_line(cpu, desc, desc->pin.vector);
    spin_lock(step(cpu, "A3"), &desc->lock);
    cpu_spend_software(cpu, host_costs(cpu)->do_irq);
    if (desc->actions == NULL || desc->depth > 0) {
        desc->statistics.disabled++;
        chip_mask(cpu, desc);
    } else {
        handle_irq_event(cpu, desc);
    }
    cpu_settle(cpu);
    if (!desc->is_forwarded)
        irq_pin_deactivate(&desc->pin);
    spin_unlock(step(cpu, "A9"), &desc->lock);
}

/* --- the polling of a killed line --- */

static void poll_fire(void *argument)
{
    struct irq_desc *desc = argument;

    lapic_deliver(desc->pin.target, desc->poll_vector);
}

/* try_one_irq: runs the handlers; their results do not affect the line. */
static void poll_handle(struct cpu *cpu, void *argument)
{
    struct irq_desc *desc = argument;

    trace_line(cpu, desc, desc->poll_vector);
    spin_lock(cpu, &desc->lock);
    if (desc->is_killed && desc->actions != NULL) {
        desc->statistics.polls++;
        word_store(cpu, &desc->in_progress, 1);
        spin_unlock(cpu, &desc->lock);
        run_actions(cpu, desc);
        spin_lock(cpu, &desc->lock);
        word_store(cpu, &desc->in_progress, 0);
        poll_later(desc);
    }
    spin_unlock(cpu, &desc->lock);
}

/* --- the host's own device --- */

enum irq_return host_device_handler(struct cpu *cpu, struct irq_action *action)
{
    struct vfio_device *vdev = action->device;

    register_access(step(cpu, "host driver"), host_costs(cpu)->mmio_read);
    if (!vdev->source.status)
        return IRQ_NONE;
    register_access(step(cpu, "host driver"), host_costs(cpu)->mmio_write);
    host_handler_begin(cpu, &vdev->vector); /* the handler sees what was raised before it cleared the status */
    irq_source_status(&vdev->source, false);
    cpu_spend(cpu, device_work(&vdev->vector));
    cpu_settle(cpu);
    device_handler_end(&vdev->vector);
    return IRQ_HANDLED;
}
