/* SPDX-License-Identifier: Apache-2.0
 *
 * Formats verdicts as lines, tables, CSV and JSON.
 */
#define _GNU_SOURCE
#include "explore/verdicts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "code/races.h"
#include "base/check.h"
#include "base/program.h"
#include "result/table.h"

static const char *const verdict_names[] = {
    [EXPLORE_CLEAN] = "clean",
    [EXPLORE_VIOLATION] = "violation",
    [EXPLORE_INCOMPLETE] = "incomplete",
};

struct explore_row *explore_rows_add(struct explore_rows *rows, const char *scenario, const char *design,
                                     const struct explore_outcome *outcome, double seconds)
{
    rows->rows = realloc(rows->rows, (rows->count + 1) * sizeof(*rows->rows));
    CHECK(rows->rows != NULL);
    struct explore_row *row = &rows->rows[rows->count++];
    *row = (struct explore_row){
        .scenario = strdup(scenario), .design = strdup(design), .outcome = *outcome, .seconds = seconds
    };
    CHECK(row->scenario != NULL && row->design != NULL);
    return row;
}

void explore_rows_free(struct explore_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        free(rows->rows[i].scenario);
        free(rows->rows[i].design);
        free(rows->rows[i].replay);
        free(rows->rows[i].walks_hash);
        races_free(rows->rows[i].races);
        code_report_free(rows->rows[i].code);
        explore_outcome_free(&rows->rows[i].outcome);
    }
    free(rows->rows);
    *rows = (struct explore_rows){ .count = 0 };
}

bool explore_is_expected(const struct explore_outcome *outcome, const char *expectation)
{
    if (expectation == NULL)
        return outcome->verdict != EXPLORE_VIOLATION;
    if (strcmp(expectation, "clean") == 0)
        return outcome->verdict == EXPLORE_CLEAN;
    return outcome->verdict == EXPLORE_VIOLATION &&
           (strcmp(expectation, "violation") == 0 ||
            strcmp(strchr(expectation, ' ') + 1, violation_name(outcome->violation.kind)) == 0);
}

/* --- lines --- */

void explore_row_compare(const struct explore_row *row, const char *expectation, const char *expected_design,
                         char *text, size_t text_bytes)
{
    const struct explore_outcome *outcome = &row->outcome;
    bool is_violation = outcome->verdict == EXPLORE_VIOLATION;

    (void)snprintf(text, text_bytes, "expected %s%s%s%s, found %s%s%s",
                   expectation != NULL ? expectation : "no violation",
                   expected_design != NULL ? " (the scenario's `expect` is about " : "",
                   expected_design != NULL ? expected_design : "", expected_design != NULL ? ")" : "",
                   verdict_names[outcome->verdict], is_violation ? " " : "",
                   is_violation ? violation_name(outcome->violation.kind) : "");
}

static void print_walks(const struct explore_row *row, FILE *stream)
{
    const struct explore_outcome *outcome = &row->outcome;

    fputc(':', stream);
    if (outcome->verdict == EXPLORE_VIOLATION)
        fprintf(stream, " in walk %" PRIu64 ";", outcome->walks_from + outcome->walks - 1);
    fprintf(stream, " %" PRIu64 " walks from %" PRIu64 " on, %" PRIu64 " of which ended, %" PRIu64 " steps, %.2f s\n",
            outcome->walks, outcome->walks_from, outcome->ends, outcome->transitions, row->seconds);
}

static void print_preemptions(uint64_t count, FILE *stream)
{
    fprintf(stream, "%" PRIu64 " preemption%s", count, count == 1 ? "" : "s");
}

/* "violation lost-interrupt", the same "with 1 preemption", "incomplete (limit of states)", "clean up to 2 preemptions
 * (limit of states)". */
static void print_verdict(const struct explore_row *row, FILE *stream)
{
    const struct explore_outcome *outcome = &row->outcome;

    if (outcome->has_bound) {
        fputs("clean up to ", stream);
        print_preemptions(outcome->bound, stream);
    } else {
        fputs(verdict_names[outcome->verdict], stream);
    }
    if (outcome->verdict == EXPLORE_VIOLATION)
        fprintf(stream, " %s", violation_name(outcome->violation.kind));
    if (outcome->verdict == EXPLORE_VIOLATION && outcome->is_bounded) {
        fputs(" with ", stream);
        print_preemptions(outcome->preemptions, stream);
    }
    if (row->memory == MEMORY_TSO)
        fputs(" under tso", stream);
    if (outcome->verdict == EXPLORE_INCOMPLETE)
        fprintf(stream, strcmp(outcome->limit, EXPLORE_INTERRUPTED) == 0 ? " (%s)" : " (limit of %s)", outcome->limit);
}

void explore_row_print(const struct explore_row *row, FILE *stream)
{
    const struct explore_outcome *outcome = &row->outcome;

    fprintf(stream, "%-18s ", row->design);
    print_verdict(row, stream);
    if (outcome->is_random)
        print_walks(row, stream);
    else
        fprintf(stream, ": %" PRIu64 " states, %" PRIu64 " transitions, depth %" PRIu64 ", %.2f s, %.0f states/s\n",
                outcome->states, outcome->transitions, outcome->depth, row->seconds,
                (double)outcome->states / (row->seconds > 0 ? row->seconds : 1e-9));
    if (outcome->verdict != EXPLORE_VIOLATION)
        return;
    fprintf(stream, "  %s\n", outcome->violation.text);
    if (row->replay != NULL)
        fprintf(stream, "  %s replay %s\n", program_call(), row->replay);
}

/* --- tables --- */

/* The first row of each scenario. The caller frees the array. */
static const struct explore_row **first_rows(const struct explore_rows *rows, size_t *count)
{
    const struct explore_row **first = calloc(rows->count + 1, sizeof(*first));

    CHECK(first != NULL);
    *count = 0;
    for (size_t i = 0; i < rows->count; i++)
        if (i == 0 || strcmp(rows->rows[i].scenario, rows->rows[i - 1].scenario) != 0)
            first[(*count)++] = &rows->rows[i];
    return first;
}

static const struct explore_row *find(const struct explore_rows *rows, const char *scenario, const char *design)
{
    for (size_t i = 0; i < rows->count; i++)
        if (strcmp(rows->rows[i].scenario, scenario) == 0 && strcmp(rows->rows[i].design, design) == 0)
            return &rows->rows[i];
    return NULL;
}

static void add_verdict(struct table *table, const struct explore_row *row)
{
    const char *verdict;

    if (row == NULL) {
        table_cell(table, "-");
        return;
    }
    verdict = row->outcome.verdict == EXPLORE_VIOLATION ? violation_name(row->outcome.violation.kind)
                                                        : verdict_names[row->outcome.verdict];
    if (row->outcome.has_bound)
        table_cell(table, "clean up to %" PRIu64 " preemptions (%" PRIu64 " states, %.2f s)", row->outcome.bound,
                   row->outcome.states, row->seconds);
    else
        table_cell(table, "%s (%" PRIu64 " states, %.2f s)", verdict, row->outcome.states, row->seconds);
}

/* Drops the prefix "explore-", which all shipped scenarios of explorations share. */
static const char *short_name(const char *scenario)
{
    return strncmp(scenario, "explore-", 8) == 0 && scenario[8] != '\0' ? scenario + 8 : scenario;
}

static void fill_table(const struct explore_rows *rows, struct table *table)
{
    size_t count;
    const struct explore_row **first = first_rows(rows, &count);

    table_init(table, 1 + count, 1 + count);
    table_cell(table, "design");
    for (size_t column = 0; column < count; column++)
        table_cell(table, "%s", short_name(first[column]->scenario));
    for (size_t i = 0; i < rows->count; i++) {
        const char *design = rows->rows[i].design;
        size_t before = 0;
        while (strcmp(rows->rows[before].design, design) != 0)
            before++;
        if (before < i)
            continue;
        table_cell(table, "%s", design);
        for (size_t column = 0; column < count; column++)
            add_verdict(table, find(rows, first[column]->scenario, design));
    }
    free(first);
}

void explore_rows_print_table(const struct explore_rows *rows, FILE *stream, bool use_colour)
{
    struct table table;

    fill_table(rows, &table);
    table_print(&table, stream, 0, use_colour);
    table_free(&table);
}

void explore_rows_print_markdown(const struct explore_rows *rows, FILE *stream)
{
    struct table table;

    fill_table(rows, &table);
    table_print_markdown(&table, stream);
    table_free(&table);
}

/* --- CSV and JSON --- */

/* Quotes a CSV field and doubles the quotes in it. */
static void print_quoted(const char *text, FILE *stream)
{
    fputc('"', stream);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

void explore_rows_print_csv(const struct explore_rows *rows, FILE *stream)
{
    fputs("scenario,design,verdict,kind,states,transitions,depth,seconds,text,bound\n", stream);
    for (size_t i = 0; i < rows->count; i++) {
        const struct explore_row *row = &rows->rows[i];
        const struct explore_outcome *outcome = &row->outcome;
        bool is_violation = outcome->verdict == EXPLORE_VIOLATION;
        print_quoted(row->scenario, stream);
        fprintf(stream, ",%s,%s,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.3f,", row->design,
                verdict_names[outcome->verdict], is_violation ? violation_name(outcome->violation.kind) : "",
                outcome->states, outcome->transitions, outcome->depth, row->seconds);
        print_quoted(is_violation ? outcome->violation.text : outcome->limit != NULL ? outcome->limit : "", stream);
        if (outcome->has_bound)
            fprintf(stream, ",%" PRIu64 "\n", outcome->bound);
        else
            fputs(",\n", stream);
    }
}

static json_t *row_to_json(const struct explore_row *row)
{
    const struct explore_outcome *outcome = &row->outcome;
    json_t *verdict = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:f, s:I}", "design", row->design, "verdict",
                                verdict_names[outcome->verdict], "memory", row->memory == MEMORY_TSO ? "tso" : "sc",
                                "states", (json_int_t)outcome->states, "transitions", (json_int_t)outcome->transitions,
                                "ends", (json_int_t)outcome->ends, "depth", (json_int_t)outcome->depth, "seconds",
                                row->seconds, "peak_bytes", (json_int_t)outcome->peak_bytes);

    CHECK(verdict != NULL);
    if (outcome->verdict == EXPLORE_VIOLATION) {
        json_object_set_new(verdict, "kind", json_string(violation_name(outcome->violation.kind)));
        json_object_set_new(verdict, "text", json_string(outcome->violation.text));
        if (outcome->is_bounded)
            json_object_set_new(verdict, "preemptions", json_integer((json_int_t)outcome->preemptions));
    }
    if (outcome->is_random) {
        json_object_set_new(verdict, "walks", json_integer((json_int_t)outcome->walks));
        json_object_set_new(verdict, "walks_from", json_integer((json_int_t)outcome->walks_from));
    }
    if (row->walks_hash != NULL)
        json_object_set_new(verdict, "walks_hash", json_string(row->walks_hash));
    if (outcome->verdict == EXPLORE_INCOMPLETE)
        json_object_set_new(verdict, "limit", json_string(outcome->limit));
    if (outcome->has_bound)
        json_object_set_new(verdict, "bound", json_integer((json_int_t)outcome->bound));
    if (row->replay != NULL)
        json_object_set_new(verdict, "replay", json_string(row->replay));
    if (row->code != NULL)
        code_report_to_json(row->code, verdict);
    return verdict;
}

json_t *explore_rows_to_json(const struct explore_rows *rows)
{
    json_t *documents = json_array(), *verdicts = NULL, *only;

    for (size_t i = 0; i < rows->count; i++) {
        const struct explore_row *row = &rows->rows[i];
        if (i == 0 || strcmp(row->scenario, rows->rows[i - 1].scenario) != 0) {
            verdicts = json_array();
            json_array_append_new(documents, json_pack("{s:s, s:o}", "scenario", row->scenario, "verdicts", verdicts));
        }
        json_array_append_new(verdicts, row_to_json(row));
    }
    if (json_array_size(documents) != 1)
        return documents;
    only = json_incref(json_array_get(documents, 0));
    json_decref(documents);
    return only;
}
