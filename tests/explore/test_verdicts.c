/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the comparison of an outcome with a scenario's `expect` key, and the output of verdicts.
 */
#define _GNU_SOURCE
#include "explore/verdicts.h"

#include <stdlib.h>
#include <string.h>

#include "death.h"

static void test_expectations(void **state)
{
    static const struct {
        enum explore_verdict verdict;
        enum violation_kind kind;
        const char *expectation;
        bool is_expected;
    } rows[] = {
        { EXPLORE_CLEAN, VIOLATION_NONE, NULL, true },
        { EXPLORE_INCOMPLETE, VIOLATION_NONE, NULL, true },
        { EXPLORE_VIOLATION, VIOLATION_DEADLOCK, NULL, false },
        { EXPLORE_CLEAN, VIOLATION_NONE, "clean", true },
        { EXPLORE_INCOMPLETE, VIOLATION_NONE, "clean", false },
        { EXPLORE_VIOLATION, VIOLATION_DEADLOCK, "clean", false },
        { EXPLORE_CLEAN, VIOLATION_NONE, "violation", false },
        { EXPLORE_INCOMPLETE, VIOLATION_NONE, "violation", false },
        { EXPLORE_VIOLATION, VIOLATION_DEADLOCK, "violation", true },
        { EXPLORE_VIOLATION, VIOLATION_DEADLOCK, "violation deadlock", true },
        { EXPLORE_VIOLATION, VIOLATION_DEADLOCK, "violation endless-wait", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct explore_outcome outcome = { .verdict = rows[i].verdict, .violation.kind = rows[i].kind };
        assert_int_equal(explore_is_expected(&outcome, rows[i].expectation), rows[i].is_expected);
    }
}

static struct explore_rows sample(void)
{
    struct explore_rows rows = { .count = 0 };
    struct explore_outcome clean = { .verdict = EXPLORE_CLEAN, .states = 10, .transitions = 20, .depth = 3 };
    struct explore_outcome cut = { .verdict = EXPLORE_INCOMPLETE, .limit = "states", .states = 7 };
    struct explore_outcome bounded = {
        .verdict = EXPLORE_INCOMPLETE, .limit = "time", .has_bound = true, .bound = 2, .states = 9
    };
    struct explore_outcome late = { .verdict = EXPLORE_VIOLATION, .is_bounded = true, .preemptions = 1 };
    struct explore_outcome bad = { .verdict = EXPLORE_VIOLATION,
                                   .violation = { VIOLATION_DEADLOCK, "cpu0 waits for \"a\"" },
                                   .states = 5,
                                   .transitions = 6,
                                   .depth = 2 };

    (void)explore_rows_add(&rows, "explore-a", "first", &clean, 0.5);
    explore_rows_add(&rows, "explore-a", "second", &bad, 0.25)->replay = strdup("file");
    explore_rows_add(&rows, "b", "second", &cut, 1)->memory = MEMORY_TSO;
    (void)explore_rows_add(&rows, "b", "third", &bounded, 1);
    late.violation.kind = VIOLATION_DEADLOCK;
    (void)explore_rows_add(&rows, "b", "fourth", &late, 1);
    return rows;
}

static char *printed(void (*print)(const struct explore_rows *rows, FILE *stream), const struct explore_rows *rows)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);

    print(rows, stream);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void print_lines(const struct explore_rows *rows, FILE *stream)
{
    for (size_t i = 0; i < rows->count; i++)
        explore_row_print(&rows->rows[i], stream);
}

static void print_table(const struct explore_rows *rows, FILE *stream)
{
    explore_rows_print_table(rows, stream, false);
}

static void test_texts(void **state)
{
    static const struct {
        void (*print)(const struct explore_rows *rows, FILE *stream);
        const char *text;
    } documents[] = {
        { print_lines,
          "first              clean: 10 states, 20 transitions, depth 3, 0.50 s, 20 states/s\n"
          "second             violation deadlock: 5 states, 6 transitions, depth 2, 0.25 s, 20 states/s\n"
          "  cpu0 waits for \"a\"\n"
          "  irqpath replay file\n"
          "second             incomplete under tso (limit of states): 7 states, 0 transitions, depth 0, 1.00 s, "
          "7 states/s\n"
          "third              clean up to 2 preemptions (limit of time): 9 states, 0 transitions, depth 0, "
          "1.00 s, 9 states/s\n"
          "fourth             violation deadlock with 1 preemption: 0 states, 0 transitions, depth 0, 1.00 s, "
          "0 states/s\n"
          "  \n" },
        { print_table, "design  a                            b\n"
                       "first   clean (10 states, 0.50 s)    -\n"
                       "second  deadlock (5 states, 0.25 s)  incomplete (7 states, 1.00 s)\n"
                       "third   -                            clean up to 2 preemptions (9 states, 1.00 s)\n"
                       "fourth  -                            deadlock (0 states, 1.00 s)\n" },
        { explore_rows_print_markdown, "| design | a | b |\n|:--|:--|:--|\n| first | clean (10 states, 0.50 s) | - |\n"
                                       "| second | deadlock (5 states, 0.25 s) | incomplete (7 states, 1.00 s) |\n"
                                       "| third | - | clean up to 2 preemptions (9 states, 1.00 s) |\n"
                                       "| fourth | - | deadlock (0 states, 1.00 s) |\n" },
        { explore_rows_print_csv, "scenario,design,verdict,kind,states,transitions,depth,seconds,text,bound\n"
                                  "\"explore-a\",first,clean,,10,20,3,0.500,\"\",\n"
                                  "\"explore-a\",second,violation,deadlock,5,6,2,0.250,\"cpu0 waits for \"\"a\"\"\",\n"
                                  "\"b\",second,incomplete,,7,0,0,1.000,\"states\",\n"
                                  "\"b\",third,incomplete,,9,0,0,1.000,\"time\",2\n"
                                  "\"b\",fourth,violation,deadlock,0,0,0,1.000,\"\",\n" },
    };
    struct explore_rows rows = sample();

    (void)state;
    for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++) {
        char *text = printed(documents[i].print, &rows);
        assert_string_equal(text, documents[i].text);
        free(text);
    }
    explore_rows_free(&rows);
}

static void test_json(void **state)
{
    struct explore_rows rows = sample();
    json_t *documents = explore_rows_to_json(&rows), *verdict;

    (void)state;
    assert_int_equal(json_array_size(documents), 2);
    verdict = json_array_get(json_object_get(json_array_get(documents, 0), "verdicts"), 1);
    assert_string_equal(json_string_value(json_object_get(verdict, "kind")), "deadlock");
    assert_string_equal(json_string_value(json_object_get(verdict, "replay")), "file");
    assert_int_equal(json_integer_value(json_object_get(verdict, "states")), 5);
    assert_string_equal(json_string_value(json_object_get(verdict, "memory")), "sc");
    verdict = json_array_get(json_object_get(json_array_get(documents, 1), "verdicts"), 0);
    assert_string_equal(json_string_value(json_object_get(verdict, "memory")), "tso");
    verdict = json_array_get(json_object_get(json_array_get(documents, 1), "verdicts"), 1);
    assert_string_equal(json_string_value(json_object_get(verdict, "verdict")), "incomplete");
    assert_int_equal(json_integer_value(json_object_get(verdict, "bound")), 2);
    verdict = json_array_get(json_object_get(json_array_get(documents, 1), "verdicts"), 2);
    assert_int_equal(json_integer_value(json_object_get(verdict, "preemptions")), 1);
    json_decref(documents);
    explore_rows_free(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expectations),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_json),
    };

    return cmocka_run_group_tests_name("explore_verdicts", tests, NULL, NULL);
}
