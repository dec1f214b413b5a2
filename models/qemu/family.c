/* SPDX-License-Identifier: Apache-2.0
 *
 * The family of QEMU's emulated Xen event channels, as models/registry.h lists it.
 */
#include "models/host/irq.h"
#include "models/qemu/designs.h"

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
    .summary = "BQL outermost, port_lock dropped before routes change, the callback GSI recognised first",
    .mirrors = "QEMU 8.0, 6096cf7877 of 2023-03-01",
    .options = &qemu_pirq_merged,
};

static const struct design *const designs[] = { &rfc, &merged };

const struct family qemu_family = {
    .name = "qemu",
    .designs = designs,
    .design_count = sizeof designs / sizeof *designs,
    .refusal = qemu_refusal,
    .slots = qemu_slots,
    .boot = qemu_boot,
    .cpu_main = host_cpu_main,
    .interrupt = host_interrupt,
    .measure = qemu_measure,
    .metrics = qemu_metrics,
    .invariants = qemu_invariants,
};
