/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks up the keys and sections that a family reads, and reports its refusals.
 */
#include "models/family/family.h"

#include <string.h>

static const struct option *find(const struct key_table *const *tables, const char *section, const char *key)
{
    for (; tables != NULL && *tables != NULL; tables++) {
        const struct option *option =
            strcmp((*tables)->section, section) == 0 ? option_find(&(*tables)->options, key) : NULL;
        if (option != NULL)
            return option;
    }
    return NULL;
}

const struct option *family_key(const struct family *family, const char *section, const char *key)
{
    const struct option *common = find(common_keys, section, key);

    return common != NULL ? common : find(family->keys, section, key);
}

static bool has_section(const struct key_table *const *tables, const char *section)
{
    for (; tables != NULL && *tables != NULL; tables++)
        if (strcmp((*tables)->section, section) == 0)
            return true;
    return false;
}

bool family_has_section(const struct family *family, const char *section)
{
    return has_section(common_keys, section) || has_section(family->keys, section);
}

void report_refusal(const struct setup_report *report, const struct design *design, const char *why)
{
    report_error(report, (struct setup_key){ "", 0, NULL }, "", "the design '%s': %s", design->name, why);
}
