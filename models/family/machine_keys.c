/* SPDX-License-Identifier: Apache-2.0
 *
 * What hardware costs: the keys of machine.costs and of a machine file's costs, in the order in which explain prints
 * them. sim/machine/costs.h says what each means to the machine.
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
    COST(load_hit, "load, line valid in the own L1"),
    COST(atomic_hit, "atomic, line owned"),
    COST_BY_DISTANCE(atomic_modified, "atomic, line dirty in another cache"),
    COST(load_memory, "load that no cache serves"),
    COST(directory_service, "time between serialised reads of one line"),
};

static const struct option shared_line_rows[] = {
    COST(store_hit, "store, line exclusive or modified in the own L1"),
    COST_BY_DISTANCE(load_modified, "load, line dirty in another cache"),
    COST_BY_DISTANCE(load_shared, "load, clean copy from that distance"),
    COST_BY_DISTANCE(store_modified, "store, line dirty in another cache"),
    COST_BY_DISTANCE(store_shared, "store that invalidates copies, the farthest sharer counts"),
    COST_BY_DISTANCE(atomic_shared, "atomic that invalidates copies"),
    { "reads_per_socket", OPTION_INTEGER, KEY_FIELD(struct costs, reads_per_socket), NULL, 0, 1, NULL, NULL,
      "1: one directory read serves a socket, 0: every waiter reads the directory" },
    { "socket_service", OPTION_CYCLES, KEY_FIELD(struct costs, socket_service), "0cy", 0, KEY_CYCLES_MAX, NULL, NULL,
      "time between a socket's reads of a line that its LLC has; 0: all at once" },
    COST(pause, "one PAUSE"),
};

static const struct option ipi_rows[] = {
    COST(icr_write, "sending an IPI"),
    COST(ipi_flight_near, "IPI to the same socket, from the ICR write to the vector taken"),
    COST(ipi_flight_far, "IPI to another socket"),
};

static const struct option interrupt_rows[] = {
    COST(irq_entry, "vector taken to the first instruction of the handler"),
    COST(irq_exit, "way back from an interrupt"),
    COST(lapic_eoi, "EOI of the local APIC"),
    COST(idle_wake, "C-state exit of a halted pCPU"),
    { "msi_flight_ns", OPTION_DURATION, KEY_FIELD(struct costs, msi_flight_ns), NULL, 0, KEY_NS_PER_S, NULL, NULL,
      "MSI from device to local APIC, remapping included" },
};

static const struct option timer_rows[] = {
    COST(timer_program, "programming the local timer"),
};

static const struct option vmx_rows[] = {
    COST(vmexit, "hardware part of a VM exit"),
    COST(vmentry, "hardware part of a VM entry"),
};

static const struct option posting_rows[] = {
    COST(posted_process, "posted-interrupt processing in guest mode, without line transfers"),
    COST(virtual_delivery, "virtual interrupt to the guest's first instruction"),
    COST(virtual_eoi, "EOI that the CPU virtualises"),
    COST(irte_invalidate, "invalidating an entry of the IOMMU's cache"),
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
