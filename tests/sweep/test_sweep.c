/* SPDX-License-Identifier: Apache-2.0
 *
 * Sweeps with a fake simulation (fake_run.h): plans, shards, resumption after a kill, merging. The final contents of
 * the directory are always the same.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/temporaries.h"
#include "commands/progress.h"
#include "fake_run.h"
#include "result_samples.h"
#include "result/file.h"
#include "scenario_samples.h"
#include "sweep/sweep.h"
#include "temporary.h"

#define SEEDS 2
#define CELLS 8
#define PATH_BYTES 200

/* One cell takes `run.warmup` of wall-clock time. */
#define MATRIX \
    SAMPLE "run: { warmup: 2ms, duration: 1ms, seed: 5 }\n" \
           "matrix:\n  hypervisor.design: [domain-tasklet, softirq-requeue]\n" \
           "  size:\n    - { label: small, guests.g.vcpus: 1 }\n    - { label: large, guests.g.vcpus: 2 }\n"

struct workplace {
    char root[40], directory[60], other[60];
    struct scenario scenario;
    struct sweep_plan plan;
};

static void load(struct workplace *place, const char *text, const char *set)
{
    struct diag diag;
    char *messages;
    if (sample_load(&place->scenario, text, &set, set != NULL, &messages) != SCENARIO_OK)
        fail_msg("%s", messages);
    free(messages);
    diag_init(&diag);
    assert_true(sweep_plan_make(&place->plan, &place->scenario, SEEDS, &diag));
    diag_free(&diag);
}

static void unload(struct workplace *place)
{
    sweep_plan_free(&place->plan);
    scenario_free(&place->scenario);
}

static int set_up(void **state)
{
    struct workplace *place = calloc(1, sizeof *place);
    strcpy(place->root, "/tmp/irqpath-test-XXXXXX");
    temporary_directory(place->root);
    snprintf(place->directory, sizeof place->directory, "%s/a", place->root);
    snprintf(place->other, sizeof place->other, "%s/b", place->root);
    assert_int_equal(mkdir(place->directory, 0777) + mkdir(place->other, 0777), 0);
    load(place, MATRIX, NULL);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct workplace *place = *state;

    unload(place);
    temporary_directory_remove(place->root);
    free(place);
    return 0;
}

static enum sweep_status run(struct workplace *place, const char *directory, size_t shard, size_t shards,
                             size_t threads, struct sweep_outcome *outcome)
{
    struct progress progress;
    struct sweep sweep = { .scenario = &place->scenario,
                           .plan = &place->plan,
                           .directory = directory,
                           .shard = shard,
                           .shard_count = shards,
                           .threads = threads,
                           .watcher = &progress.watcher };
    char message[600] = "";
    progress_init(&progress, true);
    if (!sweep_plan_write(&place->plan, directory, message, sizeof message))
        fail_msg("%s", message);
    return sweep_run(&sweep, outcome, message, sizeof message);
}

static void assert_same_directories(const struct workplace *place)
{
    char command[200];
    snprintf(command, sizeof command, "diff -r %s %s >/dev/null", place->directory, place->other);
    assert_int_equal(system(command), 0);
}

static void cell_path(const char *directory, size_t cell, char path[PATH_BYTES])
{
    snprintf(path, PATH_BYTES, "%s/cell-%06zu.cbor", directory, cell);
}

static void the_plan_lists_every_cell_once(void **state)
{
    struct workplace *place = *state;
    assert_int_equal(place->plan.count, CELLS);
    for (size_t i = 0; i < CELLS; i++) {
        const struct sweep_cell *cell = &place->plan.cells[i];
        assert_int_equal(cell->seed, 5 + i % SEEDS);
        assert_string_equal(cell->design, i < 4 ? "domain-tasklet" : "softirq-requeue");
        assert_int_equal(cell->axis_count, 2);
        assert_string_equal(cell->axes[0].path, "hypervisor.design");
        assert_string_equal(cell->axes[1].path, "size");
        assert_string_equal(cell->axes[1].value, i % 4 < 2 ? "small" : "large");
        for (size_t other = 0; other < i; other++)
            assert_string_not_equal(cell->resolved_hash, place->plan.cells[other].resolved_hash);
    }
}

static void plans_survive_their_file_and_refuse_another(void **state)
{
    struct workplace *place = *state;
    struct sweep_plan read;
    char message[600] = "";
    assert_true(sweep_plan_write(&place->plan, place->directory, message, sizeof message));
    assert_true(sweep_plan_write(&place->plan, place->directory, message, sizeof message));
    assert_true(sweep_plan_read(&read, place->directory, message, sizeof message));
    assert_true(sweep_plan_write(&read, place->directory, message, sizeof message));
    read.cells[3].seed++;
    assert_false(sweep_plan_write(&read, place->directory, message, sizeof message));
    assert_non_null(strstr(message, "plan of another sweep"));
    sweep_plan_free(&read);

    static const char *const broken[][2] = {
        { "", "'[' or '{' expected" },
        { "{}", "this is not the plan of a sweep" },
        { "{\"format\":\"irqpath-sweep\",\"scenario\":\"x\",\"version\":1,\"cells\":[]}",
          "this plan does not say which irqpath made it" },
        { "{\"format\":\"irqpath-sweep\",\"scenario\":\"x\",\"tool\":\"1\",\"version\":1,"
          "\"cells\":[{\"file\":\"../x\"}]}",
          "cell 0 is malformed" },
        { "{\"format\":\"irqpath-sweep\",\"scenario\":\"x\",\"tool\":\"1\",\"version\":2,\"cells\":[]}",
          "a plan of version 2; this irqpath reads version 1" },
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "%s/sweep.json", place->other);
        assert_true(file_write(path, broken[i][0], strlen(broken[i][0]), true, message, sizeof message));
        assert_false(sweep_plan_read(&read, place->other, message, sizeof message));
        assert_non_null(strstr(message, broken[i][1]));
    }
}

static void threads_and_shards_leave_no_trace(void **state)
{
    struct workplace *place = *state;
    struct sweep_outcome outcome;
    assert_int_equal(run(place, place->directory, 0, 1, 4, &outcome), SWEEP_OK);
    assert_int_equal(outcome.done, CELLS);
    assert_int_equal(run(place, place->directory, 0, 1, 4, &outcome), SWEEP_OK);
    assert_int_equal(outcome.done, 0);
    assert_int_equal(outcome.found, CELLS);
    for (size_t shard = 3; shard-- > 0;) {
        assert_int_equal(run(place, place->other, shard, 3, 1, &outcome), SWEEP_OK);
        assert_int_equal(outcome.done, shard < 2 ? 3 : 2);
    }
    assert_same_directories(place);
}

static void damaged_cells_are_redone(void **state)
{
    struct workplace *place = *state;
    struct sweep_outcome outcome;
    struct result_set set;
    char path[PATH_BYTES], message[600];
    assert_int_equal(run(place, place->directory, 0, 1, 2, &outcome), SWEEP_OK);
    assert_int_equal(run(place, place->other, 0, 1, 2, &outcome), SWEEP_OK);
    cell_path(place->directory, 1, path);
    assert_int_equal(truncate(path, 100), 0);
    cell_path(place->directory, 2, path);
    assert_true(file_write(path, "x", 1, true, message, sizeof message));
    cell_path(place->directory, 3, path);
    result_set_init(&set);
    assert_true(result_file_read(&set, path, message, sizeof message));
    set.results[0].is_partial = true;
    assert_true(
        sweep_cell_write(&place->plan, &place->plan.cells[3], place->directory, set.results, message, sizeof message));
    result_set_free(&set);
    cell_path(place->directory, 4, path);
    assert_int_equal(unlink(path), 0);
    char *temporary = temporary_name(path);
    assert_true(file_write(temporary, "half", 4, true, message, sizeof message));
    free(temporary);
    assert_int_equal(run(place, place->directory, 0, 1, 2, &outcome), SWEEP_OK);
    assert_int_equal(outcome.done, 4);
    assert_int_equal(outcome.damaged, 3);
    assert_same_directories(place);
}

/* What the modelled hypervisor crashed in is a result. */
static void crashed_cells_are_kept(void **state)
{
    struct workplace *place = *state;
    struct sweep_outcome outcome;
    struct result_set set;
    char path[PATH_BYTES], message[600];
    assert_int_equal(run(place, place->directory, 0, 1, 2, &outcome), SWEEP_OK);
    cell_path(place->directory, 3, path);
    result_set_init(&set);
    assert_true(result_file_read(&set, path, message, sizeof message));
    set.results[0].is_partial = true;
    result_set_violation(&set.results[0], "modelled-bug", "BUG()", 0, 1);
    assert_true(
        sweep_cell_write(&place->plan, &place->plan.cells[3], place->directory, set.results, message, sizeof message));
    result_set_free(&set);
    assert_int_equal(run(place, place->directory, 0, 1, 2, &outcome), SWEEP_OK);
    assert_int_equal(outcome.done, 0);
    assert_int_equal(outcome.damaged, 0);
}

static void foreign_cells_are_refused_and_kept(void **state)
{
    struct workplace *place = *state, elsewhere = { .root = "" };
    struct sweep_outcome outcome;
    struct result_set before, after;
    char path[PATH_BYTES], message[600];
    load(&elsewhere, MATRIX, "hypervisor.timeslice=20ms");
    assert_int_equal(run(&elsewhere, place->other, 0, 1, 2, &outcome), SWEEP_OK);
    unload(&elsewhere);
    cell_path(place->other, 2, path);
    result_set_init(&before);
    assert_true(result_file_read(&before, path, message, sizeof message));
    cell_path(place->directory, 2, path);
    assert_true(result_file_write(&before, path, false, message, sizeof message));
    assert_int_equal(run(place, place->directory, 0, 1, 2, &outcome), SWEEP_REFUSED);
    result_set_init(&after);
    assert_true(result_file_read(&after, path, message, sizeof message));
    assert_string_equal(before.results[0].resolved, after.results[0].resolved);
    cell_path(place->directory, 0, path);
    assert_true(access(path, F_OK) != 0); /* refused before anything ran */
    result_set_free(&before);
    result_set_free(&after);
}

/* What a cell's axes are called is part of it, though the scenario is the same. */
static void cells_with_other_axes_are_foreign(void **state)
{
    struct workplace *place = *state;
    const struct sweep_cell *cell = &place->plan.cells[2];
    struct sweep_outcome outcome;
    struct result_set set;
    char path[PATH_BYTES], message[600];

    assert_int_equal(run(place, place->directory, 0, 1, 2, &outcome), SWEEP_OK);
    cell_path(place->directory, 2, path);
    for (size_t axis = 0; axis < cell->axis_count; axis++)
        for (int is_path = 0; is_path < 2; is_path++) {
            result_set_init(&set);
            assert_true(result_file_read(&set, path, message, sizeof message));
            char **text = is_path ? &set.results[0].axes[axis].path : &set.results[0].axes[axis].value, *kept = *text;
            *text = strdup("another");
            assert_true(sweep_cell_write(&place->plan, cell, place->directory, set.results, message, sizeof message));
            assert_int_equal(sweep_cell_check(&place->plan, cell, place->directory, NULL, message, sizeof message),
                             SWEEP_CELL_FOREIGN);
            free(*text);
            *text = kept;
            assert_true(sweep_cell_write(&place->plan, cell, place->directory, set.results, message, sizeof message));
            assert_int_equal(sweep_cell_check(&place->plan, cell, place->directory, NULL, message, sizeof message),
                             SWEEP_CELL_DONE);
            result_set_free(&set);
        }
}

/* A sweep continues, and its cells count, with the same code object only; each cell runs it. */
static void cells_of_another_code_object_are_refused(void **state)
{
    static const char digits[] = { 'a', 'b', 0 };
    struct code_object other = sample_code_object("vfio", 'a');
    struct workplace *place = *state, with[3] = { { .root = "" } };
    struct code_object objects[2];
    struct sweep_outcome outcome;
    struct diag diag;
    char message[600];

    for (size_t i = 0; i < 3; i++) {
        diag_init(&diag);
        load(&with[i], MATRIX, NULL);
        if (digits[i] != 0) {
            objects[i] = sample_code_object("xen", digits[i]);
            assert_true(scenario_set_code(&with[i].scenario, &objects[i], &diag));
        }
        sweep_plan_free(&with[i].plan);
        assert_true(sweep_plan_make(&with[i].plan, &with[i].scenario, SEEDS, &diag));
        diag_free(&diag);
    }
    assert_string_equal(with[0].plan.cells[0].design, "domain-tasklet+aaaaaaaa");
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(run(&with[0], place->directory, 0, 1, 2, &outcome), SWEEP_OK);
        assert_int_equal(i == 0 ? outcome.done : outcome.found, CELLS);
    }
    for (size_t i = 1; i < 3; i++) {
        assert_false(sweep_plan_write(&with[i].plan, place->directory, message, sizeof message));
        assert_non_null(strstr(message, "code object"));
        assert_int_equal(
            sweep_cell_check(&with[i].plan, &with[i].plan.cells[0], place->directory, NULL, message, sizeof message),
            SWEEP_CELL_FOREIGN);
    }
    diag_init(&diag);
    assert_false(scenario_set_code(&with[2].scenario, &other, &diag));
    assert_non_null(strstr(diag.messages[0].text, "family 'vfio'; the design 'domain-tasklet' is of the family 'xen'"));
    diag_free(&diag);
    for (size_t i = 0; i < 3; i++)
        unload(&with[i]);
}

static size_t cells_in(const char *directory)
{
    DIR *stream = opendir(directory);
    size_t count = 0;
    assert_non_null(stream);
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;)
        count += strncmp(entry->d_name, "cell-", 5) == 0;
    closedir(stream);
    return count;
}

/* Starts the sweep in a child, lets so many cells be done and no more, and sends the signal. Returns the wait status.
 */
static int interrupt_sweep(struct workplace *place, int signal_number, size_t after_cells)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct sweep_outcome outcome;
        atomic_store(&fake_started, 0);
        fake_held_from = after_cells - cells_in(place->directory);
        enum sweep_status done = run(place, place->directory, 0, 1, 2, &outcome);
        _exit(done == SWEEP_OK && outcome.was_cancelled && outcome.done < CELLS ? 42 : 1);
    }
    while (cells_in(place->directory) < after_cells)
        nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
    kill(child, signal_number);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void a_killed_sweep_ends_in_the_same_bytes(void **state)
{
    struct workplace *place = *state;
    struct sweep_outcome outcome;
    for (size_t after = 1; after < 6; after += 2) {
        int status = interrupt_sweep(place, SIGKILL, after);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(cells_in(place->directory), after);
    }
    assert_int_equal(run(place, place->directory, 0, 1, 2, &outcome), SWEEP_OK);
    assert_int_equal(outcome.found, 5);
    assert_int_equal(run(place, place->other, 0, 1, 1, &outcome), SWEEP_OK);
    assert_same_directories(place);
}

static void an_interrupted_sweep_keeps_what_is_complete(void **state)
{
    struct workplace *place = *state;
    struct sweep_outcome outcome;
    int status = interrupt_sweep(place, SIGINT, 2);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
    size_t done = cells_in(place->directory);
    assert_int_equal(done, 2);
    assert_int_equal(run(place, place->directory, 0, 1, 2, &outcome), SWEEP_OK);
    assert_int_equal(outcome.found, done);
    assert_int_equal(outcome.damaged, 0);
}

static void failures_are_told(void **state)
{
    struct workplace *place = *state, refused = { .root = "" };
    struct progress progress;
    struct sweep sweep = { .scenario = &place->scenario,
                           .plan = &place->plan,
                           .directory = "/nonexistent",
                           .shard_count = 1,
                           .watcher = &progress.watcher };
    struct sweep_outcome outcome;
    char message[600] = "";
    progress_init(&progress, true);
    assert_int_equal(sweep_run(&sweep, &outcome, message, sizeof message), SWEEP_UNWRITABLE);
    assert_non_null(strstr(message, "/nonexistent/cell-"));
    assert_non_null(strstr(message, "No such file or directory"));

    load(&refused, "name: x\nguests: [ { name: refused } ]\n", NULL);
    sweep.scenario = &refused.scenario;
    sweep.plan = &refused.plan;
    sweep.directory = place->directory;
    sweep.threads = 1;
    progress_init(&progress, true);
    assert_int_equal(sweep_run(&sweep, &outcome, message, sizeof message), SWEEP_REFUSED);
    assert_string_equal(message, "cell-000000.cbor: no such machine");
    unload(&refused);
}

static void merging_verifies_coverage(void **state)
{
    struct workplace *place = *state;
    struct sweep_outcome outcome;
    struct result_set set;
    char message[600] = "";
    result_set_init(&set);
    assert_int_not_equal(sweep_merge(place->directory, &set, message, sizeof message), SWEEP_OK);
    assert_non_null(strstr(message, "sweep.json"));
    assert_int_equal(run(place, place->directory, 0, 2, 1, &outcome), SWEEP_OK);
    assert_int_not_equal(sweep_merge(place->directory, &set, message, sizeof message), SWEEP_OK);
    assert_non_null(strstr(message, "4 of 8 cells are missing; "));
    assert_non_null(strstr(message, "cell-000001.cbor: the cell has not been run"));
    result_set_free(&set);
    assert_int_equal(run(place, place->directory, 1, 2, 1, &outcome), SWEEP_OK);
    assert_true(sweep_read_results(place->directory, &set, message, sizeof message));
    assert_int_equal(set.count, CELLS);
    for (size_t i = 0; i < CELLS; i++) {
        assert_int_equal(set.results[i].seed, place->plan.cells[i].seed);
        assert_string_equal(result_axis_value(&set.results[i], "size"), place->plan.cells[i].axes[1].value);
    }
    result_set_free(&set);
}

/* Neither in a plan nor among the cells, as when those of two machines are copied into one directory. */
static void builds_are_not_mixed(void **state)
{
    struct workplace *place = *state;
    struct sweep_outcome outcome;
    struct result_set set;
    char message[600] = "", command[300], *own = place->plan.build;

    assert_int_equal(run(place, place->directory, 0, 2, 1, &outcome), SWEEP_OK);
    place->plan.build = strdup("another");
    assert_false(sweep_plan_write(&place->plan, place->directory, message, sizeof message));
    assert_non_null(strstr(message, "plan of another build of irqpath"));
    assert_non_null(strstr(message, own));
    assert_int_equal(run(place, place->other, 1, 2, 1, &outcome), SWEEP_OK);
    free(place->plan.build);
    place->plan.build = own;
    snprintf(command, sizeof command, "cp %s/cell-* %s", place->other, place->directory);
    assert_int_equal(system(command), 0);
    result_set_init(&set);
    assert_int_equal(sweep_merge(place->directory, &set, message, sizeof message), SWEEP_REFUSED);
    assert_non_null(strstr(message, "cell-000001.cbor: this is the result of another build"));
    result_set_free(&set);
    assert_int_equal(run(place, place->directory, 1, 2, 1, &outcome), SWEEP_REFUSED);
}

#define SWEEP_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SWEEP_TEST(the_plan_lists_every_cell_once),
        SWEEP_TEST(plans_survive_their_file_and_refuse_another),
        SWEEP_TEST(threads_and_shards_leave_no_trace),
        SWEEP_TEST(damaged_cells_are_redone),
        SWEEP_TEST(crashed_cells_are_kept),
        SWEEP_TEST(foreign_cells_are_refused_and_kept),
        SWEEP_TEST(cells_with_other_axes_are_foreign),
        SWEEP_TEST(cells_of_another_code_object_are_refused),
        SWEEP_TEST(a_killed_sweep_ends_in_the_same_bytes),
        SWEEP_TEST(an_interrupted_sweep_keeps_what_is_complete),
        SWEEP_TEST(failures_are_told),
        SWEEP_TEST(merging_verifies_coverage),
        SWEEP_TEST(builds_are_not_mixed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
