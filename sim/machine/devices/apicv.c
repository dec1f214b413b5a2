/* SPDX-License-Identifier: Apache-2.0
 *
 * Posted-interrupt processing, virtual-interrupt delivery and virtual EOI.
 */
#include "machine/devices/apicv.h"

#include "machine/cpu.h"
#include "machine/footprint.h"
#include "machine/notes.h"

uint32_t apicv_highest(const struct word words[PIR_WORDS])
{
    for (uint32_t i = PIR_WORDS; i-- > 0;)
        if (word_peek(&words[i]) != 0)
            return i * 64 + 63 - (uint32_t)__builtin_clzll(word_peek(&words[i]));
    return 0;
}

/* P1 to P6 are the steps of the SDM; the numbers are ours. The IOMMU may post between two steps. */
bool apicv_take_notification(struct cpu *cpu, struct apicv *apicv)
{
    struct pi_descriptor *descriptor = apicv->descriptor;

    if (lapic_deliverable(cpu) != VECTOR_POSTED)
        return false;
    lapic_consume(cpu, VECTOR_POSTED); /* P1 P3 */
    notes_add(cpu->engine, cpu, "posted-interrupt processing");
    cpu_spend(cpu, cpu->costs->posted_process);
    apicv->statistics->processed++;
    if (!(word_fetch_and(step(cpu, "P2"), &descriptor->control, ~(uint64_t)PI_ON) & PI_ON))
        apicv->statistics->spurious++;
    for (uint32_t i = 0; i < PIR_WORDS; i++) {
        if (!(descriptor->used >> i & 1))
            continue;
        uint64_t bits = word_xchg(step(cpu, "P4"), &descriptor->pir[i], 0);
        if (bits != 0)
            word_fetch_or(step(cpu, "P4"), &apicv->virr[i], bits);
        if (bits != 0 && i * 64 + 63 - (uint32_t)__builtin_clzll(bits) > apicv->rvi)
            apicv->rvi = i * 64 + 63 - (uint32_t)__builtin_clzll(bits); /* P5 */
    }
    return true; /* P6, the delivery, follows in guest_run */
}

uint32_t apicv_deliver(struct cpu *cpu, struct apicv *apicv)
{
    uint32_t vector = apicv->rvi;

    CHECK(vector != 0);
    for (uint32_t i = 0; i < PIR_WORDS; i++)
        footprint_read(cpu->engine, &apicv->virr[i].value);
    cpu_spend(cpu, cpu->costs->virtual_delivery);
    word_fetch_and(cpu, &apicv->virr[vector / 64], ~(UINT64_C(1) << (vector % 64)));
    apicv->rvi = apicv_highest(apicv->virr);
    apicv->statistics->deliveries++;
    return vector;
}

bool apicv_eoi(struct cpu *cpu, struct apicv *apicv, uint32_t vector)
{
    if (apicv->eoi_exit[vector / 64] >> (vector % 64) & 1)
        return false;
    cpu_spend(cpu, cpu->costs->virtual_eoi);
    apicv->statistics->eois++;
    return true;
}
