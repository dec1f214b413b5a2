/* SPDX-License-Identifier: Apache-2.0
 *
 * Names full of markup, quotes and line ends stay text on the page, wherever they come from: results and experiments
 * may be those of others. With a directory as argument the program only writes the files there: for tests/report-page,
 * which opens the page in a browser.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "program.h"
#include "result/file.h"
#include "result_samples.h"
#include "temporary.h"

static const char *const hostile[] = {
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(2)>",
    "' onmouseover='alert(3)",
    "</script><script>alert(4)</script><!--",
    "</style><style>*{display:none}",
    "</pre></title><b>&amp;&#60;",
    "javascript:alert(5)",
    "two\nlines\r\n\tand a tab", /* of experiments alone: a result with it is refused */
};
enum { RESULT_NAMES = 7 };
#define HOSTILE_COUNT (sizeof hostile / sizeof hostile[0])

static const char *next(size_t *at) { return hostile[(*at)++ % HOSTILE_COUNT]; }

static void write_results(const char *directory)
{
    char path[256], message[512], name[METRIC_NAME_BYTES];
    struct result_set set;

    result_set_init(&set);
    for (size_t i = 0; i < 4; i++) {
        struct result result = sample_result("x", i, 4000 - 1000 * i);
        free(result.design);
        free(result.scenario);
        free(result.resolved);
        result.design = strdup(hostile[i]);
        result.scenario = strdup(hostile[i + 1]);
        result.resolved = strdup("# </pre><script>alert(6)</script>\nexpect:\n  - \"<script>alert(7)</script> == 0\"\n"
                                 "headline:\n  - \"<b>bold</b>\"\n");
        result_add_axis(&result, hostile[5], hostile[6]);
        for (size_t row = 0; row < RESULT_NAMES; row++) {
            snprintf(name, sizeof name, "guests.%zu%s.running.percent", row, hostile[row % RESULT_NAMES]);
            metrics_append(&result.metrics, name, i + row, 3);
        }
        result_add_stuck(&result, &(struct result_stuck){ (char *)hostile[1], 0, 3, true, (char *)hostile[3] });
        if (i == 3) {
            result.is_partial = true;
            result_set_violation(&result, hostile[0], hostile[1], 0, 1000);
        }
        result_set_append(&set, &result);
    }
    snprintf(path, sizeof path, "%s/hostile.cbor", directory);
    if (!result_file_write(&set, path, true, message, sizeof message))
        fail_msg("%s", message);
    result_set_free(&set);
}

/* Replaces every text of the document. */
static json_t *make_hostile(const json_t *json, size_t *at)
{
    json_t *copy, *child;
    const char *key;
    size_t index;

    if (json_is_string(json)) {
        const char *text = json_string_value(json);
        static const char *const kept[] = { "bars",
                                            "lines",
                                            "dots",
                                            "ccdf",
                                            "heat",
                                            "stack",
                                            "forest",
                                            "expect",
                                            "aim",
                                            "ns",
                                            "%",
                                            "met",
                                            "irqpath-experiment/1" };
        for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
            if (strcmp(text, kept[i]) == 0)
                return json_string(text);
        return json_string(next(at));
    }
    if (json_is_array(json)) {
        copy = json_array();
        json_array_foreach(json, index, child) json_array_append_new(copy, make_hostile(child, at));
        return copy;
    }
    if (!json_is_object(json))
        return json_copy((json_t *)json);
    copy = json_object();
    json_object_foreach((json_t *)json, key, child) json_object_set_new(copy, key, make_hostile(child, at));
    return copy;
}

static void write_experiment(const char *directory)
{
    json_t *sample = json_load_file(SOURCE_DIR "/tests/report/experiment.json", 0, NULL);
    char path[256];
    size_t at = 0;

    assert_non_null(sample);
    json_t *experiment = make_hostile(sample, &at);
    json_object_set_new(experiment, "verdict",
                        json_string("<script>alert(8)</script> [link](javascript:alert(9)) "
                                    "[link](https://x/\"onclick=alert(10)) `</code><b>` **<i>**"));
    snprintf(path, sizeof path, "%s/experiment.json", directory);
    assert_int_equal(json_dump_file(experiment, path, 0), 0);
    json_decref(experiment);
    json_decref(sample);
}

/* Counts an element's beginnings. */
static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        count++;
    return count;
}

static char *read_page(const char *path)
{
    size_t bytes;
    char message[256], *text = file_read_bytes(path, SIZE_MAX, &bytes, message, sizeof message);

    assert_non_null(text);
    text = realloc(text, bytes + 1);
    text[bytes] = '\0';
    return text;
}

static void names_stay_text(void **state)
{
    static const char *const never[] = { "<script>alert", "<img",       "</style><style>*",  "<b>",
                                         "<i>",           "</title><b", "href=\"javascript", "onclick=alert(10)\"" };
    static char directory[] = "/tmp/irqpath-hostile-XXXXXX";
    struct program *program = malloc(sizeof *program);
    char arguments[512], path[256];

    (void)state;
    temporary_directory(directory);
    write_results(directory);
    write_experiment(directory);
    snprintf(arguments, sizeof arguments, "report %s/hostile.cbor %s/experiment.json --title '%s' -o %s/page.html",
             directory, directory, hostile[3], directory);
    program_run(program, "", arguments);
    if (program->code != 0)
        fail_msg("%s", program->errors);
    snprintf(path, sizeof path, "%s/page.html", directory);
    char *text = read_page(path);
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if (strstr(text, never[i]) != NULL)
            fail_msg("%s: %.200s", never[i], strstr(text, never[i]));
    assert_int_equal(count_of(text, "<script"), count_of(text, "</script>"));
    assert_int_equal(count_of(text, "<style"), count_of(text, "</style>"));
    assert_non_null(strstr(text, "&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_non_null(strstr(text, " crashes after 1.000 us on CPU 0, &lt;script&gt;alert(1)&lt;/script&gt;: "));
    assert_non_null(
        strstr(text, "seed 0: 3 interrupts of &quot;&gt;&lt;img src=x onerror=alert(2)&gt;, vector 0, lost: "));
    assert_non_null(strstr(text, "1 result stopped before the end"));
    assert_non_null(strstr(text, "not understood: <code>&lt;script&gt;alert(7)&lt;/script&gt; == 0</code>"));
    free(text);
    free(program);
    temporary_directory_remove(directory);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stay_text),
    };

    if (argc == 1)
        return cmocka_run_group_tests(tests, NULL, NULL);
    write_results(argv[1]);
    write_experiment(argv[1]);
    return 0;
}
