/* SPDX-License-Identifier: Apache-2.0
 *
 * Softirqs: one word of pending bits per pCPU; the lowest number runs first, and the word is read again after each
 * handler. Softirqs run only in the idle loop, before VM entry and in long hypercalls, never nested in an interrupt.
 * Left out: batching of IPIs; MWAIT (idle is HLT, so a remote raise sends an IPI). Source: xen/common/softirq.c at
 * f6dd295381.
 */
#include "models/xen/own_code.h"
#include "models/xen/xen.h"

void raise_softirq(struct cpu *cpu, enum softirq nr)
{
    if (own_has_softirqs(xen_of(cpu)))
        own_raise_softirq(cpu, xen_cpu(cpu), nr);
    else
        word_fetch_or(cpu, &xen_cpu(cpu)->softirq_pending, 1ull << nr);
    cpu_trace(cpu, TRACE_SOFTIRQ_RAISE, TRACE_NOBODY, 0, nr, cpu->id);
}

void cpu_raise_softirq(struct cpu *cpu, struct xen_cpu *target, enum softirq nr)
{
    if (own_has_softirqs(target->xen)) {
        own_raise_softirq(cpu, target, nr);
        cpu_trace(cpu, TRACE_SOFTIRQ_RAISE, TRACE_NOBODY, 0, nr, target->id);
        return;
    }
    uint64_t old = word_fetch_or(cpu, &target->softirq_pending, 1ull << nr);
    cpu_trace(cpu, TRACE_SOFTIRQ_RAISE, TRACE_NOBODY, 0, nr, target->id);
    if (!(old >> nr & 1) && target != xen_cpu(cpu))
        send_IPI(cpu, target->cpu, VECTOR_EVENT_CHECK);
}

void softirq_run(struct cpu *cpu, enum softirq nr)
{
    cpu_trace(cpu, TRACE_SOFTIRQ_ENTRY, TRACE_NOBODY, 0, nr, 0);
    switch (nr) {
    case TIMER_SOFTIRQ:
        timer_softirq_action(cpu);
        break;
    case SCHEDULE_SOFTIRQ:
        schedule_softirq(cpu);
        break;
    case RCU_SOFTIRQ:
        rcu_softirq(cpu);
        break;
    case TASKLET_SOFTIRQ:
        tasklet_softirq_action(cpu);
        break;
    case VCPU_KICK_SOFTIRQ:
        break; /* its only effect is another iteration of the VM-entry loop */
    case HVM_DPCI_SOFTIRQ:
        xen_of(cpu)->dpci->softirq(cpu);
        break;
    case SOFTIRQ_COUNT:
        CHECK(!"a softirq");
    }
    cpu_trace(cpu, TRACE_SOFTIRQ_EXIT, TRACE_NOBODY, 0, nr, 0);
}

void softirq_boot(struct trace *trace)
{
    static const char *const names[SOFTIRQ_COUNT] = {
        [TIMER_SOFTIRQ] = "TIMER", [SCHEDULE_SOFTIRQ] = "SCHEDULE",   [TASKLET_SOFTIRQ] = "TASKLET",
        [RCU_SOFTIRQ] = "RCU",     [VCPU_KICK_SOFTIRQ] = "VCPU_KICK", [HVM_DPCI_SOFTIRQ] = "HVM_DPCI",
    };

    trace_softirq_names(trace, names, SOFTIRQ_COUNT);
}

/* Runs the lowest pending softirq that is not in `held_back`. Returns false if there is none or the pCPU is offline. */
static bool run_lowest(struct cpu *cpu, uint64_t held_back)
{
    struct xen_cpu *xc = xen_cpu(cpu);

    rcu_check(cpu);
    uint64_t pending = word_load(cpu, &xc->softirq_pending) & ~held_back;
    if (pending == 0 || cpu_is_offline(cpu, xc))
        return false;
    enum softirq nr = (enum softirq)__builtin_ctzll(pending);
    word_fetch_and(cpu, &xc->softirq_pending, ~(1ull << nr));
    cpu_spend_software(cpu, xen_costs(cpu)->softirq_dispatch);
    softirq_run(cpu, nr);
    return true;
}

bool softirq_is_pending(struct cpu *cpu)
{
    if (own_has_softirqs(xen_of(cpu)))
        return own_softirqs_pending(cpu) != 0;
    return word_load(cpu, &xen_cpu(cpu)->softirq_pending) != 0;
}

void process_pending_softirqs(struct cpu *cpu)
{
    CHECK(cpu->irq_on && cpu->interrupt_depth == 0);
    if (own_has_softirqs(xen_of(cpu))) {
        own_process_pending_softirqs(cpu);
        return;
    }
    while (run_lowest(cpu, 1ull << SCHEDULE_SOFTIRQ))
        ;
}

void do_softirq(struct cpu *cpu)
{
    const struct vcpu *current = xen_cpu(cpu)->current;

    CHECK(cpu->irq_on && cpu->interrupt_depth == 0);
    if (own_has_softirqs(xen_of(cpu))) {
        own_do_softirq(cpu);
        return;
    }
    while (xen_cpu(cpu)->current == current && run_lowest(cpu, 0))
        ;
}
