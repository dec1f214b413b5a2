/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics of VM exits, and the law that each exit has one reason.
 */
#include "models/family/exits.h"

#include "base/check.h"

#define REASON(name, reason, text) \
    { \
        "guests.G.exits." name, "count", METRIC_LOWER, "VM exits: " text, \
            METRIC_AT(struct vm_exits, by_reason[VM_EXIT_##reason]) \
    }

static const struct metric_row exit_rows[] = {
    { "guests.G.exits", "count", METRIC_LOWER, "VM exits of all vCPUs of the guests", METRIC_AT(struct vm_exits, all) },
    REASON("external_interrupt", EXTERNAL_INTERRUPT, "physical interrupts, of devices, timers and other CPUs"),
    REASON("interrupt_window", INTERRUPT_WINDOW, "the guest can take the interrupt that waits"),
    REASON("hlt", HLT, "the guest idles"),
    REASON("vmcall", VMCALL, "hypercalls"),
    REASON("eoi", EOI, "EOIs of the local APIC"),
    REASON("msr_write", MSR_WRITE, "writes of other MSRs: the timer's deadline"),
    REASON("mmio", MMIO, "accesses of registers of devices or of the I/O APIC"),
};
const struct metric_table vm_exit_metric_table = METRIC_TABLE(exit_rows);

void vm_exits_report(const struct vm_exits *exits, struct metrics *metrics, const char *guest)
{
    uint64_t sum = 0;

    for (int reason = 0; reason < VM_EXIT_COUNT; reason++)
        sum += exits->by_reason[reason];
    CHECK(sum == exits->all);
    metrics_report(metrics, &vm_exit_metric_table, exits, 0, guest);
}
