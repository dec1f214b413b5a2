/* SPDX-License-Identifier: Apache-2.0
 *
 * The family of QEMU's emulated Xen event channels: designs, keys, costs and hooks.
 */
#include "models/host/irq.h"
#include "models/qemu/designs.h"
#include "models/qemu/keys.h"
#include "models/qemu/setup.h"

static const struct design rfc = {
    .family = &qemu_family,
    .name = "qemu-pirq-rfc",
    .summary = "device vectors unmasked and GSIs nested under port_lock; no rebuild after a migration",
    .mirrors = "qemu-devel \"Xen PIRQ support\", RFC of 2023-01-14",
    .options = &qemu_pirq_rfc,
};

static const struct design merged = {
    .family = &qemu_family,
    .name = "qemu-pirq-merged",
    .summary = "BQL outermost, port_lock released before routes change, callback GSI handled before any lock",
    .mirrors = "QEMU 8.0, 6096cf7877 of 2023-03-01",
    .options = &qemu_pirq_merged,
};

static const struct design *const designs[] = { &rfc, &merged };

static const struct key_table *const keys[] = {
    &lock_keys,
    &halt_poll_keys,
    &reduction_keys,
    &guest_keys,
    &vector_keys,
    &handler_keys,
    &arrival_keys,
    &action_keys,
    &shared_line_cost_keys,
    &ipi_cost_keys,
    &interrupt_cost_keys,
    &vmx_cost_keys,
    &host_cost_keys,
    &host_kvm_cost_keys,
    &host_hypercall_cost_keys,
    &qemu_cost_keys,
    &qemu_keys,
    &qemu_device_keys,
    &qemu_action_keys,
    NULL,
};

static const struct key_table *const costs[] = { &qemu_cost_keys, NULL };
static const struct software qemu_software = { "qemu", costs };
static const struct software host_of_qemu = { "host", host_all_cost_keys };
static const struct software *const software[] = { &host_of_qemu, &qemu_software, NULL };

const struct family qemu_family = {
    .name = "qemu",
    .designs = designs,
    .design_count = sizeof designs / sizeof *designs,
    .keys = keys,
    .software = software,
    .actions = qemu_actions,
    .action_count = QEMU_ACTION_COUNT,
    .check = qemu_check,
    .code_refusal = qemu_code_refusal,
    .explored = host_explored,
    .slots = qemu_slots,
    .boot = qemu_boot,
    .cpu_main = host_cpu_main,
    .interrupt = host_interrupt,
    .measure = qemu_measure,
    .metrics = qemu_metrics,
    .interrupts = qemu_interrupts,
    .metric_tables = qemu_metric_tables,
    .invariants = qemu_invariants,
};
