/* SPDX-License-Identifier: Apache-2.0
 *
 * Populations with a fake simulation (fake_run.h): the table is the same for any number of threads, after a torn line,
 * and from shards; and its analysis.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "commands/progress.h"
#include "fake_run.h"
#include "scenario_samples.h"
#include "sweep/analysis.h"
#include "sweep/population.h"
#include "sweep/population_table.h"
#include "sweep/table.h"
#include "temporary.h"

#define MACHINES 24

#define TEXT(method) TEXT_OF(method, "domain-tasklet")
#define TEXT_OF(method, design) \
    "name: x\nguests: [ { name: idle } ]\nrun: { warmup: 1ms, duration: 1ms, seed: 5 }\n" \
    "matrix: { c: [{ label: x, hypervisor.design: " design " }, { label: y, hypervisor.design: softirq-requeue }] }\n" \
    "sample:\n  n: 24\n  method: " method "\n  metrics: [guests.idle.steal.percent, irq.raised]\n" \
    "  axes: { guests.idle.vcpus: { range: [1, 8] }, guests.idle.timer: { choice: [100Hz, 1kHz] } }\n"

struct workplace {
    char root[40], directory[80], file[120];
    struct scenario scenario;
};

static void load(struct workplace *place, const char *text)
{
    char *messages;

    if (sample_load(&place->scenario, text, NULL, 0, &messages) != SCENARIO_OK)
        fail_msg("%s", messages);
    free(messages);
}

static int set_up(void **state)
{
    struct workplace *place = calloc(1, sizeof *place);

    assert_non_null(place);
    strcpy(place->root, "/tmp/irqpath-test-XXXXXX");
    temporary_directory(place->root);
    load(place, TEXT("sobol"));
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct workplace *place = *state;

    scenario_free(&place->scenario);
    temporary_directory_remove(place->root);
    free(place);
    return 0;
}

static enum sweep_status run(struct workplace *place, const char *name, size_t shard, size_t shards, size_t threads,
                             struct population_outcome *outcome)
{
    char message[512];
    struct progress progress;

    snprintf(place->directory, sizeof place->directory, "%s/%s", place->root, name);
    snprintf(place->file, sizeof place->file, "%s/table.csv", place->directory);
    mkdir(place->directory, 0777);
    progress_init(&progress, true);
    struct population population = { &place->scenario, place->directory, shard, shards, threads, &progress.watcher };
    return population_run(&population, outcome, message, sizeof message);
}

static char *read_file(const char *path)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_true(getdelim(&text, &bytes, '\0', file) > 0);
    fclose(file);
    return text;
}

/* Runs everything on one thread and returns the table. */
static char *whole_table(struct workplace *place)
{
    struct population_outcome outcome;

    assert_int_equal(run(place, "whole", 0, 1, 1, &outcome), SWEEP_OK);
    assert_int_equal(outcome.machines, MACHINES);
    return read_file(place->file);
}

static void threads_do_not_matter(void **state)
{
    struct workplace *place = *state;
    struct population_outcome outcome;
    char *whole = whole_table(place);

    assert_int_equal(run(place, "threads", 0, 1, 5, &outcome), SWEEP_OK);
    char *other = read_file(place->file);
    assert_string_equal(whole, other);
    free(other);
    free(whole);
}

static void torn_table_is_continued(void **state)
{
    struct workplace *place = *state;
    struct population_outcome outcome;
    char *whole = whole_table(place);
    size_t bytes = strlen(whole);

    for (size_t cut = 0; cut <= bytes; cut += bytes / 7) {
        assert_int_equal(truncate(place->file, (off_t)cut), 0);
        assert_int_equal(run(place, "whole", 0, 1, 3, &outcome), SWEEP_OK);
        assert_int_equal(outcome.found + outcome.done, MACHINES);
        char *continued = read_file(place->file);
        assert_string_equal(whole, continued);
        free(continued);
    }
    free(whole);
}

static void shards_merge_to_the_same(void **state)
{
    struct workplace *place = *state;
    struct population_outcome outcome;
    char *whole = whole_table(place), merged[100], message[512];

    snprintf(merged, sizeof merged, "%s/merged.csv", place->root);
    for (size_t shard = 0; shard < 5; shard++) {
        if (shard == 4) {
            assert_false(population_merge(place->directory, merged, false, message, sizeof message));
            assert_non_null(strstr(message, "machine 4 of 24 is missing"));
        }
        assert_int_equal(run(place, "shards", shard, 5, 2, &outcome), SWEEP_OK);
    }
    assert_true(population_merge(place->directory, merged, false, message, sizeof message));
    char *other = read_file(merged);
    assert_string_equal(whole, other);
    free(other);
    free(whole);
}

static void table_of_another_sample_is_refused(void **state)
{
    struct workplace *place = *state;
    struct population_outcome outcome;
    char *whole = whole_table(place);

    static const char *const others[] = { TEXT("lhs"), TEXT_OF("sobol", "pirq-tasklet") };
    for (size_t i = 0; i < 2; i++) {
        scenario_free(&place->scenario);
        load(place, others[i]);
        assert_int_equal(run(place, "whole", 0, 1, 1, &outcome), SWEEP_REFUSED);
        char *untouched = read_file(place->file);
        assert_string_equal(whole, untouched);
        free(untouched);
    }
    free(whole);
}

static size_t sync_count;
static int sync_error; /* 0: it succeeds */

/* Stands in for the C library's function. */
int fsync(int file)
{
    sync_count++;
    errno = sync_error;
    return sync_error == 0 ? (int)syscall(SYS_fsync, file) : -1;
}

/* Who is told that all is done finds the table after a power failure, too. */
static void the_table_is_on_disk_at_the_end(void **state)
{
    struct workplace *place = *state;
    struct population_outcome outcome;

    sync_count = 0;
    free(whole_table(place));
    assert_int_equal(sync_count, 1);
    sync_error = EIO;
    assert_int_equal(run(place, "whole", 0, 1, 1, &outcome), SWEEP_UNWRITABLE);
    sync_error = 0;
    assert_int_equal(sync_count, 2);
}

/* Nor does a link lead to another file, nor are two processes' rows mixed. */
static void a_table_that_is_not_ours_is_left_alone(void **state)
{
    struct workplace *place = *state;
    struct population_outcome outcome;
    char *whole = whole_table(place), link[130];

    int other = open(place->file, O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(other, LOCK_EX), 0);
    assert_int_equal(run(place, "whole", 0, 1, 1, &outcome), SWEEP_UNWRITABLE);
    close(other);
    assert_int_equal(run(place, "whole", 0, 1, 1, &outcome), SWEEP_OK);
    snprintf(link, sizeof link, "%s.other", place->file);
    assert_int_equal(rename(place->file, link), 0);
    assert_int_equal(symlink(link, place->file), 0);
    assert_int_equal(run(place, "whole", 0, 1, 1, &outcome), SWEEP_UNWRITABLE);
    char *untouched = read_file(link);
    assert_string_equal(whole, untouched);
    free(untouched);
    free(whole);
}

/* Returns the analysis of a table, or of the message. */
static char *analyse(const char *table, const struct analysis *analysis)
{
    char *text, message[512];
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    assert_non_null(out);
    if (!analysis_print(table, analysis, out, message, sizeof message))
        fputs(message, out);
    fclose(out);
    return text;
}

struct analysis_row {
    struct analysis analysis;
    const char *line;
};

static const struct analysis_row analyses[] = {
    { { "c:m", NULL, NULL, 10, INFINITY, false, NULL }, "share,all,,7,3,0.42857," },
    { { "c:m", NULL, NULL, 10, 30, false, NULL }, "share,all,,7,2,0.28571," },
    { { "c:m", "hz", NULL, 10, INFINITY, false, NULL }, "share,hz,1kHz,3,3,1.00000," },
    { { "c:m", "hz", NULL, 10, INFINITY, false, NULL }, "quantile,hz,100Hz,4,0.5,2,," },
    { { "c:m", NULL, "hz=100Hz", 10, INFINITY, false, NULL }, "share,all,,4,0,0.00000," },
    { { "c:m", NULL, NULL, 10, INFINITY, true, NULL }, "\nfirst,hz,,7,,1.0000," },
    { { "c:m", NULL, NULL, 10, INFINITY, true, NULL }, "\npair,hz,cost,7,,1.0000," },
    { { "c:m", NULL, NULL, 10, INFINITY, false, "r.csv" }, "\ntotal,hz,,2,1,1.0208,0.1930,1.8487" },
    { { "c:m", NULL, NULL, 10, INFINITY, false, "r.csv" }, "\ntotal,costs,,2,0,0.0000,0.0000,1.3426" },
    { { "c:m", NULL, "hz=1kHz", 0, 30, false, "r.csv" }, "\ntotal,hz,,1,0,0.0000," },
    { { "c:n", NULL, NULL, 0, 1, false, NULL }, "no column 'c:n' (did you mean 'c:m'?)" },
    { { "c:m", NULL, "hz", 0, 1, false, NULL }, "expected COLUMN=VALUE" },
    { { "c:m", NULL, "hz=7", 0, 1, false, NULL }, "no machine is left" },
};

static void table_is_analysed(void **state)
{
    struct workplace *place = *state;
    char redrawn[60];

    snprintf(place->file, sizeof place->file, "%s/t.csv", place->root);
    FILE *file = fopen(place->file, "w");
    assert_non_null(file);
    fputs("# comment\nmachine,hz,cost,c:m\n0,1kHz,\"[3cy, 5cy]\",20\n1,100Hz,\"[4cy, 5cy]\",1\n2,1kHz,4cy,25\n"
          "3,100Hz,3cy,2\n4,1kHz,2cy,40\n5,100Hz,9cy,3\n6,100Hz,9cy,4\n7,100Hz,9cy,\n8,100",
          file);
    fclose(file);
    snprintf(redrawn, sizeof redrawn, "%s/r.csv", place->root);
    file = fopen(redrawn, "w");
    assert_non_null(file);
    fputs("machine,base,redrawn,hz,cost,c:m\n0,0,hz,100Hz,3cy,5\n1,0,costs,1kHz,4cy,21\n2,1,hz,100Hz,4cy,2\n"
          "3,1,costs,100Hz,5cy,5\n4,7,hz,1kHz,9cy,40\n5,7,costs,1kHz,9cy,4\n",
          file);
    fclose(file);
    for (size_t i = 0; i < sizeof analyses / sizeof analyses[0]; i++) {
        struct analysis analysis = analyses[i].analysis;
        analysis.redrawn = analysis.redrawn != NULL ? redrawn : NULL;
        char *text = analyse(place->file, &analysis);
        if (strstr(text, analyses[i].line) == NULL)
            fail_msg("'%s' is not in\n%s", analyses[i].line, text);
        free(text);
    }
}

/* A sample of one cell has metrics without its name before them, which are no drawn values either. */
static void metrics_are_not_drawn(void **state)
{
    struct workplace *place = *state;
    const struct analysis analysis = { "irq.lost", NULL, NULL, 10, INFINITY, true, NULL };

    snprintf(place->file, sizeof place->file, "%s/t.csv", place->root);
    FILE *file = fopen(place->file, "w");
    assert_non_null(file);
    fputs("machine,hz,irq.delivered,irq.lost\n0,1kHz,7,20\n1,100Hz,8,1\n2,1kHz,9,25\n3,100Hz,10,2\n", file);
    fclose(file);
    char *text = analyse(place->file, &analysis);
    assert_non_null(strstr(text, "\nfirst,hz,,4,,1.0000,"));
    assert_null(strstr(text, "irq."));
    assert_null(strstr(text, "pair,"));
    free(text);
}

/* Each cell of the matrix, the last axis the fastest, and each of its metrics has a column. */
static void columns_name_their_cells(void **state)
{
    static const struct {
        const char *matrix, *columns;
    } rows[] = {
        { "", ",irq.lost,irq.raised" },
        { "matrix: { c: [ { label: x, run.seed: 1 }, { label: y, run.seed: 2 } ] }\n",
          ",x:irq.lost,x:irq.raised,y:irq.lost,y:irq.raised" },
        { "matrix:\n  c: [ { label: x, run.seed: 1 }, { label: y, run.seed: 2 } ]\n  d: [ { label: 1, hypervisor.lock: "
          "mcs }, { label: 2, hypervisor.lock: ticket } ]\n",
          ",x/1:irq.lost,x/1:irq.raised,x/2:irq.lost,x/2:irq.raised,y/1:irq.lost,y/1:irq.raised,y/2:irq.lost,y/"
          "2:irq.raised" },
        { "matrix:\n  c: [ { label: x, run.seed: 1 } ]\n  d: [ { label: 1, hypervisor.lock: mcs } ]\n  e: [ { label: "
          "p, run.duration: 1ms }, { label: q, run.duration: 2ms } ]\n",
          ",x/1/p:irq.lost,x/1/p:irq.raised,x/1/q:irq.lost,x/1/q:irq.raised" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct workplace place;
        char text[1024];

        snprintf(text, sizeof text,
                 "name: x\nguests: [ { name: idle } ]\nrun: { warmup: 1ms, duration: 1ms, seed: 5 }\n%s"
                 "sample:\n  n: 4\n  method: sobol\n  metrics: [irq.lost, irq.raised]\n"
                 "  axes: { guests.idle.vcpus: { range: [1, 8] } }\n",
                 rows[i].matrix);
        load(&place, text);
        char *head = population_head(&place.scenario), *line = strchr(head, '\n');
        assert_non_null(line);
        line[strlen(line) - 1] = '\0'; /* its own end */
        size_t bytes = strlen(rows[i].columns);
        if (strlen(line) < bytes || strcmp(line + strlen(line) - bytes, rows[i].columns) != 0 ||
            strncmp(line + 1, "machine,guests.idle.vcpus,", strlen("machine,guests.idle.vcpus,")) != 0 ||
            strlen(line + 1) != strlen("machine,guests.idle.vcpus") + bytes)
            fail_msg("%s: %s", rows[i].matrix, line);
        free(head);
        scenario_free(&place.scenario);
    }
}

/* Opening a directory succeeds, and reading it does not. */
static void a_directory_is_no_table(void **state)
{
    struct workplace *place = *state;
    char message[200] = "";
    struct csv csv;

    assert_false(csv_read(&csv, place->root, message, sizeof message));
    assert_non_null(strstr(message, place->root));
    csv_free(&csv);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(threads_do_not_matter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(torn_table_is_continued, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shards_merge_to_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(table_of_another_sample_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_table_is_on_disk_at_the_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_table_that_is_not_ours_is_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(table_is_analysed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(metrics_are_not_drawn, set_up, tear_down),
        cmocka_unit_test(columns_name_their_cells),
        cmocka_unit_test_setup_teardown(a_directory_is_no_table, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
