/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of the locks, generated from the list.
 */
#include "models/locks/list.h"

#include <string.h>

#define LOCK_DECLARE(file, name, help) extern const struct lock_operations lock_##file;
#define LOCK_INDEX(file, name, help) INDEX_##file,
#define LOCK_KIND(file, name, help) { name, &lock_##file },
#define LOCK_NAME(file, name, help) { name, INDEX_##file, help },

LOCK_LIST(LOCK_DECLARE)

enum { LOCK_LIST(LOCK_INDEX) KIND_COUNT };

const struct lock_kind lock_kinds[] = { LOCK_LIST(LOCK_KIND) };
const uint32_t lock_kind_count = KIND_COUNT;
const struct option_name lock_names[] = { LOCK_LIST(LOCK_NAME){ NULL, 0, NULL } };

uint32_t lock_find(const char *name)
{
    uint32_t kind = 0;

    while (kind < lock_kind_count && strcmp(lock_kinds[kind].name, name) != 0)
        kind++;
    return kind;
}
