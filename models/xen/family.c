/* SPDX-License-Identifier: Apache-2.0
 *
 * The Xen family: its designs, scenario keys and hooks, as models/registry.h lists it.
 */
#include "models/xen/check.h"
#include "models/xen/keys.h"
#include "models/xen/own_code.h"
#include "models/xen/xen.h"

#define XEN_DESIGN_ADDRESS(name) &xen_##name,

static const struct design *const designs[] = { XEN_DESIGN_LIST(XEN_DESIGN_ADDRESS) };

static const struct key_table *const keys[] = {
    &lock_keys,           &reduction_keys,
    &tick_keys,           &guest_keys,
    &guest_count_keys,    &vector_keys,
    &handler_keys,        &arrival_keys,
    &action_keys,         &shared_line_cost_keys,
    &ipi_cost_keys,       &interrupt_cost_keys,
    &timer_cost_keys,     &vmx_cost_keys,
    &posting_cost_keys,   &xen_cost_keys,
    &xen_hypervisor_keys, &xen_guest_keys,
    &xen_pirq_keys,       &xen_device_keys,
    &xen_action_keys,     NULL,
};

static const struct key_table *const costs[] = { &xen_cost_keys, NULL };
static const struct software xen_software = { "xen", costs };
static const struct software *const software[] = { &xen_software, NULL };

static const struct code_part code_parts[] = {
    { "common/tasklet.c", "tasklets: the interrupts of domain-tasklet and pirq-tasklet, the timers of all designs" },
    { "drivers/passthrough/io.c", "the path of a PIRQ to its guest, bind, unbind and EOI, of all designs" },
    { "drivers/passthrough/x86/hvm.c", "the path of a PIRQ to its guest, bind, unbind and EOI, of all designs" },
    { "common/softirq.c", "softirqs of all designs" },
    { "arch/x86/hvm/vmsi.c", "messages that the PIRQ's path sends to the guest" },
    { "arch/x86/hvm/irq.c", "interrupt lines that the PIRQ's path asserts in the guest" },
    { NULL, NULL },
};

const struct family xen_family = {
    .name = "xen",
    .designs = designs,
    .design_count = sizeof designs / sizeof *designs,
    .keys = keys,
    .software = software,
    .actions = xen_actions,
    .action_count = XEN_ACTION_COUNT,
    .code_parts = code_parts,
    .code_imports = xen_import_tables,
    .check = xen_check,
    .explored = xen_explored,
    .slots = xen_slots,
    .boot = xen_boot,
    .cpu_main = xen_cpu_main,
    .interrupt = xen_interrupt,
    .measure = xen_measure,
    .metrics = xen_metrics,
    .interrupts = xen_interrupts,
    .metric_tables = xen_metric_tables,
    .invariants = xen_invariants,
    .has_footprints = true,
};
