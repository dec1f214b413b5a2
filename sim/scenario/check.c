/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of a scenario that need more than one key: names, the registry, the topology and its pins, sizes.
 */
#include "scenario/build.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/cycles.h"
#include "machine/topology.h"
#include "models/registry.h"
#include "models/xen/posted/fixes.h"

#define VCPUS_MAX 8192    /* of all guests together */
#define VECTORS_MAX 65536 /* of all devices together */
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static const struct node *find_entry(const struct build *build, const char *section, uint32_t index)
{
    const struct node *list = node_find(build->root, section);
    const struct node *entry = list ? list->first : NULL;

    while (entry && entry->index != index)
        entry = entry->next;
    return entry;
}

/* The node of an entry's key, or of the entry when its value is a default. */
static const struct node *find_value(const struct build *build, const char *section, uint32_t index, const char *key)
{
    const struct node *entry = find_entry(build, section, index);
    const struct node *value = node_find(entry, key);
    const struct node *defaults = node_find(node_find(node_find(build->root, "defaults"), section), key);

    return value ? value : defaults ? defaults : entry;
}

static bool is_identifier(const char *name)
{
    return strchr(NAME_CHARACTERS, name[0]) && !strchr("0123456789_-", name[0]) &&
           name[strspn(name, NAME_CHARACTERS)] == '\0';
}

static void check_name(const struct build *build, const struct binder *binder)
{
    const struct node *name = node_find(build->root, "name");
    const char *text = build->scenario->name;

    if (*text && (text[strspn(text, NAME_CHARACTERS ".")] != '\0' || strchr("._-", text[0])))
        bind_error(binder, name, NULL, "the name '%s' may hold letters, digits, '.', '_' and '-' only", text);
}

/* names[i] is at the same offset of every record of the section. */
static void check_entry_names(const struct build *build, const struct binder *binder, const char *section,
                              const char *names, size_t record_bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const char *name = names + i * record_bytes;

        if (!*name)
            continue;
        if (!is_identifier(name))
            bind_error(binder, find_value(build, section, i, "name"), NULL,
                       "the name '%s' must be a letter, then letters, digits, '_' and '-'", name);
        for (uint32_t j = 0; j < i; j++) {
            if (!strcmp(name, names + j * record_bytes)) {
                bind_error(binder, find_value(build, section, i, "name"), NULL, "the name '%s' is taken", name);
                break;
            }
        }
    }
}

static void check_design(const struct build *build, const struct binder *binder)
{
    const struct node *design = node_find(node_find(build->root, "hypervisor"), "design");
    const char *name = build->scenario->setup.hypervisor.design;
    char suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    if (!design || design_find(name))
        return;
    suggest_init(&suggest, name);
    for (size_t i = 0; i < design_count(); i++)
        suggest_offer(&suggest, design_at(i)->name);
    bind_error(binder, design, suggest_text(&suggest, suggestion), "unknown design '%s'", name);
}

static void check_posted_names(const struct build *build, const struct binder *binder, const char *key,
                               const char *text, const struct posted_name *rows, size_t count)
{
    const struct node *hypervisor = node_find(build->root, "hypervisor"), *node = node_find(hypervisor, key);
    char suggestion[SUGGEST_TEXT_BYTES], wrong_text[SETUP_NAME_BYTES];
    struct suggest suggest;
    const char *wrong;
    size_t bytes;
    uint32_t bits;

    if (posted_names_parse(rows, count, text, &bits, &wrong, &bytes)) {
        if (bits != 0 && node && !build->scenario->setup.hypervisor.posted)
            diag_warning(build->diag, node->key_place, "'%s' has no effect without 'posted: on'", key);
        return;
    }
    snprintf(wrong_text, sizeof(wrong_text), "%.*s", (int)bytes, wrong);
    suggest_init(&suggest, wrong_text);
    for (size_t i = 0; i < count; i++)
        suggest_offer(&suggest, rows[i].name);
    bind_error(binder, node ? node : build->root, suggest_text(&suggest, suggestion),
               "'%s' is none of the names of list fixes", wrong_text);
}

static void check_posted(const struct build *build, const struct binder *binder)
{
    const struct hypervisor_setup *setup = &build->scenario->setup.hypervisor;

    check_posted_names(build, binder, "posted_without", setup->posted_without, posted_fix_names, POSTED_FIX_COUNT);
    check_posted_names(build, binder, "posted_with", setup->posted_with, posted_proposal_names, POSTED_PROPOSAL_COUNT);
}

static void check_sizes(const struct build *build)
{
    const struct setup *setup = &build->scenario->setup;
    uint64_t vcpus = 0, vectors = 0;
    const struct node *guests = node_find(build->root, "guests"), *devices = node_find(build->root, "devices");

    for (uint32_t i = 0; i < setup->guest_count; i++)
        vcpus += (uint64_t)setup->guests[i].count * setup->guests[i].vcpus;
    for (uint32_t i = 0; i < setup->device_count; i++) {
        const struct device_setup *device = &setup->devices[i];

        vectors += (uint64_t)device->count * device->vectors * setup->guests[device->guest].count;
    }
    if (vcpus > VCPUS_MAX)
        diag_error(build->diag, guests->place, "%llu vCPUs in all guests, at most %d are allowed",
                   (unsigned long long)vcpus, VCPUS_MAX);
    if (vectors > VECTORS_MAX && devices)
        diag_error(build->diag, devices->place, "%llu vectors in all devices, at most %d are allowed",
                   (unsigned long long)vectors, VECTORS_MAX);
}

static void check_run(const struct build *build, const struct binder *binder)
{
    const struct node *run = node_find(build->root, "run");
    const struct node *duration = node_find(run, "duration");
    const struct run_setup *setup = &build->scenario->setup.run;
    uint64_t hz = build->scenario->setup.machine.costs.frequency_hz;
    uint128 total = (uint128)(setup->warmup_ns + setup->duration_ns) * hz / 1000000000u;

    if (total >= CYCLES_NEVER && run && run->kind == NODE_MAP)
        bind_error(binder, duration ? duration : run, NULL,
                   "warm-up and duration together exceed 2^50 cycles of the machine's clock");
}

static void check_pins(const struct build *build, const struct binder *binder, const struct topology *topology)
{
    const struct setup *setup = &build->scenario->setup;
    uint16_t cpus[TOPOLOGY_CPUS_MAX];
    char message[512];

    for (uint32_t i = 0; i < setup->guest_count; i++) {
        const char *pin = setup->guests[i].pin;

        if (*pin && !topology_pin(topology, pin, cpus, message, sizeof(message)))
            bind_error(binder, find_value(build, "guests", i, "pin"), NULL, "%s", message);
    }
}

/* A vCPU that computes would keep another one of its pCPU off for ever. */
static void check_overcommit(const struct build *build, const struct binder *binder, const struct topology *topology)
{
    const struct setup *setup = &build->scenario->setup;
    const struct design *design = design_find(setup->hypervisor.design);
    uint16_t cpus[TOPOLOGY_CPUS_MAX], vcpus[TOPOLOGY_CPUS_MAX] = { 0 };
    char message[512];

    if (design == NULL || strcmp(design->family->name, "vfio") != 0)
        return;
    for (uint32_t i = 0; i < setup->guest_count; i++) {
        const struct guest_setup *guest = &setup->guests[i];
        uint32_t count = topology_pin(topology, guest->pin, cpus, message, sizeof(message));
        for (uint32_t vcpu = 0; count > 0 && vcpu < guest->count * guest->vcpus; vcpu++)
            if (vcpus[cpus[vcpu % count]]++ > 0) {
                bind_error(binder, find_value(build, "guests", i, "pin"), NULL,
                           "more than one vCPU on pCPU %u: the designs of vfio have one on a pCPU", cpus[vcpu % count]);
                return;
            }
    }
}

void checked_topology_free(struct checked_topology *checked)
{
    if (checked->is_loaded)
        topology_free(&checked->topology);
    checked->is_loaded = false;
}

static bool load_topology(const struct build *build, struct checked_topology *checked)
{
    const struct machine_setup *machine = &build->scenario->setup.machine;
    char message[512];

    if (checked->is_loaded && checked->interconnect == machine->interconnect &&
        !strcmp(checked->text, machine->topology))
        return true;
    checked_topology_free(checked);
    checked->interconnect = machine->interconnect;
    memcpy(checked->text, machine->topology, sizeof(checked->text));
    checked->is_loaded =
        topology_load(&checked->topology, machine->topology, machine->interconnect, message, sizeof(message));
    if (!checked->is_loaded)
        diag_error(build->diag, build->topology_place, "%s", message);
    return checked->is_loaded;
}

static void check_topology(const struct build *build, const struct binder *binder)
{
    bool is_loaded = build->scenario->setup.machine.topology[0] && load_topology(build, build->topology);

    if (is_loaded) {
        check_pins(build, binder, &build->topology->topology);
        check_overcommit(build, binder, &build->topology->topology);
    }
    scenario_check_actions(build, is_loaded ? &build->topology->topology : NULL);
}

/* "guests.NAME." and "devices.NAME." in expectations name what the scenario has. */
static void check_expectation(const struct build *build, const struct expectation *expectation, const char *prefix,
                              const char *names, size_t record_bytes, uint32_t count)
{
    char name[SETUP_NAME_BYTES], suggestion[SUGGEST_TEXT_BYTES];
    const char *start = expectation->metric + strlen(prefix), *end;
    struct suggest suggest;

    if (strncmp(expectation->metric, prefix, strlen(prefix)) != 0)
        return;
    end = strchr(start, '.');
    if (!end || (size_t)(end - start) >= sizeof(name))
        return;
    memcpy(name, start, (size_t)(end - start));
    name[end - start] = '\0';
    suggest_init(&suggest, name);
    for (uint32_t i = 0; i < count; i++) {
        if (!strcmp(name, names + i * record_bytes))
            return;
        suggest_offer(&suggest, names + i * record_bytes);
    }
    diag_error(build->diag, expectation->place, "the scenario has no '%s%s'%s", prefix, name,
               suggest_text(&suggest, suggestion));
}

void scenario_check(const struct build *build)
{
    const struct scenario *scenario = build->scenario;
    const struct setup *setup = &scenario->setup;
    struct binder binder = { build->diag, NULL, 0 };

    check_name(build, &binder);
    check_entry_names(build, &binder, "guests", setup->guests[0].name, sizeof(setup->guests[0]), setup->guest_count);
    check_entry_names(build, &binder, "devices", setup->devices[0].name, sizeof(setup->devices[0]),
                      setup->device_count);
    check_entry_names(build, &binder, "actions", setup->actions[0].name, sizeof(setup->actions[0]),
                      setup->action_count);
    check_design(build, &binder);
    check_posted(build, &binder);
    scenario_check_families(build);
    check_sizes(build);
    check_run(build, &binder);
    check_topology(build, &binder);
    for (size_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *expectation = &scenario->expectations[i];

        expect_check_name(expectation, build->diag);
        check_expectation(build, expectation, "guests.", setup->guests[0].name, sizeof(setup->guests[0]),
                          setup->guest_count);
        check_expectation(build, expectation, "devices.", setup->devices[0].name, sizeof(setup->devices[0]),
                          setup->device_count);
    }
}
