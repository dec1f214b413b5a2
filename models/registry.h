/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of families: each row names a family, whose folder defines NAME_family. Designs, keys, actions and metrics
 * are all found through this list.
 */
#ifndef MODELS_REGISTRY_H
#define MODELS_REGISTRY_H

#include "models/family/family.h"

#define FAMILY_LIST(FAMILY) \
    FAMILY(xen) \
    FAMILY(qemu) \
    FAMILY(vfio) \
    FAMILY(nvme)

extern const struct family *const families[];
extern const size_t family_count;

/* All designs, family by family in the order of the list; an index runs from 0 to design_count() - 1. */
size_t design_count(void);
const struct design *design_at(size_t index); /* CHECKs the index */

/* Returns NULL when no design has this name. */
const struct design *design_find(const char *name);

#endif
