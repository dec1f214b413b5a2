/* SPDX-License-Identifier: Apache-2.0
 *
 * Other architectures: nothing is analysed, and all that a parked stack holds is part of the state.
 */
#include "explore/instruction.h"

#if !defined(__x86_64__) && !defined(__aarch64__)

const struct architecture architecture = { .register_count = 0 };

bool instruction_open(size_t *handle)
{
    (void)handle;
    return false;
}

void instruction_close(size_t *handle) { (void)handle; }

bool instruction_decode(size_t handle, const void *code, size_t room, struct instruction *instruction)
{
    (void)handle, (void)code, (void)room, (void)instruction;
    return false;
}

#endif
