/* SPDX-License-Identifier: Apache-2.0
 *
 * The contrasts of page.css in both themes, by WCAG 2.1: text has 4.5 to 1 (1.4.3), what carries meaning without being
 * text 3 to 1 (1.4.11).
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/asset.h"

#define TEXT 4.5
#define SHAPE 3.0

enum theme { LIGHT, DARK, THEMES };

/* The style sheet as text. The caller frees it. */
static char *style_sheet(void)
{
    for (size_t i = 0; i < asset_count; i++)
        if (strcmp(assets[i].name, "page.css") == 0)
            return strndup((const char *)assets[i].bytes, assets[i].count);
    fail_msg("no page.css");
    return NULL;
}

/* Finds "--NAME: light-dark(#rrggbb, #rrggbb)". */
static void read_colour(const char *css, const char *name, unsigned colours[THEMES])
{
    char start[64];

    snprintf(start, sizeof start, "  --%s: light-dark(", name);
    const char *found = strstr(css, start);
    if (found == NULL || sscanf(found + strlen(start), "#%6x, #%6x", &colours[LIGHT], &colours[DARK]) != 2)
        fail_msg("no colour --%s", name);
}

/* WCAG 2.1, "relative luminance" */
static double luminance(unsigned colour)
{
    static const double weights[] = { 0.2126, 0.7152, 0.0722 };
    double sum = 0;

    for (int i = 0; i < 3; i++) {
        double share = (double)(colour >> (16 - 8 * i) & 0xff) / 255;
        sum += weights[i] * (share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4));
    }
    return sum;
}

/* WCAG 2.1, "contrast ratio" */
static double contrast(unsigned one, unsigned other)
{
    double a = luminance(one), b = luminance(other);

    return (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05);
}

static void the_formula_is_that_of_wcag(void **state)
{
    (void)state;
    assert_true(fabs(contrast(0x000000, 0xffffff) - 21) < 1e-9);
    assert_true(fabs(contrast(0x777777, 0xffffff) - 4.48) < 0.005);
}

static void contrasts_are_large_enough(void **state)
{
    static const struct {
        const char *front;
        double least;
        const char *backs[5];
    } rows[] = {
        { "ink", TEXT, { "paper", "panel", "hover" } },
        { "muted", TEXT, { "paper", "panel", "hover" } },
        { "link", TEXT, { "paper", "panel", "hover" } },
        { "good", TEXT, { "paper", "panel", "hover" } },
        { "bad", TEXT, { "paper", "panel", "hover" } },
        { "warn", TEXT, { "paper", "panel", "hover" } },
        { "paper", TEXT, { "ink" } }, /* of the tip */
        { "edge", SHAPE, { "paper", "panel" } },
        { "series-1", SHAPE, { "paper", "panel", "hover" } },
        { "series-2", SHAPE, { "paper", "panel", "hover" } },
        { "series-3", SHAPE, { "paper", "panel", "hover" } },
        { "series-4", SHAPE, { "paper", "panel", "hover" } },
        { "series-5", SHAPE, { "paper", "panel", "hover" } },
        { "series-6", SHAPE, { "paper", "panel", "hover" } },
        { "series-7", SHAPE, { "paper", "panel", "hover" } },
        { "series-8", SHAPE, { "paper", "panel", "hover" } },
        { "on-state", TEXT, { "series-1", "series-2", "series-3", "series-4" } },
        { "on-state", TEXT, { "series-5", "series-6", "series-7", "series-8" } },
        { "on-state", TEXT, { "state-running", "state-lock", "state-steal", "state-blocked", "state-offline" } },
    };
    char *css = style_sheet();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t at = 0; at < 5 && rows[i].backs[at] != NULL; at++) {
            unsigned front[THEMES], back[THEMES];
            read_colour(css, rows[i].front, front);
            read_colour(css, rows[i].backs[at], back);
            for (int theme = 0; theme < THEMES; theme++)
                if (contrast(front[theme], back[theme]) < rows[i].least)
                    print_error("%s on %s, %s: %.2f, not %.1f\n", rows[i].front, rows[i].backs[at],
                                theme == LIGHT ? "light" : "dark", contrast(front[theme], back[theme]), rows[i].least),
                        fail();
        }
    free(css);
}

/* No colour stands outside of the variables. */
static void colours_are_variables(void **state)
{
    (void)state;
    for (size_t i = 0; i < asset_count; i++) {
        if (strncmp(assets[i].name, "uplot/", 6) == 0)
            continue;
        char *text = strndup((const char *)assets[i].bytes, assets[i].count), *rest = text, *line;
        while ((line = strsep(&rest, "\n")) != NULL) {
            const char *hash = strchr(line, '#');
            bool is_colour = hash != NULL && strspn(hash + 1, "0123456789abcdefABCDEF") >= 6;
            if (is_colour && strstr(line, "light-dark(") == NULL)
                fail_msg("%s: %s", assets[i].name, line);
        }
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_formula_is_that_of_wcag),
        cmocka_unit_test(contrasts_are_large_enough),
        cmocka_unit_test(colours_are_variables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
