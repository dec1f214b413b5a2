/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of machine.costs and of a machine file's costs, in the order in which explain prints them.
 */
#include "scenario/options_costs.h"

#include "scenario/options.h"

#define COST(key, type, count, maximum, help) \
    { \
#key, type, offsetof(struct costs, key), 8, count, NULL, 0, maximum, NULL, NULL, help \
    }

/* Cycles; off in a machine file that does not have it. */
#define OPTIONAL_COST(key, help) \
    { \
#key, OPTION_CYCLES, offsetof(struct costs, key), 8, 1, "0cy", 0, COST_CYCLES_MAX, NULL, NULL, help \
    }

static const struct option cost_rows[] = {
    COST(load_hit, OPTION_CYCLES, 1, COST_CYCLES_MAX, "load, line valid in the own L1"),
    COST(store_hit, OPTION_CYCLES, 1, COST_CYCLES_MAX, "store, line exclusive or modified in the own L1"),
    COST(atomic_hit, OPTION_CYCLES, 1, COST_CYCLES_MAX, "atomic, line owned"),
    COST(load_modified, OPTION_CYCLES, DISTANCE_COUNT, COST_CYCLES_MAX, "load, line dirty in another cache"),
    COST(load_shared, OPTION_CYCLES, DISTANCE_COUNT, COST_CYCLES_MAX, "load, clean copy from that distance"),
    COST(store_modified, OPTION_CYCLES, DISTANCE_COUNT, COST_CYCLES_MAX, "store, line dirty in another cache"),
    COST(store_shared, OPTION_CYCLES, DISTANCE_COUNT, COST_CYCLES_MAX,
         "store that invalidates copies, the farthest sharer counts"),
    COST(atomic_modified, OPTION_CYCLES, DISTANCE_COUNT, COST_CYCLES_MAX, "atomic, line dirty in another cache"),
    COST(atomic_shared, OPTION_CYCLES, DISTANCE_COUNT, COST_CYCLES_MAX, "atomic that invalidates copies"),
    COST(load_memory, OPTION_CYCLES, 1, COST_CYCLES_MAX, "load that no cache serves"),
    COST(directory_service, OPTION_CYCLES, 1, COST_CYCLES_MAX, "time between serialised reads of one line"),
    COST(reads_per_socket, OPTION_INTEGER, 1, 1,
         "1: one directory read serves a socket, 0: every waiter reads the directory"),
    OPTIONAL_COST(socket_service, "time between a socket's reads of a line that its LLC has; 0: all at once"),
    COST(pause, OPTION_CYCLES, 1, COST_CYCLES_MAX, "one PAUSE"),
    COST(vmexit, OPTION_CYCLES, 1, COST_CYCLES_MAX, "hardware part of a VM exit"),
    COST(vmentry, OPTION_CYCLES, 1, COST_CYCLES_MAX, "hardware part of a VM entry"),
    COST(icr_write, OPTION_CYCLES, 1, COST_CYCLES_MAX, "sending an IPI"),
    COST(ipi_flight_near, OPTION_CYCLES, 1, COST_CYCLES_MAX,
         "IPI to the same socket, from the ICR write to the vector taken"),
    COST(ipi_flight_far, OPTION_CYCLES, 1, COST_CYCLES_MAX, "IPI to another socket"),
    COST(irq_entry, OPTION_CYCLES, 1, COST_CYCLES_MAX, "vector taken to the first instruction of the handler"),
    COST(irq_exit, OPTION_CYCLES, 1, COST_CYCLES_MAX, "way back from an interrupt"),
    COST(lapic_eoi, OPTION_CYCLES, 1, COST_CYCLES_MAX, "EOI of the local APIC"),
    COST(timer_program, OPTION_CYCLES, 1, COST_CYCLES_MAX, "programming the local timer"),
    COST(idle_wake, OPTION_CYCLES, 1, COST_CYCLES_MAX, "C-state exit of a halted pCPU"),
    COST(msi_flight_ns, OPTION_DURATION, 1, 1000000000, "MSI from device to local APIC, remapping included"),
    COST(posted_process, OPTION_CYCLES, 1, COST_CYCLES_MAX,
         "posted-interrupt processing in guest mode, without line transfers"),
    COST(virtual_delivery, OPTION_CYCLES, 1, COST_CYCLES_MAX, "virtual interrupt to the guest's first instruction"),
    COST(virtual_eoi, OPTION_CYCLES, 1, COST_CYCLES_MAX, "EOI that the CPU virtualises"),
    COST(irte_invalidate, OPTION_CYCLES, 1, COST_CYCLES_MAX, "invalidating an entry of the IOMMU's cache"),
    COST(software_cv_permille, OPTION_INTEGER, 1, 2000, "coefficient of variation of the software paths, in 1/1000"),
    COST(exit_dispatch, OPTION_CYCLES, 1, COST_CYCLES_MAX, "VM exit handler until the reason's own work"),
    COST(do_irq, OPTION_CYCLES, 1, COST_CYCLES_MAX, "do_IRQ's own work around the action"),
    COST(softirq_dispatch, OPTION_CYCLES, 1, COST_CYCLES_MAX, "one turn of the softirq loop"),
    COST(timer_softirq, OPTION_CYCLES, 1, COST_CYCLES_MAX, "TIMER_SOFTIRQ without its callbacks"),
    COST(tasklet_hold, OPTION_CYCLES, 1, COST_CYCLES_MAX, "one hold of tasklet_lock, without line misses"),
    COST(sync_local_execstate, OPTION_CYCLES, 1, COST_CYCLES_MAX, "saving a lazily held vCPU"),
    COST(hvm_assert_callback, OPTION_CYCLES, 1, COST_CYCLES_MAX, "body of the event-channel tasklet without the wake"),
    COST(dpci_body, OPTION_CYCLES, 1, COST_CYCLES_MAX, "dpci work without event_lock and injection"),
    COST(pirq_walk_step, OPTION_CYCLES, 1, COST_CYCLES_MAX, "one mapped PIRQ in the walk of the radix tree"),
    COST(vlapic_set_irq, OPTION_CYCLES, 1, COST_CYCLES_MAX, "setting a virtual interrupt pending"),
    COST(eoi_exit, OPTION_CYCLES, 1, COST_CYCLES_MAX, "emulated guest EOI, without the walk"),
    COST(eoi_walk_step, OPTION_CYCLES, 1, COST_CYCLES_MAX, "one PIRQ in the guest EOI's walk"),
    COST(hypercall, OPTION_CYCLES, 1, COST_CYCLES_MAX, "null hypercall, without exit, dispatch and entry"),
    COST(virq_injection, OPTION_CYCLES, 1, COST_CYCLES_MAX, "injection at VM entry"),
    COST(hlt_exit, OPTION_CYCLES, 1, COST_CYCLES_MAX, "HLT exit to vcpu_block"),
    COST(schedule_body, OPTION_CYCLES, 1, COST_CYCLES_MAX, "schedule() without lock waits and context switch"),
    COST(context_switch_in, OPTION_CYCLES, 1, COST_CYCLES_MAX, "loading a vCPU's state"),
    COST(context_switch_out, OPTION_CYCLES, 1, COST_CYCLES_MAX, "saving a vCPU's state"),
    COST(event_channel_send, OPTION_CYCLES, 1, COST_CYCLES_MAX, "setting an event's bits"),
    COST(posted_list_step, OPTION_CYCLES, 1, COST_CYCLES_MAX,
         "one vCPU in the walk of a blocking list, without line misses"),
    COST(guest_handler, OPTION_CYCLES, 1, COST_CYCLES_MAX, "the guest's interrupt handler, default of devices"),
};

const struct option_table cost_options = { cost_rows, sizeof(cost_rows) / sizeof(*(cost_rows)) };
