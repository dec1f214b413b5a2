/* SPDX-License-Identifier: Apache-2.0
 *
 * What explore and run say about a code object: coverage, a patch, a listing. The object replaces nothing; the
 * functions that every object of its family has are called. Its row of files has no "xen/", as irqpath build leaves it
 * out.
 */
#include <jansson.h>

#include "death.h"
#include "code/code_sample.h"
#include "explore/state.h"
#include "program.h"

#define STEADY SOURCE_DIR "/scenarios/explore-steady.yaml --design softirq-requeue"

static const char *const text = "int booted, never;\n"
                                "void irqpath_xen_boot(void)\n"
                                "{\n"
                                "    booted = 1;\n" /* line 4 */
                                "}\n"
                                "int irqpath_cpu_notify(unsigned step, unsigned cpu)\n"
                                "{\n"
                                "    never += cpu;\n" /* line 8 */
                                "    return step;\n"
                                "}\n";

static const char *const reached = "--- a/xen/a.c\n+++ b/xen/a.c\n@@ -4 +4 @@\n-    booted = 2;\n+    booted = 1;\n";
static const char *const missed = "--- a/xen/a.c\n+++ b/xen/a.c\n@@ -8 +8 @@\n-    never++;\n+    never += cpu;\n";

static struct program ran;
static struct sample sample;

/* %s in the arguments is the sample's directory. */
static void run(const char *arguments)
{
    char line[1024];

    (void)snprintf(line, sizeof(line), arguments, sample.directory, sample.directory, sample.directory);
    program_run(&ran, "", line);
}

static int setup(void **state)
{
    (void)state;
    sample_new(&sample);
    if (!sample_has(&sample_compilers[0]))
        return 0;
    sample_write(&sample, "xen/a.c", text);
    sample_compile(&sample, &sample_compilers[0], "-O1", "xen/a.c", "family: xen\nfiles: a.c\n");
    sample_write(&sample, "reached.patch", reached);
    sample_write(&sample, "missed.patch", missed);
    sample_write(&sample, "none.patch", "nothing\n");
    sample_write(&sample, "old/xen/a.c", "int booted;\n");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sample_remove(&sample);
    return 0;
}

#define REACHED "changed lines reached: 1 of 1\n"
#define MISSED "nothing of the patch has run\n"

/* Under ASan nothing is explored, and what runs begins with a warning of ASan's about stacks. */
static void test_patch(void **state)
{
    static const struct {
        const char *arguments;
        int code;
        const char *output, *errors;
    } rows[] = {
        { "explore " STEADY " --code %s/x.so", 0, "  reached: a.c ", "" },
        { "explore " STEADY " --code %s/x.so --patch %s/reached.patch", 0, REACHED, "" },
        { "explore " STEADY " --code %s/x.so --patch %s/missed.patch", 1, MISSED, "no changed line was reached" },
        { "explore " STEADY " --code %s/x.so --patch %s/missed.patch --allow-unreached", 0, MISSED, "" },
        { "explore " STEADY " --code %s/x.so --patch %s/none.patch", 2, "", "no unified difference" },
        { "explore " STEADY " --code %s/x.so --against %s/old", 0, "changed lines reached: ", "" },
        { "explore " STEADY " --code %s/x.so --against %s", 2, "", "no file of the object differs" },
        { "explore " STEADY " --code %s/x.so --coverage", 0, "      2 irqpath_xen_boot                        ", "" },
        { "explore " STEADY " --coverage", 2, "", "--coverage has no effect without --code" },
        { "explore " STEADY " --races", 2, "", "--races has no effect without --code" },
        { "explore " STEADY " --accesses all", 2, "", "--accesses has no effect without --code" },
        { "explore " STEADY " --code %s/x.so --allow-unreached", 2, "", "without --patch or --against" },
        { "explore " STEADY " --code %s/x.so --patch %s/missed.patch --against %s", 2, "", "give one of them" },
        { "run " STEADY " --duration 1ms --code %s/x.so --patch %s/reached.patch", 0, REACHED, "" },
        { "run " STEADY " --duration 1ms --code %s/x.so --patch %s/missed.patch", 1, MISSED, "no changed line" },
    };

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (!explore_state_is_supported() && strncmp(rows[i].arguments, "run ", 4) != 0)
            continue;
        run(rows[i].arguments);
        if (ran.code != rows[i].code || !strstr(ran.output, rows[i].output) || !strstr(ran.errors, rows[i].errors) ||
            (explore_state_is_supported() && rows[i].errors[0] == '\0' && ran.errors[0] != '\0'))
            fail_msg("%s: exit %d\n%s%s", rows[i].arguments, ran.code, ran.output, ran.errors);
    }
}

/* Of all explorations of a command, whereas each verdict has its own. */
static void test_listing(void **state)
{
    char path[64], listing[1024];

    (void)state;
    if (!explore_state_is_supported() || !sample_has(&sample_compilers[0]))
        skip();
    run("explore " STEADY " --code %s/x.so --json --listing %s/listing --patch %s/reached.patch");
    assert_int_equal(ran.code, 0);
    json_t *document = json_loads(ran.output, 0, NULL);
    json_t *verdict = json_array_get(json_object_get(document, "verdicts"), 0);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(verdict, "patch"), "reached")), 1);
    assert_int_equal(json_array_size(json_object_get(verdict, "races")), 0);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(verdict, "coverage"), 0), "file")), "xen/a.c");
    json_decref(document);
    (void)snprintf(path, sizeof(path), "%s/listing", sample.directory);
    program_read(path, listing, sizeof(listing));
    assert_non_null(strstr(listing, "xen/a.c\n        -:    1:int booted, never;\n"));
    assert_non_null(strstr(listing, "    #####:    8:    never += cpu;\n"));

    /* A CPU that goes offline reaches line 8; the exploration after it does not. */
    run("explore " SOURCE_DIR "/scenarios/explore-cpu-offline.yaml " STEADY " --code %s/x.so --listing %s/both");
    assert_int_equal(ran.code, 0);
    (void)snprintf(path, sizeof(path), "%s/both", sample.directory);
    program_read(path, listing, sizeof(listing));
    assert_null(strstr(listing, "#####"));
}

/* A listing that lacks a file of the object is none. */
static void test_listing_without_sources(void **state)
{
    char path[64], moved[64], expected[128];

    (void)state;
    if (!explore_state_is_supported() || !sample_has(&sample_compilers[0]))
        skip();
    (void)snprintf(path, sizeof(path), "%s/xen/a.c", sample.directory);
    (void)snprintf(moved, sizeof(moved), "%s/moved.c", sample.directory);
    (void)snprintf(expected, sizeof(expected), "%s/xen/a.c: No such file or directory", sample.directory);
    assert_int_equal(rename(path, moved), 0);
    run("explore " STEADY " --code %s/x.so --listing %s/none");
    assert_int_equal(rename(moved, path), 0);
    assert_int_equal(ran.code, 4);
    assert_non_null(strstr(ran.errors, expected));
    (void)snprintf(path, sizeof(path), "%s/none", sample.directory);
    assert_int_not_equal(access(path, F_OK), 0);
    run("explore " STEADY " --code %s/x.so --listing %s/missing/none");
    assert_int_equal(ran.code, 4);
    assert_non_null(strstr(ran.errors, "missing/none: cannot be created"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patch),
        cmocka_unit_test(test_listing),
        cmocka_unit_test(test_listing_without_sources),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
