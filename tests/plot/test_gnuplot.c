/* SPDX-License-Identifier: Apache-2.0
 *
 * Running gnuplot: messages for errors, and that user text is never executed as a command.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plot/gnuplot.h"

static bool has_gnuplot(void) { return system("gnuplot --version >/dev/null 2>&1") == 0; }

static void quoting(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "plain, 5 %", "\"plain, 5 %\"" },
        { "it's", "\"it\\047s\"" },
        { "'; system('x'); '", "\"\\047; system(\\047x\\047); \\047\"" },
        { "a\nb\tc\x7f", "\"a?b?c?\"" },
        { "`touch x` $(y) \"z\" \\", "\"\\140touch x\\140 \\044(y) \\042z\\042 \\134\"" },
        { "µs", "\"µs\"" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text;
        size_t bytes;
        FILE *out = open_memstream(&text, &bytes);
        plot_print_quoted(out, rows[i][0]);
        fclose(out);
        assert_string_equal(text, rows[i][1]);
        free(text);
    }
}

/* Everything a user could name is put where figures put names; the marker must not appear. */
static void names_are_never_commands(void **state)
{
    (void)state;
    if (!has_gnuplot())
        skip();
    char marker[] = "/tmp/irqpath-test-XXXXXX", attack[200], *script, *picture, message[400] = "";
    size_t bytes, picture_bytes;
    int file = mkstemp(marker);
    assert_true(file >= 0);
    close(file);
    unlink(marker);
    snprintf(attack, sizeof attack, "`touch %s`'; system('touch %s'); ! touch %s", marker, marker, marker);

    FILE *out = open_memstream(&script, &bytes);
    plot_print_terminal(out, PLOT_SVG, "attack`touch x`", 760, 300);
    fputs("set title ", out);
    plot_print_quoted(out, attack);
    fputc('\n', out);
    fputs("set xlabel ", out);
    plot_print_quoted(out, attack);
    fputs("\nset xtics (", out);
    plot_print_quoted(out, attack);
    fputs(" 1)\nset label 9 ", out);
    plot_print_quoted(out, attack);
    fputs(" at 1,1\nplot [0:2] x title ", out);
    plot_print_quoted(out, attack);
    fputc('\n', out);
    fclose(out);
    bool is_good = plot_run_gnuplot(script, &picture, &picture_bytes, message, sizeof message);
    if (!is_good)
        fail_msg("%s", message);
    assert_non_null(strstr(picture, "`touch"));
    assert_true(access(marker, F_OK) != 0);
    free(picture);
    free(script);
}

static void an_svg_has_one_title(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        { "<svg><title>q</title><g><title>$data0 using 1</title><text font-family=\"DejaVu Sans\">t</text></g></svg>",
          "A <b> & c\n",
          "<svg><title>A &lt;b&gt; &amp; c?</title><g><text font-family=\"DejaVu Sans,Verdana,Arial,sans-serif\">"
          "t</text></g></svg>" },
        { "<svg></svg>", "T", "<svg></svg>" },
        { "<title>", "T", "<title>" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *svg = strdup(rows[i][0]);
        size_t bytes = strlen(svg);
        plot_finish_svg(&svg, &bytes, rows[i][1]);
        assert_string_equal(svg, rows[i][2]);
        assert_int_equal(bytes, strlen(rows[i][2]));
        free(svg);
    }
}

static void failures_are_told(void **state)
{
    (void)state;
    if (!has_gnuplot())
        skip();
    static const char *const rows[][2] = {
        { "plot nonsense(\n", "gnuplot failed:" },
        { "set terminal svg\n", "gnuplot drew nothing" },
        { "exit status 3\n", "gnuplot failed: no reason given" },
        { "set terminal svg\nplot [1:2] [5:5] x\n", "gnuplot failed:" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *picture, message[400] = "";
        size_t bytes;
        assert_false(plot_run_gnuplot(rows[i][0], &picture, &bytes, message, sizeof message));
        assert_memory_equal(message, rows[i][1], strlen(rows[i][1]));
    }
}

static void a_missing_gnuplot_is_told(void **state)
{
    (void)state;
    char *picture, message[400] = "", *path = strdup(getenv("PATH"));
    size_t bytes;
    setenv("PATH", "/nonexistent", 1);
    bool is_good = plot_run_gnuplot("plot x\n", &picture, &bytes, message, sizeof message);
    setenv("PATH", path, 1);
    free(path);
    assert_false(is_good);
    assert_string_equal(message, "gnuplot: No such file or directory (the Debian package is gnuplot-nox)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quoting),
        cmocka_unit_test(names_are_never_commands),
        cmocka_unit_test(an_svg_has_one_title),
        cmocka_unit_test(failures_are_told),
        cmocka_unit_test(a_missing_gnuplot_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
