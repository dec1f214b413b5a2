/* SPDX-License-Identifier: Apache-2.0
 *
 * The grammar of a pin, which names the pCPUs that a guest may use by objects of the machine. An object named twice
 * counts once. Left out: weights and exclusions.
 */
#include "machine/topology.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum pin_object { PIN_PACKAGE, PIN_NODE, PIN_CORE, PIN_PU, PIN_OBJECTS };

static const char *const object_names[PIN_OBJECTS] = { "package", "node", "core", "pu" };

struct pin_item {
    enum pin_object object;
    uint32_t first, last;
};

static uint32_t object_count(const struct topology *topology, enum pin_object object)
{
    const uint32_t counts[PIN_OBJECTS] = { topology->socket_count, topology->node_count, topology->core_count,
                                           topology->cpu_count };

    return counts[object];
}

static bool is_inside(const struct topology *topology, const struct pin_item *item, uint32_t cpu)
{
    const struct topology_cpu *row = &topology->cpus[cpu];
    const uint32_t indexes[PIN_OBJECTS] = { [PIN_PACKAGE] = row->socket, [PIN_CORE] = row->core, [PIN_PU] = cpu };

    if (item->object != PIN_NODE)
        return indexes[item->object] >= item->first && indexes[item->object] <= item->last;
    for (uint32_t node = item->first; node <= item->last; node++)
        if (topology->node_cpus[node * topology->cpu_count + cpu])
            return true;
    return false;
}

/* Parses a run of at most nine digits; returns false if there is none or it is longer. */
static bool number_parse(const char **at, uint32_t *number)
{
    size_t digits = strspn(*at, "0123456789");

    if (digits == 0 || digits > 9)
        return false;
    *number = (uint32_t)strtoul(*at, NULL, 10);
    *at += digits;
    return true;
}

/* Parses exactly "NAME:A" or "NAME:A-B". */
static bool item_parse(const char *text, struct pin_item *item)
{
    for (int object = 0; object < PIN_OBJECTS; object++) {
        size_t length = strlen(object_names[object]);
        const char *at = text + length + 1;

        if (strncmp(text, object_names[object], length) != 0 || text[length] != ':')
            continue;
        item->object = (enum pin_object)object;
        if (!number_parse(&at, &item->first))
            return false;
        item->last = item->first;
        if (*at == '-') {
            at++;
            if (!number_parse(&at, &item->last))
                return false;
        }
        return *at == '\0';
    }
    return false;
}

/* Marks the pCPUs of one item; returns false with a message if it is malformed or has none. */
static bool item_mark(const struct topology *topology, const char *text, bool *is_named, char *message,
                      size_t message_bytes)
{
    struct pin_item item = { PIN_PU, 0, topology->cpu_count - 1 };
    bool is_found = false;

    if (strcmp(text, "all") != 0 && !item_parse(text, &item)) {
        snprintf(message, message_bytes,
                 "pin \"%s\": expected package:A, package:A-B, the same with node, core or pu, "
                 "or all",
                 text);
        return false;
    }
    const char *name = object_names[item.object];
    uint32_t count = object_count(topology, item.object);
    if (item.first > item.last) {
        snprintf(message, message_bytes, "pin \"%s\": the range is backwards", text);
        return false;
    }
    if (item.last >= count) {
        snprintf(message, message_bytes, "pin \"%s\": the machine has %s 0 to %u", text, name, count - 1);
        return false;
    }
    for (uint32_t cpu = 0; cpu < topology->cpu_count; cpu++)
        if (is_inside(topology, &item, cpu))
            is_named[cpu] = is_found = true;
    if (!is_found)
        snprintf(message, message_bytes, "pin \"%s\": no pCPU belongs to it", text);
    return is_found;
}

uint32_t topology_pin(const struct topology *topology, const char *pin, uint16_t *cpus, char *message,
                      size_t message_bytes)
{
    bool is_named[TOPOLOGY_CPUS_MAX] = { false };
    const char *at = pin;
    bool is_last;

    do {
        char text[64] = "";
        at += strspn(at, " ");
        size_t length = strcspn(at, ",");
        size_t kept = length;

        is_last = at[length] == '\0';
        while (kept > 0 && at[kept - 1] == ' ')
            kept--;
        if (kept >= sizeof(text))
            kept = sizeof(text) - 1;
        memcpy(text, at, kept);
        text[kept] = '\0';
        if (!item_mark(topology, text, is_named, message, message_bytes))
            return 0;
        at += length + 1;
    } while (!is_last);

    uint32_t count = 0;
    for (uint32_t thread = 0; thread <= UINT8_MAX; thread++)
        for (uint32_t cpu = 0; cpu < topology->cpu_count; cpu++)
            if (is_named[cpu] && topology->cpus[cpu].thread == thread)
                cpus[count++] = (uint16_t)cpu;
    return count;
}
