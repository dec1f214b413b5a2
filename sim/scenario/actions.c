/* SPDX-License-Identifier: Apache-2.0
 *
 * The section `actions`: a list of maps that says what the control domain does and when. The section may be absent.
 */
#include "scenario/build.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "models/registry.h"
#include "scenario/bind_keys.h"

static void build_names(const struct build *build, const struct binder *binder, const struct section *section,
                        struct action_setup *action, enum action_object object)
{
    const struct setup *setup = &build->scenario->setup;
    const struct node *guest = section_find(section, "guest"), *device = section_find(section, "device");
    const struct node *what = section_find(section, "do");
    const char *name = what != NULL && what->kind == NODE_SCALAR ? what->text : "this action";

    if (object == ACTION_ON_PCPU) {
        if (guest || device)
            bind_error(binder, guest ? guest : device, NULL, "%s acts on a pCPU, which 'target' names", name);
        return;
    }
    if (object == ACTION_ON_DEVICE) {
        if (setup->device_count == 0)
            diag_error(build->diag, section->place, "%s needs a device, but the scenario has none", name);
        action->device = scenario_find_name(build, binder, section, "device", setup->devices[0].name,
                                            sizeof(setup->devices[0]), setup->device_count);
        action->guest = setup->devices[action->device].guest;
        if (guest)
            bind_error(binder, guest, NULL, "%s acts on a device, which determines the guest", name);
        return;
    }
    action->guest = scenario_find_name(build, binder, section, "guest", setup->guests[0].name, sizeof(setup->guests[0]),
                                       setup->guest_count);
    if (device)
        bind_error(binder, device, NULL, "%s acts on a guest, not on a device", name);
}

/* Reports an action that the family does not have, with the families that have it or a suggestion. */
static void fail_unknown(const struct build *build, const struct binder *binder, const struct node *node)
{
    char suggestion[SUGGEST_TEXT_BYTES], text[128] = "";
    struct suggest suggest;
    size_t used = 0;

    suggest_init(&suggest, node->text);
    for (size_t i = 0; i < build->family->action_count; i++)
        suggest_offer(&suggest, build->family->actions[i].name);
    for (size_t f = 0; f < family_count; f++)
        for (size_t i = 0; i < families[f]->action_count && used < sizeof(text); i++)
            if (!strcmp(families[f]->actions[i].name, node->text))
                used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
                                         used ? ", " : "; families that have it: ", families[f]->name);
    if (used)
        bind_error(binder, node, text, "the family %s has no action '%.40s'", build->family->name, node->text);
    else
        bind_error(binder, node, suggest_text(&suggest, suggestion), "unknown action '%.40s'", node->text);
}

/* Binds the key 'do'. Returns false after an error. */
static bool build_kind(const struct build *build, const struct binder *binder, const struct section *section,
                       struct action_setup *action)
{
    const struct node *node = section_find(section, "do");
    const char *name = node ? bind_text(binder, node, "the name of an action") : NULL;

    if (!node)
        diag_error(build->diag, section->place, "missing key 'do': the name of an action");
    for (uint32_t i = 0; name && i < build->family->action_count; i++)
        if (!strcmp(build->family->actions[i].name, name)) {
            action->kind = i;
            origins_add(binder, section->path, "do", node->place, NULL);
            return true;
        }
    if (name)
        fail_unknown(build, binder, node);
    return false;
}

static void build_action(const struct build *build, const struct binder *binder, const struct node *entry,
                         struct action_setup *action)
{
    static const char *const others[] = { "do", "guest", "device", NULL };
    const struct node *name = node_find(entry, "name");
    char path[128];
    struct section section = { .node = entry, .place = entry->place, .path = path, .others = others };

    snprintf(path, sizeof(path), "actions.%.60s", name && name->kind == NODE_SCALAR ? name->text : "");
    bind_keys(binder, build->family, "actions", &section, action);
    if (build_kind(build, binder, &section, action))
        build_names(build, binder, &section, action, action_kind_of(build->family, action)->object);
}

void scenario_build_actions(const struct build *build, const struct binder *binder)
{
    const struct node *actions = bind_list(binder, node_find(build->root, "actions"), "actions");
    struct setup *setup = &build->scenario->setup;

    if (!family_has_section(build->family, "actions"))
        return;
    for (const struct node *entry = actions ? actions->first : NULL; entry; entry = entry->next) {
        if (setup->action_count == SETUP_ACTIONS_MAX) {
            bind_error(binder, entry, NULL, "more than %d actions", SETUP_ACTIONS_MAX);
            return;
        }
        if (bind_map(binder, entry, "an action's keys"))
            build_action(build, binder, entry, &setup->actions[setup->action_count]);
        setup->action_count++;
    }
}

void scenario_check_rounds(const struct build *build)
{
    const struct node *actions = node_find(build->root, "actions");
    const struct setup *setup = &build->scenario->setup;
    uint32_t index = 0;

    for (const struct node *entry = actions && actions->kind == NODE_LIST ? actions->first : NULL;
         entry && index < setup->action_count; entry = entry->next) {
        const struct node *times = node_find(entry, "times");

        if (setup->actions[index++].every_ns == 0 && times)
            diag_warning(build->diag, times->key_place, "'times' has no effect without 'every'");
    }
}
