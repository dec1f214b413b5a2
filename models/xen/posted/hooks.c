/* SPDX-License-Identifier: Apache-2.0
 *
 * The scheduler's hooks for posted interrupts and the handlers of the notification and wake-up vectors (4b759ce163 and
 * its fixes). README.md names the steps.
 * Source: vmx_vcpu_block, vmx_pi_do_resume, pi_wakeup_interrupt, pi_notification_interrupt (hvm/vmx/vmx.c).
 *
 * The descriptor of a vCPU whose domain has the hooks:
 *
 *   vCPU                                      SN  NV       NDST                   on a blocking list
 *   in guest mode                             0   posted   its pCPU               no
 *   running, until its first VM entry         0   posted,  its pCPU               perhaps
 *     after a wake                                wakeup
 *   blocked by the hook                       0   wakeup   where it blocked       yes, of NDST, until a wake-up
 *                                                                                 interrupt finds ON set, or VM entry
 *   preempted or paused, state saved          1   posted,  its last pCPU          perhaps
 *                                                 wakeup
 *   preempted or paused, held lazily by idle  0   as above that pCPU              perhaps
 *
 * A vCPU without the hooks has SN = 0 and NV = posted; its NDST does not matter, because only software posts to it, and
 * software only looks at SN and ON. The first row is checked at each VM entry, the third by the ASSERTs of vcpu_block
 * and at each wake-up interrupt; invariants.c checks the lists and the third row at the end of an execution.
 */
#include "models/xen/posted/state.h"

static uint64_t nv_field(uint32_t vector) { return (uint64_t)vector << PI_NV_SHIFT; }

bool posted_hook_is_on(struct cpu *cpu, const struct domain *d, enum posted_hook hook)
{
    struct word *word = &d->posted->hooks[hook];

    return (d->xen->posted->hooks_change ? word_load(cpu, word) : word_load_own(cpu, word)) != 0;
}

/* --- vcpu_block --- */

void posted_vcpu_block(struct cpu *cpu, struct vcpu *v)
{
    struct posted_vcpu *pv = v->posted;
    struct posted_cpu *pc = xen_cpu(cpu)->posted;

    pv->has_block_hook = posted_hook_is_on(step(cpu, "B1"), v->domain, POSTED_HOOK_BLOCK);
    if (!pv->has_block_hook)
        return;
    bool was_on = spin_lock_irqsave(step(cpu, "B2"), &pc->blocking_lock);
    if (word_cas(step(cpu, "B3"), &pv->blocking_lock, 0, cpu->id + 1) != 0)
        violation_raise(cpu, VIOLATION_LIST_CORRUPTION, "vmx_vcpu_block adds a vCPU that is on a blocking list");
    list_add_tail(&pv->blocking_link, &pc->blocked);         /* B4 */
    spin_unlock_irqrestore(cpu, &pc->blocking_lock, was_on); /* B5 */
    uint64_t control = word_load(step(cpu, "B6"), &pv->descriptor.control);
    if (control & PI_SN)
        violation_raise(cpu, VIOLATION_MODELLED_BUG, "ASSERT(!pi_test_sn(pi_desc)) in vmx_vcpu_block");
    if (pi_ndst(control) != cpu->id)
        violation_raise(cpu, VIOLATION_MODELLED_BUG, "ASSERT in vmx_vcpu_block: NDST is not this pCPU");
    word_store_field(step(cpu, "B7"), &pv->descriptor.control, PI_NV_MASK, nv_field(VECTOR_WAKEUP));
}

/* --- context switch --- */

void posted_switch_from(struct cpu *cpu, struct vcpu *v)
{
    if (!posted_hook_is_on(cpu, v->domain, POSTED_HOOK_SWITCH_FROM) || word_load(cpu, &v->pause_flags) & VPF_BLOCKED)
        return;
    word_fetch_or(cpu, &v->posted->descriptor.control, PI_SN);
}

static bool is_pir_empty(struct cpu *cpu, struct pi_descriptor *descriptor)
{
    for (uint32_t i = 0; i < PIR_WORDS; i++)
        if (descriptor->used >> i & 1 && word_load(cpu, &descriptor->pir[i]) != 0)
            return false;
    return true;
}

bool posted_clear_sn(struct cpu *cpu, struct pi_descriptor *descriptor)
{
    word_fetch_and(cpu, &descriptor->control, ~(uint64_t)PI_SN);
    if (!posted_tries(xen_of(cpu), POSTED_RECHECK_PIR) || is_pir_empty(cpu, descriptor))
        return false;
    word_fetch_or(cpu, &descriptor->control, PI_ON);
    return true;
}

void posted_switch_to(struct cpu *cpu, struct vcpu *v)
{
    struct pi_descriptor *descriptor = &v->posted->descriptor;

    if (!posted_hook_is_on(cpu, v->domain, POSTED_HOOK_SWITCH_TO))
        return;
    word_store_field(cpu, &descriptor->control, PI_NDST_MASK, (uint64_t)cpu->id << PI_NDST_SHIFT);
    posted_clear_sn(cpu, descriptor);
}

/* --- VM entry --- */

/* pi_blocking.lock is read again under the lock, because the vCPU may have left the list in between. */
void posted_unblock_vcpu(struct cpu *cpu, struct vcpu *v)
{
    struct posted_vcpu *pv = v->posted;

    word_store_field(step(cpu, "E1"), &pv->descriptor.control, PI_NV_MASK, nv_field(VECTOR_POSTED));
    uint64_t on = word_load(step(cpu, "E2"), &pv->blocking_lock);
    if (on == 0)
        return;
    struct lock *lock = &xen_of(cpu)->cpus[on - 1].posted->blocking_lock;
    bool was_on = spin_lock_irqsave(step(cpu, "E3"), lock);
    if (word_load(step(cpu, "E4"), &pv->blocking_lock) != 0) {
        list_remove(&pv->blocking_link);
        word_store(step(cpu, "E4"), &pv->blocking_lock, 0);
    }
    spin_unlock_irqrestore(step(cpu, "E5"), lock, was_on);
}

void posted_vmenter(struct cpu *cpu, struct vcpu *v)
{
    CHECK(!cpu->irq_on);
    bool has_hook = posted_hook_is_on(cpu, v->domain, POSTED_HOOK_BLOCK);
    if (has_hook)
        posted_unblock_vcpu(cpu, v);
    posted_check_entry(cpu, v, has_hook);
    v->posted->had_lazy = false;
}

/* --- interrupts in root mode --- */

/* Does not unblock any vCPU; its only effect is another iteration of the VM-entry loop. */
void posted_notification_interrupt(struct cpu *cpu)
{
    lapic_eoi(cpu);
    posted_count_notification(xen_cpu(cpu));
    if (posted_has(xen_of(cpu), POSTED_F0))
        raise_softirq(cpu, VCPU_KICK_SOFTIRQ);
}

static struct vcpu *vcpu_of(const struct list *link)
{
    return LIST_ENTRY(link, struct posted_vcpu, blocking_link)->vcpu;
}

/* W3. Returns the number of vCPUs unblocked and adds the number of vCPUs visited to *length. */
static uint64_t walk_blocked(struct cpu *cpu, struct posted_cpu *pc, uint64_t *length)
{
    uint64_t woken = 0;

    for (struct list *link = pc->blocked.next, *next; link != &pc->blocked; link = next) {
        struct vcpu *v = vcpu_of(link);
        next = link->next;
        (*length)++;
        if (v->domain->is_freed)
            violation_raise(cpu, VIOLATION_USE_AFTER_FREE,
                            "pi_wakeup_interrupt walks over a vCPU of a domain that is gone");
        posted_check_list(cpu, v);
        cpu_spend(cpu, xen_costs(cpu)->posted_list_step);
        if (!(word_load(step(cpu, "W3"), &v->posted->descriptor.control) & PI_ON))
            continue;
        list_remove(link);
        word_store(step(cpu, "W3"), &v->posted->blocking_lock, 0);
        vcpu_unblock(cpu, v);
        woken++;
    }
    return woken;
}

void posted_wakeup_interrupt(struct cpu *cpu)
{
    struct posted *posted = xen_of(cpu)->posted;
    struct posted_cpu *pc = xen_cpu(cpu)->posted;
    cycles from = now_of(cpu);
    uint64_t length = 0;

    lapic_eoi(cpu); /* W1 */
    spin_lock(step(cpu, "W2"), &pc->blocking_lock);
    uint64_t woken = walk_blocked(cpu, pc, &length);
    spin_unlock(step(cpu, "W4"), &pc->blocking_lock);
    posted->statistics.wakeups++;
    posted->statistics.wakeup_useless += woken == 0;
    posted->statistics.list_walked += length;
    if (length > posted->statistics.list_longest)
        posted->statistics.list_longest = length;
    histogram_record(posted->wakeup_time, cycles_to_ns(now_of(cpu) - from, cpu->costs->frequency_hz));
}
