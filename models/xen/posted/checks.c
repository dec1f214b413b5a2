/* SPDX-License-Identifier: Apache-2.0
 *
 * What is checked and counted at a VM entry, at a wake-up interrupt and at a notification in root mode: the state table
 * of hooks.c. No path of the hypervisor depends on it.
 */
#include "models/xen/posted/state.h"

const char *posted_breach_text(enum posted_breach breach)
{
    static const char *const texts[POSTED_BREACH_COUNT] = {
        [POSTED_BREACH_ENTRY_SN] = "has entered guest mode with SN set",
        [POSTED_BREACH_ENTRY_NV] = "has entered guest mode with the wake-up vector in NV",
        [POSTED_BREACH_ENTRY_NDST] = "has entered guest mode with another pCPU in NDST",
        [POSTED_BREACH_ENTRY_LISTED] = "has entered guest mode while on a blocking list",
        [POSTED_BREACH_WRONG_LIST] = "was on a different blocking list than its blocking lock says",
    };

    return texts[breach];
}

/* With every fix there is no breach: in a timed run one is an error of the model; explored, it is a weak finding
 * (invariants.c). */
static void require(struct cpu *cpu, struct vcpu *v, bool holds, enum posted_breach breach)
{
    struct posted *posted = xen_of(cpu)->posted;

    if (holds)
        return;
    posted->statistics.mismatches++;
    if (v->posted->breach == POSTED_BREACH_NONE)
        v->posted->breach = breach;
    if (!cpu_is_explored(cpu) && posted->fixes == (1u << POSTED_FIX_COUNT) - 1)
        check_failed("the descriptor's state table is broken on CPU", (int)cpu->id, posted_breach_text(breach));
}

static bool has_notification(const struct cpu *cpu)
{
    const struct lapic *lapic = &cpu->lapic;

    for (uint32_t i = 0; i < lapic->flight_count; i++)
        if (lapic->flights[i].vector == VECTOR_POSTED)
            return true;
    return lapic->irr[VECTOR_POSTED / 64] >> (VECTOR_POSTED % 64) & 1;
}

/* Counts VM entries with bits in the PIR that will not reach the guest before its next exit. */
static void count_unnoticed(const struct cpu *cpu, const struct vcpu *v)
{
    struct posted_statistics *statistics = &v->domain->xen->posted->statistics;
    const struct pi_descriptor *descriptor = &v->posted->descriptor;

    if (apicv_highest(descriptor->pir) == 0)
        return;
    if (!(word_peek(&descriptor->control) & PI_ON))
        statistics->unnoticed_sn++;
    else if (!has_notification(cpu))
        statistics->unnoticed_on++;
}

void posted_check_entry(struct cpu *cpu, struct vcpu *v, bool has_hook)
{
    uint64_t control = word_see(cpu, &v->posted->descriptor.control);

    require(cpu, v, !(control & PI_SN), POSTED_BREACH_ENTRY_SN);
    require(cpu, v, pi_nv(control) == VECTOR_POSTED, POSTED_BREACH_ENTRY_NV);
    require(cpu, v, !has_hook || pi_ndst(control) == cpu->id, POSTED_BREACH_ENTRY_NDST);
    require(cpu, v, !has_hook || word_see(cpu, &v->posted->blocking_lock) == 0, POSTED_BREACH_ENTRY_LISTED);
    count_unnoticed(cpu, v);
}

void posted_check_list(struct cpu *cpu, struct vcpu *v)
{
    require(cpu, v, word_see(cpu, &v->posted->blocking_lock) == cpu->id + 1, POSTED_BREACH_WRONG_LIST);
}

void posted_count_notification(const struct xen_cpu *xc)
{
    struct posted_statistics *statistics = &xc->xen->posted->statistics;
    const struct vcpu *current = xc->current, *lazy = xc->loaded;
    bool is_lazy = is_idle_vcpu(current) && lazy != NULL && word_peek(&lazy->posted->descriptor.control) & PI_ON;

    statistics->root_notifications++;
    if (is_lazy) {
        statistics->spurious[POSTED_SPURIOUS_LAZY]++;
        statistics->lazy_again += lazy->posted->had_lazy;
        lazy->posted->had_lazy = true;
    } else if (is_idle_vcpu(current)) {
        statistics->spurious[POSTED_SPURIOUS_IDLE]++;
    } else if (!(word_peek(&current->posted->descriptor.control) & PI_ON)) {
        statistics->spurious[POSTED_SPURIOUS_ROOT]++;
    }
}
