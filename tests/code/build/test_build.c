/* SPDX-License-Identifier: Apache-2.0
 *
 * What builds are made of: lists of words, programs side by side, symbol tables, the temporary folder, the compiler,
 * the section .irqpath.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "code/build/compiler.h"
#include "code/build/programs.h"
#include "code/build/report.h"
#include "code/build/symbols.h"
#include "code/build/words.h"
#include "code/build/workspace.h"

static void words_are_split_and_joined(void **state)
{
    struct words words = { 0 }, all = { 0 };
    char *text;

    (void)state;
    words_split(&words, ",a,, bc,d ", ", ");
    assert_int_equal(words.count, 3);
    assert_string_equal(words.items[1], "bc");
    assert_null(words.items[3]);
    words_add(&all, "%d%s", 1, "x");
    words_add_all(&all, &words);
    text = words_join(&all);
    assert_string_equal(text, "1x a bc d");
    free(text);
    words_free(&all);
    words_free(&words);
    text = words_join(&words);
    assert_string_equal(text, "");
    free(text);
}

/* More programs than run at once; outputs do not mix, and each status is its own. */
static void programs_have_their_own_output_and_status(void **state)
{
    struct program programs[5] = { 0 };

    (void)state;
    for (int i = 0; i < 5; i++) {
        words_split(&programs[i].arguments, "sh -c", " ");
        words_add(&programs[i].arguments, "pwd; echo error %d >&2; exit %d", i, i);
        programs[i].directory = "/";
    }
    programs_run(programs, 5, 2);
    for (int i = 0; i < 5; i++) {
        char expected[32];

        snprintf(expected, sizeof(expected), "/\nerror %d\n", i);
        assert_string_equal(programs[i].output, expected);
        assert_int_equal(programs[i].status, i);
        program_free(&programs[i]);
    }
}

static void a_program_may_be_missing_or_be_killed(void **state)
{
    struct program programs[3] = { 0 };

    (void)state;
    words_add(&programs[0].arguments, "irqpath-no-such-program");
    words_split(&programs[1].arguments, "sh -c", " ");
    words_add(&programs[1].arguments, "kill -9 $$");
    words_add(&programs[2].arguments, "true");
    programs[2].directory = "/irqpath-no-such-folder";
    programs_run(programs, 3, 0);
    assert_int_equal(programs[0].status, 127);
    assert_non_null(strstr(programs[0].output, "irqpath-no-such-program: No such file"));
    assert_int_equal(programs[1].status, 128 + 9);
    assert_int_equal(programs[2].status, 127);
    for (int i = 0; i < 3; i++)
        program_free(&programs[i]);
}

/* What a program reads has nothing to do with what irqpath reads. */
static void a_program_has_no_input(void **state)
{
    struct program program = { 0 };
    int ends[2], input = dup(0);

    (void)state;
    assert_true(input >= 0);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "text\n", 5), 5);
    assert_int_equal(dup2(ends[0], 0), 0);
    close(ends[0]);
    close(ends[1]);
    words_add(&program.arguments, "cat");
    programs_run(&program, 1, 1);
    assert_int_equal(dup2(input, 0), 0);
    close(input);
    assert_int_equal(program.status, 0);
    assert_string_equal(program.output, "");
    program_free(&program);
}

static void the_folder_is_written_and_removed(void **state)
{
    char *folder = workspace_make(), path[128], *text;

    (void)state;
    assert_non_null(folder);
    assert_true(workspace_write(folder, "a/b/c.txt", "text\n"));
    assert_true(workspace_write(folder, "empty", ""));
    snprintf(path, sizeof(path), "%s/a/b/c.txt", folder);
    text = file_read(path);
    assert_string_equal(text, "text\n");
    free(text);
    assert_false(workspace_write(folder, "a/b", "a folder"));
    snprintf(path, sizeof(path), "%s/empty", folder);
    assert_true(file_exists(path));
    text = file_read(path);
    assert_string_equal(text, "");
    free(text);
    workspace_remove(folder);
    assert_false(file_exists(path));
    assert_null(file_read(path));
    free(folder);
}

static bool contains(const struct words *words, const char *name)
{
    for (size_t i = 0; i < words->count; i++)
        if (!strcmp(words->items[i], name))
            return true;
    return false;
}

static void compile(const struct compiler *compiler, const char *folder, const char *name, const char *code)
{
    struct program program = { .directory = folder };
    char file[64];

    snprintf(file, sizeof(file), "%s.c", name);
    assert_true(workspace_write(folder, file, code));
    compiler_start(compiler, &program.arguments);
    compiler_add_instrumentation(compiler, &program.arguments);
    words_add(&program.arguments, "%s", file);
    programs_run(&program, 1, 1);
    if (program.status != 0)
        fail_msg("%s", program.output);
    program_free(&program);
}

/* An object of one file that calls a function, reads a variable and has weak names, and of the rows of .irqpath. */
static void check_object(const char *compiler_name)
{
    static const struct report_info info = { "xen", "cc \"1\"", "-O2", "/a\\b", "v1", "x.c\ny.c" };
    char message[256] = "", path[128], *folder = workspace_make();
    struct words objects = { 0 }, names = { 0 }, data = { 0 };
    struct compiler compiler = { 0 };

    assert_true(compiler_find(&compiler, compiler_name, 2, message, sizeof(message)));
    compile(&compiler, folder, "a",
            "void called(void); extern int read; extern __attribute__((weak)) int weak; int f(void)\n"
            "{ called(); return read + (&weak != 0); }\n");
    assert_true(report_write_info(&info, folder, "b.c"));
    compile(&compiler, folder, "c", "#include \"b.c\"\n");
    words_add(&objects, "%s/a.o", folder);
    words_add(&objects, "%s/c.o", folder);
    assert_true(symbols_undefined(objects.items[0], &names));
    assert_true(contains(&names, "called") && contains(&names, "read") && !contains(&names, "weak"));
    assert_true(contains(&names, "__tsan_read4"));
    words_free(&names);
    snprintf(path, sizeof(path), "%s/x.so", folder);
    assert_true(compiler_link(&compiler, &objects, path));
    assert_true(symbols_undefined(path, &names) && symbols_undefined_data(path, &data));
    assert_true(contains(&names, "called") && contains(&names, "read"));
    assert_true(!contains(&data, "called") && contains(&data, "read"));
    words_free(&names);
    words_free(&data);
    words_free(&objects);
    compiler_free(&compiler);
    workspace_remove(folder);
    free(folder);
}

static void an_object_is_made_by_gcc_and_clang(void **state)
{
    static const char *const names[] = { "gcc", "clang", "gcc-12", "clang-14" };
    size_t made = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct compiler compiler = { 0 };
        char message[256];
        if (!compiler_find(&compiler, names[i], 2, message, sizeof(message)))
            continue;
        compiler_free(&compiler);
        check_object(names[i]);
        made++;
    }
    assert_true(made > 0);
}

static void a_file_that_is_no_object_is_told(void **state)
{
    struct words names = { 0 };

    (void)state;
    assert_false(symbols_undefined("/nowhere/a.o", &names));
    assert_false(symbols_undefined(__FILE__, &names));
    assert_false(symbols_undefined_data(__FILE__, &names));
    assert_int_equal(names.count, 0);
}

static void the_compiler_is_found(void **state)
{
    struct compiler compiler = { 0 };
    char message[256], command[128], *flags;

    (void)state;
    setenv("CC", "irqpath-no-cc", 1);
    assert_false(compiler_find(&compiler, NULL, 2, message, sizeof(message)));
    assert_non_null(strstr(message, "'irqpath-no-cc' does not run (environment variable CC)"));
    setenv("CC", "", 1);
    assert_true(compiler_find(&compiler, NULL, 3, message, sizeof(message)));
    flags = compiler_flags(&compiler);
    assert_int_equal(strncmp(flags, "-O3 ", 4), 0);
    free(flags);
    snprintf(command, sizeof(command), "env %s", compiler.command.items[0]);
    compiler_free(&compiler);
    assert_true(compiler_find(&compiler, command, 2, message, sizeof(message)));
    assert_int_equal(compiler.command.count, 2);
    compiler_free(&compiler);
}

static void a_compiler_that_is_too_old_is_refused(void **state)
{
    char *folder = workspace_make(), command[128], path[1024], message[256];
    struct compiler compiler = { 0 };

    (void)state;
    assert_true(
        workspace_write(folder, "gcc", "#!/bin/sh\ncase $* in *auto-var-init*) exit 1 ;; esac\necho gcc 11.4.0"));
    snprintf(command, sizeof(command), "sh %s/gcc", folder);
    assert_false(compiler_find(&compiler, command, 2, message, sizeof(message)));
    assert_non_null(strstr(message,
                           "/gcc' (gcc 11.4.0) does not know -ftrivial-auto-var-init=pattern: gcc 12, clang 14 "
                           "and later do"));
    setenv("CC", command, 1);
    assert_false(compiler_find(&compiler, NULL, 2, message, sizeof(message)));
    assert_non_null(strstr(message, "later do (environment variable CC)"));
    setenv("CC", "", 1);
    snprintf(command, sizeof(command), "chmod +x %s/gcc", folder);
    assert_int_equal(system(command), 0);
    snprintf(path, sizeof(path), "%s:%s", folder, getenv("PATH"));
    setenv("PATH", path, 1);
    *message = '\0';
    if (compiler_find(&compiler, NULL, 2, message, sizeof(message))) { /* another one */
        assert_string_equal(message, "");
        assert_string_not_equal(compiler.version, "gcc 11.4.0");
        compiler_free(&compiler);
    } else {
        assert_non_null(strstr(message, "neither gcc 12 nor clang 14 is there"));
    }
    workspace_remove(folder);
    free(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_split_and_joined),
        cmocka_unit_test(programs_have_their_own_output_and_status),
        cmocka_unit_test(a_program_may_be_missing_or_be_killed),
        cmocka_unit_test(a_program_has_no_input),
        cmocka_unit_test(the_folder_is_written_and_removed),
        cmocka_unit_test(an_object_is_made_by_gcc_and_clang),
        cmocka_unit_test(a_file_that_is_no_object_is_told),
        cmocka_unit_test(the_compiler_is_found),
        cmocka_unit_test(a_compiler_that_is_too_old_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
