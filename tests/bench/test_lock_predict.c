/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests bench_lock_predict on grids whose answers follow by hand: a single point predicts itself; of two points the one
 * whose MCS column was published has all the weight; think drifts unless told not to; and what is missing is refused.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "temporary.h"

static const char *const locks[] = { "spinlock", "ttas", "ticket", "mcs" };

#define APPLICATIONS "application,hold_low,hold_high,lines_low,lines_high,protects\na,100,300,2,4,a queue\n"
#define PUBLISHED \
    "application,lock,1,2,3,4\na,spinlock,.5,.4,.3,.2\na,ttas,.9,.8,.7,.6\na,ticket,.9,.85,.8,.75\na,mcs,1,2,3,4\n"
#define NAMES "lines,lock,cpus,think,hold,seed,per_s\n"

struct place {
    char root[40];
};

static void write_file(const struct place *place, const char *name, const char *text)
{
    char path[80];

    (void)snprintf(path, sizeof path, "%s/%s", place->root, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Adds a point whose MCS lock has the rate `scale` on one node and node times as much on more (is_published), or as
 * much; the others are a half, three quarters and nine tenths as fast. */
static void add_point(char *grid, int lines, int think, int hold, double scale, bool is_published)
{
    static const double part[] = { 0.5, 0.75, 0.9, 1 };

    for (size_t lock = 0; lock < 4; lock++)
        for (int node = 1; node <= 4; node++)
            (void)sprintf(grid + strlen(grid), "%d,%s,%d,%d,%d,1,%g\n", lines, locks[lock], node * 12, think, hold,
                          scale * part[lock] * (is_published ? node : 1));
}

/* Returns the exit code, and what is printed in `text`. */
static int predict(const struct place *place, const char *options, const char *grid, char *text, size_t bytes)
{
    const char *end = strrchr(IRQPATH, '/');
    char command[600];
    size_t used = 0;

    write_file(place, "applications.csv", APPLICATIONS);
    write_file(place, "published.csv", PUBLISHED);
    write_file(place, "grid.csv", grid);
    assert_non_null(end);
    (void)snprintf(command, sizeof command,
                   "cd %s && '%.*s/bench_lock_predict' %s v applications.csv published.csv grid.csv 2>&1", place->root,
                   (int)(end - IRQPATH), IRQPATH, options);
    FILE *output = popen(command, "r"); /* NOLINT(bugprone-command-processor) */
    assert_non_null(output);
    used = fread(text, 1, bytes - 1, output);
    text[used] = '\0';
    return pclose(output) >> 8;
}

static void has(const char *text, const char *line)
{
    if (strstr(text, line) == NULL)
        fail_msg("no %s in\n%s", line, text);
}

static void one_point_predicts_itself(void **state)
{
    char grid[8000] = NAMES, text[8000];

    add_point(grid, 2, 1000, 200, 1e6, true);
    add_point(grid, 8, 1000, 200, 1e6, false); /* of no application */
    assert_int_equal(predict(*state, "", grid, text, sizeof text), 0);
    has(text, "fit,v,a,,,,,1000,200,0,,,\n");
    has(text, "prediction,v,a,spinlock,1,0.5,0.5,");
    has(text, "prediction,v,a,mcs,4,4,4,");
    has(text, "prediction,v,a,ticket,2,0.85,1.8,");
    has(text, ",,111.8,0,\n");
    /* On four nodes ttas was measured 3 and ticket 3.75 times as fast as spinlock: the order is right. */
    has(text, "ranking,v,a,,4,,,,,,,1,1\n");
    has(text, "ranking,v,a,,1,,,,,,,1,1\n");
}

static void the_point_that_fits_has_the_weight(void **state)
{
    char grid[8000] = NAMES, text[8000];

    add_point(grid, 2, 1000, 200, 1e6, false);
    add_point(grid, 4, 9000, 100, 1e5, true);
    assert_int_equal(predict(*state, "", grid, text, sizeof text), 0);
    has(text, "fit,v,a,,,,,9000,100,0,,,\n");
    has(text, "prediction,v,a,mcs,3,3,3,");
    /* Without the one that fits. */
    assert_int_equal(predict(*state, "--lines 2", grid, text, sizeof text), 0);
    has(text, "fit,v,a,,,,,1000,200,4.01e+03,,,\n");
    has(text, "prediction,v,a,mcs,3,3,1,");
    /* With all columns, which the other locks of the point that MCS fits do not agree with. */
    assert_int_equal(predict(*state, "--fit-all", grid, text, sizeof text), 0);
    has(text, "fit,v,a,,,,,1000,200,5.45e+03,,,\n");
}

static void a_range_is_kept_to_unless_told_not_to(void **state)
{
    char grid[8000] = NAMES, text[8000];

    add_point(grid, 2, 1000, 200, 1e6, false);
    add_point(grid, 16, 500, 20, 1e5, true);
    assert_int_equal(predict(*state, "", grid, text, sizeof text), 0);
    has(text, "fit,v,a,,,,,1000,200,4.01e+03,,,\n");
    assert_int_equal(predict(*state, "--any-hold", grid, text, sizeof text), 0);
    has(text, "fit,v,a,,,,,500,20,0,,,\n");
}

/* Two thinks of one hold time: the second is what the first becomes on more nodes. */
static void think_drifts_unless_told_not_to(void **state)
{
    char grid[8000] = NAMES, text[8000];

    add_point(grid, 2, 1000, 200, 1e6, false);
    add_point(grid, 2, 1100, 200, 1e6, true);
    assert_int_equal(predict(*state, "--same-think", grid, text, sizeof text), 0);
    has(text, "fit,v,a,,,,,1100,200,0,,,\n");
    assert_int_equal(predict(*state, "", grid, text, sizeof text), 0);
    has(text, "fit,v,a,,,,,1100,200,0,,,\n");
    has(text, "prediction,v,a,mcs,4,4,4,");
}

static void what_is_missing_is_refused(void **state)
{
    char grid[8000] = NAMES, text[8000];

    assert_int_equal(predict(*state, "", grid, text, sizeof text), 2);
    add_point(grid, 8, 1000, 200, 1e6, true);
    assert_int_equal(predict(*state, "", grid, text, sizeof text), 2);
    assert_string_equal(text, "a: no point of the grid is in its range\n");
    strcat(grid, "2,mcs,12,1000,200,1,5e5\n");
    assert_int_equal(predict(*state, "", grid, text, sizeof text), 2);
    assert_string_equal(text, "grid.csv: no rate of spinlock on 1 nodes with 2 lines, think 1000 and hold 200\n");
    assert_int_equal(predict(*state, "--speed", grid, text, sizeof text), 2);
    has(text, "usage: ");
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);

    assert_non_null(place);
    strcpy(place->root, "/tmp/irqpath-test-XXXXXX");
    temporary_directory(place->root);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;

    temporary_directory_remove(place->root);
    free(place);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_point_predicts_itself),
        cmocka_unit_test(the_point_that_fits_has_the_weight),
        cmocka_unit_test(a_range_is_kept_to_unless_told_not_to),
        cmocka_unit_test(think_drifts_unless_told_not_to),
        cmocka_unit_test(what_is_missing_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
