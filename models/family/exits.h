/* SPDX-License-Identifier: Apache-2.0
 *
 * VM exits by reason, which mean the same in every family with guests: guests.G.exits and guests.G.exits.REASON.
 */
#ifndef MODELS_FAMILY_EXITS_H
#define MODELS_FAMILY_EXITS_H

#include <stdint.h>

#include "base/metric.h"

/* The reasons that the models have. An EOI exits as an access of the APIC's page, or as a write of its MSR. */
enum vm_exit {
    VM_EXIT_EXTERNAL_INTERRUPT,
    VM_EXIT_INTERRUPT_WINDOW,
    VM_EXIT_HLT,
    VM_EXIT_VMCALL,
    VM_EXIT_EOI,
    VM_EXIT_MSR_WRITE, /* of other registers than the EOI's */
    VM_EXIT_MMIO,      /* an access of a device's or of the I/O APIC's registers */
    VM_EXIT_COUNT
};

/* Counters of one vCPU, or of all vCPUs of one kind of guest. */
struct vm_exits {
    uint64_t all, by_reason[VM_EXIT_COUNT];
};

static inline void vm_exits_note(struct vm_exits *exits, enum vm_exit reason)
{
    exits->all++;
    exits->by_reason[reason]++;
}

/* Reports vm_exit_metric_table for the guests with this name; CHECKs that the reasons add up to all exits. */
void vm_exits_report(const struct vm_exits *exits, struct metrics *metrics, const char *guest);

extern const struct metric_table vm_exit_metric_table;

#endif
