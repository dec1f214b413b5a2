/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of scenario keys and actions of the vfio family, for its family.c.
 */
#ifndef MODELS_VFIO_KEYS_H
#define MODELS_VFIO_KEYS_H

#include "models/family/family.h"

extern const struct key_table vfio_hypervisor_keys, vfio_guest_keys, vfio_driver_keys, vfio_device_keys;
extern const struct action_kind vfio_actions[];

#endif
