/* SPDX-License-Identifier: Apache-2.0
 *
 * The family of NVMe drives on a bare-metal host: designs, keys, costs and hooks.
 */
#include "models/nvme/designs.h"
#include "models/nvme/keys.h"
#include "models/nvme/setup.h"

static const struct design msi = {
    .family = &nvme_family,
    .name = "nvme-msi",
    .summary = "no guests: NVMe drives of a bare-metal host, one interrupt for each message",
    .mirrors = "Linux 6.9",
    .options = &nvme_msi,
};

static const struct design posted_msi = {
    .family = &nvme_family,
    .name = "nvme-posted-msi",
    .summary = "no guests: NVMe drives with posted messages; a notification calls the handlers in rounds",
    .mirrors = "Linux 6.10, posted_msi",
    .options = &nvme_posted_msi,
};

static const struct design *const designs[] = { &msi, &posted_msi };

static const struct key_table *const keys[] = {
    &interrupt_cost_keys,
    &host_cost_keys,
    &host_mmio_cost_keys,
    &host_drive_cost_keys,
    &nvme_arrival_keys,
    &nvme_device_keys,
    NULL,
};

const struct family nvme_family = {
    .name = "nvme",
    .designs = designs,
    .design_count = sizeof designs / sizeof *designs,
    .keys = keys,
    .software = host_software,
    .check = nvme_check,
    .explored = host_explored,
    .slots = nvme_slots,
    .boot = nvme_boot,
    .cpu_main = host_cpu_main,
    .interrupt = nvme_interrupt,
    .measure = nvme_measure,
    .metrics = nvme_metrics,
    .interrupts = nvme_interrupts,
    .metric_tables = nvme_metric_tables,
    .invariants = nvme_invariants,
};
