/* SPDX-License-Identifier: Apache-2.0
 *
 * The documents of a calibration made by hand, whole: machine file, table and JSON; machines that are like a host, and
 * its CPUs by distance.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "calibrate/calibrate.h"

/* Five rounds of values around `value`, `step` apart. */
static void record(struct calibration *calibration, const char *name, enum distance distance, enum quantity_unit unit,
                   double value, double step)
{
    for (int i = -2; i <= 2; i++)
        quantity_record(calibration, name, distance, unit, value + i * step, "by hand");
}

static void make(struct calibration *calibration, const char *model, bool is_virtual)
{
    char message[200];

    memset(calibration, 0, sizeof(*calibration));
    snprintf(calibration->host.model, sizeof(calibration->host.model), "%s", model);
    snprintf(calibration->host.synthetic, sizeof(calibration->host.synthetic), "package:2 [numa] core:2 pu:1");
    calibration->host.interconnect = is_virtual ? INTERCONNECT_CHIPLET : INTERCONNECT_FULL;
    calibration->host.is_virtual = is_virtual;
    calibration->host.has_real_time = !is_virtual;
    calibration->host.frequency_hz = 2600000000;
    assert_true(topology_load(&calibration->host.topology, calibration->host.synthetic, INTERCONNECT_FULL, message,
                              sizeof(message)));
    record(calibration, "load_hit", DISTANCE_NONE, UNIT_CYCLES, 5, 0.25);
    record(calibration, "atomic_hit", DISTANCE_NONE, UNIT_CYCLES, 20, 4);
    record(calibration, "store_hit", DISTANCE_NONE, UNIT_CYCLES, 0.4, 0.1); /* a cost is at least a cycle */
    record(calibration, "load_modified", DISTANCE_NEAR, UNIT_CYCLES, 110.4, 10);
    record(calibration, "load_modified", DISTANCE_FAR, UNIT_CYCLES, 400.5, 40);
    record(calibration, "store_modified", DISTANCE_MIDDLE, UNIT_CYCLES, 300, 30); /* without a nearer one: none */
    record(calibration, "timer_lateness", DISTANCE_NONE, UNIT_NS, 1500, 100);
    record(calibration, "lock_mcs_alone", DISTANCE_NEAR, UNIT_PER_SECOND, 1234567, 1000);
    quantity_skip(calibration, "guest_*", "%s cannot be opened", "/dev/kvm");
    calibrate_finish(calibration);
}

static char *document(const struct calibration *calibration,
                      void (*print)(const struct calibration *calibration, FILE *stream))
{
    static char *text; /* the stream keeps its address */
    static size_t bytes;
    FILE *stream = open_memstream(&text, &bytes);

    assert_non_null(stream);
    print(calibration, stream);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void write_file(const struct calibration *calibration, FILE *stream)
{
    calibrate_write(calibration, "here", "epyc-2s", stream);
}

static const struct {
    const char *model;
    bool is_virtual;
    void (*print)(const struct calibration *calibration, FILE *stream);
    const char *text;
} documents[] = {
    { "Xeon", false, write_file,
      "# Written by irqpath calibrate on a host with this CPU: Xeon.\n"
      "# Cycles are those of the time-stamp counter. The threads had real-time priority.\n"
      "# Costs not listed below could not be measured on this host; they are those of `like`, and estimates.\n"
      "# timer_lateness: 1500 ns (1400 to 1600); by hand\n"
      "# lock_mcs_alone near: 1.235e+06 1/s (1.234e+06 to 1.236e+06); by hand\n"
      "# guest_*: skipped, /dev/kvm cannot be opened\n"
      "name: here\n"
      "summary: \"Xeon, 4 CPUs: measured\"\n"
      "frequency: 2600MHz\n"
      "topology: \"package:2 [numa] core:2 pu:1\"\n"
      "interconnect: full\n"
      "like: epyc-2s\n"
      "costs:\n"
      "  load_hit: { value: 5cy, low: 5cy, high: 5cy, tag: measured,\n"
      "    source: \"by hand; median and quartiles of 5 rounds\" }\n"
      "  atomic_hit: { value: 20cy, low: 16cy, high: 24cy, tag: measured,\n"
      "    source: \"by hand; median and quartiles of 5 rounds\" }\n"
      "  store_hit: { value: 1cy, low: 1cy, high: 1cy, tag: measured,\n"
      "    source: \"by hand; median and quartiles of 5 rounds\" }\n"
      "  load_modified: { value: [110cy, 110cy, 401cy], low: [100cy, 100cy, 361cy], high: [120cy, 120cy, 441cy], "
      "tag: measured,\n"
      "    source: \"by hand; median and quartiles of 5 rounds; where the host has no such distance, as the next "
      "nearer one\" }\n" },
    { "", true, write_file,
      "# Written by irqpath calibrate on a host with this CPU: unknown, a virtual machine.\n"
      "# Cycles are those of the time-stamp counter. The threads had no real-time priority: other work may have "
      "interrupted rounds.\n"
      "# Costs not listed below could not be measured on this host; they are those of `like`, and estimates.\n"
      "# timer_lateness: 1500 ns (1400 to 1600); by hand\n"
      "# lock_mcs_alone near: 1.235e+06 1/s (1.234e+06 to 1.236e+06); by hand\n"
      "# guest_*: skipped, /dev/kvm cannot be opened\n"
      "name: here\n"
      "summary: \"this host, 4 CPUs, virtual: measured\"\n"
      "frequency: 2600MHz\n"
      "topology: \"package:2 [numa] core:2 pu:1\"\n"
      "interconnect: chiplet\n"
      "like: epyc-2s\n"
      "costs:\n"
      "  load_hit: { value: 5cy, low: 5cy, high: 5cy, tag: measured,\n"
      "    source: \"by hand; median and quartiles of 5 rounds\" }\n"
      "  atomic_hit: { value: 20cy, low: 16cy, high: 24cy, tag: measured,\n"
      "    source: \"by hand; median and quartiles of 5 rounds\" }\n"
      "  store_hit: { value: 1cy, low: 1cy, high: 1cy, tag: measured,\n"
      "    source: \"by hand; median and quartiles of 5 rounds\" }\n"
      "  load_modified: { value: [110cy, 110cy, 401cy], low: [100cy, 100cy, 361cy], high: [120cy, 120cy, 441cy], "
      "tag: measured,\n"
      "    source: \"by hand; median and quartiles of 5 rounds; where the host has no such distance, as the next "
      "nearer one\" }\n" },
    { "Xeon", false, calibrate_print,
      "Xeon, 4 CPUs, 2600 MHz clock, real-time threads\n"
      "load_hit                                5.0 cycles  (4.8 to 5.2)  by hand\n"
      "atomic_hit                             20.0 cycles  (16.0 to 24.0)  UNSTEADY by hand\n"
      "store_hit                               0.4 cycles  (0.3 to 0.5)  by hand\n"
      "load_modified            near         110.4 cycles  (100.4 to 120.4)  by hand\n"
      "load_modified            far          400.5 cycles  (360.5 to 440.5)  by hand\n"
      "store_modified           middle       300.0 cycles  (270.0 to 330.0)  by hand\n"
      "timer_lateness                       1500.0 ns      (1400.0 to 1600.0)  by hand\n"
      "lock_mcs_alone           near     1234567.0 1/s     (1233567.0 to 1235567.0)  by hand\n"
      "guest_*                  skipped: /dev/kvm cannot be opened\n" },
    { "", true, calibrate_print,
      "unknown CPU, 4 CPUs, virtual, 2600 MHz clock, no real-time priority: rounds may have been interrupted\n"
      "load_hit                                5.0 cycles  (4.8 to 5.2)  by hand\n"
      "atomic_hit                             20.0 cycles  (16.0 to 24.0)  UNSTEADY by hand\n"
      "store_hit                               0.4 cycles  (0.3 to 0.5)  by hand\n"
      "load_modified            near         110.4 cycles  (100.4 to 120.4)  by hand\n"
      "load_modified            far          400.5 cycles  (360.5 to 440.5)  by hand\n"
      "store_modified           middle       300.0 cycles  (270.0 to 330.0)  by hand\n"
      "timer_lateness                       1500.0 ns      (1400.0 to 1600.0)  by hand\n"
      "lock_mcs_alone           near     1234567.0 1/s     (1233567.0 to 1235567.0)  by hand\n"
      "guest_*                  skipped: /dev/kvm cannot be opened\n" },
    { "Xeon", false, calibrate_print_json,
      "{\n"
      "  \"cpus\": 4,\n"
      "  \"frequency_hz\": 2600000000,\n"
      "  \"model\": \"Xeon\",\n"
      "  \"quantities\": [\n"
      "    {\n"
      "      \"high\": 5.25,\n"
      "      \"how\": \"by hand\",\n"
      "      \"low\": 4.75,\n"
      "      \"name\": \"load_hit\",\n"
      "      \"rounds\": 5,\n"
      "      \"unit\": \"cycles\",\n"
      "      \"value\": 5.0\n"
      "    },\n"
      "    {\n"
      "      \"high\": 24.0,\n"
      "      \"how\": \"by hand\",\n"
      "      \"low\": 16.0,\n"
      "      \"name\": \"atomic_hit\",\n"
      "      \"rounds\": 5,\n"
      "      \"unit\": \"cycles\",\n"
      "      \"value\": 20.0\n"
      "    },\n"
      "    {\n"
      "      \"high\": 0.5,\n"
      "      \"how\": \"by hand\",\n"
      "      \"low\": 0.3,\n"
      "      \"name\": \"store_hit\",\n"
      "      \"rounds\": 5,\n"
      "      \"unit\": \"cycles\",\n"
      "      \"value\": 0.4\n"
      "    },\n"
      "    {\n"
      "      \"distance\": \"near\",\n"
      "      \"high\": 120.4,\n"
      "      \"how\": \"by hand\",\n"
      "      \"low\": 100.4,\n"
      "      \"name\": \"load_modified\",\n"
      "      \"rounds\": 5,\n"
      "      \"unit\": \"cycles\",\n"
      "      \"value\": 110.4\n"
      "    },\n"
      "    {\n"
      "      \"distance\": \"far\",\n"
      "      \"high\": 440.5,\n"
      "      \"how\": \"by hand\",\n"
      "      \"low\": 360.5,\n"
      "      \"name\": \"load_modified\",\n"
      "      \"rounds\": 5,\n"
      "      \"unit\": \"cycles\",\n"
      "      \"value\": 400.5\n"
      "    },\n"
      "    {\n"
      "      \"distance\": \"middle\",\n"
      "      \"high\": 330.0,\n"
      "      \"how\": \"by hand\",\n"
      "      \"low\": 270.0,\n"
      "      \"name\": \"store_modified\",\n"
      "      \"rounds\": 5,\n"
      "      \"unit\": \"cycles\",\n"
      "      \"value\": 300.0\n"
      "    },\n"
      "    {\n"
      "      \"high\": 1600.0,\n"
      "      \"how\": \"by hand\",\n"
      "      \"low\": 1400.0,\n"
      "      \"name\": \"timer_lateness\",\n"
      "      \"rounds\": 5,\n"
      "      \"unit\": \"ns\",\n"
      "      \"value\": 1500.0\n"
      "    },\n"
      "    {\n"
      "      \"distance\": \"near\",\n"
      "      \"high\": 1235567.0,\n"
      "      \"how\": \"by hand\",\n"
      "      \"low\": 1233567.0,\n"
      "      \"name\": \"lock_mcs_alone\",\n"
      "      \"rounds\": 5,\n"
      "      \"unit\": \"1/s\",\n"
      "      \"value\": 1234567.0\n"
      "    }\n"
      "  ],\n"
      "  \"real_time\": true,\n"
      "  \"schema\": \"irqpath-calibration/1\",\n"
      "  \"skipped\": [\n"
      "    {\n"
      "      \"name\": \"guest_*\",\n"
      "      \"reason\": \"/dev/kvm cannot be opened\"\n"
      "    }\n"
      "  ],\n"
      "  \"topology\": \"package:2 [numa] core:2 pu:1\",\n"
      "  \"virtual\": false\n"
      "}\n" },
};

static void documents_are_whole(void **state)
{
    struct calibration *calibration = malloc(sizeof(*calibration));

    (void)state;
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        make(calibration, documents[i].model, documents[i].is_virtual);
        char *text = document(calibration, documents[i].print), *version = strstr(text, "  \"irqpath\": ");

        if (version != NULL)
            memmove(version, strchr(version, '\n') + 1, strlen(strchr(version, '\n')));
        assert_string_equal(text, documents[i].text);
        free(text);
        calibrate_free(calibration);
    }
    free(calibration);
}

static void no_cost_is_nothing(void **state)
{
    static const struct {
        double value;
        uint64_t cycles;
    } rows[] = { { -3, 1 }, { 0, 1 }, { 0.99, 1 }, { 1, 1 }, { 1.49, 1 }, { 1.5, 2 }, { 99.5, 100 } };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(whole_cycles(rows[i].value), rows[i].cycles);
}

static void means_leave_out_the_ends(void **state)
{
    static const struct {
        size_t count;
        double values[12], median, trimmed;
    } rows[] = {
        { 1, { 7 }, 7, 7 },
        { 2, { 4, 8 }, 6, 6 },
        { 5, { 5, 100, 1, 4, 3 }, 4, 22.6 },
        { 9, { 9, 8, 7, 6, 5, 4, 3, 2, 100 }, 6, 16 },
        { 10, { 10, 9, 8, 7, 6, 5, 4, 3, 2, 1000 }, 6.5, 6.5 },
        { 11, { 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1000 }, 7, 7 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double values[12];

        memcpy(values, rows[i].values, sizeof(values));
        assert_true(median_of(values, rows[i].count) == rows[i].median);
        memcpy(values, rows[i].values, sizeof(values));
        assert_true(trimmed_mean_of(values, rows[i].count) == rows[i].trimmed);
    }
}

static void hosts_are_like_machines(void **state)
{
    static const struct {
        const char *model, *like;
    } rows[] = { { "AMD EPYC 7763", "epyc-2s" }, { "Intel(R) Xeon(R)", "skylake-sp-8s" }, { "", "skylake-sp-8s" } };
    struct host host = { .hwloc = NULL };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(host.model, sizeof(host.model), "%s", rows[i].model);
        assert_string_equal(host_like(&host), rows[i].like);
    }
}

/* The first thread of another core at each distance from CPU 0. */
static void a_cpu_is_found_by_its_distance(void **state)
{
    static const struct {
        const char *topology;
        enum interconnect interconnect;
        uint32_t cpus[DISTANCE_COUNT];
    } rows[] = {
        { "package:1 [numa] core:1 pu:2", INTERCONNECT_FULL, { UINT32_MAX, UINT32_MAX, UINT32_MAX } },
        { "package:1 [numa] core:3 pu:2", INTERCONNECT_FULL, { 2, UINT32_MAX, UINT32_MAX } },
        { "package:2 [numa] core:2 pu:1", INTERCONNECT_FULL, { 1, 2, UINT32_MAX } },
        { "package:2 [numa] l3:2 core:2 pu:2", INTERCONNECT_CHIPLET, { 2, 4, 8 } },
    };
    char message[200];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct host host = { .hwloc = NULL };

        assert_true(topology_load(&host.topology, rows[i].topology, rows[i].interconnect, message, sizeof(message)));
        for (enum distance distance = DISTANCE_NEAR; distance < DISTANCE_COUNT; distance++)
            if (host_cpu_at(&host, distance) != rows[i].cpus[distance])
                fail_msg("%s: CPU %u at distance %d", rows[i].topology, host_cpu_at(&host, distance), (int)distance);
        topology_free(&host.topology);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_whole),
        cmocka_unit_test(no_cost_is_nothing),
        cmocka_unit_test(means_leave_out_the_ends),
        cmocka_unit_test(hosts_are_like_machines),
        cmocka_unit_test(a_cpu_is_found_by_its_distance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
