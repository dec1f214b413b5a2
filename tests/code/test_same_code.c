/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects of the same code, and of code that differs in one place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "code/same_code.h"
#include "code_sample.h"

#define TEXT(constant) "extern int wanted(int);\nint value = 1;\nint add(int a) { return a + wanted(" constant "); }\n"

static const struct {
    const char *text, *rows; /* rows of the section .irqpath */
    bool is_same;
} rows[] = {
    { TEXT("1"), "files: a.c\ncommit: 1\n", true },
    { "/* A comment\n * more. */\n" TEXT("1"), "files: a.c\ncommit: 1\n", true },
    { TEXT("1"), "files: a.c\ncommit: 2\n", true },
    { TEXT("2"), "files: a.c\ncommit: 1\n", false },
    { TEXT("1") "int more;\n", "files: a.c\ncommit: 1\n", false },
    { TEXT("1") "int more(void) { return 1; }\n", "files: a.c\ncommit: 1\n", false },
    { "extern int wanted(int);\nint value = 2;\nint add(int a) { return a + wanted(1); }\n", "files: a.c\ncommit: 1\n",
      false },
    { "extern int wanted2(int);\nint value = 1;\nint add(int a) { return a + wanted2(1); }\n",
      "files: a.c\ncommit: 1\n", false },
};

static struct code_object *open_sample(struct sample *sample, const struct sample_compiler *compiler, size_t row)
{
    char message[256];

    sample_new(sample);
    sample_write(sample, "a.c", rows[row].text);
    sample_compile(sample, compiler, "-O2 -fcf-protection=none -fno-asynchronous-unwind-tables", "a.c", rows[row].rows);
    struct code_object *object = code_object_open(sample->object, message, sizeof(message));
    assert_non_null(object);
    return object;
}

static void only_what_is_loaded_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLE_COMPILERS; i++) {
        if (!sample_has(&sample_compilers[i]))
            continue;
        struct sample first;
        struct code_object *base = open_sample(&first, &sample_compilers[i], 0);
        for (size_t row = 0; row < sizeof(rows) / sizeof(*rows); row++) {
            struct sample sample;
            struct code_object *object = open_sample(&sample, &sample_compilers[i], row);
            assert_int_equal(code_object_is_same(base, object), rows[row].is_same);
            assert_int_equal(code_object_is_same(object, base), rows[row].is_same);
            code_object_close(object);
            sample_remove(&sample);
        }
        code_object_close(base);
        sample_remove(&first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_loaded_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
