/* SPDX-License-Identifier: Apache-2.0
 *
 * Machines from synthetic strings, from XML files of real machines (skipped where that folder is absent) and from
 * files written here: counts, indexes, distances, and the message for each kind of error.
 */
#include "machine/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <hwloc.h>
#include <hwloc/distances.h>

#include "death.h"
#include "temporary.h"

#define SHARED SOURCE_DIR "/../shared/topologies/"

static void load(struct topology *topology, const char *text, enum interconnect interconnect)
{
    char message[512] = "";

    if (!topology_load(topology, text, interconnect, message, sizeof(message)))
        fail_msg("%s", message);
}

struct counts_case {
    const char *text;
    uint32_t cpus, sockets, nodes, domains, cores;
};

static void counts_check(const struct counts_case *expected)
{
    struct topology topology;

    load(&topology, expected->text, INTERCONNECT_FULL);
    if (topology.cpu_count != expected->cpus || topology.socket_count != expected->sockets ||
        topology.node_count != expected->nodes || topology.domain_count != expected->domains ||
        topology.core_count != expected->cores)
        fail_msg("%s: pu %u socket %u node %u domain %u core %u", expected->text, topology.cpu_count,
                 topology.socket_count, topology.node_count, topology.domain_count, topology.core_count);
    for (uint32_t i = 0; i < topology.cpu_count; i++) {
        assert_true(topology.cpus[i].socket < topology.socket_count);
        assert_true(topology.cpus[i].domain < topology.domain_count);
        assert_true(topology.cpus[i].core < topology.core_count);
        assert_true(topology.cpus[i].node < topology.node_count);
    }
    for (uint32_t i = 0; i < topology.domain_count; i++)
        assert_int_equal(topology_distance(&topology, i, i), DISTANCE_NEAR);
    topology_free(&topology);
}

static void test_synthetic_counts(void **state)
{
    static const struct counts_case cases[] = {
        { "package:8 [numa] core:10 pu:2", 160, 8, 8, 8, 80 },
        { "package:8 core:10 pu:2", 160, 8, 1, 8, 80 },
        { "package:8 [numa] core:60 pu:2", 960, 8, 8, 8, 480 },
        { "package:16 [numa] core:128 pu:2", 4096, 16, 16, 16, 2048 },
        { "package:2 [numa] l3:16 core:4 pu:2", 256, 2, 2, 32, 128 },
        { "package:2 [numa] l3:4 core:1 pu:2", 16, 2, 2, 8, 8 }, /* an L3 with one core left */
        { "package:2 [numa] l3:1 core:1 pu:2", 4, 2, 2, 2, 2 },
        { "package:2 [numa] l2:4 core:1 pu:2", 16, 2, 2, 2, 8 }, /* a private L2 is no last level */
        { "package:2 [numa] l4:2 l3:2 core:1 pu:1", 8, 2, 2, 4, 8 },
        { "package:2 numa:4 core:2 pu:1", 16, 2, 8, 8, 16 }, /* nodes without an L3 */
        { "package:2 numa:4 l2:1 core:2 pu:1", 16, 2, 8, 8, 16 },
        { "package:2 numa:2 l3:2 core:2 pu:1", 16, 2, 4, 8, 16 },
        { "package:2 l3:1 numa:2 core:2 pu:1", 8, 2, 4, 2, 8 }, /* nodes that share an L3 */
        { "package:2 l3:2 l2:2 core:2 pu:1", 16, 2, 1, 4, 16 }, /* the larger of two shared caches */
        { "package:1 l3:1(size=20MB) core:4 pu:1", 4, 1, 1, 1, 4 },
        { "l3:1 package:2 core:4 pu:1", 8, 2, 1, 2, 8 }, /* a cache above the package */
        { "package:2 [numa(memory=1GB)] core:2 pu:1", 4, 2, 2, 2, 4 },
        { "numa:2 package:2 core:2 pu:1", 8, 4, 2, 4, 8 },
        { "l2:2 pu:4", 8, 1, 1, 2, 8 },
        { "pu:4", 4, 1, 1, 1, 4 },
        { "core:3 pu:2", 6, 1, 1, 1, 3 },
        { "  package:1   core:1 pu:1 ", 1, 1, 1, 1, 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        counts_check(&cases[i]);
}

static void test_recorded_machines(void **state)
{
    static const struct counts_case cases[] = {
        { SHARED "Intel-Westmere-2xXeon-X5650.xml", 24, 2, 1, 2, 12 },
        { SHARED "AMD-K10-Istanbul-8xOpteron-8439SE.xml", 48, 8, 1, 8, 48 },
        { SHARED "Intel-IvyBridge-12xXeon-E5-4620v2.xml", 192, 12, 1, 12, 96 },
        { SHARED "AMD-17h-Zen-2xEpyc-7451.xml", 96, 2, 8, 16, 48 },
        { SHARED "16intel64-manyVFs.xml", 16, 2, 2, 2, 16 },
        { SHARED "16amd64-8n2c-cpusets.xml", 10, 6, 6, 6, 10 },
    };

    (void)state;
    if (access(SHARED, R_OK) != 0)
        skip();
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        counts_check(&cases[i]);
}

/* Threads of a core and cores of a socket are consecutive, whatever the machine's own numbers are. */
static void test_rows(void **state)
{
    struct topology topology;

    (void)state;
    load(&topology, "package:2 [numa] l3:2 core:2 pu:2", INTERCONNECT_FULL);
    for (uint32_t i = 0; i < topology.cpu_count; i++) {
        const struct topology_cpu *cpu = &topology.cpus[i];
        assert_int_equal(cpu->thread, i % 2);
        assert_int_equal(cpu->core, i / 2);
        assert_int_equal(cpu->domain, i / 4);
        assert_int_equal(cpu->node, i / 8);
        assert_int_equal(cpu->socket, i / 8);
    }
    topology_free(&topology);
}

/* Of the nodes that share a pCPU, the smallest is its own, and of equals the first. */
static void test_own_node(void **state)
{
    static const struct {
        const char *text;
        uint16_t nodes[4];
    } cases[] = {
        { "package:2 [numa] core:2 pu:1", { 0, 0, 1, 1 } },
        { "package:2 [numa] [numa] core:2 pu:1", { 0, 0, 2, 2 } },
        { "package:1 [numa] group:2 [numa] core:2 pu:1", { 0, 0, 1, 1 } },
        { "[numa] package:4 [numa] core:1 pu:1", { 0, 1, 2, 3 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct topology topology;

        load(&topology, cases[i].text, INTERCONNECT_FULL);
        for (uint32_t cpu = 0; cpu < 4; cpu++)
            if (topology.cpus[cpu].node != cases[i].nodes[cpu])
                fail_msg("%s: pCPU %u is on node %u", cases[i].text, cpu, topology.cpus[cpu].node);
        topology_free(&topology);
    }
}

static void test_restricted_machine(void **state)
{
    struct topology topology;

    (void)state;
    if (access(SHARED, R_OK) != 0)
        skip();
    load(&topology, SHARED "16amd64-8n2c-cpusets.xml", INTERCONNECT_FULL);
    assert_int_equal(topology.cpus[0].node, 5); /* its memory was forbidden */
    assert_int_equal(topology.cpus[2].node, 0);
    assert_true(topology.distances_from_file);
    assert_int_equal(topology_distance(&topology, 1, 2), DISTANCE_MIDDLE);
    topology_free(&topology);
}

static void test_glueless(void **state)
{
    struct topology topology;

    (void)state;
    load(&topology, "package:12 [numa] core:2 pu:1", INTERCONNECT_GLUELESS);
    for (uint32_t from = 0; from < 12; from++) {
        uint32_t count[DISTANCE_COUNT] = { 0 };
        for (uint32_t to = 0; to < 12; to++) {
            enum distance distance = topology_distance(&topology, from, to);
            assert_int_equal(distance, topology_distance(&topology, to, from));
            if (to / 8 == from / 8)
                count[distance]++;
            else
                assert_int_equal(distance, DISTANCE_FAR);
            bool has_way = distance != DISTANCE_FAR || from >= 8 || to >= 8;
            for (uint32_t via = 0; via < 8 && !has_way; via++)
                has_way = topology_distance(&topology, from, via) == DISTANCE_MIDDLE &&
                          topology_distance(&topology, via, to) == DISTANCE_MIDDLE;
            assert_true(has_way);
        }
        assert_int_equal(count[DISTANCE_NEAR], 1);
        if (from < 8)
            assert_int_equal(count[DISTANCE_MIDDLE], 3);
    }
    topology_free(&topology);
}

static void test_interconnects(void **state)
{
    static const struct {
        enum interconnect interconnect;
        enum distance same_socket, other_socket, third_socket;
    } cases[] = {
        { INTERCONNECT_FULL, DISTANCE_NEAR, DISTANCE_MIDDLE, DISTANCE_MIDDLE },
        { INTERCONNECT_GLUELESS, DISTANCE_NEAR, DISTANCE_MIDDLE, DISTANCE_FAR },
        { INTERCONNECT_CHIPLET, DISTANCE_MIDDLE, DISTANCE_FAR, DISTANCE_FAR },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct topology topology;
        load(&topology, "package:4 [numa] l3:2 core:2 pu:1", cases[i].interconnect);
        assert_int_equal(topology_distance(&topology, 0, 1), cases[i].same_socket);
        assert_int_equal(topology_distance(&topology, 0, 2), cases[i].other_socket);
        assert_int_equal(topology_distance(&topology, 0, 6), cases[i].third_socket);
        assert_false(topology.distances_from_file);
        topology_free(&topology);
    }
}

/* Writes an XML file of a machine with this NUMA matrix; unlinked by the caller. */
static void matrix_write(const char *path, const char *synthetic, const uint64_t *values, unsigned nodes)
{
    hwloc_topology_t handle;
    hwloc_obj_t objects[8];
    hwloc_uint64_t copy[64];

    assert_true(nodes <= 8);
    assert_int_equal(hwloc_topology_init(&handle), 0);
    assert_int_equal(hwloc_topology_set_synthetic(handle, synthetic), 0);
    assert_int_equal(hwloc_topology_load(handle), 0);
    for (unsigned i = 0; i < nodes; i++)
        objects[i] = hwloc_get_obj_by_type(handle, HWLOC_OBJ_NUMANODE, i);
    for (unsigned i = 0; i < nodes * nodes; i++)
        copy[i] = values[i];
    hwloc_distances_add_handle_t add = hwloc_distances_add_create(
        handle, "NUMALatency", HWLOC_DISTANCES_KIND_FROM_USER | HWLOC_DISTANCES_KIND_MEANS_LATENCY, 0);
    assert_int_equal(hwloc_distances_add_values(handle, add, nodes, objects, copy, 0), 0);
    assert_int_equal(hwloc_distances_add_commit(handle, add, 0), 0);
    assert_int_equal(hwloc_topology_export_xml(handle, path, 0), 0);
    hwloc_topology_destroy(handle);
}

/* Writes an XML file of this machine without the PUs that are not in `cpus`, a list as in "0-1,4"; unlinked by the
 * caller. */
static void restricted_write(const char *path, const char *synthetic, const char *cpus)
{
    hwloc_topology_t handle;
    hwloc_bitmap_t kept = hwloc_bitmap_alloc();

    assert_int_equal(hwloc_bitmap_list_sscanf(kept, cpus), 0);
    assert_int_equal(hwloc_topology_init(&handle), 0);
    assert_int_equal(hwloc_topology_set_synthetic(handle, synthetic), 0);
    assert_int_equal(hwloc_topology_load(handle), 0);
    assert_int_equal(hwloc_topology_restrict(handle, kept, 0), 0);
    assert_int_equal(hwloc_topology_export_xml(handle, path, 0), 0);
    hwloc_bitmap_free(kept);
    hwloc_topology_destroy(handle);
}

/* Cores that are not there leave the others' caches as they are. */
static void test_partly_populated(void **state)
{
    static const struct {
        const char *synthetic, *cpus;
        uint32_t domains;
    } cases[] = {
        { "package:1 [numa] l3:4 core:2 pu:1", "0-2,4,6", 4 },
        { "package:1 [numa] l3:4 core:2 pu:1", "0,2,4,6", 4 },
        { "package:2 [numa] l3:2 core:2 pu:2", "0-3,4-5,8-11,14", 4 },
        { "package:1 [numa] l2:3 core:2 pu:1", "0-2,4", 3 },
        { "package:2 numa:2 core:2 pu:1", "0-2,4", 3 },
    };
    char path[] = "/tmp/irqpath-topology-XXXXXX.xml";

    (void)state;
    temporary_file(path, ".xml");
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct topology topology;

        restricted_write(path, cases[i].synthetic, cases[i].cpus);
        load(&topology, path, INTERCONNECT_CHIPLET);
        if (topology.domain_count != cases[i].domains)
            fail_msg("%s of %s: %u domains", cases[i].cpus, cases[i].synthetic, topology.domain_count);
        for (uint32_t to = 1; to < topology.domain_count; to++)
            assert_int_not_equal(topology_distance(&topology, 0, to), DISTANCE_NEAR);
        topology_free(&topology);
    }
    unlink(path);
}

static void test_matrix_ranks(void **state)
{
    enum { N = DISTANCE_NEAR, M = DISTANCE_MIDDLE, F = DISTANCE_FAR };
    static const struct {
        const char *synthetic;
        unsigned nodes;
        uint64_t values[16];
        uint8_t expected[16];
    } cases[] = {
        { "package:2 [numa] core:2 pu:1", 2, { 10, 21, 21, 10 }, { N, M, M, N } },
        { "package:3 [numa] core:2 pu:1", 3, { 10, 21, 31, 21, 10, 21, 31, 21, 10 }, { N, M, F, M, N, M, F, M, N } },
        { "package:4 [numa] core:2 pu:1",
          4,
          { 10, 12, 20, 30, 12, 10, 20, 30, 20, 20, 10, 30, 30, 30, 30, 10 },
          { N, M, M, F, M, N, M, F, M, M, N, F, F, F, F, N } },
        { "package:2 [numa] core:2 pu:1", 2, { 10, 10, 10, 10 }, { N, N, N, N } },
        { "package:2 [numa] core:2 pu:1", 2, { 10, 30, 20, 10 }, { N, F, M, N } },
    };
    char path[] = "/tmp/irqpath-topology-XXXXXX.xml";

    (void)state;
    temporary_file(path, ".xml");
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct topology topology;
        unsigned nodes = cases[i].nodes;

        matrix_write(path, cases[i].synthetic, cases[i].values, nodes);
        load(&topology, path, INTERCONNECT_GLUELESS);
        assert_true(topology.distances_from_file);
        assert_int_equal(topology.domain_count, nodes);
        assert_memory_equal(topology.domain_distance, cases[i].expected, nodes * nodes);
        topology_free(&topology);
        load(&topology, path, INTERCONNECT_CHIPLET);
        assert_false(topology.distances_from_file);
        assert_int_equal(topology_distance(&topology, 0, 1), DISTANCE_FAR);
        topology_free(&topology);
    }
    unlink(path);
}

/* Of a node that the matrix does not have, every distance is that of the interconnect. */
static void test_partial_matrix(void **state)
{
    enum { N = DISTANCE_NEAR, M = DISTANCE_MIDDLE, F = DISTANCE_FAR };
    static const uint64_t values[] = { 10, 31, 10, 31, 10, 10, 21, 31, 10 };
    static const uint8_t expected[] = { N, F, N, M, F, N, N, M, M, F, N, M, M, M, M, N };
    char path[] = "/tmp/irqpath-topology-XXXXXX.xml";
    struct topology topology;

    (void)state;
    temporary_file(path, ".xml");
    matrix_write(path, "package:4 [numa] core:2 pu:1", values, 3);
    load(&topology, path, INTERCONNECT_FULL);
    assert_true(topology.distances_from_file);
    assert_int_equal(topology.domain_count, 4);
    for (uint32_t i = 0; i < 16; i++)
        if (topology.domain_distance[i] != expected[i])
            fail_msg("from %u to %u: %d", i / 4, i % 4, topology.domain_distance[i]);
    topology_free(&topology);
    unlink(path);
}

static void test_broken(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "", "pu:N" },
        { "package:8", "\"package:8\"" },
        { "package:8 [numa] cpu:10", "no object \"cpu\"" },
        { "package:8 pu:0", "\"package:8 pu:0\"" },
        { "package:-1 pu:2", "package:-1 pu:2" },
        { "package:2 core:x pu:2", "core:x" },
        { "package:8 core:10 pu:2 l3:1", "innermost" },
        { "package:17 core:128 pu:2", "more than 4096" },
        { "package:99999 core:99999 pu:99999", "more than 4096" },
        { "package:99999999999999999999 pu:2", "more than 4096" },
        { "18446744073709551615 18446744073709551615", "more than 4096" },
        { "core:1 pu:4096", "in a core" },
        { "package:1 l3:300 core:2 pu:1", "at most 256" },
        { "package:2 [numa core:2 pu:1", "package:2 [numa core:2" },
        { "/no/such/file.xml", "/no/such/file.xml: No such file" },
        { SOURCE_DIR, "is a directory" },
        { SOURCE_DIR "/CMakeLists.txt", "lstopo" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct topology topology;
        char message[512] = "";

        assert_false(topology_load(&topology, cases[i].text, INTERCONNECT_FULL, message, sizeof(message)));
        if (!strstr(message, cases[i].expected))
            fail_msg("\"%s\": %s", cases[i].text, message);
    }
}

/* In a child process, because hwloc's own XML reader leaks memory when a file ends early. */
static void load_in_child(void *path)
{
    struct topology topology;
    char message[512];

    if (topology_load(&topology, path, INTERCONNECT_FULL, message, sizeof(message)))
        _exit(9);
    fputs(message, stderr);
}

static void test_truncated_file(void **state)
{
    char path[] = "/tmp/irqpath-topology-XXXXXX.xml", *text, said[1024];
    const uint64_t values[] = { 10, 21, 21, 10 };

    (void)state;
    temporary_file(path, ".xml");
    matrix_write(path, "package:2 [numa] core:4 pu:2", values, 2);
    FILE *stream = fopen(path, "r+");
    assert_non_null(stream);
    assert_non_null(text = malloc(1 << 20));
    long length = (long)fread(text, 1, 1 << 20, stream);
    for (long keep = 0; keep < length - 12; keep += length / 40) { /* the last bytes close the root element */
        assert_int_equal(truncate(path, 0), 0);
        rewind(stream);
        assert_int_equal(fwrite(text, 1, (size_t)keep, stream), keep);
        fflush(stream);
        assert_int_equal(death_run(load_in_child, path, said, sizeof(said)), 0);
        assert_non_null(strstr(said, path));
    }
    fclose(stream);
    free(text);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_synthetic_counts),
        cmocka_unit_test(test_recorded_machines),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_own_node),
        cmocka_unit_test(test_restricted_machine),
        cmocka_unit_test(test_glueless),
        cmocka_unit_test(test_interconnects),
        cmocka_unit_test(test_partly_populated),
        cmocka_unit_test(test_matrix_ranks),
        cmocka_unit_test(test_partial_matrix),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_truncated_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
