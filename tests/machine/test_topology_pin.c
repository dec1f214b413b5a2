/* SPDX-License-Identifier: Apache-2.0
 *
 * Pins on one small machine: the pCPUs and their order, and the message for each kind of error.
 */
#include "machine/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MACHINE "package:2 [numa] core:2 pu:2" /* pCPUs 0-7; threads 1 are the odd ones */
#define LARGEST "package:16 [numa] core:128 pu:2"

static void load(struct topology *topology, const char *text)
{
    char message[256] = "";

    if (!topology_load(topology, text, INTERCONNECT_FULL, message, sizeof(message)))
        fail_msg("%s", message);
}

static void test_cpus(void **state)
{
    static const struct {
        const char *pin;
        uint32_t count;
        uint16_t cpus[8];
    } cases[] = {
        { "all", 8, { 0, 2, 4, 6, 1, 3, 5, 7 } },
        { "package:0", 4, { 0, 2, 1, 3 } },
        { "package:0-1", 8, { 0, 2, 4, 6, 1, 3, 5, 7 } },
        { "node:1", 4, { 4, 6, 5, 7 } },
        { "core:1-2", 4, { 2, 4, 3, 5 } },
        { "pu:5", 1, { 5 } },
        { "pu:1-2", 2, { 2, 1 } },
        { "pu:7,pu:0", 2, { 0, 7 } },
        { "core:0, package:0 ,pu:7", 5, { 0, 2, 1, 3, 7 } },
        { " pu:3 , pu:3", 1, { 3 } },
        { "pu:000000007", 1, { 7 } },
    };
    struct topology topology;

    (void)state;
    load(&topology, MACHINE);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint16_t cpus[8];
        char message[256] = "";
        uint32_t count = topology_pin(&topology, cases[i].pin, cpus, message, sizeof(message));

        if (count != cases[i].count || memcmp(cpus, cases[i].cpus, count * sizeof(*cpus)) != 0)
            fail_msg("\"%s\": %u pCPUs, first %u. %s", cases[i].pin, count, cpus[0], message);
        assert_string_equal(message, "");
    }
    topology_free(&topology);
}

static void test_broken(void **state)
{
    static const struct {
        const char *pin, *expected;
    } cases[] = {
        { "", "expected package:A" },
        { ",", "expected package:A" },
        { "pu:1,", "expected package:A" },
        { "package", "expected package:A" },
        { "package:", "expected package:A" },
        { "package:a", "expected package:A" },
        { "package:0-", "expected package:A" },
        { "package:0-1x", "expected package:A" },
        { "package:-1", "expected package:A" },
        { "package: 0", "expected package:A" },
        { "socket:0", "\"socket:0\"" },
        { "All", "expected package:A" },
        { "pu:4294967296", "expected package:A" },
        { "package:2", "has package 0 to 1" },
        { "pu:0,pu:6-8", "\"pu:6-8\": the machine has pu 0 to 7" },
        { "core:3-2", "backwards" },
        { "core:9-8", "backwards" },
    };
    struct topology topology;

    (void)state;
    load(&topology, MACHINE);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint16_t cpus[8];
        char message[256] = "";

        assert_int_equal(topology_pin(&topology, cases[i].pin, cpus, message, sizeof(message)), 0);
        if (!strstr(message, cases[i].expected))
            fail_msg("\"%s\": %s", cases[i].pin, message);
    }
    topology_free(&topology);
}

static void test_largest_machine(void **state)
{
    static uint16_t cpus[TOPOLOGY_CPUS_MAX];
    struct topology topology;
    char message[256] = "";

    (void)state;
    load(&topology, LARGEST);
    assert_int_equal(topology_pin(&topology, "all", cpus, message, sizeof(message)), 4096);
    for (uint32_t i = 0; i < 4096; i++)
        assert_int_equal(cpus[i], i < 2048 ? 2 * i : 2 * (i - 2048) + 1);
    topology_free(&topology);
}

/* Two memories beside one socket are each a node of its pCPUs, and a node of the whole socket contains its parts'. */
static void test_nodes_that_share_cpus(void **state)
{
    static const struct {
        const char *machine, *pin;
        uint32_t count;
        uint16_t cpus[8];
    } cases[] = {
        { "package:2 [numa] [numa] core:2 pu:1", "node:0", 2, { 0, 1 } },
        { "package:2 [numa] [numa] core:2 pu:1", "node:1", 2, { 0, 1 } },
        { "package:2 [numa] [numa] core:2 pu:1", "node:2", 2, { 2, 3 } },
        { "package:2 [numa] [numa] core:2 pu:1", "node:1-2", 4, { 0, 1, 2, 3 } },
        { "package:2 [numa] group:2 [numa] core:2 pu:1", "node:1", 2, { 2, 3 } },
        { "package:2 [numa] group:2 [numa] core:2 pu:1", "node:2", 4, { 0, 1, 2, 3 } },
        { "[numa] package:2 [numa] core:1 pu:2", "node:2", 4, { 0, 2, 1, 3 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct topology topology;
        uint16_t cpus[8];
        char message[256] = "";

        load(&topology, cases[i].machine);
        uint32_t count = topology_pin(&topology, cases[i].pin, cpus, message, sizeof(message));
        if (count != cases[i].count || memcmp(cpus, cases[i].cpus, count * sizeof(*cpus)) != 0)
            fail_msg("%s of %s: %u pCPUs. %s", cases[i].pin, cases[i].machine, count, message);
        topology_free(&topology);
    }
}

/* A node without pCPUs exists, but a guest cannot run on it. */
static void test_node_without_cpus(void **state)
{
    struct topology topology;
    uint16_t cpus[8];
    char message[256] = "";

    (void)state;
    load(&topology, MACHINE);
    for (uint32_t i = 0; i < topology.cpu_count; i++)
        topology.node_cpus[i] = false;
    assert_int_equal(topology_pin(&topology, "node:1", cpus, message, sizeof(message)), 4);
    assert_int_equal(topology_pin(&topology, "node:0", cpus, message, sizeof(message)), 0);
    assert_non_null(strstr(message, "no pCPU"));
    topology_free(&topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cpus),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_largest_machine),
        cmocka_unit_test(test_nodes_that_share_cpus),
        cmocka_unit_test(test_node_without_cpus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
