/* SPDX-License-Identifier: Apache-2.0
 *
 * Which races of a code object another one does not have. A patch shifts lines, so a race is known by its two
 * functions, how they access, and the member; not by lines nor by which object it is.
 */
#ifndef COMPARE_RACE_DIFFERENCE_H
#define COMPARE_RACE_DIFFERENCE_H

#include <stddef.h>
#include <stdio.h>

#include "code/race_list.h"

/* Counts the entries of `list` of which `other` has no equal, and prints a line for each that starts with `label`;
 * stream NULL: prints none. */
size_t race_difference(const struct race_list *list, const struct race_list *other, const char *label, FILE *stream);

#endif
