/* SPDX-License-Identifier: Apache-2.0
 *
 * A sample of mutants by seed, and the table of what became of them.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mutation/sample.h"
#include "mutation/score.h"

enum { LINES = 50, SIZE = 20 };

static char list[] = "/tmp/irqpath-test-XXXXXX", explained[] = "/tmp/irqpath-test-XXXXXX";

/* Each line of sim/a/x.c has two mutants, and each of models/b.c one. */
static int set_up(void **state)
{
    unsigned number = 1;

    (void)state;
    FILE *stream = fdopen(mkstemp(list), "w");
    assert_non_null(stream);
    for (unsigned line = 1; line <= LINES; line++)
        for (int of = 0; of < 2; of++)
            fprintf(stream, "%u,sim/a/x.c,%u,return x;,x -> (x + %u)\n", number++, line, of + 1u);
    for (unsigned line = 1; line <= LINES; line++)
        fprintf(stream, "%u,models/b.c,%u,f(1; 2);,f(1; 2) -> (void)0\n", number++, line);
    fclose(stream);
    stream = fdopen(mkstemp(explained), "w");
    assert_non_null(stream);
    fputs("# a remark\nsim/a/x.c,return x;,x -> (x + 2): nobody reads x\n", stream);
    fputs("models/b.c,f(1; 3);,f(1; 2) -> (void)0: another line\n", stream);
    return fclose(stream);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(list) | unlink(explained);
}

static void free_mutants(struct mutants *mutants)
{
    for (size_t i = 0; i < mutants->count; i++) {
        free(mutants->rows[i].path);
        free(mutants->rows[i].source);
        free(mutants->rows[i].text);
    }
    free(mutants->rows);
}

static void lines_are_drawn_by_seed(void **state)
{
    unsigned numbers[3][3 * LINES];
    struct mutants mutants;
    bool is_drawn[LINES + 1] = { false };
    size_t seconds = 0;

    (void)state;
    assert_true(mutants_read(&mutants, list));
    assert_int_equal(mutants.count, 3 * LINES);
    assert_int_equal(mutants_sample(&mutants, "sim/", 1, numbers[0], SIZE), SIZE);
    assert_int_equal(mutants_sample(&mutants, "sim/", 1, numbers[1], 1000), LINES); /* each line once */
    assert_memory_equal(numbers[0], numbers[1], SIZE * sizeof(unsigned));
    assert_int_equal(mutants_sample(&mutants, "sim/", 2, numbers[2], SIZE), SIZE);
    assert_memory_not_equal(numbers[0], numbers[2], SIZE * sizeof(unsigned));
    for (size_t i = 0; i < LINES; i++) {
        const struct mutant_row *row = &mutants.rows[numbers[1][i] - 1];
        assert_string_equal(row->path, "sim/a/x.c");
        assert_false(is_drawn[row->line]);
        is_drawn[row->line] = true;
        seconds += row->number % 2 == 0;
    }
    assert_in_range(seconds, LINES / 4, 3 * LINES / 4); /* of a line, either of its mutants */
    assert_int_equal(mutants_sample(&mutants, "models/b", 1, numbers[0], 1000), LINES);
    assert_int_equal(mutants_sample(&mutants, "tests/", 1, numbers[0], 1000), 0);
    free_mutants(&mutants);
}

/* The texts of what is drawn of lines by these names, after each other. */
static void drawn_texts(const char *const *lines, size_t count, size_t size, char *text)
{
    char path[] = "/tmp/irqpath-test-XXXXXX";
    FILE *stream = fdopen(mkstemp(path), "w");
    struct mutants mutants;
    unsigned numbers[LINES];

    assert_non_null(stream);
    for (size_t i = 0; i < count; i++)
        fprintf(stream, "%zu,sim/x.c,%zu,%s;,%s\n", i + 1, i + 1, lines[i], lines[i]);
    fclose(stream);
    assert_true(mutants_read(&mutants, path));
    *text = '\0';
    size = mutants_sample(&mutants, "sim/", 3, numbers, size);
    for (size_t i = 0; i < size; i++)
        strcat(text, mutants.rows[numbers[i] - 1].text);
    free_mutants(&mutants);
    assert_int_equal(unlink(path), 0);
}

/* What is added before a line, or removed, leaves it in its place of the order. */
static void other_lines_change_nothing(void **state)
{
    static const char *const all[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l" };
    const char *less[12];
    char whole[100], part[100];

    (void)state;
    drawn_texts(all, 12, 12, whole);
    assert_int_equal(strlen(whole), 12);
    assert_string_not_equal(whole, "abcdefghijkl");
    for (size_t without = 0; without < 12; without++) {
        size_t count = 0;
        for (size_t i = 0; i < 12; i++)
            if (i != without)
                less[count++] = all[i];
        drawn_texts(less, count, 12, part);
        char *removed = strchr(whole, all[without][0]);
        assert_memory_equal(part, whole, (size_t)(removed - whole));
        assert_string_equal(part + (removed - whole), removed + 1);
    }
    /* Lines with the same text are drawn apart from each other. */
    for (size_t i = 0; i < 12; i++)
        less[i] = i < 6 ? all[i] : "x";
    drawn_texts(less, 12, 12, whole);
    assert_null(strstr(whole, "xxxxxx"));
}

/* What score_print prints of these outcomes; its result in *status. */
static void print(const struct mutants *mutants, mutant_outcome *outcomes, size_t count, char *text, size_t bytes,
                  int *status)
{
    static const unsigned numbers[] = { 1, 2, 3, 101, 102 };
    FILE *kept = tmpfile();
    int out = dup(STDOUT_FILENO);

    assert_non_null(kept);
    fflush(stdout);
    dup2(fileno(kept), STDOUT_FILENO);
    *status = score_print(mutants, explained, numbers, count, outcomes);
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    close(out);
    rewind(kept);
    text[fread(text, 1, bytes - 1, kept)] = '\0';
    fclose(kept);
}

static void the_table_counts_by_folder(void **state)
{
    static mutant_outcome outcomes[3 * LINES + 1] = {
        [1] = "killed", [2] = "survived", [3] = "late", [101] = "unreached", [102] = "killed"
    };
    struct mutants mutants;
    char text[2000];
    int status;

    (void)state;
    assert_true(mutants_read(&mutants, list));
    print(&mutants, outcomes, 5, text, sizeof(text), &status);
    assert_int_equal(status, 1);
    assert_string_equal(text, "models/b.c:1: unreached: f(1; 2) -> (void)0\n"
                              "                    mutants  noticed explained  left     score interval\n"
                              "models                    2        1         0     1    50.0 %   9.5 to  90.5 %\n"
                              "sim/a                     3        2         1     0   100.0 %  34.2 to 100.0 %\n"
                              "all                       5        3         1     1    75.0 %  30.1 to  95.4 %\n");
    print(&mutants, outcomes, 3, text, sizeof(text), &status);
    assert_int_equal(status, 0);
    strcpy(outcomes[101], "equal");
    print(&mutants, outcomes, 5, text, sizeof(text), &status);
    assert_int_equal(status, 0);
    assert_non_null(strstr(text, "\nmodels                    2        1         1     0   100.0 %"));
    free_mutants(&mutants);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_drawn_by_seed),
        cmocka_unit_test(other_lines_change_nothing),
        cmocka_unit_test(the_table_counts_by_folder),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
