/* SPDX-License-Identifier: Apache-2.0
 *
 * Interrupts and posted interrupts. One descriptor for each CPU takes the messages of all devices of that CPU. Its
 * notification calls the handlers of the posted vectors in at most three rounds, and ON stays set until the last round,
 * so that messages posted meanwhile send no other notification. The notification clears ON before the last round: that
 * round finds what was posted before ON was cleared, and what is posted later sends a notification. The notification
 * has one EOI, and enters and leaves interrupt context once. Follows Linux 6.10, arch/x86/kernel/irq.c,
 * sysvec_posted_msi_notification.
 */
#include "models/nvme/nvme.h"

enum { ROUNDS_MAX = 3 };

/* Returns false when nothing was posted. */
static bool serve(struct cpu *cpu, struct pi_descriptor *descriptor)
{
    uint64_t *pir = nvme_of(cpu)->copies[cpu->id].words;
    bool is_any = false;

    for (uint32_t i = 0; i < PIR_WORDS; i++)
        if (descriptor->used >> i & 1)
            pir[i] = word_load(step(cpu, "N1"), &descriptor->pir[i]);
    for (uint32_t i = 0; i < PIR_WORDS; i++) {
        if (pir[i] == 0)
            continue;
        pir[i] = word_xchg(step(cpu, "N2"), &descriptor->pir[i], 0);
        is_any = true;
    }
    for (uint32_t i = 0; i < PIR_WORDS; i++)
        for (; pir[i] != 0; pir[i] &= pir[i] - 1)
            host_irq_call(cpu, i * 64 + (uint32_t)__builtin_ctzll(pir[i]));
    return is_any;
}

void posted_notification(struct cpu *cpu)
{
    struct pi_descriptor *descriptor = &nvme_of(cpu)->descriptors[cpu->id];

    for (int round = 1; round < ROUNDS_MAX && serve(cpu, descriptor); round++)
        ;
    word_fetch_and(step(cpu, "N3"), &descriptor->control, ~(uint64_t)PI_ON);
    serve(cpu, descriptor);
    lapic_eoi(cpu);
}

void nvme_interrupt(struct cpu *cpu, uint32_t vector)
{
    if (vector == VECTOR_POSTED || vector <= VECTOR_DEVICE_LAST) {
        nvme_of(cpu)->statistics.interrupts++;
        cpu_spend_software(cpu, host_costs(cpu)->do_irq * host_costs(cpu)->irq_once / 100);
    }
    if (vector != VECTOR_POSTED) {
        host_interrupt(cpu, vector);
        return;
    }
    posted_notification(cpu);
    if (cpu->interrupt_depth == 1 && thread_current(cpu)->is_preemptible)
        thread_reschedule(cpu);
}
