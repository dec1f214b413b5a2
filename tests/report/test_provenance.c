/* SPDX-License-Identifier: Apache-2.0
 *
 * The section that says how the results were made: runs with their fingerprints, and code objects; and how much of many
 * runs and cells it shows.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "report/page.h"
#include "report/section_list.h"
#include "report/values.h"
#include "result/cbor.h"
#include "result_samples.h"

/* The section of the results; free it. */
static char *section_of(const struct result_set *set, size_t trace_count)
{
    struct compare_groups groups;
    struct values values;
    struct page *page = page_new("t");
    char *text = NULL, *from;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    assert_non_null(out);
    compare_groups_make(&groups, set);
    values_make(&values, &groups, 1);
    struct report report = { .set = set, .groups = &groups, .values = &values, .trace_count = trace_count };
    assert_true(section_provenance.has_content(&report));
    page_section_begin(page, section_provenance.id, section_provenance.title);
    section_provenance.print(page, &report);
    page_section_end(page);
    page_write(page, out);
    fclose(out);
    page_free(page);
    values_free(&values);
    compare_groups_free(&groups);
    from = strstr(text, "<section id=\"provenance\"");
    assert_non_null(from);
    from = strdup(from);
    free(text);
    return from;
}

static size_t times_of(const char *text, const char *part)
{
    size_t count = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in\n%s", part, text);
}

static void a_run_tells_of_its_code(void **state)
{
    struct code_object object = sample_code_object("xen", '7');
    struct result_set set;
    char expected[400], hash[RESULT_HASH_TEXT_BYTES];

    (void)state;
    result_set_init(&set);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct result result = sample_result("softirq-requeue", seed, 40);
        if (seed > 1)
            result_set_code(&result, &object);
        result_add_axis(&result, "machine.sockets", "8");
        if (seed == 3)
            result.code.commit[0] = '\0';
        result_set_append(&set, &result);
    }
    char *text = section_of(&set, 0);
    for (size_t i = 0; i < 3; i++) {
        struct result_hash of = result_hash(&set.results[i]);
        result_hash_text(&of, hash);
        (void)snprintf(
            expected, sizeof expected,
            "<tr><th scope=\"row\">sample <small>machine.sockets = 8</small></th><td "
            "data-label=\"design\">%s%s</td><td data-label=\"seed\">%zu</td><td "
            "data-label=\"simulated\">1.200 s</td><td data-label=\"fingerprint\"><code>%s</code></td></tr>\n",
            set.results[i].design,
            i == 0   ? ""
            : i == 1 ? " <small>code 7777777777777777777777777777777777777777: common/tasklet.c "
                       "arch/x86/hvm.c of RELEASE-1, by gcc 12</small>"
                     : " <small>code 7777777777777777777777777777777777777777: common/tasklet.c "
                       "arch/x86/hvm.c of an unknown commit, by gcc 12</small>",
            i + 1, hash);
        assert_has(text, expected);
    }
    assert_has(text, "<pre tabindex=\"0\"># Sample.\nname: sample\n</pre>");
    assert_has(text, "need a trace: <code>irqpath report RESULT --trace");
    assert_null(strstr(text, " more runs"));
    assert_null(strstr(text, " more cells"));
    free(text);
    text = section_of(&set, 1);
    assert_null(strstr(text, "need a trace"));
    free(text);
    result_set_free(&set);
}

/* 200 runs and the scenarios of 12 cells are shown. */
static void the_rest_is_counted(void **state)
{
    static const struct {
        size_t cells, seeds, runs, scenarios;
        const char *more_runs, *more_cells;
    } rows[] = {
        { 1, 200, 200, 1, NULL, NULL },
        { 1, 201, 200, 1, "and 1 more runs<", NULL },
        { 12, 1, 12, 12, NULL, NULL },
        { 13, 16, 200, 12, "and 8 more runs<", "and of 1 more cells, in their results<" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct result_set set;

        result_set_init(&set);
        for (size_t cell = 0; cell < rows[i].cells; cell++)
            for (size_t seed = 1; seed <= rows[i].seeds; seed++) {
                struct result result;
                char value[16];
                (void)snprintf(value, sizeof value, "%zu", 100 + cell);
                result_init(&result, "sample", "softirq-requeue", seed, "name: sample\n");
                metrics_append(&result.metrics, "irq.lost", 0, 1);
                result_add_axis(&result, "machine.sockets", value);
                result_set_append(&set, &result);
            }
        char *text = section_of(&set, 0);
        assert_int_equal(times_of(text, "data-label=\"fingerprint\""), rows[i].runs);
        assert_int_equal(times_of(text, "<details><summary>Resolved scenario of "), rows[i].scenarios);
        if (rows[i].more_runs != NULL)
            assert_has(text, rows[i].more_runs);
        assert_int_equal(times_of(text, " more runs"), rows[i].more_runs != NULL);
        if (rows[i].more_cells != NULL)
            assert_has(text, rows[i].more_cells);
        assert_int_equal(times_of(text, " more cells"), rows[i].more_cells != NULL);
        free(text);
        result_set_free(&set);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_tells_of_its_code),
        cmocka_unit_test(the_rest_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
