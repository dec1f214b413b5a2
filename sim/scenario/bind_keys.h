/* SPDX-License-Identifier: Apache-2.0
 *
 * Binds the keys of a section that a family reads: those of the common tables and of the family's own tables. Any other
 * key is an error, whose message names the families that read the key or the section to which it belongs.
 */
#ifndef SCENARIO_BIND_KEYS_H
#define SCENARIO_BIND_KEYS_H

#include "models/family/family.h"
#include "scenario/bind.h"

/* Binds every row of every table of the section `name` ("guests", "xen.costs"). `record` is the record of the section
 * (see models/family/keys.h). section->others lists further valid keys, or is NULL. */
void bind_keys(const struct binder *binder, const struct family *family, const char *name,
               const struct section *section, void *record);

/* Reports a key of the section `name` ("" for the top level) that the family does not read. */
void bind_unread_key(const struct binder *binder, const struct family *family, const char *name,
                     const struct node *node, const char *const *others);

/* Calls `visit` for each of the family's tables of that section, the common ones first. */
void family_tables(const struct family *family, const char *name,
                   void (*visit)(void *context, const struct key_table *table), void *context);

/* Stores the names of the sections that only this family has, such as "qemu" and "xen". "xen.costs" belongs to the
 * section "xen". Each name is stored once, in the order of the tables. */
#define FAMILY_SECTIONS_MAX 16
void family_sections(const struct family *family, char names[FAMILY_SECTIONS_MAX][SETUP_NAME_BYTES], size_t *count);

/* Whether `name` is one of the sections that family_sections() stores. */
bool family_has_own_section(const struct family *family, const char *name);

/* Returns the index of the software with this name in the list of the family, or -1. */
int family_software(const struct family *family, const char *name);

#endif
