/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of abi/irqpath.h that every family offers: all but the locks (models/locks/code_locks.h) and
 * irqpath_cpu_is_online.
 */
#ifndef CODE_VERBS_H
#define CODE_VERBS_H

#include "code/code.h"

/* Ends with a NULL name. */
extern const struct code_import verb_imports[];

#endif
