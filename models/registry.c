/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts and finds designs in the list of families.
 */
#include "models/registry.h"

#include <string.h>

#include "base/check.h"

#define FAMILY_DECLARE(name) extern const struct family name##_family;
#define FAMILY_ADDRESS(name) &name##_family,

FAMILY_LIST(FAMILY_DECLARE)

const struct family *const families[] = { FAMILY_LIST(FAMILY_ADDRESS) };
const size_t family_count = sizeof families / sizeof *families;

size_t design_count(void)
{
    size_t count = 0;

    for (size_t i = 0; i < family_count; i++)
        count += families[i]->design_count;
    return count;
}

const struct design *design_at(size_t index)
{
    for (size_t i = 0; i < family_count; i++) {
        if (index < families[i]->design_count)
            return families[i]->designs[index];
        index -= families[i]->design_count;
    }
    CHECK(!"index < design_count()");
    return NULL;
}

const struct design *design_find(const char *name)
{
    for (size_t i = 0; i < design_count(); i++)
        if (strcmp(design_at(i)->name, name) == 0)
            return design_at(i);
    return NULL;
}
