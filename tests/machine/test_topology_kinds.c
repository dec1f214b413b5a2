/* SPDX-License-Identifier: Apache-2.0
 *
 * Kinds of cores in an XML file: equal ones are one machine, all others are refused with what they differ in.
 */
#define _GNU_SOURCE
#include "machine/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <hwloc.h>
#include <hwloc/cpukinds.h>

#include "temporary.h"

#define INFOS 3

struct kind {
    const char *cpus; /* as a list; NULL: no further kind */
    struct {
        const char *name, *value;
    } infos[INFOS];
};

static void kinds_write(const char *path, const struct kind kinds[2])
{
    hwloc_topology_t handle;

    assert_int_equal(hwloc_topology_init(&handle), 0);
    assert_int_equal(hwloc_topology_set_synthetic(handle, "package:1 [numa] core:4 pu:1"), 0);
    assert_int_equal(hwloc_topology_load(handle), 0);
    for (size_t i = 0; i < 2 && kinds[i].cpus; i++) {
        hwloc_bitmap_t cpus = hwloc_bitmap_alloc();
        struct hwloc_info_s infos[INFOS];
        unsigned count = 0;

        for (; count < INFOS && kinds[i].infos[count].name; count++)
            infos[count] =
                (struct hwloc_info_s){ strdup(kinds[i].infos[count].name), strdup(kinds[i].infos[count].value) };
        assert_int_equal(hwloc_bitmap_list_sscanf(cpus, kinds[i].cpus), 0);
        assert_int_equal(hwloc_cpukinds_register(handle, cpus, -1, count, infos, 0), 0);
        hwloc_bitmap_free(cpus);
        while (count-- > 0) {
            free(infos[count].name);
            free(infos[count].value);
        }
    }
    assert_int_equal(hwloc_topology_export_xml(handle, path, 0), 0);
    hwloc_topology_destroy(handle);
}

static void test_kinds(void **state)
{
    static const struct {
        struct kind kinds[2];
        const char *said; /* NULL: it is read */
    } cases[] = {
        { { { "0-3", { { "FrequencyMaxMHz", "3000" } } } }, NULL },
        { { { "0-1", { { "FrequencyMaxMHz", "3000" } } }, { "2-3", { { "FrequencyMaxMHz", "2000" } } } },
          "FrequencyMaxMHz \"" },
        { { { "0-1", { { "CoreType", "IntelCore" } } }, { "2-3", { { "CoreType", "IntelAtom" } } } }, "CoreType \"" },
        { { { "0-1", { { "LinuxCapacity", "446" } } }, { "2-3", { { "LinuxCapacity", "1024" } } } },
          "LinuxCapacity \"" },
        { { { "0-1", { { "FrequencyBaseMHz", "2000" }, { "FrequencyMaxMHz", "3900" } } },
            { "2-3", { { "FrequencyBaseMHz", "2000" }, { "FrequencyMaxMHz", "4200" } } } },
          NULL },
        { { { "0-1", { { "FrequencyBaseMHz", "2000" }, { "FrequencyMaxMHz", "3900" } } },
            { "2-3", { { "FrequencyBaseMHz", "1800" }, { "FrequencyMaxMHz", "3900" } } } },
          "FrequencyBaseMHz \"" },
        { { { "0-1", { { "FrequencyBaseMHz", "2000" } } }, { "2-3", { { "FrequencyMaxMHz", "2000" } } } },
          "FrequencyBaseMHz \"" },
        { { { "0-2", { { "FrequencyMaxMHz", "3000" } } } }, "the kind of some cores only" },
    };
    char path[] = "/tmp/irqpath-kinds-XXXXXX.xml";

    (void)state;
    temporary_file(path, ".xml");
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct topology topology;
        char message[512] = "";

        kinds_write(path, cases[i].kinds);
        bool is_loaded = topology_load(&topology, path, INTERCONNECT_FULL, message, sizeof(message));
        if (is_loaded != (cases[i].said == NULL) || (cases[i].said && !strstr(message, cases[i].said)))
            fail_msg("case %zu: %s", i, message);
        if (is_loaded)
            topology_free(&topology);
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_kinds) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
