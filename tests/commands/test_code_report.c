/* SPDX-License-Identifier: Apache-2.0
 *
 * Coverage of a code object as text, JSON and listing, and the options of explore that ask for it.
 */
#define _GNU_SOURCE
#include "commands/code_report.h"

#include "death.h"
#include "code/code_run.h"
#include "code/patch.h"
#include "commands/cli.h"
#include "program.h"

static const char *const text = "extern void outside(int);\n"
                                "void unused(void)\n"
                                "{\n"
                                "    outside(4);\n"
                                "}\n"
                                "int run(int x)\n"
                                "{\n"
                                "    if (x)\n"
                                "        outside(9);\n"
                                "    return 0;\n"
                                "}\n";

static struct sample sample;
static struct code_object *object;

static int open_object(void **state)
{
    struct code_run run;
    char message[256];

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        return 0;
    sample_new(&sample);
    sample_write(&sample, "x/a.c", text);
    sample_compile(&sample, &sample_compilers[0], "-O1", "x/a.c", "files: a.c\ncompiler: gcc 1\ncommit: v2\n");
    object = code_object_open(sample.object, message, sizeof(message));
    if (object == NULL)
        return 1;
    code_run_open(&run, &sample, object);
    code_run_call(&run, 1);
    code_run_close(&run);
    return 0;
}

static int close_object(void **state)
{
    (void)state;
    if (object == NULL)
        return 0;
    code_object_close(object);
    sample_remove(&sample);
    return 0;
}

static struct patch patch_of(const char *text_of_patch)
{
    char path[64], message[128];
    struct patch patch;

    sample_write(&sample, "x.patch", text_of_patch);
    snprintf(path, sizeof(path), "%s/x.patch", sample.directory);
    assert_true(patch_open(&patch, path, message, sizeof(message)));
    return patch;
}

static void test_text(void **state)
{
    char *printed;
    size_t bytes;

    (void)state;
    if (object == NULL)
        skip();
    struct patch reached = patch_of("--- a/x/a.c\n+++ b/x/a.c\n@@ -8,2 +8,2 @@\n-\n-\n+ \n+ \n");
    struct patch missed = patch_of("--- a/x/a.c\n+++ b/x/a.c\n@@ -4 +4 @@\n-\n+ \n");
    FILE *stream = open_memstream(&printed, &bytes);
    code_report_print(object, NULL, stream);
    code_report_print(object, &reached, stream);
    code_report_print(object, &missed, stream);
    fclose(stream);
    assert_memory_equal(printed, "x/a.c: ", 7);
    assert_non_null(strstr(printed, "\n  functions never entered: unused\n"));
    assert_non_null(strstr(printed, "\nchanged lines reached: 2 of 2\n"));
    assert_non_null(
        strstr(printed, "\nchanged lines reached: 0 of 1; not reached: a.c:4: nothing of the patch has run"));
    free(printed);
    assert_false(code_report_misses_patch(object, &reached));
    assert_true(code_report_misses_patch(object, &missed));
    patch_free(&reached);
    patch_free(&missed);
}

static bool has_line(const json_t *lines, int line)
{
    json_t *value;
    size_t i;

    json_array_foreach(lines, i, value) if (json_integer_value(value) == line) return true;
    return false;
}

static void test_json(void **state)
{
    (void)state;
    if (object == NULL)
        skip();
    struct patch patch = patch_of("--- a/x/a.c\n+++ b/x/a.c\n@@ -4 +4 @@\n-\n+ \n@@ -9 +9 @@\n-\n+ \n");
    json_t *report = code_report_json(object, &patch), *file = json_array_get(json_object_get(report, "files"), 0);
    json_t *changed = json_object_get(report, "patch"), *functions = json_object_get(file, "functions");

    assert_string_equal(json_string_value(json_object_get(report, "object")), object->hash);
    assert_string_equal(json_string_value(json_object_get(report, "compiler")), "gcc 1");
    assert_string_equal(json_string_value(json_object_get(report, "commit")), "v2");
    assert_string_equal(json_string_value(json_object_get(file, "file")), "x/a.c");
    assert_true(has_line(json_object_get(file, "reached"), 9));
    assert_true(has_line(json_object_get(file, "unreached"), 4));
    assert_int_equal(json_array_size(functions), 2);
    assert_false(json_is_true(json_object_get(json_array_get(functions, 0), "reached")));
    assert_true(json_is_true(json_object_get(json_array_get(functions, 1), "reached")));
    assert_int_equal(json_integer_value(json_object_get(changed, "with_code")), 2);
    assert_int_equal(json_integer_value(json_object_get(changed, "reached")), 1);
    json_decref(report);
    patch_free(&patch);
    report = code_report_json(object, NULL);
    assert_null(json_object_get(report, "patch"));
    json_decref(report);
}

static void test_listing(void **state)
{
    static char listing[4096];
    const struct cli cli = { .command = NULL };
    char path[64];

    (void)state;
    if (object == NULL)
        skip();
    snprintf(path, sizeof(path), "%s/listing", sample.directory);
    assert_true(code_report_list(&cli, object, path));
    program_read(path, listing, sizeof(listing));
    assert_memory_equal(listing, "x/a.c\n", 6);
    assert_non_null(strstr(listing, "    #####:    4:    outside(4);\n"));
    assert_non_null(strstr(listing, "      1/1:    9:        outside(9);\n"));
}

static void test_options(void **state)
{
    static const char *const options[] = { "--patch x", "--listing x", "--races" };
    static struct program ran;
    char line[256];

    (void)state;
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        snprintf(line, sizeof(line), "explore " SOURCE_DIR "/scenarios/explore-steady.yaml %s", options[i]);
        program_run(&ran, "", line);
        assert_int_equal(ran.code, 2);
        assert_non_null(strstr(ran.errors, "--patch, --listing and --races need --code"));
    }
    if (object == NULL)
        return;
    snprintf(line, sizeof(line), "explore " SOURCE_DIR "/scenarios/explore-steady.yaml --code %s --patch /nowhere",
             sample.object);
    program_run(&ran, "", line);
    assert_int_equal(ran.code, 2);
    assert_non_null(strstr(ran.errors, "/nowhere: No such file or directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_listing),
        cmocka_unit_test(test_options),
    };

    return cmocka_run_group_tests(tests, open_object, close_object);
}
