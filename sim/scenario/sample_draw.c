/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws the machines of a sample: from points of the unit cube to texts of values, and to the scenarios that they set.
 */
#define _GNU_SOURCE
#include "base/text.h"
#include "scenario/sample.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/rng.h"

#define TEXT_BYTES 160

/* The whole numbers from low to high, each with the same probability. */
static uint64_t uniform(uint64_t low, uint64_t high, double u)
{
    return low + (uint64_t)(u * (double)(high - low + 1));
}

static uint64_t log_uniform(uint64_t low, uint64_t high, double u)
{
    double value = exp(log((double)low) + u * (log((double)high) - log((double)low)));
    uint64_t rounded = (uint64_t)llround(value);

    return rounded < low ? low : rounded > high ? high : rounded;
}

static uint64_t draw_cost(const struct sample_axis *axis, uint32_t element, double u)
{
    uint64_t low = axis->low[element], middle = axis->middle[element], high = axis->high[element];

    if (low == 0)
        return uniform(low, high, u);
    return u < 0.5 ? log_uniform(low, middle, 2 * u) : log_uniform(middle, high, 2 * u - 1);
}

static char *cost_text(const struct sample_axis *axis, double u)
{
    char text[SAMPLE_ELEMENTS_MAX * 32] = "";
    size_t used = 0;

    for (uint32_t i = 0; i < axis->count; i++) {
        char element[32];

        option_format_number(axis->cost_type, draw_cost(axis, i, u), element, sizeof(element));
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
                                 i > 0             ? ", "
                                 : axis->count > 1 ? "["
                                                   : "",
                                 element);
    }
    if (axis->count > 1)
        snprintf(text + used, sizeof(text) - used, "]");
    char *copy = text_copy(text);
    return copy;
}

static char *axis_text(const struct sample_axis *axis, double u)
{
    char *text;

    if (axis->kind == SAMPLE_CHOICE) {
        text = text_copy(axis->choices[uniform(0, axis->choice_count - 1, u)]);
        return text;
    }
    if (axis->kind == SAMPLE_COST)
        return cost_text(axis, u);
    uint64_t value = axis->kind == SAMPLE_LOG ? log_uniform(axis->low[0], axis->high[0], u)
                                              : uniform(axis->low[0], axis->high[0], u);
    uint64_t scale = 1;
    for (uint32_t i = 0; i < axis->digits; i++)
        scale *= 10;
    if (axis->digits == 0)
        CHECK(asprintf(&text, "%llu%s", (unsigned long long)value, axis->unit) > 0);
    else
        CHECK(asprintf(&text, "%llu.%0*llu%s", (unsigned long long)(value / scale), (int)axis->digits,
                       (unsigned long long)(value % scale), axis->unit) > 0);
    return text;
}

/* --- settings --- */

static const char *axis_value(const struct scenario_sample *sample, const char *name, char *const *texts)
{
    for (size_t i = 0; i < sample->axis_count; i++)
        if (strcmp(sample->axes[i].name, name) == 0)
            return texts[i];
    return NULL;
}

/* Evaluates A*B/C, which is cut into its parts. Returns NaN with the unknown name. */
static double product(const struct scenario_sample *sample, char *expression, char *const *texts, char unknown[64])
{
    double value = 1;
    char operation = '*';

    for (char *at = expression;; at++) {
        size_t bytes = strcspn(at, "*/");
        char next = at[bytes], *end;

        at[bytes] = '\0';
        const char *drawn = axis_value(sample, at, texts);
        double factor = strtod(drawn != NULL ? drawn : at, &end);
        if (drawn == NULL && (end == at || *end != '\0')) {
            snprintf(unknown, 64, "%.63s", at);
            return NAN;
        }
        value = operation == '*' ? value * factor : value / factor;
        if (next == '\0')
            return value;
        operation = next;
        at += bytes;
    }
}

/* Writes the value of {EXPRESSION}. */
static bool write_expression(const struct scenario_sample *sample, char *expression, char *const *texts,
                             char unknown[64], FILE *stream)
{
    const char *drawn = axis_value(sample, expression, texts);

    if (drawn != NULL) {
        fputs(drawn, stream);
        return true;
    }
    double value = product(sample, expression, texts, unknown);
    if (isnan(value))
        return false;
    /* A product of whole numbers and quotients is often just below the whole number that is meant. */
    fprintf(stream, "%.0f", fmax(1, floor(value + 1e-9)));
    return true;
}

char *sample_expand(const struct scenario_sample *sample, const char *text, char *const *texts, char unknown[64])
{
    char *expanded = NULL, expression[TEXT_BYTES];
    size_t bytes = 0;
    FILE *stream = open_memstream(&expanded, &bytes);
    bool is_good = true;

    CHECK(stream != NULL);
    unknown[0] = '\0';
    while (*text != '\0' && is_good) {
        const char *close = *text == '{' ? strchr(text, '}') : NULL;
        if (close == NULL || close - text >= TEXT_BYTES) {
            fputc(*text++, stream);
            continue;
        }
        snprintf(expression, sizeof(expression), "%.*s", (int)(close - text - 1), text + 1);
        is_good = write_expression(sample, expression, texts, unknown, stream);
        text = close + 1;
    }
    CHECK(fclose(stream) == 0);
    if (is_good)
        return expanded;
    free(expanded);
    return NULL;
}

/* --- machines --- */

size_t sample_group_count(const struct scenario_sample *sample)
{
    size_t single = 0;

    for (size_t i = 0; i < sample->axis_count; i++)
        single += sample->axes[i].kind != SAMPLE_COST;
    return single + (single < sample->axis_count);
}

/* The costs are the last axes. */
const char *sample_group_name(const struct scenario_sample *sample, size_t group)
{
    return sample->axes[group].kind == SAMPLE_COST ? "costs" : sample->axes[group].name;
}

size_t sample_base(const struct scenario_sample *sample, size_t machine)
{
    size_t groups = sample_group_count(sample);

    CHECK(groups > 0 || !sample->is_redrawn); /* what is drawn again is an axis */
    return sample->is_redrawn ? machine / groups : machine;
}

/* The coordinate of a machine's axis. A machine with `redraw` has those of another one but for its group's. */
static double coordinate(const struct scenario_sample *sample, const struct sample_points *points, size_t machine,
                         size_t axis, struct rng *rng)
{
    size_t groups = sample_group_count(sample), group = axis < groups ? axis : groups - 1;

    if (!sample->is_redrawn)
        return sample_points_at(points, machine, axis);
    if (group != machine % groups)
        return sample_points_at(points, sample_base(sample, machine), axis);
    return ((double)(rng_u64(rng) >> 32) + 0.5) / 4294967296.0;
}

char **sample_draw(const struct scenario_sample *sample, const struct sample_points *points, size_t machine)
{
    char **texts = calloc(sample->axis_count + sample->setting_count + 1, sizeof(*texts)), unknown[64];
    struct rng rng;

    CHECK(texts != NULL);
    rng_init(&rng, sample->seed, (uint32_t)machine, RNG_REDRAW);
    for (size_t i = 0; i < sample->axis_count; i++)
        texts[i] = axis_text(&sample->axes[i], coordinate(sample, points, machine, i, &rng));
    for (size_t i = 0; i < sample->setting_count; i++) {
        texts[sample->axis_count + i] = sample_expand(sample, sample->settings[i].text, texts, unknown);
        CHECK(texts[sample->axis_count + i] != NULL); /* checked when the scenario was loaded */
    }
    return texts;
}

void sample_texts_free(const struct scenario_sample *sample, char **texts)
{
    for (size_t i = 0; i < sample->axis_count + sample->setting_count; i++)
        free(texts[i]);
    free(texts);
}

enum scenario_status sample_machine_load(struct scenario *machine, const struct scenario *base, size_t cell,
                                         char *const *texts, struct diag *diag)
{
    const struct scenario_sample *sample = base->sample;
    size_t count = sample->axis_count + sample->setting_count, used = 0;
    char **sets = calloc(count + 1, sizeof(*sets));

    CHECK(sets != NULL);
    for (size_t i = 0; i < count; i++) {
        const char *path =
            i < sample->axis_count ? sample->axes[i].name : sample->settings[i - sample->axis_count].path;
        if (strchr(path, '.') != NULL)
            CHECK(asprintf(&sets[used++], "%s=%s", path, texts[i]) > 0);
    }
    enum scenario_status status = scenario_cell_load_with(machine, base, cell, (const char *const *)sets, used, diag);
    for (size_t i = 0; i < used; i++)
        free(sets[i]);
    free(sets);
    return status;
}

void scenario_sample_free(struct scenario_sample *sample)
{
    if (sample == NULL)
        return;
    for (size_t i = 0; i < sample->axis_count; i++) {
        for (size_t j = 0; j < sample->axes[i].choice_count; j++)
            free(sample->axes[i].choices[j]);
        free(sample->axes[i].choices);
        free(sample->axes[i].name);
    }
    for (size_t i = 0; i < sample->setting_count; i++) {
        free(sample->settings[i].path);
        free(sample->settings[i].text);
    }
    for (size_t i = 0; i < sample->metric_count; i++)
        free(sample->metrics[i]);
    free(sample->axes);
    free(sample->settings);
    free(sample->metrics);
    free(sample);
}
