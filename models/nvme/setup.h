/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scenario asks for of NVMe drives alone.
 */
#ifndef MODELS_NVME_SETUP_H
#define MODELS_NVME_SETUP_H

#include "models/family/setup.h"
#include "models/host/costs.h"

struct nvme_setup {
    struct host_costs costs; /* first: models/host reads them there */
};

struct nvme_device_setup {
    uint32_t depth; /* I/Os that a drive's thread keeps under way, */
    uint32_t batch; /* and that it submits, or waits for, at once */
};

SETUP_OWN_FITS(struct nvme_setup, SETUP_OWN_BYTES);
SETUP_OWN_FITS(struct nvme_device_setup, SETUP_DEVICE_OWN_BYTES);

static inline const struct nvme_device_setup *nvme_device_setup(const struct device_setup *device)
{
    return (const void *)device->own;
}

#endif
