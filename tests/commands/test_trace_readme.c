/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the README's walk-through of a recording, and looks for the output that it shows.
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

#include "temporary.h"

static char directory[64];

static char *file_text(const char *path)
{
    static char text[1 << 18];
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    return text;
}

/* The first block of code behind `at`: its beginning; *end is set behind it. */
static char *block_after(char *at, char **end)
{
    char *begin = at != NULL ? strstr(at, "\n```\n") : NULL;

    assert_non_null(begin);
    begin += 5;
    *end = strstr(begin, "\n```\n");
    assert_non_null(*end);
    **end = '\0';
    *end += 1;
    (*end)[3] = ' ';
    return begin;
}

/* Its commands work, and print the lines that it shows. */
static void the_walk_through_works(void **state)
{
    static char output[1 << 18];
    char path[200], command[1200], *end, *line, *rest;
    char *commands = block_after(strstr(file_text(SOURCE_DIR "/README.md"), "## My box shows 20 % steal"), &end);
    char *shown = block_after(end, &end);
    size_t bytes = 0, count = 0;

    (void)state;
    snprintf(command, sizeof command, "cd %s && mkdir build && ln -s %s build/irqpath && ln -s %s/tests tests",
             directory, IRQPATH, SOURCE_DIR);
    assert_int_equal(system(command), 0);
    for (rest = commands; (line = strtok_r(rest, "\n", &rest)) != NULL; count++) {
        snprintf(command, sizeof command, "cd %s && { %s\n} >out", directory, line);
        if (system(command) != 0)
            fail_msg("%s", line);
        snprintf(path, sizeof path, "%s/out", directory);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        bytes += fread(output + bytes, 1, sizeof output - 1 - bytes, file);
        assert_int_equal(fclose(file), 0);
    }
    assert_int_equal(count, 3);
    for (rest = shown; (line = strtok_r(rest, "\n", &rest)) != NULL;)
        if (strstr(output, line) == NULL)
            fail_msg("the README shows '%s', which is not in\n%s", line, output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_walk_through_works),
    };

    strcpy(directory, "/tmp/irqpath-walk-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    temporary_directory_remove(directory);
    return failed;
}
