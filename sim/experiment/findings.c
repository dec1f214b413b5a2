/* SPDX-License-Identifier: Apache-2.0
 *
 * What an experiment found, and the Markdown of it.
 */
#define _GNU_SOURCE
#include "experiment/write.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "result/table.h"

void findings_make(struct findings *findings, const struct experiment *experiment, struct experiment_rows *rows,
                   const char *version)
{
    *findings = (struct findings){ .experiment = experiment, .rows = rows, .version = version };
    findings->tables = calloc(experiment->table_count + 1, sizeof *findings->tables);
    findings->figures = calloc(experiment->figure_count + 1, sizeof *findings->figures);
    findings->is_drawn = calloc(experiment->figure_count + 1, sizeof *findings->is_drawn);
    findings->expectations = calloc(experiment->expectation_count + 1, sizeof *findings->expectations);
    CHECK(findings->tables != NULL && findings->figures != NULL && findings->is_drawn != NULL &&
          findings->expectations != NULL);
    for (size_t i = 0; i < experiment->table_count; i++)
        table_fill(&findings->tables[i], rows, experiment, &experiment->tables[i]);
    for (size_t i = 0; i < experiment->figure_count; i++)
        figure_fill(&findings->figures[i], rows, experiment, &experiment->figures[i]);
    for (size_t i = 0; i < experiment->expectation_count; i++)
        findings->expectations[i] = expectation_find(rows, experiment, &experiment->expectations[i]);
    findings->verdict = words_of(rows, experiment, &experiment->verdict, "verdict");
    findings->notes = words_of(rows, experiment, &experiment->notes, "notes");
}

void findings_free(struct findings *findings)
{
    for (size_t i = 0; i < findings->experiment->table_count; i++)
        filled_table_free(&findings->tables[i]);
    for (size_t i = 0; i < findings->experiment->figure_count; i++)
        filled_figure_free(&findings->figures[i]);
    free(findings->tables);
    free(findings->figures);
    free(findings->is_drawn);
    free(findings->expectations);
    free(findings->verdict);
    free(findings->notes);
    *findings = (struct findings){ 0 };
}

size_t findings_count(const struct findings *findings, bool is_aim, enum expectation_outcome outcome)
{
    size_t count = 0;

    for (size_t i = 0; i < findings->experiment->expectation_count; i++)
        count += findings->experiment->expectations[i].is_aim == is_aim && findings->expectations[i].outcome == outcome;
    return count;
}

size_t findings_total(const struct findings *findings, bool is_aim)
{
    return findings_count(findings, is_aim, EXPECTATION_MET) + findings_count(findings, is_aim, EXPECTATION_MISSED) +
           findings_count(findings, is_aim, EXPECTATION_NOT_OBSERVED);
}

static void print_table(const struct filled_table *filled, bool is_markdown, bool use_colour, FILE *out)
{
    struct table table;

    table_init(&table, filled->column_count, filled->label_columns);
    for (size_t i = 0; i < filled->column_count; i++)
        table_cell(&table, "%s", filled->heads[i]);
    for (size_t i = 0; i < filled->row_count * filled->column_count; i++)
        table_cell(&table, "%s", filled->cells[i].text);
    if (is_markdown)
        table_print_markdown(&table, out);
    else
        table_print(&table, out, 0, use_colour);
    table_free(&table);
}

void findings_print_tables(const struct findings *findings, bool is_markdown, bool use_colour, FILE *out)
{
    for (size_t i = 0; i < findings->experiment->table_count; i++) {
        const struct filled_table *filled = &findings->tables[i];

        if (filled->row_count == 0) /* of what is left out when it is quick */
            continue;

        if (filled->title != NULL)
            fprintf(out, "%s%s%s\n\n", i > 0 ? "\n" : "", filled->title,
                    filled->title[0] != '\0' && strchr(".:?!", filled->title[strlen(filled->title) - 1]) == NULL ? ":"
                                                                                                                 : "");
        else if (i > 0)
            fputc('\n', out);
        print_table(filled, is_markdown, use_colour, out);
    }
}
