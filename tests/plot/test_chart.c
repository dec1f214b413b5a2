/* SPDX-License-Identifier: Apache-2.0
 *
 * Every kind of chart, with short, long, many and hostile names: no text is lost, lies outside of the picture or covers
 * another. The boxes of the texts are computed from the SVG and the widths of the font's characters.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot/chart.h"
#include "plot/text.h"

#define KEYS_MAX 60
#define SERIES_MAX 24
#define PANELS_MAX 6
#define TEXTS_MAX 4000

static bool has_gnuplot(void) { return system("gnuplot --version >/dev/null 2>&1") == 0; }

struct box {
    double x[4], y[4];
    const char *text; /* in the picture */
    int length;
};

struct boxes {
    struct box box[TEXTS_MAX];
    size_t count;
    double width, height; /* of the picture */
    char *all;            /* all texts without blanks, one after the other */
};

static size_t decode_entities(const char *from, size_t length, char *to)
{
    static const char *const entities[][2] = { { "&lt;", "<" }, { "&gt;", ">" }, { "&amp;", "&" }, { "&quot;", "\"" } };
    size_t count = 0;
    for (size_t i = 0; i < length;) {
        size_t at = 0;
        while (at < 4 && strncmp(from + i, entities[at][0], strlen(entities[at][0])) != 0)
            at++;
        to[count++] = at < 4 ? entities[at][1][0] : from[i];
        i += at < 4 ? strlen(entities[at][0]) : 1;
    }
    to[count] = '\0';
    return count;
}

static double number_after(const char *text, const char *name)
{
    const char *found = strstr(text, name);
    assert_non_null(found);
    return strtod(found + strlen(name), NULL);
}

/* Reads the texts of an SVG of gnuplot: a group that moves, perhaps turns, and sets font and anchor, around each. */
static void read_boxes(const char *svg, struct boxes *boxes)
{
    const char *at = strstr(svg, "viewBox=\"0 0 "), *group;
    char *end, decoded[4000];

    assert_non_null(at);
    boxes->width = strtod(at + 13, &end);
    boxes->height = strtod(end, NULL);
    boxes->count = 0;
    boxes->all = calloc(1, strlen(svg) + 1);
    while ((group = strstr(at, "<g transform=\"translate(")) != NULL) {
        const char *text = strstr(group, "<text"), *start = strchr(text, '>') + 1, *stop = strstr(start, "</text>");
        double x = strtod(group + 24, &end), y = strtod(end + 1, &end), size = number_after(group, "font-size=\"");
        double angle = strncmp(end, ") rotate(", 9) == 0 ? strtod(end + 9, NULL) * M_PI / 180 : 0;
        const char *anchor = strstr(group, "text-anchor=\"") + 13;
        size_t length = decode_entities(start, (size_t)(stop - start), decoded);
        double width = plot_text_width(decoded, size);
        double left = *anchor == 's' ? 0 : *anchor == 'm' ? -width / 2 : -width;
        const double across[] = { left, left + width, left + width, left };
        const double down[] = { -0.76 * size, -0.76 * size, 0.24 * size, 0.24 * size };
        assert_true(boxes->count < TEXTS_MAX && length < sizeof decoded);
        struct box *box = &boxes->box[boxes->count++];
        for (int i = 0; i < 4; i++) {
            box->x[i] = x + across[i] * cos(angle) - down[i] * sin(angle);
            box->y[i] = y + across[i] * sin(angle) + down[i] * cos(angle);
        }
        box->text = start;
        box->length = (int)(stop - start);
        char *into = boxes->all + strlen(boxes->all);
        for (size_t i = 0; i < length; i++)
            if (decoded[i] != ' ')
                *into++ = decoded[i];
        *into = '\0';
        at = stop;
    }
    assert_true(boxes->count > 3);
}

/* Whether a line in the direction of an edge of `a` lies between the two. */
static bool is_separated(const struct box *a, const struct box *b)
{
    for (int edge = 0; edge < 2; edge++) {
        double dx = a->x[edge + 1] - a->x[edge], dy = a->y[edge + 1] - a->y[edge], length = hypot(dx, dy);
        double low[2] = { INFINITY, INFINITY }, high[2] = { -INFINITY, -INFINITY };
        for (int i = 0; i < 4; i++) {
            double of_a = (a->x[i] * dx + a->y[i] * dy) / length, of_b = (b->x[i] * dx + b->y[i] * dy) / length;
            low[0] = fmin(low[0], of_a);
            high[0] = fmax(high[0], of_a);
            low[1] = fmin(low[1], of_b);
            high[1] = fmax(high[1], of_b);
        }
        if (high[0] <= low[1] + 0.2 || high[1] <= low[0] + 0.2)
            return true;
    }
    return false;
}

static void assert_readable(const struct boxes *boxes, const char *what)
{
    for (size_t i = 0; i < boxes->count; i++) {
        const struct box *box = &boxes->box[i];
        for (int corner = 0; corner < 4; corner++)
            if (box->x[corner] < 0 || box->x[corner] > boxes->width || box->y[corner] < 0 ||
                box->y[corner] > boxes->height)
                fail_msg("%s: \"%.*s\" is outside of the picture", what, box->length, box->text);
        for (size_t other = 0; other < i && box->length > 0; other++)
            if (boxes->box[other].length > 0 && !is_separated(box, &boxes->box[other]) &&
                !is_separated(&boxes->box[other], box))
                fail_msg("%s: \"%.*s\" covers \"%.*s\"", what, box->length, box->text, boxes->box[other].length,
                         boxes->box[other].text);
    }
}

/* Characters that cannot be drawn appear as question marks. */
static void assert_has_text(const struct boxes *boxes, const char *text, const char *what)
{
    struct plot_text whole = plot_text_break(text, 12, INFINITY);
    char *plain = strdup(whole.lines[0]), *into = plain;
    for (const char *at = whole.lines[0]; *at != '\0'; at++)
        if (*at != ' ')
            *into++ = *at;
    *into = '\0';
    if (strstr(boxes->all, plain) == NULL)
        fail_msg("%s: the text \"%s\" is lost", what, plain);
    free(plain);
    plot_text_free(&whole);
}

static const char *const kind_names[] = { "bars", "lines", "dots", "ccdf", "heat", "stack", "forest", "points" };

enum naming { SHORT, LONG, HOSTILE, NAMING_COUNT };

static const char long_name[] =
    "machine.costs.softirq_entry of the design domain-tasklet with mcs, in the scenario that "
    "is called eight-socket-steal-of-idle-guests-whose-name-is-never-broken %zu";
static const char *const hostile_names[] = {
    "`touch /tmp/x` %zu",
    "'; system('x'); ' %zu",
    "\"quotes\" & <script>alert(1)</script> %zu",
    "two\nlines\tand tab %zu",
    "\xff\xc3 no UTF-8 %zu",
    "\u202Egnp.exe\u202C %zu",
    "漢字の名前は幅が広い %zu",
    "back\\slash $(x) %zu",
    "{/Symbol a}_b^c @ %zu",
    "🦀🦀🦀 Ünïcödé Ж %zu",
};

struct example {
    struct chart chart;
    struct chart_panel panel[PANELS_MAX];
    struct chart_series series[SERIES_MAX];
    struct chart_point points[SERIES_MAX][KEYS_MAX];
    struct chart_published published[2];
    struct chart_reference references[3];
    char text[KEYS_MAX + SERIES_MAX + 8][300];
    const char *keys[KEYS_MAX], *groups[KEYS_MAX];
    size_t text_count;
};

static const char *make_name(struct example *example, enum naming naming)
{
    size_t number = example->text_count++;
    char *text = example->text[number];
    const char *format = naming == SHORT  ? "n%zu"
                         : naming == LONG ? long_name
                                          : hostile_names[number % (sizeof hostile_names / sizeof hostile_names[0])];
    snprintf(text, sizeof example->text[0], format, number);
    return text;
}

static struct chart_point make_point(enum chart_kind kind, bool is_log, size_t series, size_t at, size_t count)
{
    double x = (double)at, wave = sin((double)(series * 7 + at * 3));
    if (kind == CHART_CCDF) {
        double share = pow(10, -5.0 * x / (double)count);
        return (struct chart_point){ 800 * pow(share, -0.1 - 0.02 * (double)series), share, 0, 0, false };
    }
    double y = is_log ? pow(10, 3 + 3 * wave) : 40 * (1.1 + wave);
    if (kind == CHART_LINES) /* close to each other at the end */
        y = is_log ? y : 10 + (double)series + 0.01 * x;
    return (struct chart_point){ x, y, y * 0.9, y * 1.2, at % 3 != 1 };
}

static void make_example(struct example *example, enum chart_kind kind, enum naming naming, size_t keys, size_t series,
                         size_t panels, bool is_log)
{
    bool has_names = kind != CHART_CCDF && kind != CHART_POINTS && !(kind == CHART_LINES && naming == SHORT);
    *example = (struct example){ .text_count = 0 };
    for (size_t i = 0; i < keys; i++) {
        example->keys[i] = make_name(example, naming);
        example->groups[i] = example->keys[i / 4 * 4];
    }
    for (size_t i = 0; i < series; i++) {
        for (size_t at = 0; at < keys; at++)
            example->points[i][at] = make_point(kind, is_log, i, at, keys);
        example->series[i] = (struct chart_series){ make_name(example, naming), NULL, example->points[i], keys };
    }
    example->published[0] = (struct chart_published){ 0, 20, 0, make_name(example, naming) };
    example->published[1] = (struct chart_published){ NAN, 30, SIZE_MAX, make_name(example, naming) };
    for (size_t i = 0; i < 3; i++)
        example->references[i] = (struct chart_reference){ 10 + 0.1 * (double)i, make_name(example, naming) };
    struct chart_axis key = { "Key", kind == CHART_CCDF ? "ns" : "", false, 0, 0 };
    struct chart_axis value = { "Value", is_log ? "ns" : "%", is_log, 0, 0 };
    key.title = make_name(example, naming);
    value.title = make_name(example, naming);
    for (size_t i = 0; i < panels; i++)
        example->panel[i] = (struct chart_panel){
            .kind = kind,
            .key = key,
            .value = value,
            .row_title = "Rows",
            .keys = has_names ? example->keys : NULL,
            .key_count = keys,
            .groups = example->groups,
            .series = example->series,
            .series_count = series,
            .published = example->published,
            .published_count = kind == CHART_CCDF || kind == CHART_HEAT ? 0 : 2,
            .references = example->references,
            .reference_count = 3,
            .title = panels > 1 ? "Panel" : NULL,
        };
    example->chart = (struct chart){ "example", make_name(example, naming), "Subtitle", example->panel, panels };
}

/* The texts of an example that its picture must contain. */
static void assert_nothing_is_lost(const struct example *example, const struct boxes *boxes, const char *what)
{
    const struct chart_panel *panel = &example->panel[0];
    for (size_t i = 0; panel->keys != NULL && i < panel->key_count; i++)
        assert_has_text(boxes, panel->keys[i], what);
    for (size_t i = 0; i < panel->series_count && panel->series_count > 1; i++)
        assert_has_text(boxes, panel->series[i].name, what);
    for (size_t i = 0; i < panel->published_count; i++)
        assert_has_text(boxes, panel->published[i].source, what);
    for (size_t i = 0; i < panel->reference_count && panel->kind != CHART_HEAT; i++)
        assert_has_text(boxes, panel->references[i].label, what);
    assert_has_text(boxes, panel->key.title, what);
    assert_has_text(boxes, panel->value.title, what);
    assert_has_text(boxes, example->chart.title, what);
    assert_has_text(boxes, "Subtitle", what);
}

static void every_text_is_readable(void **state)
{
    (void)state;
    if (!has_gnuplot())
        skip();
    static const struct {
        size_t keys, series, panels;
        bool is_log;
    } rows[] = { { 1, 1, 1, false }, { 5, 3, 1, true }, { 5, 3, 2, false }, { 50, 24, 1, false }, { 8, 3, 6, true } };
    struct example *example = malloc(sizeof *example);
    struct boxes *boxes = malloc(sizeof *boxes);

    for (int kind = CHART_BARS; kind <= CHART_POINTS; kind++)
        for (int naming = SHORT; naming < NAMING_COUNT; naming++)
            for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
                char *picture, message[400] = "", what[100];
                size_t bytes;
                snprintf(what, sizeof what, "%s, naming %d, row %zu", kind_names[kind], naming, row);
                make_example(example, (enum chart_kind)kind, (enum naming)naming, rows[row].keys, rows[row].series,
                             rows[row].panels, rows[row].is_log);
                if (!chart_render(&example->chart, CHART_SVG, &picture, &bytes, message, sizeof message))
                    fail_msg("%s: %s", what, message);
                assert_null(strstr(picture, "<script"));
                assert_null(strstr(picture, "font-family=\"DejaVu Sans\""));
                read_boxes(picture, boxes);
                assert_readable(boxes, what);
                assert_nothing_is_lost(example, boxes, what);
                free(boxes->all);
                free(picture);
            }
    free(example);
    free(boxes);
}

/* Panels of different kinds and heights in one chart. */
static void kinds_stand_beside_each_other(void **state)
{
    (void)state;
    if (!has_gnuplot())
        skip();
    static const enum chart_kind kinds[] = { CHART_LINES, CHART_DOTS, CHART_HEAT, CHART_STACK, CHART_CCDF };
    struct example *mixed = malloc(sizeof *mixed), *example = malloc(sizeof *example);
    struct boxes *boxes = malloc(sizeof *boxes);
    char *picture, message[400] = "";
    size_t bytes;

    make_example(mixed, CHART_LINES, LONG, 4, 3, 5, false);
    for (size_t i = 0; i < 5; i++) {
        mixed->panel[i].kind = kinds[i];
        mixed->panel[i].published_count = 0;
    }
    make_example(example, CHART_CCDF, SHORT, 4, 3, 1, false);
    mixed->panel[4].series = example->series;
    if (!chart_render(&mixed->chart, CHART_SVG, &picture, &bytes, message, sizeof message))
        fail_msg("%s", message);
    read_boxes(picture, boxes);
    assert_readable(boxes, "mixed");
    assert_nothing_is_lost(mixed, boxes, "mixed");
    free(boxes->all);
    free(boxes);
    free(picture);
    free(mixed);
    free(example);
}

static void faults_are_told(void **state)
{
    (void)state;
    struct chart_point point = { 0, 1, 0, 0, false }, nothing = { 0, NAN, 0, 0, false };
    const char *keys[] = { "key" };
    struct chart_series series = { "s", NULL, &point, 1 }, empty = { "s", NULL, &nothing, 1 },
                        odd = { "s", "#12345'", &point, 1 };
    struct chart_panel good = { .kind = CHART_BARS,
                                .key = { "K", "", false, 0, 0 },
                                .value = { "V", "", false, 0, 0 },
                                .keys = keys,
                                .key_count = 1,
                                .series = &series,
                                .series_count = 1 };
    struct chart_panel no_title = good, no_keys = good, no_rows = good, no_value = good, no_colour = good;
    no_title.value.title = "";
    no_keys.keys = NULL;
    no_rows.kind = CHART_HEAT;
    no_value.series = &empty;
    no_colour.series = &odd;
    const struct {
        struct chart chart;
        const char *message;
    } rows[] = {
        { { "a", "", NULL, &good, 1 }, "the chart a cannot be drawn: it has no title" },
        { { "b", "T", NULL, &good, 0 }, "the chart b cannot be drawn: it has no panel" },
        { { "c", "T", NULL, &no_title, 1 }, "the chart c cannot be drawn: an axis has no title" },
        { { "d", "T", NULL, &no_keys, 1 }, "the chart d cannot be drawn: it has no keys" },
        { { "e", "T", NULL, &no_rows, 1 }, "the chart e cannot be drawn: the axis of rows has no title" },
        { { "f", "T", NULL, &no_value, 1 }, "the chart f cannot be drawn: it has no value to draw" },
        { { "g", "T", NULL, &no_colour, 1 }, "the chart g cannot be drawn: a colour is not of the form #rrggbb" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *picture, message[200] = "";
        size_t bytes;
        assert_false(chart_render(&rows[i].chart, CHART_SVG, &picture, &bytes, message, sizeof message));
        assert_string_equal(message, rows[i].message);
    }
}

/* Each cell of a heat map is a rectangle; one without a value has the colour of none of the values. */
static void cells_without_a_value_are_empty(void **state)
{
    struct chart_point one[] = { { 0, 40, 0, 0, false }, { 1, 10, 0, 0, false } };
    struct chart_point two[] = { { 0, 20, 0, 0, false }, { 1, NAN, 0, 0, false } };
    const char *keys[] = { "a", "b" };
    struct chart_series series[] = { { "first", NULL, one, 2 }, { "second", NULL, two, 1 } };
    struct chart_panel panel = { .kind = CHART_HEAT,
                                 .key = { "K", "", false, 0, 0 },
                                 .value = { "V", "", false, 0, 0 },
                                 .row_title = "R",
                                 .keys = keys,
                                 .key_count = 2,
                                 .series = series,
                                 .series_count = 2 };
    struct chart chart = { "c", "T", NULL, &panel, 1 };

    (void)state;
    for (size_t i = 0; i < 3; i++) { /* one that is not there, one that is not finite, and one that has a value */
        char *picture, message[200] = "";
        size_t bytes;

        series[1].count = i == 0 ? 1 : 2;
        two[1].y = i == 1 ? NAN : 30;
        assert_true(chart_render(&chart, CHART_SVG, &picture, &bytes, message, sizeof message));
        if ((strstr(picture, "rgb(244, 244, 244)") != NULL) != (i < 2))
            fail_msg("case %zu:\n%s", i, picture);
        free(picture);
    }
}

/* Rows and cells of characters, for a terminal. */
static void charts_of_characters(void **state)
{
    (void)state;
    struct chart_point one[] = { { 0, 40, 0, 0, false }, { 1, 10, 8, 12, true } };
    struct chart_point two[] = { { 0, 20, 0, 0, false }, { 1, NAN, 0, 0, false } };
    const char *keys[] = { "`a`\n%d", "key two" }, *groups[] = { "G", "G" };
    struct chart_series series[] = { { "running", "#0072B2", one, 2 }, { "runnable (steal)", "#D55E00", two, 2 } };
    struct chart_panel panel = { .key = { "K", "", false, 0, 0 },
                                 .value = { "V", "%", false, 0, 0 },
                                 .row_title = "R",
                                 .keys = keys,
                                 .key_count = 2,
                                 .groups = groups,
                                 .series = series,
                                 .series_count = 2 };
    static const struct {
        enum chart_kind kind;
        const char *text;
    } rows[] = {
        { CHART_BARS,
          "T\nsub\n          G\n  `a`?%d |RRRRRRRRRRRRRRRRRRRR  40 %\n         |SSSSSSSSSSS           20 %\n"
          " key two |RRRRRR                10 %\n         | -\n          R running S runnable (steal)\n\n" },
        { CHART_DOTS,
          "T\nsub\n          G\n  `a`?%d ||                  R  40 %\n         ||         S           20 %\n"
          " key two ||    R                10 %\n         | -\n          R running S runnable (steal)\n\n" },
        { CHART_STACK, "T\nsub\n          G\n  `a`?%d |RRRRRRRRRRRRRRRRRRRRRRRSSSSSSSSSSS|\n"
                       " key two |RRRRRR                            |\n          R running S runnable (steal)\n\n" },
        { CHART_HEAT, "T\nsub\n               running     40     10\n      runnable (steal)     20      -\n"
                      "                       column 1: `a`?%d\n                       column 2: key two\n\n" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text, message[200] = "";
        size_t bytes;
        FILE *out = open_memstream(&text, &bytes);
        struct chart chart = { "c", "T", "sub", &panel, 1 };
        panel.kind = rows[i].kind;
        assert_true(chart_print(&chart, 45, 20, false, out, message, sizeof message));
        fclose(out);
        assert_string_equal(text, rows[i].text);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_is_readable), cmocka_unit_test(kinds_stand_beside_each_other),
        cmocka_unit_test(faults_are_told),        cmocka_unit_test(cells_without_a_value_are_empty),
        cmocka_unit_test(charts_of_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
