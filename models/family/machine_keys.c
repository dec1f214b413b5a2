/* SPDX-License-Identifier: Apache-2.0
 *
 * Costs of hardware: the keys of machine.costs and of a machine file's costs, in the order in which `explain` prints
 * them. sim/machine/costs.h defines how the machine applies each of them.
 */
#include "models/family/keys.h"

#define COST(member, help) KEY_COST(struct costs, member, help)

#define COST_BY_DISTANCE(member, help) \
    { \
#member, OPTION_CYCLES, offsetof(struct costs, member), 8, DISTANCE_COUNT, NULL, 0, KEY_CYCLES_MAX, NULL, \
            NULL, help \
    }

const char *const distance_names[] = { "near", "middle", "far", NULL };

static const struct option line_rows[] = {
    COST(load_hit, "load of a line valid in the CPU's own L1"),
    COST(atomic_hit, "locked operation on a line exclusive or modified in the CPU's own L1"),
    COST_BY_DISTANCE(atomic_modified, "locked operation on a line modified in another cache"),
    COST(load_memory, "load from memory"),
    COST(directory_service, "time between serialised reads of one line"),
};

static const struct option shared_line_rows[] = {
    COST(store_hit, "store to a line exclusive or modified in the CPU's own L1"),
    COST_BY_DISTANCE(load_modified, "load of a line modified in another cache"),
    COST_BY_DISTANCE(load_shared, "load of a clean copy from a cache at that distance"),
    COST_BY_DISTANCE(store_modified, "store to a line modified in another cache"),
    COST_BY_DISTANCE(store_shared, "store that invalidates copies; the distance is that of the farthest sharer"),
    COST_BY_DISTANCE(atomic_shared, "locked operation that invalidates copies; distance as for a store"),
    { "reads_per_socket", OPTION_INTEGER, KEY_FIELD(struct costs, reads_per_socket), NULL, 0, 1, NULL, NULL,
      "1: one directory read serves all waiters of a socket; 0: every waiter reads the directory" },
    { "socket_service", OPTION_CYCLES, KEY_FIELD(struct costs, socket_service), "0cy", 0, KEY_CYCLES_MAX, NULL, NULL,
      "time between reads of a line in the socket's own LLC by its waiters; 0: no limit" },
    COST(pause, "one PAUSE"),
    { "code_block", OPTION_CYCLES, KEY_FIELD(struct costs, code_block), "3cy", 0, KEY_CYCLES_MAX, NULL, NULL,
      "one basic block of a code object (--code), without its accesses of shared memory" },
};

static const struct option ipi_rows[] = {
    COST(icr_write, "writing the ICR, which sends an IPI"),
    COST(ipi_flight_near, "IPI to the same socket, from the ICR write until the vector is taken"),
    COST(ipi_flight_far, "IPI to another socket, from the ICR write until the vector is taken"),
};

#define DEEPER(field, state) \
    { \
#field, OPTION_CYCLES, KEY_FIELD(struct costs, field), "0cy", 0, KEY_CYCLES_MAX, NULL, NULL, \
            "exit from " state "; 0: the machine has no such state" \
    }

static const struct option_name idle_names[] = {
    { "c1", IDLE_C1, "HLT" },
    { "c1e", IDLE_C1E, "HLT at the lowest voltage" },
    { "c3", IDLE_C3, "without the core's clocks; its caches are flushed" },
    { "c6", IDLE_C6, "without the core's power" },
    { NULL, 0, NULL },
};

static const struct option interrupt_rows[] = {
    COST(irq_entry, "from the vector taken to the first instruction of the handler"),
    COST(irq_exit, "return from an interrupt"),
    COST(lapic_eoi, "EOI of the local APIC"),
    COST(idle_wake, "exit of a halted pCPU from C1"),
    DEEPER(idle_wake_c1e, "C1E"),
    DEEPER(idle_wake_c3, "C3"),
    DEEPER(idle_wake_c6, "C6"),
    { "idle_deepest", OPTION_ENUM, KEY_FIELD(struct costs, idle_deepest), "c1", 0, 0, NULL, idle_names,
      "deepest C-state that a halted pCPU enters; it enters one that takes a tenth of its mean idle time to leave" },
    { "msi_flight_ns", OPTION_DURATION, KEY_FIELD(struct costs, msi_flight_ns), NULL, 0, KEY_NS_PER_S, NULL, NULL,
      "MSI from the device to the local APIC, including remapping" },
};

static const struct option timer_rows[] = {
    COST(timer_program, "programming the timer of the local APIC"),
};

static const struct option vmx_rows[] = {
    COST(vmexit, "hardware part of a VM exit"),
    COST(vmentry, "hardware part of a VM entry"),
};

static const struct option posting_rows[] = {
    COST(posted_process, "processing of a posted-interrupt notification in guest mode, without cache-line transfers"),
    COST(virtual_delivery, "from a virtual interrupt to the first instruction of the guest's handler"),
    COST(virtual_eoi, "virtualised EOI, without an exit"),
    COST(irte_invalidate, "invalidating an entry of the IOMMU's interrupt cache"),
};

#define MACHINE_COSTS offsetof(struct setup, machine.costs)

const struct key_table line_cost_keys = { "machine.costs", KEY_ROWS(line_rows), MACHINE_COSTS };
const struct key_table shared_line_cost_keys = { "machine.costs", KEY_ROWS(shared_line_rows), MACHINE_COSTS };
const struct key_table ipi_cost_keys = { "machine.costs", KEY_ROWS(ipi_rows), MACHINE_COSTS };
const struct key_table interrupt_cost_keys = { "machine.costs", KEY_ROWS(interrupt_rows), MACHINE_COSTS };
const struct key_table timer_cost_keys = { "machine.costs", KEY_ROWS(timer_rows), MACHINE_COSTS };
const struct key_table vmx_cost_keys = { "machine.costs", KEY_ROWS(vmx_rows), MACHINE_COSTS };
const struct key_table posting_cost_keys = { "machine.costs", KEY_ROWS(posting_rows), MACHINE_COSTS };

const struct key_table *const machine_cost_keys[] = {
    &line_cost_keys,  &shared_line_cost_keys, &ipi_cost_keys,     &interrupt_cost_keys,
    &timer_cost_keys, &vmx_cost_keys,         &posting_cost_keys, NULL,
};
