/* SPDX-License-Identifier: Apache-2.0
 *
 * GSIs: the hook in gsi_handler that turns a line into an event, the callback by GSI with its poll, and as much of the
 * I/O APIC as level-triggered pins need. The merged code recognises the callback's own GSI before it takes any lock;
 * the RFC takes port_lock again while it holds it. Source: QEMU 4f81baa33e, 25eb291ce9, 54ad31fb0a; RFC of 2023-01-14.
 */
#include "models/qemu/own_code.h"

/* --- I/O APIC --- */

static void ioapic_service(struct cpu *cpu, struct qemu *q, uint32_t gsi)
{
    struct ioapic_pin *pin = &q->pins[gsi];

    if (!pin->level || pin->remote_irr || pin->is_masked)
        return;
    pin->remote_irr = true;
    if (pin->route_vcpu != pin->vcpu) {
        q->statistics.misdelivered++;
        violation_find(cpu, VIOLATION_MISDELIVERY,
                       "a pin's interrupt goes to the vCPU of its previous redirection entry");
    }
    cpu_spend_software(cpu, q->host->costs->syscall);
    vcpu_interrupt(cpu, &q->vcpus[pin->route_vcpu].vcpu, GUEST_VECTOR_GSI + gsi);
}

void qemu_ioapic_pin_eoi(struct cpu *cpu, struct qemu *q, uint32_t gsi)
{
    bool took = bql_lock(cpu, q, "ioapic_eoi");

    q->pins[gsi].remote_irr = false;
    ioapic_service(cpu, q, gsi);
    if (took)
        mutex_unlock(cpu, &q->bql);
}

void ioapic_mask(struct cpu *cpu, struct qemu *q, uint32_t gsi)
{
    bool took = bql_lock(cpu, q, "rte");

    q->pins[gsi].is_masked = true;
    if (took)
        mutex_unlock(cpu, &q->bql);
}

/* The guest rewrites the redirection entry and unmasks it, which delivers an interrupt that became pending meanwhile.
 * 54ad31fb0a: without this fix KVM's route is updated after that delivery. */
void ioapic_set_affinity(struct cpu *cpu, struct qemu *q, uint32_t gsi, uint32_t vcpu)
{
    bool took = bql_lock(cpu, q, "rte");

    q->pins[gsi].vcpu = vcpu;
    if (q->revert != QEMU_REVERT_IOAPIC)
        q->pins[gsi].route_vcpu = vcpu;
    q->pins[gsi].is_masked = false;
    ioapic_service(cpu, q, gsi);
    q->pins[gsi].route_vcpu = vcpu;
    if (took)
        mutex_unlock(cpu, &q->bql);
}

/* --- the hook --- */

/* Called with port_lock held. Returns true when the level has become an event, or becomes one at an EOI. */
static bool set_routed(struct cpu *cpu, struct qemu *q, uint32_t gsi, bool level)
{
    uint32_t pirq = q->gsi_pirq[gsi];

    if (pirq == 0)
        return false;
    /* The draft of 25eb291ce9 tests the pointer to the level instead of the level; the pointer is never NULL. */
    if (!level && q->revert != QEMU_REVERT_SHARED_POINTER) {
        q->gsi_level &= ~(1u << gsi);
        return true;
    }
    q->gsi_level |= 1u << gsi;
    if (q->pirqs[pirq].port != 0)
        port_set_pending(cpu, q, q->pirqs[pirq].port);
    else
        q->statistics.swallowed++;
    return true;
}

/* The level of a device that shares the callback's GSI; the line is the OR of the device and the callback. */
static bool shared_level(struct cpu *cpu, struct qemu *q, bool level)
{
    if (q->is_setting_callback || q->revert == QEMU_REVERT_SHARED)
        return level;
    q->extern_level = level;
    if (level || page_load(step(cpu, "s2"), &q->vcpus[0].upcall_pending) == 0)
        return level;
    if (q->revert != QEMU_REVERT_SHARED_POLL)
        q->is_callback_asserted = true;
    return true;
}

/* Returns true when the I/O APIC must not see the level. */
static bool set_gsi(struct cpu *cpu, struct qemu *q, uint32_t gsi, bool *level)
{
    if (q->is_merged && gsi == q->callback_gsi) {
        *level = shared_level(cpu, q, *level);
        return false;
    }
    mutex_lock(step(cpu, q->is_merged ? "s3" : "g2"), &q->port_lock);
    bool is_eaten = set_routed(cpu, q, gsi, *level);
    mutex_unlock(step(cpu, "s6"), &q->port_lock);
    return is_eaten;
}

void gsi_handler(struct cpu *cpu, struct qemu *q, uint32_t gsi, bool level)
{
    CHECK(mutex_is_mine(cpu, &q->bql));
    if (q->code != NULL ? qemu_own_set_gsi(cpu, q, gsi, &level) : set_gsi(cpu, q, gsi, &level))
        return;
    q->pins[gsi].level = level;
    ioapic_service(cpu, q, gsi);
}

/* --- the callback by GSI --- */

static void callback_line(struct cpu *cpu, struct qemu *q, bool level)
{
    if (q->code != NULL) {
        qemu_own_callback_level(cpu, q, level);
        return;
    }
    bool others = q->is_merged && q->revert != QEMU_REVERT_SHARED && q->extern_level;

    q->is_setting_callback = true;
    gsi_handler(cpu, q, q->callback_gsi, level || others);
    q->is_setting_callback = false;
    if (level && !others)
        q->is_callback_asserted = true;
}

void callback_set_level(struct cpu *cpu, struct qemu *q, bool level)
{
    if (mutex_is_mine(cpu, &q->bql)) {
        callback_line(cpu, q, level);
        return;
    }
    callback_schedule(cpu, q);
}

void callback_schedule(struct cpu *cpu, struct qemu *q)
{
    q->statistics.bottom_halves++;
    eventfd_signal(cpu, &q->callback_bh);
}

/* Uses the state at the time it runs, not the state at the time it was scheduled. */
void callback_bottom_half(struct cpu *cpu, struct eventfd *eventfd)
{
    struct qemu *q = eventfd->context;

    mutex_lock(step(cpu, "BH"), &q->bql);
    if (q->code != NULL)
        qemu_own_callback_bottom_half(cpu, q);
    else
        callback_line(cpu, q, page_load(cpu, &q->vcpus[0].upcall_pending) != 0);
    mutex_unlock(cpu, &q->bql);
}

void callback_poll(struct cpu *cpu, struct qemu_vcpu *v)
{
    struct qemu *q = v->qemu;

    cpu_settle(cpu);
    if (!q->is_callback_asserted)
        return;
    q->statistics.poll_exits++;
    if (page_load(step(cpu, "t2"), &v->upcall_pending) != 0) {
        q->statistics.polls_wasted++;
        return;
    }
    bool took = bql_lock(cpu, q, "t3");
    if (page_load(step(cpu, "t4"), &v->upcall_pending) == 0) {
        q->is_callback_asserted = false;
        callback_line(cpu, q, false);
    }
    if (took)
        mutex_unlock(step(cpu, "t5"), &q->bql);
}

/* Lowers the GSI of the previous parameter, or raises it if events are pending, with both locks held. */
void callback_param_set(struct cpu *cpu, struct qemu *q)
{
    bool took = bql_lock(cpu, q, "callback_param");

    if (q->code != NULL) {
        qemu_own_callback_param(cpu, q);
    } else {
        mutex_lock(step(cpu, "callback_param"), &q->port_lock);
        if (q->callback_gsi != 0)
            callback_line(cpu, q, page_load(cpu, &q->vcpus[0].upcall_pending) != 0);
        mutex_unlock(cpu, &q->port_lock);
    }
    if (took)
        mutex_unlock(cpu, &q->bql);
}
