/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of scenario keys and actions of the qemu family, for its family.c.
 */
#ifndef MODELS_QEMU_KEYS_H
#define MODELS_QEMU_KEYS_H

#include "models/family/family.h"

extern const struct key_table qemu_cost_keys, qemu_keys, qemu_device_keys, qemu_action_keys;
extern const struct action_kind qemu_actions[];

#endif
