/* SPDX-License-Identifier: Apache-2.0
 *
 * The answer of a recording as text, in the order in which it is asked: who took the time, of whom, in detail, and what
 * the recording does not say.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "result/table.h"
#include "trace/answer.h"

/* Of a long list the rest is one line; TOLD_PER_MILLE of what a task lost is told. */
enum { TASKS_MAX = 16, DETAILED_MAX = 6, ROWS_MAX = 10, TOLD_PER_MILLE = 995, NAME_MIN = 8, IGNORED_MAX = 6 };

/* Prints the text in lines of at most `width` characters, those after the first behind `indent` blanks. */
static void print_wrapped(const char *text, size_t indent, size_t width, FILE *out)
{
    size_t column = 0;
    bool is_first = true; /* word of its line */

    while (*text != '\0') {
        size_t word = strcspn(text, " "), characters = 0;
        for (size_t i = 0; i < word; i++)
            characters += ((uint8_t)text[i] & 0xC0) != 0x80;
        if (!is_first && column + 1 + characters > width) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!is_first) {
            fputc(' ', out);
            column++;
        }
        is_first = false;
        fwrite(text, 1, word, out);
        column += characters;
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

/* Shortens the texts of a column where a line would be wider than `width`. */
static void fit(struct table *table, size_t column, size_t width)
{
    size_t wide = table_width(table), own = table_column_width(table, column);

    if (wide > width)
        table_shorten(table, column, own > NAME_MIN + (wide - width) ? own - (wide - width) : NAME_MIN);
}

static void cell_percent(struct table *table, const struct answer *answer, cycles time)
{
    double value = answer_percent(answer, time);

    if (time == 0)
        table_cell(table, "0");
    else
        table_cell(table, value < 0.005 ? "<0.01" : "%.2f", value);
}

/* --- the tasks --- */

static bool has_outside(const struct answer *answer)
{
    for (size_t i = 0; i < answer->count; i++)
        if (answer->tasks[i].own != answer->tasks[i].running)
            return true;
    return false;
}

static bool has_unknown(const struct answer *answer)
{
    for (size_t i = 0; i < answer->count; i++)
        if (answer->tasks[i].unknown > 0)
            return true;
    return false;
}

static void print_tasks(const struct answer *answer, size_t width, FILE *out, bool use_colour)
{
    bool shows_lost = has_outside(answer), shows_unknown = has_unknown(answer);
    struct table table;
    char name[ANSWER_TEXT_BYTES];

    table_init(&table, 4 + shows_lost + shows_unknown, 1);
    table_cell(&table, answer->is_of_threads ? "thread, %%" : "vCPU, %%");
    table_cell(&table, "waiting");
    table_cell(&table, "running");
    if (shows_lost)
        table_cell(&table, "of it lost");
    table_cell(&table, "blocked");
    if (shows_unknown)
        table_cell(&table, "unknown");
    for (size_t i = 0; i < answer->count && i < TASKS_MAX; i++) {
        const struct answer_task *task = &answer->tasks[i];
        table_cell(&table, "%s", answer_who(answer, task->who, name));
        cell_percent(&table, answer, task->waiting);
        cell_percent(&table, answer, task->running);
        if (shows_lost)
            cell_percent(&table, answer, task->running - task->own);
        cell_percent(&table, answer, task->blocked);
        if (shows_unknown)
            cell_percent(&table, answer, task->unknown);
    }
    fit(&table, 0, width);
    table_print(&table, out, 0, use_colour);
    table_free(&table);
    if (answer->count > TASKS_MAX)
        fprintf(out, "and %zu more that waited less: --csv and --json have them\n", answer->count - TASKS_MAX);
}

/* --- by what they were kept --- */

static void table_line(const struct answer *answer, struct table *table, const char *name, const char *lost,
                       const char *by, cycles time, cycles whole)
{
    table_cell(table, "%s", name);
    table_cell(table, "%s", lost);
    table_cell(table, "%s", by);
    table_cell(table, "%.3f", (double)time * 1e3 / (double)answer->frequency_hz);
    cell_percent(table, answer, time);
    table_cell(table, "%.1f", whole == 0 ? 0 : 100.0 * (double)time / (double)whole);
}

static void table_loss(const struct answer *answer, struct table *table, const struct answer_task *task,
                       enum attribution_loss loss)
{
    cycles whole = loss == LOSS_STEAL ? task->waiting : task->running - task->own, told = 0;
    const char *lost = loss == LOSS_STEAL ? "waiting" : "running";
    char name[ANSWER_TEXT_BYTES], by[ANSWER_TEXT_BYTES];
    size_t count = 0, shown = 0;

    answer_who(answer, task->who, name);
    for (size_t i = 0; i < task->row_count; i++)
        count += task->rows[i].loss == loss;
    for (size_t i = 0; i < task->row_count && shown < ROWS_MAX && told * 1000 < whole * TOLD_PER_MILLE; i++) {
        if (task->rows[i].loss != loss)
            continue;
        table_line(answer, table, name, lost, answer_by(answer, &task->rows[i], by), task->rows[i].time, whole);
        told += task->rows[i].time;
        shown++;
    }
    if (shown < count) {
        snprintf(by, sizeof by, "%zu smaller", count - shown);
        table_line(answer, table, name, lost, by, whole - told, whole);
    }
}

static void print_details(const struct answer *answer, size_t width, FILE *out, bool use_colour)
{
    static const char *const heads[] = { "lost while", "to", "ms", "% of time", "% of loss" };
    size_t detailed = 0, i = 0;
    struct table table;

    table_init(&table, 6, 3);
    table_cell(&table, answer->is_of_threads ? "thread" : "vCPU");
    for (size_t head = 0; head < 5; head++)
        table_cell(&table, "%s", heads[head]);
    for (; i < answer->count && detailed < DETAILED_MAX; i++) {
        detailed += answer->tasks[i].row_count > 0;
        table_loss(answer, &table, &answer->tasks[i], LOSS_STEAL);
        table_loss(answer, &table, &answer->tasks[i], LOSS_RUNNING);
    }
    if (detailed > 0) {
        fputc('\n', out);
        fit(&table, 2, width);
        fit(&table, 0, width);
        table_print(&table, out, 0, use_colour);
    }
    table_free(&table);
    if (detailed == DETAILED_MAX && i < answer->count)
        fputs("and of those that waited less: --csv and --json\n", out);
}

/* --- what is not there --- */

static void print_missing(const struct answer *answer, size_t width, FILE *out)
{
    const struct recorded *recorded = answer->recorded;
    char sentences[ANSWER_MISSING_MAX][ANSWER_MISSING_BYTES], line[ANSWER_MISSING_BYTES + 80];
    size_t count = answer_missing(answer, sentences, ANSWER_MISSING_MAX);

    if (count > 0)
        fputs("\nNot in the recording:\n", out);
    for (size_t i = 0; i < count; i++) {
        snprintf(line, sizeof line, "- %.238s", sentences[i]);
        print_wrapped(line, 2, width, out);
    }
    if (recorded->ignored_count > 0)
        fputs("\nIgnored:\n", out);
    for (size_t i = 0; i < recorded->ignored_count && i < IGNORED_MAX; i++) {
        const struct recorded_ignored *ignored = &recorded->ignored[i];
        snprintf(line, sizeof line, "- %" PRIu64 " x %s: %s", ignored->count, ignored->what, ignored->why);
        answer_clean(line);
        print_wrapped(line, 2, width, out);
    }
    if (recorded->ignored_count > IGNORED_MAX)
        fprintf(out, "- and %zu kinds more\n", recorded->ignored_count - IGNORED_MAX);
}

void answer_print(const struct answer *answer, size_t width, FILE *out, bool use_colour)
{
    static const char *const hosts[] = { "a host of unknown kind", "Linux", "Xen" };
    const struct trace_world *world = &answer->attribution.world;
    char line[200], *verdict = answer_verdict(answer);

    print_wrapped(verdict, 0, width, out);
    free(verdict);
    if (answer->is_of_threads)
        snprintf(line, sizeof line, "No vCPU is in the recording: these are threads of %s with %u pCPU%s.",
                 hosts[answer->recorded->host], world->cpu_count, world->cpu_count == 1 ? "" : "s");
    else
        snprintf(line, sizeof line, "%u guest%s with %u vCPU%s on %u pCPU%s of %s.", world->domain_count,
                 world->domain_count == 1 ? "" : "s", world->vcpu_count, world->vcpu_count == 1 ? "" : "s",
                 world->cpu_count, world->cpu_count == 1 ? "" : "s", hosts[answer->recorded->host]);
    print_wrapped(line, 0, width, out);
    fputc('\n', out);
    print_tasks(answer, width, out, use_colour);
    print_details(answer, width, out, use_colour);
    print_missing(answer, width, out);
}
