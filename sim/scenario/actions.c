/* SPDX-License-Identifier: Apache-2.0
 *
 * The section `actions`: what the control domain does, and when. A list of maps; absent, nothing happens.
 */
#include "scenario/build.h"

#include <stdio.h>
#include <string.h>

#include "scenario/options.h"

static void build_names(const struct build *build, const struct binder *binder, const struct section *section,
                        struct action_setup *action)
{
    const struct setup *setup = &build->scenario->setup;
    const struct node *guest = section_find(section, "guest"), *device = section_find(section, "device");
    const struct node *what = section_find(section, "do");
    const char *name = what != NULL && what->kind == NODE_SCALAR ? what->text : "this action";

    if (action_is_of_pcpu(action->kind)) {
        if (guest || device)
            bind_error(binder, guest ? guest : device, NULL, "%s goes by the pCPU: 'target'", name);
        return;
    }
    if (!action_is_of_guest(action->kind)) {
        if (setup->device_count == 0)
            diag_error(build->diag, section->place, "%s needs a device; the scenario has none", name);
        action->device = scenario_find_name(build, binder, section, "device", setup->devices[0].name,
                                            sizeof(setup->devices[0]), setup->device_count);
        action->guest = setup->devices[action->device].guest;
        if (guest)
            bind_error(binder, guest, NULL, "%s goes by the device, whose guest is known", name);
        return;
    }
    action->guest = scenario_find_name(build, binder, section, "guest", setup->guests[0].name, sizeof(setup->guests[0]),
                                       setup->guest_count);
    if (device)
        bind_error(binder, device, NULL, "%s goes by the guest", name);
}

static void build_action(const struct build *build, const struct binder *binder, const struct node *entry,
                         struct action_setup *action)
{
    static const char *const others[] = { "guest", "device", NULL };
    const struct node *name = node_find(entry, "name");
    char path[128];
    struct section section = { .node = entry, .place = entry->place, .path = path, .others = others };

    snprintf(path, sizeof(path), "actions.%.60s", name && name->kind == NODE_SCALAR ? name->text : "");
    bind_section(binder, &action_options, &section, action);
    build_names(build, binder, &section, action);
}

void scenario_build_actions(const struct build *build, const struct binder *binder)
{
    const struct node *actions = bind_list(binder, node_find(build->root, "actions"), "actions");
    struct setup *setup = &build->scenario->setup;

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

static void check_target(const struct build *build, const struct node *entry, const struct action_setup *action,
                         uint32_t cpu_count)
{
    const struct binder binder = { build->diag, NULL, 0 };
    const struct node *target = node_find(entry, "target");

    if (!action_is_of_pcpu(action->kind)) {
        if (target)
            diag_warning(build->diag, target->key_place, "'target' has no effect but on offline and online");
        return;
    }
    if (action->target >= cpu_count)
        bind_error(&binder, target ? target : entry, NULL, "pCPU %u: the machine has %u", action->target, cpu_count);
    else if (action->target == action->cpu)
        bind_error(&binder, target ? target : entry, NULL, "pCPU %u does the hypercall itself", action->target);
}

static void check_action(const struct build *build, const struct node *entry, const struct action_setup *action,
                         const struct topology *topology)
{
    const struct binder binder = { build->diag, NULL, 0 };
    const struct setup *setup = &build->scenario->setup;
    const struct node *cpu = node_find(entry, "cpu"), *number = node_find(entry, "number");
    const struct node *every = node_find(entry, "every"), *times = node_find(entry, "times");
    const struct node *quiesce = node_find(entry, "quiesce");

    if (topology && action->cpu >= topology->cpu_count)
        bind_error(&binder, cpu ? cpu : entry, NULL, "pCPU %u: the machine has %u", action->cpu, topology->cpu_count);
    if (action->fails && action->kind != ACTION_BIND)
        diag_warning(build->diag, node_find(entry, "fails")->key_place, "'fails' has no effect but on bind");
    if (topology)
        check_target(build, entry, action, topology->cpu_count);
    if (setup->guest_count > 0 && action->number >= setup->guests[action->guest].count)
        bind_error(&binder, number ? number : entry, NULL, "guest number %u of '%s': there are %u, from 0",
                   action->number, setup->guests[action->guest].name, setup->guests[action->guest].count);
    if (every && action->kind == ACTION_UNBIND && action->every_ns > 0 && action->every_ns <= action->quiesce_ns)
        bind_error(&binder, every, NULL, "'every' must be longer than 'quiesce'");
    if (times && action->every_ns == 0)
        diag_warning(build->diag, times->key_place, "'times' has no effect without 'every'");
    if (quiesce && action->kind != ACTION_UNBIND)
        diag_warning(build->diag, quiesce->key_place, "'quiesce' has no effect but on unbind");
}

void scenario_check_actions(const struct build *build, const struct topology *topology)
{
    const struct node *actions = node_find(build->root, "actions");
    const struct setup *setup = &build->scenario->setup;
    uint32_t index = 0;

    for (const struct node *entry = actions && actions->kind == NODE_LIST ? actions->first : NULL;
         entry && index < setup->action_count; entry = entry->next)
        check_action(build, entry, &setup->actions[index++], topology);
}
