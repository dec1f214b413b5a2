/* SPDX-License-Identifier: Apache-2.0
 *
 * Calibrates this host with small numbers of rounds and iterations. The values must be positive and their ranges
 * ordered; the machine file must load with costs tagged as measured; whatever this process may not use must be skipped
 * with a reason.
 */
#include "calibrate/calibrate.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "calibrate/lock_native.h"
#include "models/locks/list.h"
#include "scenario/profile.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void a_round_stands_for_its_middle(void **state)
{
    double odd[] = { 9, 1, 5 }, even[] = { 8, 2, 4, 100 }, torn[] = { 10, 10, 10, 10, 10, 20, 20, 20, 20, 9000 };

    (void)state;
    assert_true(median_of(odd, 3) == 5);
    assert_true(median_of(even, 4) == 6);
    assert_true(trimmed_mean_of(torn, 10) == 15); /* without the lowest and the highest value */
    assert_true(trimmed_mean_of(odd, 1) == 1);
}

static void quantities_keep_their_rounds(void **state)
{
    struct calibration *calibration = calloc(1, sizeof(*calibration));

    (void)state;
    for (int round = 1; round <= 9; round++) {
        quantity_record(calibration, "a", DISTANCE_NEAR, UNIT_CYCLES, 10 - round, "by hand");
        quantity_record(calibration, "a", DISTANCE_FAR, UNIT_CYCLES, 100 * round, "by hand");
    }
    quantity_skip(calibration, "b", "no %s", "reason");
    calibrate_finish(calibration);
    assert_int_equal(calibration->quantity_count, 2);
    const struct quantity *far = calibrate_find(calibration, "a", DISTANCE_FAR);
    assert_true(far->low == 300 && far->value == 500 && far->high == 700);
    assert_true(calibrate_find(calibration, "a", DISTANCE_NEAR)->value == 5);
    assert_null(calibrate_find(calibration, "a", DISTANCE_MIDDLE));
    assert_string_equal(calibration->skipped[0].reason, "no reason");
    calibrate_free(calibration);
    free(calibration);
}

/* Every native lock makes progress. */
static void native_locks_run(void **state)
{
    struct host host;
    char message[256];
    uint32_t cpus[2];

    (void)state;
    assert_true(host_init(&host, message, sizeof(message)));
    uint32_t cores = native_cores(&host, cpus, 2);
    assert_true(cores >= 1 && cpus[0] == 0);
    for (uint32_t kind = 0; kind < lock_kind_count; kind++)
        for (uint32_t threads = 1; threads <= cores; threads++)
            assert_true(native_loop_run(&host, &(struct native_loop){ .kind = kind,
                                                                      .threads = threads,
                                                                      .think_turns = 10,
                                                                      .hold_turns = 10,
                                                                      .acquisitions = 100 }) > 0);
    assert_true(native_loop_run(&host, &(struct native_loop){ .threads = 64, .acquisitions = 1 }) < 0 ||
                native_cores(&host, (uint32_t[64]){ 0 }, 64) == 64);
    host_free(&host);
}

static void written_file_check(const struct calibration *calibration)
{
    static const char *const measured[] = { "load_hit", "store_hit", "atomic_hit" };
    char path[] = "/tmp/irqpath-calibrate-XXXXXX.yaml";
    struct profile *file = malloc(sizeof(*file));
    struct diag diag;
    FILE *stream = fdopen(mkstemps(path, 5), "w");

    assert_non_null(stream);
    calibrate_write(calibration, "here", "skylake-sp-8s", stream);
    assert_int_equal(fclose(stream), 0);
    diag_init(&diag);
    if (!profile_load(file, &machine_profile, path, &diag))
        fail_msg("%s", diag.messages[0].text);
    assert_string_equal(file->head.name, "here");
    for (size_t i = 0; i < COUNT(measured); i++) {
        assert_int_equal(profile_cost(file, measured[i])->tag, COST_MEASURED);
        assert_true(profile_cost(file, measured[i])->has_range);
    }
    assert_int_equal(profile_cost(file, "vmexit")->tag, COST_ESTIMATE);
    profile_free(file);
    diag_free(&diag);
    free(file);
    unlink(path);
}

static void this_host_is_measured(void **state)
{
    struct calibration *calibration = malloc(sizeof(*calibration));

    (void)state;
    assert_true(calibrate_init(calibration, 2, 20));
    assert_true(calibration->host.frequency_hz > 100000000);
    calibrate_lines(calibration);
    calibrate_locks(calibration);
    calibrate_wakes(calibration);
    calibrate_guest(calibration);
    calibrate_finish(calibration);
    assert_non_null(calibrate_find(calibration, "atomic_hit", DISTANCE_NONE));
    for (uint32_t kind = 0; kind < lock_kind_count; kind++) {
        char name[48];

        (void)snprintf(name, sizeof(name), "lock_%s_alone", lock_kinds[kind].name);
        assert_non_null(calibrate_find(calibration, name, DISTANCE_NONE));
    }
    assert_non_null(calibrate_find(calibration, "timer_lateness", DISTANCE_NONE));
    for (size_t i = 0; i < calibration->quantity_count; i++) {
        const struct quantity *quantity = &calibration->quantities[i];
        assert_true(quantity->count > 0 && quantity->low <= quantity->value && quantity->value <= quantity->high);
    }
    written_file_check(calibration);
    calibrate_free(calibration);
    free(calibration);
}

static json_t *program_json(const char *command, int code)
{
    FILE *output = popen(command, "r"); /* NOLINT(bugprone-command-processor) */
    json_t *root;

    assert_non_null(output);
    root = json_loadf(output, 0, NULL);
    assert_int_equal(pclose(output) >> 8, code);
    return root;
}

/* With one CPU left by taskset, which hwloc's set of allowed CPUs does not show. */
static void what_may_not_be_used_is_skipped(void **state)
{
    json_t *root = program_json("taskset -c 0 '" IRQPATH "' calibrate --rounds 1 --iterations 5 --json 2>/dev/null", 0);
    bool has_transfers = false, has_guest = false;
    json_t *row;
    size_t index;

    (void)state;
    assert_non_null(root);
    assert_int_equal(json_integer_value(json_object_get(root, "cpus")), 1);
    json_array_foreach(json_object_get(root, "skipped"), index, row)
    {
        has_transfers |= !strcmp(json_string_value(json_object_get(row, "name")), "transfers");
        has_guest |= !strcmp(json_string_value(json_object_get(row, "name")), "guest_*");
    }
    assert_true(has_transfers && has_guest);
    json_decref(root);
}

static void wrong_usage_is_told(void **state)
{
    static const struct {
        const char *options;
        int code;
    } rows[] = {
        { "--parts lines,lock", 2 }, { "--parts ''", 2 },
        { "--like westmere", 2 },    { "--rounds 0", 2 },
        { "--rounds 1000000", 2 },   { "--parts lines --rounds 1 --iterations 1 -o /nonexistent/host.yaml", 4 }
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char command[4096];

        (void)snprintf(command, sizeof(command), "'%s' calibrate --quiet %s 2>/dev/null", IRQPATH, rows[i].options);
        assert_null(program_json(command, rows[i].code));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_stands_for_its_middle),
        cmocka_unit_test(quantities_keep_their_rounds),
        cmocka_unit_test(native_locks_run),
        cmocka_unit_test(this_host_is_measured),
        cmocka_unit_test(what_may_not_be_used_is_skipped),
        cmocka_unit_test(wrong_usage_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
