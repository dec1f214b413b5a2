/* SPDX-License-Identifier: Apache-2.0
 *
 * Calibrates this host with small numbers of rounds and iterations. The values must be positive and their ranges
 * ordered; the machine file must load with costs tagged as measured; whatever this process may not use must be skipped
 * with a reason.
 */
#include "calibrate/calibrate.h"
#include "calibrate/clock.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>
#include <hwloc.h>
#include <jansson.h>

#include "calibrate/code_work.h"
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

/* One CPU of each core, in order, and no more than there is room for. */
static void a_core_is_its_first_thread(void **state)
{
    static const struct {
        const char *topology;
        uint32_t room, count, cpus[4];
    } rows[] = {
        { "package:2 core:2 pu:2", 4, 4, { 0, 2, 4, 6 } }, { "package:2 core:2 pu:2", 3, 3, { 0, 2, 4, 9 } },
        { "package:1 core:1 pu:4", 4, 1, { 0, 9, 9, 9 } }, { "package:1 core:3 pu:1", 4, 3, { 0, 1, 2, 9 } },
        { "package:1 core:3 pu:1", 0, 0, { 9, 9, 9, 9 } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct host host = { .hwloc = NULL };
        uint32_t cpus[4] = { 9, 9, 9, 9 };
        char message[256];

        assert_true(topology_load(&host.topology, rows[i].topology, INTERCONNECT_FULL, message, sizeof(message)));
        assert_int_equal(native_cores(&host, cpus, rows[i].room), rows[i].count);
        assert_memory_equal(cpus, rows[i].cpus, sizeof(cpus));
        topology_free(&host.topology);
    }
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

/* --- basic blocks of code --- */

static struct code_work_counts counts_of(struct code_work *work, enum code_work_part part, uint32_t turns)
{
    code_work_init(work, &code_work_counted);
    for (uint32_t i = 0; i < turns; i++)
        work->inputs[i] = (uint16_t)(i * 40503);
    return code_work_count(work, part, turns);
}

/* What the hooks count depends on the compiler, within these bounds of each turn. Outside code_work_count they count
 * nothing. */
static void the_hooks_count(void **state)
{
    static const struct {
        enum code_work_part part;
        uint64_t blocks[2], loads[2], stores[2], atomics[2]; /* least and most */
    } rows[] = {
        { WORK_LISTS, { 5, 20 }, { 5, 15 }, { 6, 20 }, { 0, 0 } },
        { WORK_BITS, { 4, 20 }, { 3, 10 }, { 1, 5 }, { 1, 1 } },
        { WORK_RECORDS, { 3, 12 }, { 3, 8 }, { 1, 4 }, { 0, 0 } },
        { WORK_CALLS, { 5, 20 }, { 5, 15 }, { 1, 5 }, { 0, 0 } },
    };
    static struct code_work work;
    const uint32_t turns = 1000;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct code_work_counts counts = counts_of(&work, rows[i].part, turns), again, twice;

        assert_in_range(counts.blocks, turns * rows[i].blocks[0], turns * rows[i].blocks[1]);
        assert_in_range(counts.loads, turns * rows[i].loads[0], turns * rows[i].loads[1]);
        assert_in_range(counts.stores, turns * rows[i].stores[0], turns * rows[i].stores[1]);
        assert_in_range(counts.atomics, rows[i].atomics[0], turns * rows[i].atomics[1]);
        again = counts_of(&work, rows[i].part, turns);
        assert_memory_equal(&again, &counts, sizeof(counts));
        code_work_counted.run[rows[i].part](&work, turns);
        twice = counts_of(&work, rows[i].part, 2 * turns);
        assert_in_range(twice.blocks, 19 * counts.blocks / 10, 21 * counts.blocks / 10);
    }
}

/* Both builds leave the same behind, so that the blocks of one are those of the other. */
static void both_builds_do_the_same(void **state)
{
    static const struct code_work_build *const builds[] = { &code_work_plain, &code_work_counted };
    static struct code_work works[COUNT(builds)];

    (void)state;
    for (enum code_work_part part = 0; part < WORK_PARTS; part++) {
        for (size_t i = 0; i < COUNT(builds); i++) {
            code_work_init(&works[i], builds[i]);
            for (uint32_t turn = 0; turn < WORK_INPUTS; turn++)
                works[i].inputs[turn] = (uint16_t)(turn * 40503);
            builds[i]->run[part](&works[i], WORK_INPUTS);
        }
        assert_memory_equal(works[0].counts, works[1].counts, sizeof(works[0].counts));
        assert_memory_equal(works[0].totals, works[1].totals, sizeof(works[0].totals));
        assert_memory_equal(works[0].pending, works[1].pending, sizeof(works[0].pending));
        for (uint32_t i = 0; i < WORK_OBJECTS; i++) {
            assert_int_equal(works[0].objects[i].count, works[1].objects[i].count);
            assert_int_equal(works[0].objects[i].state, works[1].objects[i].state);
        }
        assert_int_equal(works[0].errors, works[1].errors);
    }
}

/* The value of a block is the parts' mean and its range theirs; less than nothing is nothing, in the file as well. */
static void a_remainder_has_the_range_of_its_parts(void **state)
{
    static const struct {
        double parts[WORK_PARTS], low, value, high;
        const char *text;
    } rows[] = {
        { { 1, 2, 3, 6 }, 1, 3, 6, "code_block: { value: 3cy, low: 1cy, high: 6cy, tag: measured," },
        { { -1, 2, -3, -2 }, 0, 0, 2, "code_block: { value: 0cy, low: 0cy, high: 2cy, tag: measured," },
        { { -1, -2, -3, -2 }, 0, 0, 0, "code_block: { value: 0cy, low: 0cy, high: 0cy, tag: measured," },
    };
    static const char *const names[] = { "code_block_lists", "code_block_bits", "code_block_records",
                                         "code_block_calls" };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct calibration *calibration = calloc(1, sizeof(*calibration));
        char *text = NULL;
        size_t bytes;
        FILE *stream = open_memstream(&text, &bytes);

        for (size_t part = 0; part < COUNT(names); part++)
            quantity_record(calibration, names[part], DISTANCE_NONE, UNIT_CYCLES, rows[i].parts[part], "by hand");
        code_block_record(calibration);
        calibrate_finish(calibration);
        const struct quantity *block = calibrate_find(calibration, "code_block", DISTANCE_NONE);
        assert_true(block->low == rows[i].low && block->value == rows[i].value && block->high == rows[i].high);
        calibrate_write(calibration, "here", "skylake-sp-8s", stream);
        assert_int_equal(fclose(stream), 0);
        assert_non_null(strstr(text, rows[i].text));
        free(text);
        calibrate_free(calibration);
        free(calibration);
    }
}

/* --- this host --- */

static void code_check(const struct calibration *calibration)
{
    const struct quantity *block = calibrate_find(calibration, "code_block", DISTANCE_NONE);

    if (block == NULL) {
        assert_string_equal(calibration->skipped[calibration->skipped_count - 1].name, "code_block");
        return;
    }
    assert_true(block->low >= 0 && block->high < 1000);
    assert_non_null(calibrate_find(calibration, "code_block_calls", DISTANCE_NONE));
    /* The hits that are subtracted are those of a few accesses a block. */
    assert_true(calibrate_find(calibration, "code_block_bits", DISTANCE_NONE)->low > -1000);
}

/* Removes the file. */
static void machine_file_check(const char *path, const char *name)
{
    static const char *const measured[] = { "load_hit", "store_hit", "atomic_hit" };
    struct profile *file = malloc(sizeof(*file));
    struct diag diag;

    diag_init(&diag);
    if (!profile_load(file, &machine_profile, path, &diag))
        fail_msg("%s", diag.messages[0].text);
    assert_string_equal(file->head.name, name);
    for (size_t i = 0; i < COUNT(measured); i++) {
        assert_int_equal(profile_cost(file, measured[i])->tag, COST_MEASURED);
        assert_true(profile_cost(file, measured[i])->has_range);
    }
    assert_int_equal(profile_cost(file, "vmexit")->tag, COST_ESTIMATE);
    profile_free(file);
    diag_free(&diag);
    free(file);
    assert_int_equal(unlink(path), 0);
}

static void written_file_check(const struct calibration *calibration)
{
    char path[] = "/tmp/irqpath-calibrate-XXXXXX.yaml";
    FILE *stream = fdopen(mkstemps(path, 5), "w");

    assert_non_null(stream);
    calibrate_write(calibration, "here", "skylake-sp-8s", stream);
    assert_int_equal(fclose(stream), 0);
    machine_file_check(path, "here");
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
    calibrate_code(calibration);
    calibrate_finish(calibration);
    assert_non_null(calibrate_find(calibration, "atomic_hit", DISTANCE_NONE));
    assert_int_equal(calibrate_find(calibration, "pause", DISTANCE_NONE) != NULL, clock_has_cycles);
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
    code_check(calibration);
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

/* The host's only CPU has a number that no CPU of this host has. */
static void what_cannot_be_pinned_is_skipped(void **state)
{
    struct calibration *calibration = malloc(sizeof(*calibration));
    hwloc_topology_t other, own;

    (void)state;
    assert_int_equal(hwloc_topology_init(&other), 0);
    assert_int_equal(hwloc_topology_set_synthetic(other, "pu:1(indexes=100000)"), 0);
    assert_int_equal(hwloc_topology_set_flags(other, HWLOC_TOPOLOGY_FLAG_IS_THISSYSTEM), 0);
    assert_int_equal(hwloc_topology_load(other), 0);
    assert_true(calibrate_init(calibration, 1, 1));
    own = calibration->host.hwloc;
    calibration->host.hwloc = other;
    quantity_record(calibration, "load_hit", DISTANCE_NONE, UNIT_CYCLES, 4, "by hand");
    calibrate_code(calibration);
    assert_int_equal(calibration->quantity_count, 1);
    assert_int_equal(calibration->skipped_count, 1);
    assert_string_equal(calibration->skipped[0].name, "code_block");
    if (clock_has_cycles)
        assert_string_equal(calibration->skipped[0].reason, "threads cannot be pinned");
    calibrate_lines(calibration);
    assert_string_equal(calibration->skipped[calibration->skipped_count - 1].name, "lines");
    calibration->host.hwloc = own;
    calibrate_free(calibration);
    free(calibration);
    hwloc_topology_destroy(other);
}

static void the_program_writes_what_it_measured(void **state)
{
    char path[] = "/tmp/irqpath-calibrate-XXXXXX.yaml", command[256];

    (void)state;
    close(mkstemps(path, 5));
    (void)snprintf(command, sizeof(command),
                   "'" IRQPATH "' calibrate -q --parts lines --rounds 1 --iterations 5 --force -o %s >/dev/null", path);
    assert_int_equal(system(command), 0);
    machine_file_check(path, "host");
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
        assert_string_not_equal(json_string_value(json_object_get(row, "name")), "lines");
    }
    assert_true(has_transfers && has_guest);
    json_decref(root);
}

/* Without the hits nothing can be subtracted. */
static void blocks_need_the_hits(void **state)
{
    json_t *root = program_json("'" IRQPATH "' calibrate --parts code --rounds 1 --iterations 5 --json 2>/dev/null", 0);
    json_t *skipped = json_array_get(json_object_get(root, "skipped"), 0);

    (void)state;
    assert_int_equal(json_array_size(json_object_get(root, "quantities")), 0);
    assert_string_equal(json_string_value(json_object_get(skipped, "name")), "code_block");
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
        cmocka_unit_test(a_core_is_its_first_thread),
        cmocka_unit_test(native_locks_run),
        cmocka_unit_test(the_hooks_count),
        cmocka_unit_test(both_builds_do_the_same),
        cmocka_unit_test(a_remainder_has_the_range_of_its_parts),
        cmocka_unit_test(this_host_is_measured),
        cmocka_unit_test(what_cannot_be_pinned_is_skipped),
        cmocka_unit_test(the_program_writes_what_it_measured),
        cmocka_unit_test(what_may_not_be_used_is_skipped),
        cmocka_unit_test(blocks_need_the_hits),
        cmocka_unit_test(wrong_usage_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
