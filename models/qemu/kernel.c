/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's half: posting to the shared page (K1 to K7) under its read locks, irqfds with an event-channel route,
 * the retry by a worker when the page is not mapped, and the events that KVM merges and injects at VM entry. An event
 * of the memory management unmaps the page if the scenario asks for it. Source: Linux 7.0, arch/x86/kvm/xen.c
 * (kvm_xen_set_evtchn_fast, kvm_xen_inject_pending_events), virt/kvm/eventfd.c.
 */
#include "models/host/trace.h"
#include "models/qemu/qemu.h"

/* Explored, the read locks are left out when there is no writer: they would only add states. What is left of them are
 * the fences that their locked operations are. */
static bool is_locked(const struct cpu *cpu, const struct qemu *q) { return !cpu_is_explored(cpu) || q->is_unmappable; }

static bool lock(struct cpu *cpu, const struct qemu *q, struct rwlock *rwlock)
{
    if (is_locked(cpu, q))
        return read_lock_irqsave(cpu, rwlock);
    bool was_on = cpu->irq_on;
    cpu->irq_on = false;
    cpu_fence(cpu);
    return was_on;
}

static void unlock(struct cpu *cpu, const struct qemu *q, struct rwlock *rwlock, bool was_on)
{
    if (is_locked(cpu, q)) {
        read_unlock_irqrestore(cpu, rwlock, was_on);
        return;
    }
    cpu_fence(cpu);
    cpu_irq_restore(cpu, was_on);
}

void kvm_send_upcall(struct cpu *cpu, struct qemu_vcpu *v)
{
    cpu_settle(cpu);
    if (v->is_lapic_off)
        notes_add(cpu->engine, cpu, "the message to vcpu%u's LAPIC is lost: it is off", v->vcpu.id);
    else
        vcpu_interrupt(cpu, &v->vcpu, GUEST_VECTOR_UPCALL);
}

static void tell(struct cpu *cpu, struct qemu *q, struct qemu_vcpu *v)
{
    if (q->options->callback == CALLBACK_BY_VCPU_VECTOR)
        kvm_send_upcall(step(cpu, "K6"), v);
    else
        kvm_vcpu_kick(cpu, &v->vcpu);
}

/* K5 to K7. */
static void select_vcpu(struct cpu *cpu, struct qemu *q, struct qemu_vcpu *v, uint64_t word_bit)
{
    bool is_new = false, was_on = lock(step(cpu, "K5"), q, &v->info_lock);

    if (!v->is_info_mapped) {
        is_new = !(word_fetch_or(step(cpu, "K5"), &v->shadow_sel, word_bit) & word_bit);
    } else if (!(page_fetch_or(step(cpu, "K6"), &v->pending_sel, word_bit) & word_bit)) {
        page_store(step(cpu, "K6"), &v->upcall_pending, 1);
        is_new = true;
    }
    unlock(cpu, q, &v->info_lock, was_on);
    if (is_new)
        tell(cpu, q, v);
}

static void trace_event(const struct cpu *cpu, const struct qemu *q, uint32_t port, uint32_t vcpu)
{
    if (__builtin_expect(cpu->engine->trace != NULL, false))
        cpu_trace(cpu, TRACE_PEND, q->vcpus[vcpu].vcpu.thread.who, vector_flow(q->guest_ports[port]), 0, 0);
}

bool evtchn_set_fast(struct cpu *cpu, struct qemu *q, uint32_t port, uint32_t vcpu)
{
    struct page_word *pending = &q->pending[port / 64], *mask = &q->mask[port / 64];
    uint64_t bit = 1ull << (port % 64);
    bool is_wanted = false, was_on = lock(step(cpu, "K2"), q, &q->shinfo_lock);

    if (!q->is_shinfo_mapped) {
        unlock(cpu, q, &q->shinfo_lock, was_on);
        return false;
    }
    if (port_peek(q, port).type == PORT_CLOSED)
        q->statistics.stray++;
    if (!(page_fetch_or(step(cpu, "K3"), pending, bit) & bit))
        is_wanted = !(page_load(step(cpu, "K4"), mask) & bit);
    unlock(step(cpu, "K5"), q, &q->shinfo_lock, was_on);
    trace_event(cpu, q, port, vcpu);
    if (is_wanted)
        select_vcpu(cpu, q, &q->vcpus[vcpu], 1ull << (port / 64));
    return true;
}

/* Maps the page again: a page fault, which may sleep. */
static void refresh(struct cpu *cpu, struct qemu *q)
{
    q->statistics.faults++;
    cpu_spend_software(cpu, q->options->costs.page_refresh);
    bool was_on = write_lock_irqsave(cpu, &q->shinfo_lock);
    cpu_settle(cpu);
    q->is_shinfo_mapped = true;
    write_unlock_irqrestore(cpu, &q->shinfo_lock, was_on);
}

void evtchn_set_slow(struct cpu *cpu, struct qemu *q, uint32_t port, uint32_t vcpu)
{
    while (!evtchn_set_fast(cpu, q, port, vcpu))
        refresh(cpu, q);
}

/* --- irqfd --- */

void evtchn_irqfd_wakeup(struct cpu *cpu, struct eventfd *eventfd)
{
    struct qemu_vector *vector = eventfd->wakeup_context;
    struct qemu *q = vector->device->qemu;

    eventfd->count = 0;
    cpu_spend_software(cpu, q->host->costs->irqfd_inject);
    cpu_settle(cpu);
    struct route route = vector->kernel;
    if (!route.is_valid || route.is_plain) {
        q->statistics.dropped += route.is_plain;
        return;
    }
    vector_fire(cpu, vector, PATH_F1);
    if (evtchn_set_fast(cpu, q, route.port, route.vcpu))
        return;
    vector->path = PATH_F2;
    work_queue(cpu, q->kworker, &vector->inject);
}

void evtchn_irqfd_inject(struct cpu *cpu, struct work *work)
{
    struct qemu_vector *vector = work->context;

    host_trace_for(cpu, &vector->source);
    cpu_settle(cpu);
    struct route route = vector->kernel;
    if (route.is_valid && !route.is_plain)
        evtchn_set_slow(cpu, vector->device->qemu, route.port, route.vcpu);
}

/* --- VM entry --- */

/* Merges the shadow selector when the page is mapped again. */
static void inject_pending_events(struct cpu *cpu, struct qemu_vcpu *v)
{
    uint64_t shadow = word_load(step(cpu, "shadow"), &v->shadow_sel);

    if (shadow == 0)
        return;
    if (!v->is_info_mapped) {
        v->qemu->statistics.faults++;
        cpu_spend_software(cpu, v->qemu->options->costs.page_refresh);
        bool was_on = write_lock_irqsave(cpu, &v->info_lock);
        v->is_info_mapped = true;
        write_unlock_irqrestore(cpu, &v->info_lock, was_on);
    }
    page_fetch_or(cpu, &v->pending_sel, shadow);
    word_fetch_and(cpu, &v->shadow_sel, ~shadow);
    page_store(cpu, &v->upcall_pending, 1);
}

bool kvm_wants_upcall(struct cpu *cpu, struct vcpu *vcpu)
{
    struct qemu_vcpu *v = qemu_vcpu(vcpu);

    if (v->qemu->is_unmappable)
        inject_pending_events(cpu, v);
    if (v->qemu->options->callback != CALLBACK_BY_VECTOR)
        return false;
    return page_load(step(cpu, "entry"), &v->upcall_pending) != 0;
}

/* --- unmapping --- */

static void unmap(void *argument)
{
    struct qemu *q = argument;
    struct engine *engine = q->host->machine->engine;

    /* Like the notifier, it waits for readers: it tries again later. */
    q->is_shinfo_mapped = q->is_shinfo_mapped && word_load_at_event(&q->shinfo_lock.word) != 0;
    for (uint32_t i = 0; i < q->vcpu_count; i++)
        if (word_load_at_event(&q->vcpus[i].info_lock.word) == 0)
            q->vcpus[i].is_info_mapped = false;
    notes_add(engine, NULL, "the shared pages are unmapped");
    machine_event_again(q->host->machine, q->unmap_slot,
                        engine->now +
                            cycles_from_ns(q->options->unmap_every_ns, q->host->machine->costs->frequency_hz));
}

void kernel_boot(struct qemu *q)
{
    rwlock_init(q->host, &q->shinfo_lock, "shinfo_lock");
    q->is_shinfo_mapped = true;
    q->is_unmappable = q->options->unmap_every_ns > 0;
    if (!q->is_unmappable)
        return;
    q->unmap_slot = engine_event(q->host->machine->engine, unmap, q);
    machine_event_at(q->host->machine, q->unmap_slot,
                     cycles_from_ns(q->options->unmap_every_ns, q->host->machine->costs->frequency_hz));
}
