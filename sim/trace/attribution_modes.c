/* SPDX-License-Identifier: Apache-2.0
 *
 * When a vCPU that runs is in its guest, where VM entries and exits do not tell it yet, or at all.
 */
#include "base/check.h"
#include "trace/attribution_engine.h"

enum { RUNNING };

bool attribution_hides_mode(const struct attribution *attribution, uint32_t task)
{
    return attribution->hides_guest_mode ||
           (attribution->first_modes != NULL && attribution_is_vcpu(attribution, task) &&
            attribution->first_modes[task] == 0);
}

/* No VM entry or exit of the pCPU has come yet: the vCPU runs since the recording's beginning, or was switched in, as
 * it seems; a recording that begins while it is in its guest looks the same. */
bool attribution_is_untold(const struct attribution *attribution, const struct attribution_cpu *cpu, uint32_t task)
{
    bool is_open =
        cpu->mode == MODE_UNKNOWN || (attribution->is_linux && !cpu->is_told && cpu->mode == MODE_HYPERVISOR);

    return attribution->is_recording && is_open && cpu->current == task && attribution_is_vcpu(attribution, task) &&
           attribution->tasks[task].state == RUNNING;
}

void attribution_tell(struct attribution *attribution, uint32_t cpu_id, bool was_in_guest, enum attribution_cause cause)
{
    struct attribution_cpu *cpu = &attribution->cpus[cpu_id];
    struct attribution_part part = { .time = cpu->untold,
                                     .victim = cpu->current,
                                     .culprit = TRACE_NOBODY,
                                     .cpu = NO_CPU,
                                     .loss = LOSS_RUNNING,
                                     .cause = (uint8_t)cause };

    cpu->untold = 0;
    if (part.time == 0)
        return;
    CHECK(cpu->current != UINT32_MAX);
    if (was_in_guest) {
        attribution->tasks[cpu->current].own += part.time;
        return;
    }
    if (cause == CAUSE_HYPERVISOR) {
        part.culprit = attribution_current_who(attribution, cpu);
        part.what = attribution->tasks[cpu->current].exit;
    }
    attribution_add(attribution, &part);
}

void attribution_tell_host(struct attribution *attribution, uint32_t cpu_id)
{
    if (attribution->cpus[cpu_id].mode != MODE_UNKNOWN)
        attribution_tell(attribution, cpu_id, false, CAUSE_HYPERVISOR);
}

/* At the end of the part. What the first VM entry or exit tells that comes behind it is known, too. */
void attribution_tell_last(struct attribution *attribution, uint32_t cpu_id)
{
    const struct attribution_cpu *cpu = &attribution->cpus[cpu_id];
    uint8_t first = 0;

    if (cpu->untold == 0)
        return;
    if (attribution->first_modes != NULL && !attribution->tasks[cpu->current].is_told)
        first = attribution->first_modes[cpu->current];
    bool is_of_host = first == TRACE_VMENTRY || cpu->mode != MODE_UNKNOWN;
    attribution_tell(attribution, cpu_id, first == TRACE_VMEXIT, is_of_host ? CAUSE_HYPERVISOR : CAUSE_UNKNOWN);
}
