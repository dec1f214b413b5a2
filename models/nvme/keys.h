/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of scenario keys of the nvme family, for its family.c.
 */
#ifndef MODELS_NVME_KEYS_H
#define MODELS_NVME_KEYS_H

#include "models/family/family.h"

extern const struct key_table nvme_device_keys, nvme_arrival_keys;

#endif
