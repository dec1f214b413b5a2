/* SPDX-License-Identifier: Apache-2.0
 *
 * The width of a terminal, of a pipe, and what COLUMNS says.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "commands/width.h"
#include "terminal.h"

/* Opens a terminal of this width; -1 where there are none. */
static int open_terminal(unsigned short columns, int *master)
{
    struct winsize size = { .ws_row = 24, .ws_col = columns };
    int terminal = terminal_open(master);

    if (terminal >= 0)
        assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
    return terminal;
}

static void set_columns(const char *columns)
{
    if (columns == NULL)
        unsetenv("COLUMNS");
    else
        setenv("COLUMNS", columns, 1);
}

static void width_of_a_pipe(void **state)
{
    static const struct {
        const char *columns;
        size_t width;
    } rows[] = {
        { NULL, SIZE_MAX },  { "", SIZE_MAX },  { "80", 80 },        { "20", 20 },
        { "19", SIZE_MAX },  { "0", SIZE_MAX }, { "-1", SIZE_MAX },  { "80x", SIZE_MAX },
        { "+80", SIZE_MAX }, { "200", 200 },    { " 80", SIZE_MAX }, { "99999999999999999999", SIZE_MAX },
    };
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        set_columns(rows[i].columns);
        assert_true(output_width(ends[1]) == rows[i].width);
    }
    close(ends[0]);
    close(ends[1]);
}

static void width_of_a_terminal(void **state)
{
    static const struct {
        unsigned short terminal;
        const char *columns;
        size_t width;
    } rows[] = { { 132, NULL, 132 }, { 132, "80", 80 }, { 132, "x", 132 }, { 7, NULL, 20 }, { 0, NULL, SIZE_MAX } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int master, terminal = open_terminal(rows[i].terminal, &master);
        if (terminal < 0)
            skip();
        set_columns(rows[i].columns);
        assert_true(output_width(terminal) == rows[i].width);
        close(terminal);
        close(master);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(width_of_a_pipe), cmocka_unit_test(width_of_a_terminal) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
