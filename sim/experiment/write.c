/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of an experiment. Each is written whole, under another name first.
 */
#define _GNU_SOURCE
#include "experiment/write.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "experiment/perform.h"
#include "report/sections.h"
#include "result/report.h"
#include "sweep/plan.h"

struct target {
    const char *directory;
    char *message;
    size_t message_bytes;
};

static bool write_text(const struct target *target, const char *name, const char *text)
{
    char *path = sweep_path(target->directory, name);
    bool is_good = true;

    if (text[0] == '\0') /* of an earlier version of the experiment */
        (void)unlink(path);
    else
        is_good = file_write(path, text, strlen(text), true, target->message, target->message_bytes);
    free(path);
    return is_good;
}

static void print_json(json_t *json, FILE *out) { json_print(json_incref(json), out); }

static void print_manifest(json_t *json, FILE *out) { json_print_document(json_incref(json), "manifest", out); }

/* Frees the document. */
static bool write_document(const struct target *target, const char *name, json_t *json,
                           void (*print)(json_t *json, FILE *out))
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    CHECK(out != NULL);
    print(json, out);
    CHECK(fclose(out) == 0);
    json_decref(json);
    bool is_good = write_text(target, name, text);
    free(text);
    return is_good;
}

static void print_number(double value, FILE *out)
{
    if (isnan(value))
        fputs("none", out);
    else
        fprintf(out, "%.4g", value);
}

/* Prints a text on one line, without tabs. */
static void print_line(const char *text, FILE *out)
{
    for (; *text != '\0'; text++)
        fputc(*text == '\n' || *text == '\t' ? ' ' : *text, out);
}

/* Text, found, relation, wanted, yes or no, separated by tabs. */
static void print_expectations(const struct findings *findings, bool is_aim, FILE *out)
{
    const struct experiment *experiment = findings->experiment;

    for (size_t i = 0; i < experiment->expectation_count; i++) {
        const struct experiment_expectation *expectation = &experiment->expectations[i];
        const struct expectation_found *found = &findings->expectations[i];

        if (expectation->is_aim != is_aim)
            continue;
        print_line(expectation->text != NULL ? expectation->text : expectation->condition, out);
        fputc('\t', out);
        print_number(found->left.value, out);
        fprintf(out, "\t%s\t", expect_relation_text(expectation->relation));
        print_number(found->right.value, out);
        if (expectation->tolerance.numerator != 0)
            fprintf(out, " +- %.4g", quotient_value(expectation->tolerance));
        fprintf(out, "\t%s\n", found->outcome == EXPECTATION_MET ? "yes" : "no");
    }
}

static void print_rows(const struct findings *findings, FILE *out)
{
    rows_write_csv(findings->rows, findings->experiment, out);
}

static void print_summary(const struct findings *findings, FILE *out)
{
    findings_print_tables(findings, true, false, out);
}

static void print_expect(const struct findings *findings, FILE *out) { print_expectations(findings, false, out); }
static void print_aim(const struct findings *findings, FILE *out) { print_expectations(findings, true, out); }
static void print_verdict(const struct findings *findings, FILE *out) { fputs(findings->verdict, out); }
static void print_notes(const struct findings *findings, FILE *out) { fputs(findings->notes, out); }

static bool write_texts(const struct findings *findings, const struct target *target)
{
    static const struct {
        const char *name;
        void (*print)(const struct findings *findings, FILE *out);
    } files[] = {
        { "data.csv", print_rows },  { "summary.md", print_summary }, { "verdict.md", print_verdict },
        { "notes.md", print_notes }, { "aims.tsv", print_aim },       { "expectations.tsv", print_expect },
    };
    bool is_good = true;

    for (size_t i = 0; i < sizeof files / sizeof files[0] && is_good; i++) {
        char *text = NULL;
        size_t bytes = 0;
        FILE *out = open_memstream(&text, &bytes);

        CHECK(out != NULL);
        files[i].print(findings, out);
        CHECK(fclose(out) == 0);
        is_good = write_text(target, files[i].name, text);
        free(text);
    }
    return is_good;
}

/* "steady-softirq-masked.txt": the labels of an exploration, without what all have in common. */
static char *replay_name(const struct experiment *experiment, const struct experiment_row *row)
{
    const char *scenario = row->labels[AXIS_SCENARIO];
    char *name = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&name, &bytes);

    CHECK(out != NULL);
    fprintf(out, "replays/%s-%s", strncmp(scenario, "explore-", 8) == 0 ? scenario + 8 : scenario,
            row->labels[AXIS_DESIGN]);
    for (size_t i = AXIS_BUILT_IN; i < experiment->axis_count; i++)
        if (row->labels[i] != NULL)
            fprintf(out, "-%s", row->labels[i]);
    fputs(".txt", out);
    CHECK(fclose(out) == 0);
    for (char *c = name + strlen("replays/"); *c != '\0'; c++)
        if (strchr("/ \t\n", *c) != NULL)
            *c = '_';
    return name;
}

/* Copies the violating traces of the runs that keep them. */
static bool write_replays(const struct findings *findings, const struct target *target)
{
    char *directory = sweep_path(target->directory, "replays");
    bool is_good = true;

    for (size_t i = 0; i < findings->rows->count && is_good; i++) {
        const struct experiment_row *row = &findings->rows->rows[i];
        size_t bytes;
        char *text, *name;

        if (row->replay == NULL || !findings->experiment->runs[row->run].keeps_replays)
            continue;
        text = perform_make_directory(directory, target->message, target->message_bytes)
                   ? file_read_bytes(row->replay, SIZE_MAX, &bytes, target->message, target->message_bytes)
                   : NULL;
        name = replay_name(findings->experiment, row);
        char *path = sweep_path(target->directory, name);
        is_good = text != NULL && file_write(path, text, bytes, true, target->message, target->message_bytes);
        free(path);
        free(text);
        free(name);
    }
    free(directory);
    return is_good;
}

/* Where gnuplot cannot draw a figure, this is a message of the experiment. Returns whether what was drawn is written.
 */
static bool draw_figures(struct findings *findings, const struct target *target)
{
    enum chart_end end = CHART_WRITTEN;

    for (size_t i = 0; i < findings->experiment->figure_count && end != CHART_NOT_WRITTEN; i++) {
        const struct chart *chart = &findings->figures[i].chart;
        char *path = sweep_path(target->directory, chart->name);

        end = chart_draw(chart, path, true, target->message, target->message_bytes);
        findings->is_drawn[i] = end == CHART_WRITTEN;
        if (end == CHART_NOT_DRAWN)
            rows_message(findings->rows, "the figure %s is not drawn: %s", chart->name, target->message);
        free(path);
    }
    return end != CHART_NOT_WRITTEN;
}

bool findings_write(struct findings *findings, const char *directory, bool is_redrawn, char *message,
                    size_t message_bytes)
{
    struct target target = { directory, message, message_bytes };

    return draw_figures(findings, &target) && write_texts(findings, &target) && write_replays(findings, &target) &&
           write_document(&target, "experiment.json", findings_to_json(findings, directory), print_json) &&
           write_document(&target, "report.html", findings_to_json(findings, directory), report_print_experiment) &&
           (is_redrawn || write_document(&target, "manifest.json", findings_manifest(findings), print_manifest));
}
