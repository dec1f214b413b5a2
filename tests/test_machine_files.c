/* SPDX-License-Identifier: Apache-2.0
 *
 * The shipped machine files and Xen's costs, read without the scenario loader: every number has a range that holds it,
 * a tag and a source, its topology loads, and the parts of a path that was measured as a whole add up to what was
 * measured.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <yaml.h>

#include "machine/topology.h"

#define MACHINES SOURCE_DIR "/scenarios/machines/"
#define SOFTWARE SOURCE_DIR "/scenarios/costs/xen"
#define PARTS_MAX 8

struct machine_case {
    const char *file;
    enum interconnect interconnect;
    uint32_t cpus, domains;
    const char *interconnect_name;
    uint64_t exit_entry, hypercall, external_interrupt, eoi, halt, switch_total, softirq; /* cycles of whole paths */
};

static const struct machine_case machines[] = {
    { MACHINES "westmere-ex-8s.yaml", INTERCONNECT_GLUELESS, 160, 8, "glueless", 761, 1230, 3000, 1464, 5000, 10534,
      1200 },
    { MACHINES "skylake-sp-8s.yaml", INTERCONNECT_GLUELESS, 448, 8, "glueless", 800, 1575, 2800, 1500, 4500, 8000,
      1000 },
    { MACHINES "epyc-2s.yaml", INTERCONNECT_CHIPLET, 256, 32, "chiplet", 1350, 2200, 3800, 2000, 5000, 8000, 1000 },
    { MACHINES "haswell-ex-4s.yaml", INTERCONNECT_FULL, 48, 4, "full", 0, 0, 0, 0, 0, 0, 0 }, /* lines only */
};

#define MACHINE_COUNT (sizeof(machines) / sizeof(*machines))

static void document_load(yaml_document_t *document, const char *path)
{
    yaml_parser_t parser;
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_int_equal(yaml_parser_initialize(&parser), 1);
    yaml_parser_set_input_file(&parser, file);
    if (!yaml_parser_load(&parser, document))
        fail_msg("%s:%zu: %s", path, parser.problem_mark.line + 1, parser.problem);
    yaml_parser_delete(&parser);
    fclose(file);
}

static const char *scalar(yaml_node_t *node)
{
    assert_non_null(node);
    assert_int_equal(node->type, YAML_SCALAR_NODE);
    return (const char *)node->data.scalar.value;
}

/* NULL when the map has no such key. */
static yaml_node_t *map_find(yaml_document_t *document, yaml_node_t *map, const char *key)
{
    assert_non_null(map);
    assert_int_equal(map->type, YAML_MAPPING_NODE);
    for (yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top; pair++)
        if (strcmp(scalar(yaml_document_get_node(document, pair->key)), key) == 0)
            return yaml_document_get_node(document, pair->value);
    return NULL;
}

/* One number or three; the unit, the same for all, to unit[]. */
static size_t numbers(yaml_document_t *document, yaml_node_t *node, uint64_t values[3], char unit[8])
{
    size_t count = node->type == YAML_SEQUENCE_NODE
                       ? (size_t)(node->data.sequence.items.top - node->data.sequence.items.start)
                       : 1;

    assert_true(count == 1 || count == 3);
    for (size_t i = 0; i < count; i++) {
        yaml_node_t *item = node->type == YAML_SEQUENCE_NODE
                                ? yaml_document_get_node(document, node->data.sequence.items.start[i])
                                : node;
        char *end;

        values[i] = strtoull(scalar(item), &end, 10);
        assert_true(end != scalar(item));
        if (i > 0)
            assert_string_equal(unit, end);
        snprintf(unit, 8, "%s", end);
    }
    return count;
}

static void cost_check(yaml_document_t *document, const char *name, yaml_node_t *entry)
{
    static const char *const tags[] = { "seen", "derived", "recalled", "estimate" };
    static const char *const keys[] = { "value", "low", "high", "tag", "source" };
    uint64_t bounds[3][3];
    char units[3][8];
    size_t counts[3];
    bool is_tag_known = false;

    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        if (!map_find(document, entry, keys[i]))
            fail_msg("%s has no %s", name, keys[i]);
    assert_int_equal(entry->data.mapping.pairs.top - entry->data.mapping.pairs.start, sizeof(keys) / sizeof(*keys));
    for (size_t i = 0; i < 3; i++) {
        counts[i] = numbers(document, map_find(document, entry, keys[i]), bounds[i], units[i]);
        assert_int_equal(counts[i], counts[0]);
        assert_string_equal(units[i], units[0]);
    }
    for (size_t i = 0; i < counts[0]; i++)
        if (bounds[1][i] > bounds[0][i] || bounds[0][i] > bounds[2][i])
            fail_msg("%s: the value is not within low and high", name);
    for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
        is_tag_known |= strcmp(scalar(map_find(document, entry, "tag")), tags[i]) == 0;
    if (!is_tag_known)
        fail_msg("%s: tag %s", name, scalar(map_find(document, entry, "tag")));
    assert_true(strlen(scalar(map_find(document, entry, "source"))) >= 8);
}

static void test_costs(void **state)
{
    (void)state;
    for (size_t i = 0; i < MACHINE_COUNT; i++) {
        yaml_document_t document;

        document_load(&document, machines[i].file);
        yaml_node_t *costs = map_find(&document, yaml_document_get_root_node(&document), "costs");
        assert_non_null(costs);
        for (yaml_node_pair_t *pair = costs->data.mapping.pairs.start; pair < costs->data.mapping.pairs.top; pair++) {
            const char *name = scalar(yaml_document_get_node(&document, pair->key));
            cost_check(&document, name, yaml_document_get_node(&document, pair->value));
        }
        yaml_document_delete(&document);
    }
}

static void test_topology(void **state)
{
    (void)state;
    for (size_t i = 0; i < MACHINE_COUNT; i++) {
        yaml_document_t document;
        struct topology topology;
        char message[256] = "";

        document_load(&document, machines[i].file);
        yaml_node_t *root = yaml_document_get_root_node(&document);
        assert_string_equal(scalar(map_find(&document, root, "interconnect")), machines[i].interconnect_name);
        if (!topology_load(&topology, scalar(map_find(&document, root, "topology")), machines[i].interconnect, message,
                           sizeof(message)))
            fail_msg("%s", message);
        assert_int_equal(topology.cpu_count, machines[i].cpus);
        assert_int_equal(topology.domain_count, machines[i].domains);
        topology_free(&topology);
        yaml_document_delete(&document);
    }
}

/* The document of the machine's hardware, or else of Xen's software on it, whose costs have that part. */
static yaml_node_t *part_find(yaml_document_t documents[2], const char *part, yaml_document_t **document)
{
    for (*document = documents; *document < documents + 2; (*document)++) {
        yaml_node_t *costs = map_find(*document, yaml_document_get_root_node(*document), "costs");
        yaml_node_t *found = map_find(*document, costs, part);
        if (found != NULL)
            return found;
    }
    fail_msg("no cost %s", part);
    return NULL;
}

static void sum_check(yaml_document_t documents[2], const struct machine_case *machine, uint64_t total,
                      const char *const parts[PARTS_MAX])
{
    uint64_t sum = 0;

    for (size_t i = 0; i < PARTS_MAX && parts[i]; i++) {
        uint64_t value[3];
        char unit[8];
        yaml_document_t *document;
        yaml_node_t *part = part_find(documents, parts[i], &document);

        assert_int_equal(numbers(document, map_find(document, part, "value"), value, unit), 1);
        sum += value[0];
    }
    if (sum != total)
        fail_msg("%s: %s and so on add up to %ju, not %ju", machine->file, parts[0], (uintmax_t)sum, (uintmax_t)total);
}

static void test_totals(void **state)
{
    (void)state;
    for (size_t i = 0; i < MACHINE_COUNT; i++) {
        const struct machine_case *machine = &machines[i];
        const struct {
            uint64_t total;
            const char *parts[PARTS_MAX];
        } paths[] = {
            { machine->exit_entry, { "vmexit", "vmentry" } },
            { machine->hypercall, { "vmexit", "exit_dispatch", "hypercall", "vmentry" } },
            { machine->external_interrupt,
              { "vmexit", "exit_dispatch", "irq_entry", "do_irq", "lapic_eoi", "irq_exit" } },
            { machine->eoi, { "vmexit", "exit_dispatch", "eoi_exit", "vmentry" } },
            { machine->halt, { "vmexit", "exit_dispatch", "hlt_exit", "schedule_body" } },
            { machine->switch_total, { "schedule_body", "context_switch_in", "context_switch_out" } },
            { machine->softirq, { "softirq_dispatch", "dpci_body" } },
        };
        yaml_document_t documents[2];
        char software[256];

        if (machine->exit_entry == 0)
            continue;
        (void)snprintf(software, sizeof(software), "%s%s", SOFTWARE, strrchr(machine->file, '/'));
        document_load(&documents[0], machine->file);
        document_load(&documents[1], software);
        for (size_t path = 0; path < sizeof(paths) / sizeof(*paths); path++)
            sum_check(documents, machine, paths[path].total, paths[path].parts);
        yaml_document_delete(&documents[0]);
        yaml_document_delete(&documents[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_costs),
        cmocka_unit_test(test_topology),
        cmocka_unit_test(test_totals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
