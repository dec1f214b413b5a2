/* SPDX-License-Identifier: Apache-2.0
 *
 * XML files as hwloc does not write them: of other versions, and with any one attribute missing or without a value.
 */
#define _GNU_SOURCE
#include "machine/topology_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <hwloc.h>

#include "death.h"
#include "machine/topology.h"

#define SETS(set) "cpuset=\"" set "\" complete_cpuset=\"" set "\" "
#define NODES "nodeset=\"0x1\" complete_nodeset=\"0x1\" "

static const char body[] = "  <object type=\"Machine\" os_index=\"0\" " SETS("0x3") NODES
    "allowed_cpuset=\"0x3\" allowed_nodeset=\"0x1\">\n"
    "    <object type=\"Package\" os_index=\"0\" " SETS("0x3") NODES
    "gp_index=\"2\">\n"
    "      <object type=\"NUMANode\" os_index=\"0\" " SETS("0x3") NODES "gp_index=\"3\" local_memory=\"1\"/>\n"
                                                                        "      <object type=\"L3Cache\" " SETS("0x3")
                                                                            NODES
    "gp_index=\"4\" cache_size=\"1\" depth=\"3\" cache_type=\"0\">\n"
    "        <object type=\"Core\" os_index=\"0\" " SETS("0x1") NODES
    "gp_index=\"5\">\n"
    "          <object type=\"PU\" os_index=\"0\" " SETS("0x1") NODES
    "gp_index=\"6\"/>\n"
    "        </object>\n"
    "        <object type=\"Core\" os_index=\"1\" " SETS("0x2") NODES
    "gp_index=\"7\">\n"
    "          <object type=\"PU\" os_index=\"1\" " SETS("0x2") NODES "gp_index=\"8\"/>\n"
                                                                      "        </object>\n"
                                                                      "      </object>\n"
                                                                      "    </object>\n"
                                                                      "  </object>\n"
                                                                      "</topology>\n";

static char path[] = "/tmp/irqpath-topology-file-XXXXXX.xml";

static void file_write(const char *head, const char *rest, int rest_bytes, const char *tail)
{
    FILE *stream = fopen(path, "w");

    assert_non_null(stream);
    fprintf(stream, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n%s%.*s%s", head, rest_bytes, rest, tail);
    assert_int_equal(fclose(stream), 0);
}

/* Loads the file; the pCPUs that it has, 0 with a message that names the file. */
static uint32_t file_load(char *message, size_t message_bytes)
{
    struct topology topology;

    message[0] = '\0';
    if (!topology_load(&topology, path, INTERCONNECT_FULL, message, message_bytes)) {
        assert_non_null(strstr(message, path));
        return 0;
    }
    uint32_t cpus = topology.cpu_count;
    topology_free(&topology);
    return cpus;
}

static void test_versions(void **state)
{
    static const struct {
        const char *root, *said;
    } cases[] = {
        { "<topology version=\"2.0\">\n", NULL },
        { "<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n<topology version=\"2.0\">\n", NULL },
        { "<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n<topology version=\"9.0\">\n", "XML format 9.0" },
        { "<topology version='10.1'>\n", "--export-xml-flags V" },
        { "<topology\n version=\"9.0\" x=\"y\">\n", "XML format 9.0" },
        { "<topology version=\"99999999999999999999\">\n", "XML format 99999" },
    };
    char message[512];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        file_write(cases[i].root, body, sizeof(body) - 1, "");
        uint32_t cpus = file_load(message, sizeof(message));
        if (cases[i].said ? cpus != 0 || !strstr(message, cases[i].said) : cpus != 2)
            fail_msg("%s: %s", cases[i].root, message);
    }
}

#if HWLOC_API_VERSION < 0x00030000
static void test_hwloc_3(void **state)
{
    char message[512];

    (void)state;
    file_write("<topology version=\"3.0\">\n", body, sizeof(body) - 1, "");
    assert_int_equal(file_load(message, sizeof(message)), 0);
    assert_non_null(
        strstr(message, "XML format 3.0, and this build reads up to 2 (`lstopo --export-xml-flags V2 FILE`"));
}
#endif

/* hwloc itself crashes on some of these files. In a child process, because its XML reader leaks memory on others. */
static void load_damaged(void *unused)
{
    char message[512];
    size_t removed = 0, refused = 0;

    (void)unused;
    (void)setenv("HWLOC_HIDE_ERRORS", "2", 1);
    for (const char *at = body; (at = strchr(at, '"')) != NULL; at = strchr(at + 1, '"') + 1) {
        const char *name = at, *end = strchr(at + 1, '"') + 1;

        while (name[-1] != ' ')
            name--;
        for (int is_emptied = 0; is_emptied < 2; is_emptied++) {
            const char *kept = is_emptied ? at + 1 : name, *rest = is_emptied ? end - 1 : end;

            file_write("<topology version=\"2.0\">\n", body, (int)(kept - body), rest);
            removed++;
            refused += file_load(message, sizeof(message)) == 0;
        }
    }
    _exit(removed > 100 && refused > 10 && refused < removed ? 0 : 9);
}

static void test_damaged(void **state)
{
    char said[4096];

    (void)state;
    assert_int_equal(death_run(load_damaged, NULL, said, sizeof(said)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
#if HWLOC_API_VERSION < 0x00030000
        cmocka_unit_test(test_hwloc_3),
#endif
        cmocka_unit_test(test_damaged),
    };
    int file = mkstemps(path, 4);

    if (file < 0 || close(file) != 0)
        return 1;
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    return unlink(path) != 0 || failures;
}
