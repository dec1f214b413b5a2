/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath list code: an object's rows, what its files replace, and what nothing implements.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "code/code_sample.h"
#include "program.h"

static void an_object_says_what_it_is(void **state)
{
    static const char rows[] = "family: xen\ncompiler: gcc 12\nflags: -O2\ncommit: RELEASE-1\n"
                               "files:  common/tasklet.c   common/other.c\n";
    static struct program program;
    struct sample sample;
    char arguments[128];
    json_error_t error;

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    sample_new(&sample);
    sample_write(&sample, "a.c",
                 "extern int nobody(int);\nextern int irqpath_irq_is_on(void);\n"
                 "int add(int *a) { irqpath_irq_is_on(); return ++*a + nobody(1); }\n");
    sample_compile(&sample, &sample_compilers[0], "-O2", "a.c", rows);
    snprintf(arguments, sizeof(arguments), "list code %s", sample.object);
    program_run(&program, "", arguments);
    assert_int_equal(program.code, 0);
    assert_string_equal(program.errors, "");
    assert_non_null(strstr(program.output, "compiler  gcc 12\n"));
    assert_non_null(strstr(program.output, "files     common/tasklet.c: tasklets"));
    assert_non_null(strstr(program.output, "          common/other.c: nothing by itself\n"));
    assert_non_null(strstr(program.output, "undefined nobody\n"));
    strcat(arguments, " --json");
    program_run(&program, "", arguments);
    json_t *json = json_loads(program.output, 0, &error), *code = json_object_get(json, "code");
    assert_non_null(code);
    assert_string_equal(json_string_value(json_object_get(code, "commit")), "RELEASE-1");
    assert_int_equal(strlen(json_string_value(json_object_get(code, "hash"))), 40);
    assert_int_equal(json_array_size(json_object_get(code, "files")), 2);
    assert_int_equal(json_array_size(json_object_get(code, "undefined")), 1);
    json_decref(json);
    sample_remove(&sample);
}

static void what_is_no_object_is_refused(void **state)
{
    static const struct {
        const char *arguments, *message;
    } rows[] = {
        { "list code", "missing argument: irqpath list code OBJECT" },
        { "list code /nonexistent/x.so", "/nonexistent/x.so: No such file or directory" },
        { "list code " SOURCE_DIR "/README.md", "not a code object (irqpath build makes them)" },
        { "list designs x.so", "unexpected argument 'x.so'" },
    };
    static struct program program;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        program_run(&program, "", rows[i].arguments);
        assert_int_equal(program.code, 2);
        assert_string_equal(program.output, "");
        if (strstr(program.errors, rows[i].message) == NULL)
            fail_msg("%s: %s", rows[i].arguments, program.errors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_says_what_it_is),
        cmocka_unit_test(what_is_no_object_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
