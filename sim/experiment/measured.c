/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs whose rows were measured elsewhere: `measured: FILE` in the file of an experiment, a CSV that another program
 * has written. The columns that take part are named, so that names are checked before there is a file.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/text.h"
#include "experiment/perform.h"
#include "experiment/read.h"
#include "scenario/text_file.h"
#include "sweep/table.h"

#define PATH_BYTES 4096

/* --- reading the experiment --- */

/* Beside the experiment, or else as it stands, from the current directory. */
static char *find_file(const struct reader *reader, const char *name)
{
    char path[PATH_BYTES];
    const char *slash = strrchr(reader->experiment->path, '/');
    size_t bytes = slash != NULL ? (size_t)(slash + 1 - reader->experiment->path) : 0;

    (void)snprintf(path, sizeof path, "%.*s%s", (int)bytes, reader->experiment->path, name);
    return text_copy(name[0] != '/' && access(path, F_OK) == 0 ? path : name);
}

static bool is_name(const struct reader *reader, const struct node *node, const char *name)
{
    if (strcmp(name, "run") == 0)
        bind_error(&reader->binder, node, NULL, "'run' is the name of the run itself");
    else if (formula_is_keyword(name))
        bind_error(&reader->binder, node, NULL, "'%.20s' means something else in a formula", name);
    else
        return true;
    return false;
}

static void read_labels(struct reader *reader, const struct node *list, struct experiment_run *run)
{
    list = bind_list(&reader->binder, list, "the columns that are axes");
    for (const struct node *child = list != NULL ? list->first : NULL; child != NULL; child = child->next)
        if (bind_text(&reader->binder, child, "the name of a column") != NULL && is_name(reader, child, child->text))
            *(char **)ARRAY_ADD(run->labels, run->label_count) = text_copy(child->text);
}

static void add_number(struct experiment_run *run, const char *name, const char *unit)
{
    *(struct experiment_number *)ARRAY_ADD(run->numbers, run->number_count) =
        (struct experiment_number){ text_copy(name), text_copy(unit) };
}

/* A list of names, or a map of names and units. */
static void read_numbers(struct reader *reader, const struct node *numbers, struct experiment_run *run)
{
    bool is_list = numbers->kind == NODE_LIST;

    if (!is_list && bind_map(&reader->binder, numbers, "the columns of numbers and their units") == NULL)
        return;
    for (const struct node *child = numbers->first; child != NULL; child = child->next) {
        const char *text = bind_text(&reader->binder, child, is_list ? "the name of a column" : "a unit");

        if (text != NULL && is_name(reader, child, is_list ? text : child->key))
            add_number(run, is_list ? text : child->key, is_list ? "" : text);
    }
}

void read_measured(struct reader *reader, const struct node *node, struct experiment_run *run)
{
    static const char *const keys[] = { "measured", "labels", "numbers", "quick", NULL };
    static const char *const quick_keys[] = { "measured", "skip", NULL };
    const struct node *quick = node_find(node, "quick"), *numbers = node_find(node, "numbers");
    const struct node *labels = node_find(node, "labels"), *file = node_find(node, "measured");

    run->kind = EXPERIMENT_MEASURED;
    read_check_keys(reader, node, keys);
    if (quick != NULL && bind_map(&reader->binder, quick, "what is different with --quick") != NULL)
        read_check_keys(reader, quick, quick_keys);
    run->is_skipped = reader->experiment->is_quick && read_switch(reader, quick, "skip", false);
    if (reader->experiment->is_quick && node_find(quick, "measured") != NULL)
        file = node_find(quick, "measured");
    const char *name = bind_text(&reader->binder, file, "a CSV file");
    if (name != NULL)
        run->measured = find_file(reader, name);
    if (labels != NULL)
        read_labels(reader, labels, run);
    if (numbers != NULL)
        read_numbers(reader, numbers, run);
    if (run->number_count == 0)
        bind_error(&reader->binder, node, NULL,
                   "missing key 'numbers': the columns of numbers, with their units, as in { seconds: s }");
}

const struct experiment_number *measured_number(const struct experiment *experiment, const char *name)
{
    for (size_t i = 0; i < experiment->run_count; i++)
        for (size_t j = 0; j < experiment->runs[i].number_count; j++)
            if (strcmp(experiment->runs[i].numbers[j].name, name) == 0)
                return &experiment->runs[i].numbers[j];
    return NULL;
}

/* --- reading the rows --- */

/* The lines of comment before the names, in one, without what licences say. NULL if there are none. */
static char *first_comments(const char *text)
{
    char *note = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&note, &bytes);

    CHECK(out != NULL);
    for (const char *line = text; *line == '#'; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *from = line + 1 + strspn(line + 1, " ");
        int length = (int)strcspn(from, "\n");

        if (length > 0 && strncmp(from, "SPDX", 4) != 0)
            fprintf(out, "%s%.*s", ftell(out) > 0 ? " " : "", length, from);
    }
    CHECK(fclose(out) == 0);
    if (bytes > 0)
        return note;
    free(note);
    return NULL;
}

/* Where the columns of the run are in the file. Returns false with a message when one is missing. */
static bool find_columns(const struct experiment_run *run, const struct csv *csv, size_t *columns, char *message,
                         size_t message_bytes)
{
    for (size_t i = 0; i < run->label_count; i++)
        if (!csv_column(csv, run->labels[i], &columns[i], message, message_bytes))
            return false;
    for (size_t i = 0; i < run->number_count; i++)
        if (!csv_column(csv, run->numbers[i].name, &columns[run->label_count + i], message, message_bytes))
            return false;
    return true;
}

/* Reads a number, also as scenarios write it ("10us" in s). An empty field is no observation. */
static bool read_value(const char *field, struct quotient *value)
{
    char text[100];

    *value = (struct quotient){ .state = QUOTIENT_ABSENT };
    if (field[0] == '\0')
        return true;
    if (field[0] == '.') { /* as other programs leave the 0 out */
        (void)snprintf(text, sizeof text, "0%s", field);
        field = text;
    }
    return quotient_read(field, value) == strlen(field) || quotient_from_label(field, value);
}

static bool add_row(struct experiment *experiment, size_t run_index, const struct csv *csv, size_t line,
                    const size_t *columns, struct experiment_rows *rows, char *message, size_t message_bytes)
{
    const struct experiment_run *run = &experiment->runs[run_index];
    struct experiment_row *row = rows_add(rows, experiment, run_index);

    for (size_t i = 0; i < run->label_count; i++) {
        const char *field = csv_field(csv, line, columns[i]);

        if (field[0] != '\0')
            rows_label(rows, experiment, row, experiment_find_axis(experiment, run->labels[i]), field);
    }
    for (size_t i = 0; i < run->number_count; i++) {
        const char *field = csv_field(csv, line, columns[run->label_count + i]);
        size_t quantity = experiment_find_quantity(experiment, run->numbers[i].name);

        if (read_value(field, &row->values[quantity]))
            continue;
        (void)snprintf(message, message_bytes, "%.200s: row %zu: '%.40s' in column '%.60s' is no number", run->measured,
                       line + 1, field, run->numbers[i].name);
        return false;
    }
    return true;
}

enum perform_status perform_measured(const struct perform *perform, size_t run_index, struct experiment_rows *rows,
                                     char *message, size_t message_bytes)
{
    struct experiment *experiment = perform->experiment;
    struct experiment_run *run = &experiment->runs[run_index];
    size_t *columns, bytes;
    char *text = file_read_bytes(run->measured, SIZE_MAX, &bytes, message, message_bytes), why[300];
    struct csv csv;

    if (text == NULL)
        return PERFORM_UNWRITABLE;
    sha256_text(text, bytes, run->measured_hash);
    run->measured_note = first_comments(text);
    columns = calloc(run->label_count + run->number_count + 1, sizeof *columns);
    CHECK(columns != NULL);
    bool is_good = csv_split(&csv, text, run->measured, message, message_bytes);
    if (is_good && !find_columns(run, &csv, columns, why, sizeof why)) {
        (void)snprintf(message, message_bytes, "%.200s: %.250s", run->measured, why);
        is_good = false;
    }
    for (size_t i = 0; is_good && i < csv.row_count; i++)
        is_good = add_row(experiment, run_index, &csv, i, columns, rows, message, message_bytes);
    csv_free(&csv);
    free(columns);
    return is_good ? PERFORM_OK : PERFORM_UNWRITABLE;
}
