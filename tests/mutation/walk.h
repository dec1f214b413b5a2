/* SPDX-License-Identifier: Apache-2.0
 *
 * Which expressions of a translation unit can be mutated, and into what.
 */
#ifndef MUTATION_WALK_H
#define MUTATION_WALK_H

#include <clang-c/Index.h>

#include "mutation/rewrite.h"

/* Adds the places in the bodies of the functions that the unit's own file defines: comparisons, arithmetic, logic,
 * counting, calls whose value is not used, constants and conditions. What a macro expands to, what a compiler needs as
 * a constant and what CHECK asks is left out. Reads the source into `sites`. */
void walk_unit(CXTranslationUnit unit, struct sites *sites);

#endif
