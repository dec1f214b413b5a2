/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys and actions that not every family of designs reads. What is not in the list, all do.
 */
#include "scenario/families.h"

#include <stddef.h>
#include <string.h>

#include "models/registry.h"
#include "scenario/build.h"

/* families: words. */
struct family_row {
    const char *section, *key, *families;
};

static const struct family_row rows[] = {
    { "", "host", "qemu vfio nvme" },
    { "", "guests", "xen vfio qemu" },
    { "", "qemu", "qemu" },
    { "hypervisor", "posted", "xen vfio" },
    { "hypervisor", "posted_without", "xen" },
    { "hypervisor", "posted_with", "xen" },
    { "hypervisor", "scheduler", "xen" },
    { "hypervisor", "timeslice", "xen" },
    { "hypervisor", "ratelimit", "xen" },
    { "hypervisor", "timer_slop", "xen" },
    { "hypervisor", "history", "xen" },
    { "hypervisor", "irqchip", "vfio" },
    { "hypervisor", "sampling", "vfio" },
    { "hypervisor", "admission", "vfio" },
    { "hypervisor", "revert", "vfio" },
    { "guests", "placement", "xen" },
    { "guests", "timer", "xen" },
    { "guests", "phase", "xen" },
    { "guests", "tick_run", "xen" },
    { "guests", "min_delta", "xen" },
    { "guests", "wakes", "xen" },
    { "guests", "wake_run", "xen" },
    { "guests", "work_spread_percent", "xen" },
    { "guests", "pirqs", "xen" },
    { "guests", "descheduled", "vfio" },
    { "guests", "descheduled_every", "vfio" },
    { "devices", "guest", "xen vfio qemu" },
    { "devices", "vectors", "xen qemu" },
    { "devices", "pirqs", "xen" },
    { "devices", "polled", "xen qemu" },
    { "devices", "by_state", "xen" },
    { "devices", "destination", "xen" },
    { "devices", "assigned", "xen" },
    { "devices", "target", "xen" },
    { "devices", "binding", "xen" },
    { "devices", "timeouts", "xen" },
    { "devices", "driver", "vfio" },
    { "devices", "interrupt", "vfio" },
    { "devices", "intx", "vfio" },
    { "devices", "isr", "vfio" },
    { "devices", "line", "xen vfio" },
    { "devices", "registers", "vfio" },
    { "devices", "kind", "qemu" },
    { "devices", "path", "qemu" },
    { "devices", "bound", "qemu" },
    { "devices", "gsi", "qemu" },
    { "devices", "handler", "xen vfio qemu" },
    { "devices", "depth", "nvme" },
    { "devices", "batch", "nvme" },
    { "actions", "number", "xen" },
    { "actions", "step", "qemu" },
    { "actions", "pirq", "qemu" },
    { "actions", "gsi", "qemu" },
    { "actions", "port", "qemu" },
    { "actions", "quiesce", "xen" },
    { "actions", "target", "xen" },
    { "actions", "fails", "xen" },
    { "do", "unbind", "xen vfio qemu" },
    { "do", "bind", "xen vfio qemu" },
    { "do", "destroy", "xen vfio" },
    { "do", "offline", "xen" },
    { "do", "online", "xen" },
    { "do", "unmap", "xen" },
    { "do", "attach", "xen" },
    { "do", "detach", "xen" },
    { "do", "affinity", "xen qemu" },
    { "do", "spread", "xen" },
    { "do", "notify", "xen" },
    { "do", "boot", "vfio" },
    { "do", "pause", "xen vfio" },
    { "do", "resume", "xen vfio" },
    { "do", "msi", "vfio" },
    { "do", "intx", "vfio" },
    { "do", "mask", "vfio" },
    { "do", "unmask", "vfio" },
    { "do", "trigger-drop", "vfio" },
    { "do", "trigger-set", "vfio" },
    { "do", "unmask-drop", "vfio" },
    { "do", "unmask-close", "vfio" },
    { "do", "disintx-set", "vfio" },
    { "do", "disintx-clear", "vfio" },
    { "do", "reopen", "qemu" },
    { "do", "migrate", "qemu" },
    { "do", "reset", "qemu" },
    { "do", "map-pirq", "qemu" },
    { "do", "callback", "qemu" },
    { "do", "lapic", "qemu" },
    { "do", "loopback", "qemu" },
};

static bool has_word(const char *words, const char *word)
{
    size_t bytes = strlen(word);

    for (const char *at = words; (at = strstr(at, word)) != NULL; at += bytes)
        if ((at == words || at[-1] == ' ') && (at[bytes] == ' ' || at[bytes] == '\0'))
            return true;
    return false;
}

bool family_reads(const char *family, const char *section, const char *key)
{
    size_t bytes = strcspn(section, ".");

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (strlen(rows[i].section) == bytes && strncmp(rows[i].section, section, bytes) == 0 &&
            strcmp(rows[i].key, key) == 0)
            return has_word(rows[i].families, family);
    return true;
}

bool family_does(const char *family, const char *action) { return family_reads(family, "do", action); }

static void check_map(const struct build *build, const struct design *design, const struct node *map,
                      const char *section)
{
    const struct binder binder = { build->diag, NULL, 0 };

    for (const struct node *child = map != NULL && map->kind == NODE_MAP ? map->first : NULL; child;
         child = child->next)
        if (!family_reads(design->family->name, section, child->key))
            bind_error(&binder, child, NULL, "the design '%s' knows no '%s'", design->name, child->key);
}

static void check_list(const struct build *build, const struct design *design, const char *section)
{
    const struct node *list = node_find(build->root, section);

    for (const struct node *entry = list != NULL && list->kind == NODE_LIST ? list->first : NULL; entry;
         entry = entry->next)
        check_map(build, design, entry, section);
    check_map(build, design, node_find(node_find(build->root, "defaults"), section), section);
}

static void check_actions(const struct build *build, const struct design *design)
{
    const struct binder binder = { build->diag, NULL, 0 };
    const struct node *list = node_find(build->root, "actions");

    for (const struct node *entry = list != NULL && list->kind == NODE_LIST ? list->first : NULL; entry;
         entry = entry->next) {
        const struct node *action = node_find(entry, "do");
        if (action != NULL && action->kind == NODE_SCALAR && !family_does(design->family->name, action->text))
            bind_error(&binder, action, NULL, "the design '%s' does no '%s'", design->name, action->text);
    }
}

void scenario_check_families(const struct build *build)
{
    const struct design *design = build->scenario->design;

    if (design == NULL)
        return;
    check_map(build, design, build->root, "");
    check_map(build, design, node_find(build->root, "hypervisor"), "hypervisor");
    check_list(build, design, "guests");
    check_list(build, design, "devices");
    check_list(build, design, "actions");
    check_actions(build, design);
    const char *refusal =
        design->family->refusal != NULL ? design->family->refusal(design, &build->scenario->setup) : NULL;
    if (refusal != NULL)
        diag_error(build->diag, build->root->place, "the design '%s': %s", design->name, refusal);
}
