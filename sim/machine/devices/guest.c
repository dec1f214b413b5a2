/* SPDX-License-Identifier: Apache-2.0
 *
 * A guest that follows Linux where the order matters: an upcall handler clears upcall_pending, accounts stolen time in
 * whole ticks, re-arms the timer, and leaves the rest to softirqs and tasks; a device handler sends its EOI first and
 * polls afterwards. Ticks are on a grid: the next tick is the first grid point strictly in the future, late ticks are
 * skipped, and no one-shot timer is shorter than min_delta.
 */
#include "machine/devices/guest.h"

#include "machine/devices/apicv.h"
#include "machine/cpu.h"
#include "machine/footprint.h"
#include "machine/devices/device.h"
#include "machine/devices/irq_chip.h"

void guest_vcpu_init(struct guest_vcpu *guest, struct machine *machine, const struct guest_behaviour *behaviour,
                     uint32_t id, uint64_t seed, uint32_t entity, cycles phase)
{
    struct line *line = ARENA_NEW(machine->arena, struct line);

    *guest = (struct guest_vcpu){ .behaviour = behaviour, .machine = machine, .id = id, .tick_phase = phase };
    line_init(machine, line, LINE_PLAIN);
    word_init(&guest->upcall_pending, line, 0);
    rng_init(&guest->rng, seed, entity, RNG_WAKE);
    rng_init(&guest->work, seed, entity, RNG_GUEST);
    if (behaviour->wake_gap > 0)
        guest->next_send = rng_exponential(&guest->rng, behaviour->wake_gap);
}

cycles guest_first_tick(const struct guest_vcpu *guest)
{
    return guest->behaviour->tick_period == 0 ? CYCLES_NEVER : guest->tick_phase + guest->behaviour->tick_period;
}

void guest_inject_upcall(struct guest_vcpu *guest)
{
    CHECK(guest_can_inject(guest));
    guest->phase = GUEST_PHASE_HANDLER;
    guest->handling = UINT32_MAX; /* read at the handler's first instruction */
}

static void device_take(struct guest_vcpu *guest, struct device_vector *device, uint32_t vector)
{
    guest->phase = GUEST_PHASE_EOI;
    guest->device = device;
    guest->eoi_vector = vector;
}

void guest_inject_device(struct guest_vcpu *guest, struct device_vector *device, uint32_t vector)
{
    CHECK(guest_can_inject(guest));
    device_take(guest, device, vector);
}

bool guest_event_set(struct guest_vcpu *guest, struct device_vector *device)
{
    struct device_vector **last = &guest->ports;

    footprint_read(device->device->machine->engine, &guest->ports);
    if (device->is_event)
        return false;
    while (*last != NULL)
        last = &(*last)->event_next;
    *last = device;
    device->event_next = NULL;
    device->is_event = true;
    return true;
}

void guest_event_clear(struct guest_vcpu *guest, struct device_vector *device)
{
    struct device_vector **at = &guest->ports;

    footprint_read(device->device->machine->engine, &guest->ports);
    while (*at != NULL && *at != device)
        at = &(*at)->event_next;
    if (*at == NULL)
        return;
    *at = device->event_next;
    device->is_event = false;
}

static cycles work_draw(struct guest_vcpu *guest, cycles mean)
{
    uint32_t spread = guest->behaviour->spread_permille;

    return spread == 0 ? mean : rng_lognormal(&guest->work, mean, spread);
}

static void upcall_begin(struct cpu *cpu, struct guest_vcpu *guest)
{
    word_xchg(cpu, &guest->upcall_pending, 0);
    cpu_trace(cpu, TRACE_HANDLER, TRACE_NOBODY, guest->flow, 0, 0);
    footprint_read(cpu->engine, &guest->events);
    footprint_read(cpu->engine, &guest->ports);
    guest->flow = 0;
    guest->handling = guest->events;
    guest->events = 0;
    guest->ports_left = guest->ports;
    guest->ports = NULL;
    /* An upcall for devices alone has their handlers only; finding the ports costs nothing. */
    bool is_for_devices = guest->handling == 0 && guest->ports_left != NULL;
    guest->work_left = is_for_devices ? 0 : work_draw(guest, guest->behaviour->handler);
    if (guest->handling & GUEST_EVENT_TIMER)
        guest->task_left += work_draw(guest, guest->behaviour->tick_run);
    if (guest->handling & GUEST_EVENT_WAKE)
        guest->task_left += work_draw(guest, guest->behaviour->wake_run);
}

/* Linux until 4.7 (do_stolen_accounting): whole ticks of stolen time beside the tick itself, and the rest is carried.
 * From 4.8 on (account_process_tick): the stolen time, and what it leaves of the tick. */
static void account_steal(struct guest_vcpu *guest)
{
    cycles period = guest->behaviour->tick_period, stolen = guest->stolen - guest->stolen_seen;

    guest->stolen_seen = guest->stolen;
    guest->statistics.stolen_at_ticks += stolen;
    guest->statistics.unstolen_at_ticks += stolen < period ? period - stolen : 0;
    guest->stolen_carry += stolen;
    guest->statistics.steal_ticks += guest->stolen_carry / period;
    guest->stolen_carry %= period;
}

/* Accounts for the tick just handled, the last grid point not after `now`, and sets the time of the next one. */
static void tick_end(struct guest_vcpu *guest, cycles now)
{
    cycles period = guest->behaviour->tick_period;
    cycles tick = now - (now - guest->tick_phase) % period;

    account_steal(guest);
    guest->statistics.ticks_handled++;
    if (guest->last_tick != 0 && tick > guest->last_tick + period)
        guest->statistics.ticks_skipped += (tick - guest->last_tick) / period - 1;
    guest->last_tick = tick;
    cycles next = tick + period;
    guest->timer_expiry = next < now + guest->behaviour->min_delta ? now + guest->behaviour->min_delta : next;
}

/* The upcall's handler goes on to the next device whose event it has read. */
static bool next_port(struct guest_vcpu *guest)
{
    guest->device_came_as_event = guest->ports_left != NULL;
    if (guest->ports_left == NULL)
        return false;
    device_take(guest, guest->ports_left, 0);
    guest->ports_left = guest->device->event_next;
    return true;
}

static void handler_end(struct guest_vcpu *guest, cycles now)
{
    bool had_tick = guest->handling & GUEST_EVENT_TIMER;

    if (guest->device != NULL) {
        device_handler_end(guest->device);
        guest->device = NULL;
    }
    if (next_port(guest))
        return;
    if (had_tick)
        tick_end(guest, now);
    guest->handling = 0;
    guest->phase = had_tick ? GUEST_PHASE_REARM : GUEST_PHASE_IDLE;
}

/* Events to siblings are a Poisson process of the sender, which sends one only after it has finished its work. */
static bool wants_send(struct guest_vcpu *guest, cycles now)
{
    const struct guest_behaviour *behaviour = guest->behaviour;

    if (behaviour->wake_gap == 0 || behaviour->vcpus < 2 || now < guest->next_send)
        return false;
    guest->next_send = now + rng_exponential(&guest->rng, behaviour->wake_gap);
    guest->send_target = (guest->id + 1 + (uint32_t)rng_below(&guest->rng, behaviour->vcpus - 1)) % behaviour->vcpus;
    guest->statistics.sends++;
    return true;
}

/* The handlers of all devices on a line run, and each clears its device's status on the wire. */
static void handle_line(struct device_vector *vector)
{
    for (; vector != NULL; vector = vector->sharer) {
        device_handler_begin(vector);
        if (vector->wire != NULL)
            irq_source_status(vector->wire, false);
    }
}

/* Works in guest mode for *left cycles; returns false when a physical interrupt came before the end. */
static bool work(struct cpu *cpu, cycles *left)
{
    cycles end = cpu_now(cpu) + *left;
    bool is_done = cpu_run_until(cpu, end);

    *left = is_done || cpu_now(cpu) >= end ? 0 : end - cpu_now(cpu);
    return is_done;
}

static enum guest_exit idle(struct cpu *cpu, struct guest_vcpu *guest)
{
    if (guest->wants_window) {
        guest->wants_window = false;
        return GUEST_EXIT_WINDOW;
    }
    if (guest->task_left > 0) {
        if (!work(cpu, &guest->task_left))
            return GUEST_EXIT_INTERRUPT;
        if (wants_send(guest, cpu_now(cpu)))
            return GUEST_EXIT_SEND;
    }
    if (guest->behaviour->is_halting)
        return GUEST_EXIT_HALT;
    cpu_run_until(cpu, CYCLES_NEVER);
    return GUEST_EXIT_INTERRUPT;
}

/* A device handler begins. Returns whether its EOI, which comes first, needs no exit. That of an event is a hypercall,
 * as Linux's eoi_pirq makes it for every MSI (drivers/xen/events/events_base.c). */
static bool device_begin(struct cpu *cpu, struct guest_vcpu *guest)
{
    cpu_settle(cpu);
    cpu_trace(cpu, TRACE_HANDLER, guest->device->owner, guest->device->flow, guest->eoi_vector, 0);
    guest->device->flow = 0;
    device_handled_by(guest->device, guest, guest->eoi_vector);
    handle_line(guest->device);
    guest->work_left = work_draw(guest, device_work(guest->device));
    guest->phase = GUEST_PHASE_HANDLER;
    if (guest->device_came_as_event) {
        guest->device->is_event = false;
        return false;
    }
    return guest->apicv != NULL && apicv_eoi(cpu, guest->apicv, guest->eoi_vector);
}

/* Delivers a pending virtual interrupt under the same condition as an injection, but not before a window exit that the
 * hypervisor wants. */
static void deliver_virtual_interrupt(struct cpu *cpu, struct guest_vcpu *guest)
{
    if (guest->apicv == NULL || guest->apicv->rvi == 0 || !guest_can_inject(guest) || guest->wants_window)
        return;
    uint32_t vector = apicv_deliver(cpu, guest->apicv);
    CHECK(guest->apicv->handlers[vector] != NULL);
    guest_inject_device(guest, guest->apicv->handlers[vector], vector);
}

static enum guest_exit run_to_exit(struct cpu *cpu, struct guest_vcpu *guest)
{
    for (;;) {
        deliver_virtual_interrupt(cpu, guest);
        switch (guest->phase) {
        case GUEST_PHASE_IDLE:
            return idle(cpu, guest);
        case GUEST_PHASE_EOI:
            if (!device_begin(cpu, guest))
                return guest->device_came_as_event ? GUEST_EXIT_PIRQ_EOI : GUEST_EXIT_EOI;
            break;
        case GUEST_PHASE_HANDLER:
            if (guest->handling == UINT32_MAX)
                upcall_begin(cpu, guest);
            if (!work(cpu, &guest->work_left))
                return GUEST_EXIT_INTERRUPT;
            cpu_trace(cpu, TRACE_HANDLER_END, TRACE_NOBODY, 0, 0, 0);
            handler_end(guest, cpu_now(cpu));
            break;
        case GUEST_PHASE_REARM:
            guest->phase = GUEST_PHASE_IDLE;
            return GUEST_EXIT_SET_TIMER;
        }
    }
}

/* A notification causes no exit: the guest continues after its processing. */
enum guest_exit guest_run(struct cpu *cpu, struct guest_vcpu *guest)
{
    enum guest_exit reason;

    cpu_settle(cpu);
    if (guest->apicv == NULL)
        return run_to_exit(cpu, guest);
    do {
        while (apicv_take_notification(cpu, guest->apicv))
            cpu_settle(cpu);
        reason = run_to_exit(cpu, guest);
    } while (reason == GUEST_EXIT_INTERRUPT && lapic_deliverable(cpu) == VECTOR_POSTED);
    return reason;
}

void guest_measure(struct guest_vcpu *guest) { guest->statistics = (struct guest_statistics){ .ticks_handled = 0 }; }
