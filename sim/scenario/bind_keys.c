/* SPDX-License-Identifier: Apache-2.0
 *
 * Binds the keys that a family reads, and reports the others.
 */
#include "scenario/bind_keys.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "models/registry.h"

#define PATH_BYTES 512

void family_tables(const struct family *family, const char *name,
                   void (*visit)(void *context, const struct key_table *table), void *context)
{
    const struct key_table *const *const lists[] = { common_keys, family->keys };

    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
        for (const struct key_table *const *table = lists[i]; table && *table; table++)
            if (!strcmp((*table)->section, name))
                visit(context, *table);
}

/* --- sections that only one family has --- */

static bool is_shared_section(const char *name)
{
    static const char *const shared[] = { "hypervisor",       "run",     "guests",       "devices",
                                          "devices.arrivals", "actions", "machine.costs" };

    for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++)
        if (!strcmp(shared[i], name))
            return true;
    return false;
}

void family_sections(const struct family *family, char names[FAMILY_SECTIONS_MAX][SETUP_NAME_BYTES], size_t *count)
{
    *count = 0;
    for (const struct key_table *const *table = family->keys; table && *table; table++) {
        char name[SETUP_NAME_BYTES];
        bool is_new = true;
        if (is_shared_section((*table)->section))
            continue;
        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn((*table)->section, "."), (*table)->section);
        for (size_t i = 0; i < *count; i++)
            is_new = is_new && strcmp(names[i], name) != 0;
        CHECK(*count < FAMILY_SECTIONS_MAX);
        if (is_new)
            memcpy(names[(*count)++], name, sizeof(name));
    }
}

int family_software(const struct family *family, const char *name)
{
    for (int i = 0; family->software && family->software[i]; i++)
        if (!strcmp(family->software[i]->name, name))
            return i;
    return -1;
}

/* --- keys that the family does not read --- */

/* Returns the section in which the family has a cost of this name ("xen.costs"), or NULL. */
static const char *cost_section(const struct family *family, const char *key)
{
    for (const struct key_table *const *table = family->keys; table && *table; table++) {
        const char *dot = strchr((*table)->section, '.');
        if (dot && !strcmp(dot, ".costs") && !is_shared_section((*table)->section) &&
            option_find(&(*table)->options, key))
            return (*table)->section;
    }
    return NULL;
}

bool family_has_own_section(const struct family *family, const char *name)
{
    char names[FAMILY_SECTIONS_MAX][SETUP_NAME_BYTES];
    size_t count;

    family_sections(family, names, &count);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(names[i], name))
            return true;
    return false;
}

static bool reads(const struct family *family, const char *section, const char *key)
{
    if (*section)
        return family_key(family, section, key) != NULL;
    return family_has_own_section(family, key) || (is_shared_section(key) && family_has_section(family, key));
}

/* Writes the names of the families that read the key ("qemu, vfio"), or "" when none does, and returns the text. */
static const char *readers(const char *section, const char *key, char *text, size_t text_bytes)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < family_count && used < text_bytes; i++)
        if (reads(families[i], section, key))
            used += (size_t)snprintf(text + used, text_bytes - used, "%s%s", used ? ", " : "", families[i]->name);
    return text;
}

static void offer_rows(void *context, const struct key_table *table)
{
    struct suggest *suggest = context;

    for (size_t i = 0; i < table->options.count; i++)
        suggest_offer(suggest, table->options.rows[i].key);
}

static void unknown_key(const struct binder *binder, const struct family *family, const char *name,
                        const struct node *node, const char *const *others)
{
    char path[PATH_BYTES], suggestion[SUGGEST_TEXT_BYTES], names[FAMILY_SECTIONS_MAX][SETUP_NAME_BYTES];
    struct suggest suggest;
    size_t count;

    suggest_init(&suggest, node->key);
    family_tables(family, name, offer_rows, &suggest);
    for (; others && *others; others++)
        suggest_offer(&suggest, *others);
    family_sections(family, names, &count);
    for (size_t i = 0; !*name && i < count; i++)
        suggest_offer(&suggest, names[i]);
    diag_error(binder->diag, node->key_place, "unknown key '%.80s' at %s%s", node->key,
               node_path(node, path, sizeof(path)), suggest_text(&suggest, suggestion));
}

void bind_unread_key(const struct binder *binder, const struct family *family, const char *name,
                     const struct node *node, const char *const *others)
{
    char path[PATH_BYTES], text[128];
    const char *section = cost_section(family, node->key);

    node_path(node, path, sizeof(path));
    if (*name && section && strcmp(section, name) != 0) {
        diag_error(binder->diag, node->key_place, "'%.80s' is not a key at %s: this cost is %s.%s", node->key, path,
                   section, node->key);
        return;
    }
    if (*readers(name, node->key, text, sizeof(text))) {
        diag_error(binder->diag, node->key_place, "the family %s has no key '%.80s' at %s; families that have it: %s",
                   family->name, node->key, path, text);
        return;
    }
    for (size_t i = 0; *name && i < family_count; i++) {
        section = cost_section(families[i], node->key);
        if (!section)
            continue;
        diag_error(binder->diag, node->key_place,
                   "the family %s has no key '%.80s' at %s; it is %s.%s in the family %s", family->name, node->key,
                   path, section, node->key, families[i]->name);
        return;
    }
    unknown_key(binder, family, name, node, others);
}

/* --- binding --- */

static bool is_other(const char *key, const char *const *others)
{
    for (; others && *others; others++)
        if (!strcmp(*others, key))
            return true;
    return false;
}

static void check_keys(const struct binder *binder, const struct family *family, const char *name,
                       const struct node *node, const char *const *others)
{
    for (const struct node *child = node && node->kind == NODE_MAP ? node->first : NULL; child; child = child->next)
        if (!is_other(child->key, others) && !family_key(family, name, child->key))
            bind_unread_key(binder, family, name, child, others);
}

struct binding {
    const struct binder *binder;
    const struct section *section;
    char *record;
};

static void bind_table(void *context, const struct key_table *table)
{
    const struct binding *binding = context;

    for (size_t i = 0; i < table->options.count; i++)
        bind_row(binding->binder, &table->options.rows[i], binding->section, binding->record + table->offset);
}

void bind_keys(const struct binder *binder, const struct family *family, const char *name,
               const struct section *section, void *record)
{
    struct binding binding = { binder, section, record };

    check_keys(binder, family, name, section->node, section->others);
    check_keys(binder, family, name, section->fallback, section->others);
    family_tables(family, name, bind_table, &binding);
}
