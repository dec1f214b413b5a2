/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath build --xen with a folder in the shape of a tree, whose files are a few lines of ours: what is compiled, what
 * is told, exit codes, and the same object twice.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "code/build/xen_folders.h"
#include "program.h"

struct fixture {
    char folder[64];
    struct program program;
};

static void shell(const struct fixture *fixture, const char *format)
{
    char *line;

    assert_true(asprintf(&line, format, fixture->folder) > 0);
    assert_int_equal(system(line), 0);
    free(line);
}

static int set_up(void **state)
{
    static struct fixture fixture;

    strcpy(fixture.folder, "/tmp/irqpath-tree-XXXXXX");
    assert_non_null(mkdtemp(fixture.folder));
    shell(&fixture, xen_folders);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    shell(*state, "rm -r %s");
    return 0;
}

/* Runs `irqpath build` with the arguments, in which @ stands for the folder. */
static const struct program *build(struct fixture *fixture, const char *arguments)
{
    char line[2048] = "", environment[256];
    size_t used = 0;

    for (; *arguments; arguments++) {
        if (*arguments == '@')
            used += (size_t)snprintf(line + used, sizeof(line) - used, "%s", fixture->folder);
        else
            line[used++] = *arguments;
    }
    snprintf(environment, sizeof(environment), "unset CC; IRQPATH_CODE=%s/sources", fixture->folder);
    program_run(&fixture->program, environment, line);
    return &fixture->program;
}

/* The object's section .irqpath, by the shell. */
static void read_rows(struct fixture *fixture, char *rows, size_t rows_bytes)
{
    char line[256];
    FILE *stream;

    snprintf(line, sizeof(line), "readelf -p .irqpath %s/x.so", fixture->folder);
    stream = popen(line, "r");
    assert_non_null(stream);
    rows[fread(rows, 1, rows_bytes - 1, stream)] = '\0';
    assert_int_equal(pclose(stream), 0);
}

static void the_default_files_become_an_object(void **state)
{
    struct fixture *fixture = *state;
    const struct program *program = build(fixture, "build --xen @/tree -o @/x.so");
    char rows[4096];

    assert_int_equal(program->code, 0);
    assert_string_equal(program->output, "");
    assert_non_null(strstr(program->errors, "elsewhere, which xen/common/tasklet.c uses"));
    assert_null(strstr(program->errors, "irqpath_cpu"));
    read_rows(fixture, rows, sizeof(rows));
    assert_non_null(strstr(rows, "abi: 1"));
    assert_non_null(strstr(rows, "family: xen"));
    assert_non_null(strstr(rows, "compiler: "));
    assert_non_null(strstr(rows, "-O2"));
    assert_non_null(strstr(rows, "commit: 4.17.5"));
    assert_non_null(strstr(rows, "files: common/tasklet.c drivers/passthrough/x86/hvm.c"));
}

static void quiet_prints_no_warning(void **state)
{
    assert_string_equal(build(*state, "build --xen @/tree -o @/x.so -q")->errors, "");
}

static void the_folder_xen_and_older_places_are_found(void **state)
{
    char rows[4096];

    assert_int_equal(build(*state, "build --xen @/tree/xen --files tasklet.c -o @/x.so -q")->code, 0);
    assert_int_equal(build(*state, "build --xen @/old -o @/x.so --optimise 1")->code, 0);
    read_rows(*state, rows, sizeof(rows));
    assert_non_null(strstr(rows, "files: common/tasklet.c drivers/passthrough/io.c"));
    assert_non_null(strstr(rows, "-O1"));
}

static void the_same_input_gives_the_same_object(void **state)
{
    assert_int_equal(build(*state, "build --xen @/tree -o @/a.so -q && cp @/a.so @/b.so")->code, 0);
    assert_int_equal(build(*state, "build --xen @/tree -o @/a.so -q && cmp @/a.so @/b.so")->code, 0);
    assert_int_equal(build(*state, "build --xen @/tree -o @/a.so -q --optimise 1; cmp -s @/a.so @/b.so")->code, 1);
}

static void a_file_that_does_not_compile_is_125(void **state)
{
    const struct program *program = build(*state, "build --xen @/tree --files common/softirq.c -o @/y.so");

    assert_int_equal(program->code, 125);
    assert_non_null(strstr(program->errors, "xen/common/softirq.c:1:"));
    assert_non_null(strstr(program->errors, "undeclared"));
}

static void what_cannot_be_used_is_2(void **state)
{
    static const struct {
        const char *arguments, *message;
    } rows[] = {
        { "build --xen @/other -o @/y.so", "/other: no Xen tree: it has no xen/common/tasklet.c" },
        { "build --xen @/nowhere -o @/y.so", "/nowhere: no Xen tree" },
        { "build --xen @/tree --files sched.c -o @/y.so",
          "has no 'sched.c' that can be built; it has common/tasklet.c" },
        { "build --xen @/tree --files irq.c -o @/y.so", "reached through drivers/passthrough/x86/hvm.c" },
        { "build --xen @/tree --compiler no-such-cc -o @/y.so", "the compiler 'no-such-cc' does not run" },
        { "build --xen @/tree --optimise 4 -o @/y.so", "--optimise: the value must be at most 3" },
        { "build -o @/y.so", "are needed" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct program *program = build(*state, rows[i].arguments);

        assert_int_equal(program->code, 2);
        assert_non_null(strstr(program->errors, rows[i].message));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_files_become_an_object),
        cmocka_unit_test(quiet_prints_no_warning),
        cmocka_unit_test(the_folder_xen_and_older_places_are_found),
        cmocka_unit_test(the_same_input_gives_the_same_object),
        cmocka_unit_test(a_file_that_does_not_compile_is_125),
        cmocka_unit_test(what_cannot_be_used_is_2),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
