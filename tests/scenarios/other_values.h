/* SPDX-License-Identifier: Apache-2.0
 *
 * Other values of the keys that the families' tables have, and what the actions of a scenario can be done to.
 */
#ifndef SCENARIOS_OTHER_VALUES_H
#define SCENARIOS_OTHER_VALUES_H

#include <stdio.h>
#include <string.h>

#include "models/registry.h"
#include "scenario/options.h"
#include "scenario/scenario.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define PATH_BYTES 160
#define SET_BYTES 400

/* --- keys --- */

/* NULL: there is none any more. At least one of a row is not what the scenarios have. */
static inline const char *other_text(const struct family *family, const char *key, size_t index)
{
    static const struct {
        const char *key, *values[2];
    } rows[] = {
        { "pin", { "core:2", "core:1" } },
        { "affinity", { "core:2", "core:1" } },
        { "profile", { "skylake-sp-8s", "costs/qemu.yaml" } },
        { "topology", { "package:2 [numa] l3:1 core:4 pu:1", "package:1 [numa] core:8 pu:2" } },
        { "posted_without", { "F0,F1,F2,F3,F4,F5", "F6,F7,F8,F9,F11,F12" } },
        { "posted_with", { "recheck-pir", "wake-on-assign,keep-on" } },
    };

    if (!strcmp(key, "design"))
        return index < family->design_count ? family->designs[index]->name : NULL;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (!strcmp(rows[i].key, key))
            return index < COUNT(rows[i].values) ? rows[i].values[index] : NULL;
    fail_msg("%s: a text, and this test knows no value for it", key);
    return NULL;
}

/* In the unit that is stored: ns, 1/1000 Hz, Hz, cycles. */
static inline const char *other_number(const struct option *option, size_t index, char *text, size_t bytes)
{
    static const uint64_t durations[] = { 20000, 400000, 0 }, rates[] = { 3000000, 50000000, 0 }, costs[] = { 9000 },
                          frequencies[] = { 1000000000, 3000000000 }, integers[] = { 2, 1, 3, 0, 64 };
    const struct {
        const uint64_t *values;
        size_t count;
    } of_type[] = {
        [OPTION_DURATION] = { durations, COUNT(durations) },      [OPTION_RATE] = { rates, COUNT(rates) },
        [OPTION_FREQUENCY] = { frequencies, COUNT(frequencies) }, [OPTION_CYCLES] = { costs, COUNT(costs) },
        [OPTION_INTEGER] = { integers, COUNT(integers) },         [OPTION_INDEX] = { integers, COUNT(integers) },
    };

    assert_true(option->type < COUNT(of_type) && of_type[option->type].values != NULL);
    if (index >= of_type[option->type].count)
        return NULL;
    option_format_number(option->type, of_type[option->type].values[index], text, bytes);
    return text;
}

/* The index-th value to try, whatever the key has now. */
static inline const char *other_value(const struct family *family, const struct option *option, size_t index,
                                      char *text, size_t bytes)
{
    size_t names = 0;

    switch (option->type) {
    case OPTION_TEXT:
        return other_text(family, option->key, index);
    case OPTION_BOOL:
        return index == 0 ? "on" : index == 1 ? "off" : NULL;
    case OPTION_ENUM:
        while (names < index && option->names[names].name != NULL)
            names++;
        return option->names[names].name;
    default:
        return other_number(option, index, text, bytes);
    }
}

/* Whether the key can have one value only, is a name, is read with --code alone (tests/code/test_access.c), or tells
 * sockets apart where pCPUs share no lines. */
static inline bool is_settled(const struct family *family, const struct option *option)
{
    bool has_one_value = option->type == OPTION_ENUM && option->names[1].name == NULL;
    bool shares_lines = family_key(family, "machine.costs", "load_shared") != NULL;
    bool is_of_code = !strcmp(option->key, "code_block");

    return has_one_value || is_of_code || !strcmp(option->key, "name") ||
           (!shares_lines && !strcmp(option->key, "interconnect"));
}

/* The name of the section's index-th entry; "" of a section that is no list; NULL: there is none any more. */
static inline const char *entry_name(const struct setup *setup, const char *section, uint32_t index)
{
    if (!strcmp(section, "guests"))
        return index < setup->guest_count ? setup->guests[index].name : NULL;
    if (!strcmp(section, "actions"))
        return index < setup->action_count ? setup->actions[index].name : NULL;
    if (!strncmp(section, "devices", 7))
        return index < setup->device_count ? setup->devices[index].name : NULL;
    return index == 0 ? "" : NULL;
}

/* "devices.nic.arrivals.rate"; returns its length. */
static inline size_t key_path(char path[PATH_BYTES], const char *section, const char *entry, const char *key)
{
    int bytes = *entry ? (int)strcspn(section, ".") : (int)strlen(section);
    int used =
        snprintf(path, PATH_BYTES, "%.*s%s%s%s.%s", bytes, section, *entry ? "." : "", entry, section + bytes, key);

    assert_true(used > 0 && used < PATH_BYTES);
    return (size_t)used;
}

/* --- actions --- */

/* What an action is done to: a device, a guest, or a pCPU. */
struct object {
    enum action_object kind;
    const char *key, *name;
};

/* Of the scenario's objects the index-th; false: there is none any more. */
static inline bool object_at(const struct setup *setup, uint32_t index, struct object *object)
{
    if (index < setup->device_count)
        *object = (struct object){ ACTION_ON_DEVICE, "device", setup->devices[index].name };
    else if (index < setup->device_count + setup->guest_count)
        *object = (struct object){ ACTION_ON_GUEST, "guest", setup->guests[index - setup->device_count].name };
    else
        *object = (struct object){ ACTION_ON_PCPU, "target", "5" };
    return index <= setup->device_count + setup->guest_count;
}

#endif
