/* SPDX-License-Identifier: Apache-2.0
 *
 * The scenario keys, software costs and actions of the Xen family (keys.c), which family.c lists.
 */
#ifndef MODELS_XEN_KEYS_H
#define MODELS_XEN_KEYS_H

#include "models/family/family.h"

extern const struct key_table xen_cost_keys, xen_hypervisor_keys, xen_guest_keys, xen_pirq_keys, xen_device_keys,
    xen_action_keys;
extern const struct action_kind xen_actions[];

#endif
