/* SPDX-License-Identifier: Apache-2.0
 *
 * The family `toy`, declared for its own sources.
 */
#ifndef MODELS_TOY_TOY_H
#define MODELS_TOY_TOY_H

#include "models/family/family.h"

extern const struct family toy_family;

#endif
