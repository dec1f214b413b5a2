/* SPDX-License-Identifier: Apache-2.0
 *
 * Binds what a family reads: the keys of a section are those of the common tables and of the family's. A key that the
 * family does not read is an error that names the families that do, or the path that it has now.
 */
#ifndef SCENARIO_BIND_KEYS_H
#define SCENARIO_BIND_KEYS_H

#include "models/family/family.h"
#include "scenario/bind.h"

/* Every row of every table of the section `name` ("guests", "xen.costs"). `record`: that of the section, as
 * models/family/keys.h says. section->others: keys that the section has besides, or NULL. */
void bind_keys(const struct binder *binder, const struct family *family, const char *name,
               const struct section *section, void *record);

/* The unknown-key error for a key of the section `name` ("": the top level) that the design's family does not read. */
void bind_unread_key(const struct binder *binder, const struct family *family, const char *name,
                     const struct node *node, const char *const *others);

/* Calls `visit` for each of the family's tables of that section, the common ones first. */
void family_tables(const struct family *family, const char *name,
                   void (*visit)(void *context, const struct key_table *table), void *context);

/* A family's sections of its own, beside those of keys.h: "qemu", "xen.costs". The names without ".costs" behind them,
 * each once, in the order of the tables; ends with NULL. `names` has room for FAMILY_SECTIONS_MAX. */
#define FAMILY_SECTIONS_MAX 16
void family_sections(const struct family *family, char names[FAMILY_SECTIONS_MAX][SETUP_NAME_BYTES], size_t *count);

/* The index of the software of that name in the family's list, or -1. */
int family_software(const struct family *family, const char *name);

#endif
