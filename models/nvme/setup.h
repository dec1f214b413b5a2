/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of a setup that only NVMe drives read.
 */
#ifndef MODELS_NVME_SETUP_H
#define MODELS_NVME_SETUP_H

#include "models/family/setup.h"
#include "models/host/costs.h"

struct nvme_setup {
    struct host_costs costs; /* first member, as models/host requires */
};

struct nvme_device_setup {
    uint32_t depth; /* I/Os that the drive's thread keeps in flight */
    uint32_t batch; /* I/Os that the thread submits at once and waits for */
    uint32_t coalesce_threshold; /* completions that a message waits for, */
    uint64_t coalesce_time_ns;   /* but no longer than this after the first of them */
    char affinity[64]; /* pCPUs that take the drives' interrupts, in turn: "thread", or a pin of topology_pin */
};

SETUP_OWN_FITS(struct nvme_setup, SETUP_OWN_BYTES);
SETUP_OWN_FITS(struct nvme_device_setup, SETUP_DEVICE_OWN_BYTES);

static inline const struct nvme_device_setup *nvme_device_setup(const struct device_setup *device)
{
    return (const void *)device->own;
}

#endif
