/* SPDX-License-Identifier: Apache-2.0
 *
 * The digest. With two sides it is a table with a line for each metric: those of the headline, then the largest changes
 * that are sure. With more it is a table with a line for each side. The last line answers the question.
 *
 * A change is as large as the end of its interval that is nearer to zero, in relation to the larger of both means. Of
 * metrics that differ only in their last component, such as the percentiles of a latency, one is shown.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "compare/report_parts.h"
#include "compare/until.h"
#include "result/metric_catalogue.h"

/* What the digest shows, in its order. */
struct digest {
    struct report_line lines[HEADLINE_METRICS_MAX + COMPARE_DIGEST_LINES];
    size_t headline_count, count;
};

/* --- which metrics --- */

static bool is_sure(const struct compare_difference *difference)
{
    return difference->verdict == VERDICT_BETTER || difference->verdict == VERDICT_WORSE;
}

double report_sure_size(const struct compare_row *row, size_t side)
{
    const struct compare_difference *difference = &row->differences[side];

    if (!is_sure(difference))
        return -1;
    return (fabs(difference->estimate.value) - difference->half_width) /
           fmax(fabs(row->means[0].value), fabs(row->means[side].value));
}

/* The largest of one side, or of all where `side` is 0. */
static double largest_size(const struct comparison *comparison, const struct compare_row *row, size_t side)
{
    double size = -1;

    for (size_t i = 1; i < comparison->side_count; i++)
        if (side == 0 || i == side)
            size = fmax(size, report_sure_size(row, i));
    return size;
}

bool report_has_same_stem(const char *left, const char *right)
{
    size_t bytes = (size_t)(strrchr(left, '.') != NULL ? strrchr(left, '.') - left : (ptrdiff_t)strlen(left));

    return strncmp(left, right, bytes) == 0 && right[bytes] == '.' && strchr(right + bytes + 1, '.') == NULL;
}

static bool is_shown(const struct digest *digest, const char *metric)
{
    for (size_t i = 0; i < digest->count; i++)
        if (report_has_same_stem(digest->lines[i].metric, metric) || strcmp(digest->lines[i].metric, metric) == 0)
            return true;
    return false;
}

static void add_headline(struct digest *digest, const struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->headline.count; i++) {
        const char *metric = comparison->headline.metrics[i];
        digest->lines[digest->count++] = (struct report_line){ metric, comparison_find(comparison, metric) };
    }
    digest->headline_count = digest->count;
}

/* Adds up to `most` changes, the largest first. */
static void add_largest(struct digest *digest, const struct comparison *comparison, size_t side, size_t most)
{
    for (; most > 0; most--) {
        const struct compare_row *best = NULL;
        for (size_t i = 0; i < comparison->row_count; i++) {
            const struct compare_row *row = &comparison->rows[i];
            if (largest_size(comparison, row, side) >= 0 && !is_shown(digest, row->metric) &&
                (best == NULL || largest_size(comparison, row, side) > largest_size(comparison, best, side)))
                best = row;
        }
        if (best == NULL)
            return;
        digest->lines[digest->count++] = (struct report_line){ best->metric, best };
    }
}

/* --- sentences --- */

static void write_title(const struct comparison *comparison, char *text, size_t text_bytes)
{
    const struct result *base = comparison->sides[0].results[0];
    char seeds[64], against[160];

    report_seeds(comparison, seeds, sizeof seeds);
    if (comparison->side_count == 2)
        (void)snprintf(against, sizeof against, "%.60s against %.60s", comparison->sides[1].label,
                       comparison->sides[0].label);
    else
        (void)snprintf(against, sizeof against, "%zu others against %.60s", comparison->side_count - 1,
                       comparison->sides[0].label);
    bool are_of_one = true; /* else their labels name the scenarios */
    for (size_t side = 1; side < comparison->side_count; side++)
        are_of_one = are_of_one && strcmp(comparison->sides[side].results[0]->scenario, base->scenario) == 0;
    int used = snprintf(text, text_bytes, "%.60s", are_of_one ? base->scenario : "scenarios");
    for (size_t i = 0; i < base->axis_count && (size_t)used < text_bytes / 2; i++) {
        const struct result_axis *axis = &base->axes[i];
        bool is_same = strcmp(axis->path, "hypervisor.design") != 0;
        for (size_t side = 1; side < comparison->side_count && is_same; side++) {
            const char *value = result_axis_value(comparison->sides[side].results[0], axis->path);
            is_same = value != NULL && strcmp(value, axis->value) == 0;
        }
        if (is_same)
            used += snprintf(text + used, text_bytes - (size_t)used, ", %.40s=%.40s", axis->path, axis->value);
    }
    (void)snprintf(text + used, text_bytes - (size_t)used, ": %s, %s", against, seeds);
}

static void write_counts(const struct comparison *comparison, bool has_table, char *text, size_t text_bytes)
{
    size_t unobserved = comparison_verdict_count(comparison, VERDICT_UNOBSERVED);
    char last[48] = "";

    if (unobserved > 0)
        (void)snprintf(last, sizeof last, ", %zu unobserved", unobserved);
    (void)snprintf(text, text_bytes, "Beyond %g %%: %zu better, %zu worse, %zu same, %zu inconclusive%s%s.",
                   comparison->threshold_percent, comparison_verdict_count(comparison, VERDICT_BETTER),
                   comparison_verdict_count(comparison, VERDICT_WORSE),
                   comparison_verdict_count(comparison, VERDICT_SAME),
                   comparison_verdict_count(comparison, VERDICT_INCONCLUSIVE), last, has_table ? "" : " (--all)");
}

/* What the seeds cannot show, and how many could. */
static void write_inconclusive(const struct comparison *comparison, const struct compare_row *row, size_t side,
                               char *text, size_t text_bytes)
{
    const struct compare_difference *difference = &row->differences[side];
    size_t seeds = comparison->sides[side].count, needed = difference->seeds_needed;
    double threshold = comparison->threshold_percent;
    char what[160], enough[64] = "";

    if (fabs(difference->percent) <= threshold)
        (void)snprintf(what, sizeof what, "that %.96s stays within %g %%", row->metric, threshold);
    else
        (void)snprintf(what, sizeof what, "a change of %.96s beyond %g %%", row->metric, threshold);
    if (needed > COMPARE_SEEDS_MAX)
        (void)snprintf(enough, sizeof enough, "; nor would %d", COMPARE_SEEDS_MAX);
    else if (needed > seeds)
        (void)snprintf(enough, sizeof enough, "; about %zu would", needed);
    else if (needed > 0)
        (void)snprintf(enough, sizeof enough, "; others might");
    else if (seeds == 1)
        (void)snprintf(enough, sizeof enough, "; --seeds 5 might");
    (void)snprintf(text, text_bytes, "%zu seed%s cannot show %s%s.", seeds, seeds == 1 ? "" : "s", what, enough);
}

/* Writes "b is better: METRIC 1.02 instead of 10.02 (-89.8 ±0.4 %)."; without the change where that is too wide. */
static void write_sure(const struct comparison *comparison, const struct compare_row *row, size_t side, size_t width,
                       char *text, size_t text_bytes)
{
    char base[64], other[64], change[64];

    report_value(row, 0, base, sizeof base);
    report_value(row, side, other, sizeof other);
    report_change(row, side, change, sizeof change);
    int used = snprintf(text, text_bytes, "%.60s is %s: %.96s %s instead of %s", comparison->sides[side].label,
                        compare_verdict_name(row->differences[side].verdict), row->metric, other, base);
    (void)snprintf(text + used, text_bytes - (size_t)used, " (%s).", change);
    if (report_wrap(text, width, false, NULL) > 1)
        (void)snprintf(text + used, text_bytes - (size_t)used, ".");
}

/* The answer for one side: what happens to the metric. */
static void write_answer(const struct comparison *comparison, const struct report_line *line, size_t side, size_t width,
                         char *text, size_t text_bytes)
{
    const struct compare_row *row = line->row;
    const char *name = comparison->sides[side].label, *base_name = comparison->sides[0].label;
    char base[64], other[64], verdict[96];

    if (row == NULL) {
        (void)snprintf(text, text_bytes, "No run reports %.96s.", line->metric);
        return;
    }
    report_value(row, 0, base, sizeof base);
    report_value(row, side, other, sizeof other);
    report_verdict(comparison, row, side, false, verdict, sizeof verdict);
    switch (row->differences[side].verdict) {
    case VERDICT_INCONCLUSIVE:
        write_inconclusive(comparison, row, side, text, text_bytes);
        break;
    case VERDICT_BETTER:
    case VERDICT_WORSE:
        write_sure(comparison, row, side, width, text, text_bytes);
        break;
    case VERDICT_SAME:
        (void)snprintf(text, text_bytes, "%.60s is the same as %.60s: %.96s %s and %s.", name, base_name, row->metric,
                       other, base);
        break;
    default:
        (void)snprintf(text, text_bytes, "%.96s is %s with %.60s, %s with %.60s%s%s.", row->metric, base, base_name,
                       other, name, verdict[0] != '\0' ? ": " : "", verdict);
    }
}

/* The side whose mean is best, of those that are not worse than the base; the base is side 0. */
static size_t best_side(const struct comparison *comparison, const struct compare_row *row)
{
    bool is_lower = metric_better(row->metric) == METRIC_LOWER;
    size_t best = 0;

    for (size_t side = 1; side < comparison->side_count; side++) {
        double value = row->means[side].value, than = row->means[best].value;
        if (row->differences[side].verdict == VERDICT_BETTER && (is_lower ? value < than : value > than))
            best = side;
    }
    return best;
}

static void write_best(const struct comparison *comparison, const struct report_line *line, size_t width, char *text,
                       size_t text_bytes)
{
    size_t best = line->row != NULL ? best_side(comparison, line->row) : 0;

    if (line->row == NULL)
        (void)snprintf(text, text_bytes, "No run reports %.96s.", line->metric);
    else if (best == 0)
        (void)snprintf(text, text_bytes, "None is better than %.60s in %.96s.", comparison->sides[0].label,
                       line->metric);
    else
        write_answer(comparison, line, best, width, text, text_bytes);
}

/* The metrics whose intervals are wider than seeds were added for: the widest, and how many more; "" where none is. */
static void write_wide(const struct comparison *comparison, char *text, size_t text_bytes)
{
    const struct compare_row *widest = NULL;
    size_t count = 0;

    text[0] = '\0';
    for (size_t i = 0; i < comparison->headline.count && comparison->until_percent > 0; i++) {
        const struct compare_row *row = comparison_find(comparison, comparison->headline.metrics[i]);
        if (row == NULL || !(compare_width_percent(comparison, row) > comparison->until_percent))
            continue;
        count++;
        if (widest == NULL || compare_width_percent(comparison, row) > compare_width_percent(comparison, widest))
            widest = row;
    }
    if (widest == NULL)
        return;
    int used =
        snprintf(text, text_bytes, "Still wider than ±%g %% after %zu seeds: %s ±%.1f %%", comparison->until_percent,
                 comparison->sides[0].count, widest->metric, compare_width_percent(comparison, widest));
    if (count > 1)
        (void)snprintf(text + used, text_bytes - (size_t)used, ", and %zu more", count - 1);
}

/* There is neither a headline nor a change that is sure. */
static void write_nothing(const struct comparison *comparison, char *text, size_t text_bytes)
{
    size_t seeds = comparison->sides[0].count;

    if (comparison_verdict_count(comparison, VERDICT_INCONCLUSIVE) == 0)
        (void)snprintf(text, text_bytes, "Nothing changes by more than %g %%.", comparison->threshold_percent);
    else if (seeds == 1)
        (void)snprintf(text, text_bytes, "1 seed cannot show a change; --seeds 5 might.");
    else
        (void)snprintf(text, text_bytes, "%zu seeds show no change beyond %g %%.", seeds,
                       comparison->threshold_percent);
}

/* The lines around the table, in their order. */
struct sentences {
    char title[REPORT_TEXT_BYTES], counts[REPORT_TEXT_BYTES], wide[REPORT_TEXT_BYTES], answer[REPORT_TEXT_BYTES];
};

static void write_sentences(struct sentences *sentences, const struct comparison *comparison,
                            const struct digest *digest, const struct compare_layout *layout)
{
    write_title(comparison, sentences->title, sizeof sentences->title);
    write_counts(comparison, layout->wants_all, sentences->counts, sizeof sentences->counts);
    write_wide(comparison, sentences->wide, sizeof sentences->wide);
    if (digest->count == 0)
        write_nothing(comparison, sentences->answer, sizeof sentences->answer);
    else if (comparison->side_count == 2)
        write_answer(comparison, &digest->lines[0], 1, layout->width, sentences->answer, sizeof sentences->answer);
    else
        write_best(comparison, &digest->lines[0], layout->width, sentences->answer, sizeof sentences->answer);
}

void report_answer(const struct comparison *comparison, char *text, size_t text_bytes)
{
    const struct compare_layout layout = { .wants_all = true };
    struct digest digest = { .count = 0 };
    struct sentences sentences;

    add_headline(&digest, comparison);
    if (digest.count == 0)
        add_largest(&digest, comparison, comparison->side_count == 2 ? 1 : 0, 1);
    write_sentences(&sentences, comparison, &digest, &layout);
    (void)snprintf(text, text_bytes, "%s", sentences.answer);
}

static size_t sentence_lines(const struct sentences *sentences, size_t width)
{
    return report_wrap(sentences->title, width, false, NULL) +
           (sentences->counts[0] != '\0' ? report_wrap(sentences->counts, width, false, NULL) : 0) +
           (sentences->wide[0] != '\0' ? report_wrap(sentences->wide, width, false, NULL) : 0) +
           report_wrap(sentences->answer, width, false, NULL);
}

static void print_end(const struct sentences *sentences, const struct compare_layout *layout, FILE *out)
{
    if (sentences->counts[0] != '\0')
        report_wrap(sentences->counts, layout->width, false, out);
    if (sentences->wide[0] != '\0')
        report_wrap(sentences->wide, layout->width, false, out);
    report_wrap(sentences->answer, layout->width, layout->use_colour, out);
}

/* --- two sides --- */

static void print_pair(const struct comparison *comparison, const struct compare_layout *layout, FILE *out)
{
    struct digest digest = { .count = 0 };
    struct sentences sentences;

    add_headline(&digest, comparison);
    if (digest.count == 0)
        add_largest(&digest, comparison, 1, 1);
    write_sentences(&sentences, comparison, &digest, layout);
    size_t lines = sentence_lines(&sentences, layout->width) + 1 + digest.count;
    if (lines > COMPARE_DIGEST_LINES)
        sentences.counts[0] = '\0';
    lines += digest.headline_count > 0; /* the title of the others */
    if (lines < COMPARE_DIGEST_LINES)
        add_largest(&digest, comparison, 1, COMPARE_DIGEST_LINES - lines);
    report_wrap(sentences.title, layout->width, false, out);
    if (digest.count > 0) {
        struct table table =
            report_table(comparison, 1, digest.lines, digest.count,
                         digest.headline_count > 0 ? "largest other changes:" : NULL, digest.headline_count, layout);
        table_print(&table, out, 0, layout->use_colour);
        table_free(&table);
    }
    print_end(&sentences, layout, out);
}

/* --- more sides --- */

/* The mean of a side and its verdict: "0.04 better". */
static void add_side_cell(struct table *table, const struct comparison *comparison, const struct report_line *line,
                          size_t side, bool use_colour)
{
    char value[REPORT_TEXT_BYTES], verdict[96] = "";

    if (line->row == NULL) {
        table_cell(table, "-");
        return;
    }
    report_value(line->row, side, value, sizeof value);
    if (side > 0)
        report_verdict(comparison, line->row, side, use_colour, verdict, sizeof verdict);
    table_cell(table, "%s%s%s", value, verdict[0] != '\0' ? " " : "", verdict);
}

static struct table sides_table(const struct comparison *comparison, const struct digest *digest, size_t columns,
                                size_t sides, bool use_colour)
{
    struct table table;

    table_init(&table, 1 + columns, 1);
    table_cell(&table, "%s", "");
    for (size_t i = 0; i < columns; i++)
        table_cell(&table, "%s", digest->lines[i].metric);
    for (size_t side = 0; side < sides; side++) {
        table_cell(&table, "%s", comparison->sides[side].label);
        for (size_t i = 0; i < columns; i++)
            add_side_cell(&table, comparison, &digest->lines[i], side, use_colour);
    }
    return table;
}

/* Prints as many columns as fit, at least one. */
static void print_sides_table(const struct comparison *comparison, const struct digest *digest, size_t sides,
                              const struct compare_layout *layout, FILE *out)
{
    struct table table;

    for (size_t columns = digest->count;; columns--) {
        table = sides_table(comparison, digest, columns, sides, layout->use_colour);
        if (columns == 1 || table_width(&table) <= layout->width)
            break;
        table_free(&table);
    }
    table_print(&table, out, 0, layout->use_colour);
    table_free(&table);
}

static void print_many(const struct comparison *comparison, const struct compare_layout *layout, FILE *out)
{
    struct digest digest = { .count = 0 };
    struct sentences sentences;
    size_t sides = comparison->side_count;

    add_headline(&digest, comparison);
    if (digest.count == 0)
        add_largest(&digest, comparison, 0, HEADLINE_METRICS_MAX);
    write_sentences(&sentences, comparison, &digest, layout);
    size_t lines = sentence_lines(&sentences, layout->width) + 1; /* with the table's heading */
    if (sides + lines > COMPARE_DIGEST_LINES)
        sides = lines + 2 < COMPARE_DIGEST_LINES ? COMPARE_DIGEST_LINES - 1 - lines : 1;
    report_wrap(sentences.title, layout->width, false, out);
    if (digest.count > 0) {
        print_sides_table(comparison, &digest, sides, layout, out);
        if (sides < comparison->side_count)
            fprintf(out, "... and %zu more\n", comparison->side_count - sides);
    }
    print_end(&sentences, layout, out);
}

void report_digest(const struct comparison *comparison, const struct compare_layout *layout, FILE *out)
{
    CHECK(comparison->side_count >= 2 && comparison->sides[0].count > 0);
    if (comparison->side_count == 2)
        print_pair(comparison, layout, out);
    else
        print_many(comparison, layout, out);
}
