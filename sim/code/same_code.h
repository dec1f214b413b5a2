/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether two code objects would run alike.
 */
#ifndef CODE_SAME_CODE_H
#define CODE_SAME_CODE_H

#include <stdbool.h>

#include "code/object.h"

/* Whether what is loaded of both is the same but for the section .irqpath and the build ID: trees that differ only in
 * comments give such objects. False may also mean that a line's number is part of the code. */
bool code_object_is_same(const struct code_object *left, const struct code_object *right);

#endif
