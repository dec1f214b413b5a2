/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of a scenario that need more than one key: names, designs, pins against the topology, sizes.
 */
#include "scenario/build.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/cycles.h"
#include "machine/topology.h"
#include "models/registry.h"

#define VCPUS_MAX 8192    /* of all guests together */
#define VECTORS_MAX 65536 /* of all devices together */
#define NS_PER_S 1000000000u
#define GAP_MEANS 45 /* no exponential number is longer than 64 ln 2 of its means, as it is drawn from 64 bits */
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static const struct node *find_entry(const struct build *build, const char *section, uint32_t index)
{
    const struct node *list = node_find(build->root, section);
    const struct node *entry = list ? list->first : NULL;

    while (entry && entry->index != index)
        entry = entry->next;
    return entry;
}

/* Returns the node of a key of an entry, or the entry itself when the key has its default. */
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
        bind_error(binder, name, NULL, "the name '%s' may contain letters, digits, '.', '_' and '-' only", text);
}

/* Checks the names of a section's records. `names` points to the name in the first record. */
static void check_entry_names(const struct build *build, const struct binder *binder, const char *section,
                              const char *names, size_t record_bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const char *name = names + i * record_bytes;

        if (!*name)
            continue;
        if (!is_identifier(name))
            bind_error(binder, find_value(build, section, i, "name"), NULL,
                       "the name '%s' must begin with a letter and contain only letters, digits, '_' and '-'", name);
        for (uint32_t j = 0; j < i; j++) {
            if (!strcmp(name, names + j * record_bytes)) {
                bind_error(binder, find_value(build, section, i, "name"), NULL, "the name '%s' is already used", name);
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

    if (!design || build->scenario->design)
        return;
    suggest_init(&suggest, name);
    for (size_t i = 0; i < design_count(); i++)
        suggest_offer(&suggest, design_at(i)->name);
    bind_error(binder, design, suggest_text(&suggest, suggestion), "unknown design '%s'", name);
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
        diag_error(build->diag, guests->place, "the guests have %llu vCPUs in total; at most %d are allowed",
                   (unsigned long long)vcpus, VCPUS_MAX);
    if (vectors > VECTORS_MAX && devices)
        diag_error(build->diag, devices->place, "the devices have %llu vectors in total; at most %d are allowed",
                   (unsigned long long)vectors, VECTORS_MAX);
}

static void check_run(const struct build *build, const struct binder *binder)
{
    const struct node *run = node_find(build->root, "run");
    const struct node *duration = node_find(run, "duration");
    const struct run_setup *setup = &build->scenario->setup.run;
    uint64_t hz = build->scenario->setup.machine.costs.frequency_hz;
    uint128 total = (uint128)(setup->warmup_ns + setup->duration_ns + setup->drain_ns) * hz / NS_PER_S;

    if (total >= CYCLES_NEVER && run && run->kind == NODE_MAP)
        bind_error(binder, duration ? duration : run, NULL,
                   "warm-up, duration and drain together exceed 2^50 cycles of the machine's clock");
}

/* Refuses arrivals so rare that the time of the next one may be beyond the clock's range before the run ends. */
static void check_gaps(const struct build *build, const struct binder *binder)
{
    const struct setup *setup = &build->scenario->setup;
    uint64_t hz = setup->machine.costs.frequency_hz;
    uint128 run = (uint128)(setup->run.warmup_ns + setup->run.duration_ns + setup->run.drain_ns) * hz / NS_PER_S;

    for (uint32_t i = 0; i < setup->device_count && run < CYCLES_NEVER; i++) {
        const struct arrival_setup *arrivals = &setup->devices[i].arrivals;
        const uint128 longest = (CYCLES_NEVER - run) / (arrivals->process == ARRIVAL_PERIODIC ? 1 : GAP_MEANS);
        const struct {
            const char *key;
            uint128 cycles;
        } means[] = {
            { "rate", arrivals->rate_millihertz ? (uint128)hz * 1000 / arrivals->rate_millihertz : 0 },
            { "first_rate",
              arrivals->first_rate_millihertz ? (uint128)hz * 1000 / arrivals->first_rate_millihertz : 0 },
            { "on", (uint128)arrivals->on_ns * hz / NS_PER_S },
            { "off", (uint128)arrivals->off_ns * hz / NS_PER_S },
            { "think", (uint128)arrivals->think_ns * hz / NS_PER_S },
        };

        for (size_t m = 0; m < sizeof(means) / sizeof(*means); m++)
            if (arrival_processes(means[m].key) >> arrivals->process & 1 && means[m].cycles > longest) {
                const struct node *section = find_value(build, "devices", i, "arrivals");
                const struct node *value = node_find(section, means[m].key);
                bind_error(binder, value ? value : section, NULL,
                           "the time between two arrivals may exceed what the run leaves of the clock's 2^50 cycles; "
                           "the mean may be %llu ms at most",
                           (unsigned long long)(longest * 1000 / hz));
            }
    }
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

static void check_action_cpus(const struct build *build, const struct binder *binder, const struct topology *topology)
{
    const struct setup *setup = &build->scenario->setup;

    for (uint32_t i = 0; i < setup->action_count; i++)
        if (setup->actions[i].cpu >= topology->cpu_count)
            bind_error(binder, find_value(build, "actions", i, "cpu"), NULL, "there is no pCPU %u: the machine has %u",
                       setup->actions[i].cpu, topology->cpu_count);
}

/* --- the family's own checks --- */

/* Returns the node of a key or, if it is missing, that of its entry, its section or the root. */
static const struct node *report_node(const struct build *build, struct setup_key key)
{
    const struct node *section = *key.section ? node_find(build->root, key.section) : build->root;
    const struct node *node = section;

    if (section && section->kind == NODE_LIST)
        node = key.key ? find_value(build, key.section, key.index, key.key) : find_entry(build, key.section, key.index);
    else if (key.key && node_find(section, key.key))
        node = node_find(section, key.key);
    return node ? node : build->root;
}

static void report_write(void *context, enum report_severity severity, struct setup_key key, const char *text,
                         const char *suggestion)
{
    const struct build *build = context;
    const struct binder binder = { build->diag, NULL, 0 };
    const struct node *node = report_node(build, key);

    if (severity == REPORT_WARNING)
        diag_warning(build->diag, node->key_place, "%s", text);
    else if (*key.section)
        bind_error(&binder, node, suggestion, "%s", text);
    else
        diag_error(build->diag, node->place, "%s%s", text, suggestion);
}

static bool report_is_given(void *context, struct setup_key key)
{
    const struct build *build = context;
    const struct node *section = node_find(build->root, key.section);

    return node_find(section && section->kind == NODE_LIST ? find_entry(build, key.section, key.index) : section,
                     key.key) != NULL;
}

void scenario_check_family(const struct build *build, const struct topology *topology)
{
    const struct setup *setup = &build->scenario->setup;
    const struct design *design = build->scenario->design;
    const struct setup_report report = { (void *)build, report_write, report_is_given };

    /* Where a name has been refused, the design is the default one, and the keys may be those of another family. */
    if (design != NULL && design->family == build->family && design->family->check != NULL)
        design->family->check(design, setup, topology, &report);
}

static const struct topology *load_topology(const struct build *build)
{
    const struct machine_setup *machine = &build->scenario->setup.machine;
    char message[512];

    if (!machine->topology[0])
        return NULL;
    const struct topology *topology =
        inputs_topology(build->inputs, machine->topology, machine->interconnect, message, sizeof(message));
    if (!topology) {
        diag_unreadable(build->diag, errno);
        diag_error(build->diag, build->topology_place, "%s", message);
    }
    return topology;
}

static void check_topology(const struct build *build, const struct binder *binder)
{
    const struct topology *topology = load_topology(build);

    build->scenario->topology = topology;
    if (topology) {
        check_pins(build, binder, topology);
        check_action_cpus(build, binder, topology);
    }
    scenario_check_family(build, topology);
}

/* Checks that a metric "guests.NAME." or "devices.NAME." names a guest or device of the scenario. */
static void check_subject(const struct build *build, const char *metric, struct place place, const char *prefix,
                          const char *names, size_t record_bytes, uint32_t count)
{
    char name[SETUP_NAME_BYTES], suggestion[SUGGEST_TEXT_BYTES];
    const char *start = metric + strlen(prefix), *end;
    struct suggest suggest;

    if (strncmp(metric, prefix, strlen(prefix)) != 0)
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
    diag_error(build->diag, place, "the scenario has no '%s%s'%s", prefix, name, suggest_text(&suggest, suggestion));
}

void scenario_check_metric(const struct build *build, const char *metric, struct place place)
{
    const struct setup *setup = &build->scenario->setup;

    expect_check_name(metric, place, build->diag);
    check_subject(build, metric, place, "guests.", setup->guests[0].name, sizeof(setup->guests[0]), setup->guest_count);
    check_subject(build, metric, place, "devices.", setup->devices[0].name, sizeof(setup->devices[0]),
                  setup->device_count);
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
    check_sizes(build);
    check_run(build, &binder);
    check_gaps(build, &binder);
    scenario_check_rounds(build);
    check_topology(build, &binder);
    for (size_t i = 0; i < scenario->expectation_count; i++)
        scenario_check_metric(build, scenario->expectations[i].metric, scenario->expectations[i].place);
}
