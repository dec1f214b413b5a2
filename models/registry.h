/* SPDX-License-Identifier: Apache-2.0
 *
 * The one list of families. A row names a family's folder, whose family.c defines NAME_family.
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

/* The designs of all families, in the order of the list. */
size_t design_count(void);
const struct design *design_at(size_t index); /* index < design_count() */

/* NULL when no design has this name. */
const struct design *design_find(const char *name);

#endif
