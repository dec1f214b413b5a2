/* SPDX-License-Identifier: Apache-2.0
 *
 * Halt polling. The loop holds the pCPU, with interrupts enabled, until an interrupt is pending for the vCPU, another
 * thread of the pCPU becomes runnable, or the time is over. A halt that is longer than the time for which the vCPU
 * polled lets that time grow if it was shorter than the limit, and shrink if it was longer. An interrupt is found as
 * soon as its bit arrives. Left out: the length of one turn of the loop, and guests that switch polling off
 * (MSR_KVM_POLL_CONTROL). Source: Linux 6.12, virt/kvm/kvm_main.c, kvm_vcpu_halt, kvm_vcpu_check_block,
 * grow_halt_poll_ns, shrink_halt_poll_ns, whose divisor is 2 since aeb1b22a3ac8 (6.11); include/linux/kvm_host.h,
 * kvm_vcpu_can_poll.
 */
#include "models/host/halt_poll.h"

#include "models/host/host.h"
#include "models/host/vcpu.h"

static cycles in_cycles(const struct vcpu *vcpu, uint64_t ns)
{
    return cycles_from_ns(ns, vcpu->thread.host->machine->costs->frequency_hz);
}

/* Explored, a halt has no length, and its polling may end at any moment. */
void halt_poll_init(struct vcpu *vcpu)
{
    const struct host *host = vcpu->thread.host;

    vcpu->halt_poll = machine_is_explored(host->machine) ? in_cycles(vcpu, host->halt_poll->max_ns) : 0;
}

static bool may_poll(struct cpu *cpu, cycles stop)
{
    const struct host_cpu *hc = host_cpu_of(cpu);

    return list_is_empty(&hc->runq) && !hc->need_resched && cpu_now(cpu) < stop;
}

/* Where time stands still, one look before the other CPUs' next steps finds all that several would. */
static bool find(struct cpu *cpu, struct vcpu *vcpu, cycles stop)
{
    do {
        cpu_nudge_clear(cpu);
        if (vcpu_is_runnable(cpu, vcpu))
            return true;
        if (vcpu->is_pause_wanted || stop == CYCLES_NEVER)
            return false;
        (void)cpu_run_until(cpu, stop);
        cpu_take_interrupts(cpu);
    } while (may_poll(cpu, stop));
    return false;
}

bool halt_poll(struct cpu *cpu, struct vcpu *vcpu)
{
    struct host_statistics *statistics = &host_of(cpu)->statistics;
    cycles since = cpu_now(cpu), max = in_cycles(vcpu, host_of(cpu)->halt_poll->max_ns);

    if (vcpu->halt_poll > max)
        vcpu->halt_poll = max;
    if (vcpu->halt_poll == 0)
        return false;
    cpu_settle(cpu);
    vcpu->is_polling = true;
    bool is_met = find(cpu, vcpu, cpu_deadline(cpu, vcpu->halt_poll));
    vcpu->is_polling = false;
    cpu_nudge_clear(cpu);
    statistics->halt_polls++;
    statistics->halt_polls_met += is_met;
    statistics->halt_polled += cpu_now(cpu) - since;
    if (__builtin_expect(cpu->engine->trace != NULL, false))
        cpu_trace(cpu, TRACE_POLL, vcpu->thread.who, 0, is_met,
                  cycles_to_ns(cpu_now(cpu) - since, cpu->costs->frequency_hz));
    return is_met;
}

static cycles grown(const struct vcpu *vcpu, const struct halt_poll_setup *setup)
{
    cycles start = in_cycles(vcpu, setup->grow_start_ns), longer = vcpu->halt_poll * setup->grow;

    if (setup->grow == 0)
        return vcpu->halt_poll;
    return longer < start ? start : longer;
}

static cycles shrunk(const struct vcpu *vcpu, const struct halt_poll_setup *setup)
{
    cycles shorter = setup->shrink == 0 ? 0 : vcpu->halt_poll / setup->shrink;

    return shorter < in_cycles(vcpu, setup->grow_start_ns) ? 0 : shorter;
}

void halt_poll_adapt(struct vcpu *vcpu, cycles halted)
{
    const struct halt_poll_setup *setup = vcpu->thread.host->halt_poll;
    cycles max = in_cycles(vcpu, setup->max_ns);

    if (halted <= vcpu->halt_poll)
        return;
    if (vcpu->halt_poll > 0 && halted > max)
        vcpu->halt_poll = shrunk(vcpu, setup);
    else if (vcpu->halt_poll < max && halted < max)
        vcpu->halt_poll = grown(vcpu, setup);
}
