/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of populations: writing lines, checking and merging files.
 */
#define _GNU_SOURCE
#include "sweep/population_table.h"

#include <errno.h>
#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/program.h"
#include "result/cbor.h"
#include "result/report.h"
#include "scenario/sample.h"
#include "sweep/population.h"

static void describe_axis(const struct sample_axis *axis, FILE *stream)
{
    fprintf(stream, "%s %d %u %s %d", axis->name, (int)axis->kind, axis->digits, axis->unit, (int)axis->cost_type);
    for (uint32_t i = 0; i < axis->count; i++)
        fprintf(stream, " %llu %llu %llu", (unsigned long long)axis->low[i], (unsigned long long)axis->middle[i],
                (unsigned long long)axis->high[i]);
    for (size_t i = 0; i < axis->choice_count; i++)
        fprintf(stream, " '%s'", axis->choices[i]);
    fputc('\n', stream);
}

static void describe_matrix(const struct scenario_axis *axis, FILE *stream)
{
    for (size_t i = 0; i < axis->value_count; i++)
        for (size_t j = 0; j < axis->values[i].set_count; j++)
            fprintf(stream, "%s %s %s\n", axis->path, axis->values[i].label, axis->values[i].sets[j]);
}

/* Everything that decides the rows, this build of the program too. The number of machines does so only for a Latin
 * hypercube. */
static void fingerprint(const struct scenario *scenario, char hash_text[RESULT_HASH_TEXT_BYTES])
{
    const struct scenario_sample *sample = scenario->sample;
    char *text = NULL, *resolved = scenario_resolved_yaml(scenario), build[PROGRAM_BUILD_ID_BYTES];
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);

    CHECK(stream != NULL);
    fprintf(stream, "%s %s\n", IRQPATH_VERSION, program_build_id(build));
    fprintf(stream, "%s%d %llu %zu%s\n", resolved, (int)sample->method, (unsigned long long)sample->seed,
            sample->method == SAMPLE_LHS ? sample->machines : 0, sample->is_redrawn ? " redrawn" : "");
    if (scenario->setup.code != NULL)
        fprintf(stream, "code %s\n", scenario->setup.code->hash);
    for (size_t i = 0; i < sample->axis_count; i++)
        describe_axis(&sample->axes[i], stream);
    for (size_t i = 0; i < scenario->axis_count; i++)
        describe_matrix(&scenario->axes[i], stream);
    for (size_t i = 0; i < sample->setting_count; i++)
        fprintf(stream, "%s=%s\n", sample->settings[i].path, sample->settings[i].text);
    CHECK(fclose(stream) == 0);
    struct result_hash hash = result_hash_bytes(text, bytes);
    result_hash_text(&hash, hash_text);
    free(text);
    free(resolved);
}

/* Writes ",LABEL METRIC" for every metric of a cell. Without a matrix there is no label. */
static void write_metric_names(const struct scenario *scenario, size_t cell, FILE *stream)
{
    size_t indices[scenario->axis_count + 1];
    char name[512];

    scenario_cell_indices(scenario, cell, indices);
    for (size_t i = 0; i < scenario->sample->metric_count; i++) {
        size_t used = 0;
        name[0] = '\0';
        for (size_t axis = 0; axis < scenario->axis_count; axis++)
            used += (size_t)snprintf(name + used, sizeof name - used, "%.60s%s",
                                     scenario->axes[axis].values[indices[axis]].label,
                                     axis + 1 < scenario->axis_count ? "/" : ":");
        snprintf(name + used, sizeof name - used, "%s", scenario->sample->metrics[i]);
        fputc(',', stream);
        csv_print_field(name, stream);
    }
}

char *population_head(const struct scenario *scenario)
{
    const struct scenario_sample *sample = scenario->sample;
    char hash[RESULT_HASH_TEXT_BYTES], *head = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&head, &bytes);

    CHECK(stream != NULL);
    fingerprint(scenario, hash);
    fprintf(stream, "# irqpath sample %s %s\nmachine%s", scenario->name, hash,
            sample->is_redrawn ? ",base,redrawn" : "");
    for (size_t i = 0; i < sample->axis_count; i++) {
        fputc(',', stream);
        csv_print_field(sample->axes[i].name, stream);
    }
    for (size_t i = 0; i < sample->setting_count; i++) {
        fputc(',', stream);
        csv_print_field(sample->settings[i].path, stream);
    }
    for (size_t cell = 0; cell < scenario_cell_count(scenario); cell++)
        write_metric_names(scenario, cell, stream);
    fputc('\n', stream);
    CHECK(fclose(stream) == 0);
    return head;
}

void population_write_draws(const struct scenario_sample *sample, size_t machine, char *const *texts, FILE *row)
{
    fprintf(row, "%zu", machine);
    if (sample->is_redrawn) {
        fprintf(row, ",%zu,", sample_base(sample, machine));
        csv_print_field(sample_group_name(sample, machine % sample_group_count(sample)), row);
    }
    for (size_t i = 0; i < sample->axis_count + sample->setting_count; i++) {
        fputc(',', row);
        csv_print_field(texts[i], row);
    }
}

void population_write_metrics(const struct scenario_sample *sample, const struct result *result, FILE *row)
{
    for (size_t i = 0; i < sample->metric_count; i++) {
        double value = result_metric_value(result, sample->metrics[i]);
        if (isnan(value))
            fputc(',', row);
        else
            fprintf(row, ",%.9g", value);
    }
}

char *population_path(const char *directory, size_t shard, size_t shard_count)
{
    char name[64] = "table.csv";

    if (shard_count > 1)
        snprintf(name, sizeof name, "table-%05zu-of-%05zu.csv", shard + 1, shard_count);
    return sweep_path(directory, name);
}

/* --- files --- */

bool population_check(const char *path, const char *head, size_t shard, size_t shard_count, size_t *rows,
                      size_t *good_bytes, char *message, size_t message_bytes)
{
    size_t bytes;

    *rows = *good_bytes = 0;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return true;
    char *text = file_read_bytes(path, SIZE_MAX, &bytes, message, message_bytes);
    if (text == NULL)
        return false;
    /* A head that is not complete is written again. */
    if (strncmp(head, text, strlen(text)) == 0) {
        *good_bytes = strcmp(text, head) == 0 ? strlen(head) : 0;
        free(text);
        return true;
    }
    bool is_good = strncmp(text, head, strlen(head)) == 0;
    if (!is_good)
        snprintf(message, message_bytes,
                 "%s is the table of another sample, or of another build: choose another directory with -o", path);
    const char *line = text + strlen(head);
    for (char *end; is_good && (end = strchr(line, '\n')) != NULL; line = end + 1) {
        is_good = strtoull(line, NULL, 10) == shard + *rows * shard_count;
        if (!is_good)
            snprintf(message, message_bytes, "%s: row %zu is not that of machine %zu", path, *rows + 1,
                     shard + *rows * shard_count);
        (*rows)++;
    }
    if (is_good)
        *good_bytes = (size_t)(line - text);
    free(text);
    return is_good;
}

bool population_is_there(const char *directory)
{
    char *pattern = sweep_path(directory, "table*.csv");
    glob_t found;
    bool is_there = glob(pattern, 0, NULL, &found) == 0;

    if (is_there)
        globfree(&found);
    free(pattern);
    return is_there;
}

struct merging {
    char **rows; /* indexed by machine; they point into the texts */
    size_t capacity, end;
    size_t head_bytes; /* 0: no table was read yet */
    const char *head;
};

static void add_row(struct merging *merging, char *row)
{
    size_t machine = (size_t)strtoull(row, NULL, 10);

    CHECK(machine < 100000000);
    if (machine >= merging->capacity) {
        size_t capacity = machine * 2 + 64;
        merging->rows = realloc(merging->rows, capacity * sizeof *merging->rows);
        CHECK(merging->rows != NULL);
        memset(merging->rows + merging->capacity, 0, (capacity - merging->capacity) * sizeof *merging->rows);
        merging->capacity = capacity;
    }
    merging->rows[machine] = row;
    if (machine >= merging->end)
        merging->end = machine + 1;
}

/* Adds the complete rows of a table. The head is its first two lines. */
static bool add_table(struct merging *merging, char *text)
{
    char *line = text;

    for (int i = 0; i < 2 && line != NULL; i++)
        line = strchr(line, '\n') != NULL ? strchr(line, '\n') + 1 : NULL;
    if (line == NULL)
        return true; /* nothing is complete */
    if (merging->head_bytes == 0) {
        merging->head = text;
        merging->head_bytes = (size_t)(line - text);
    } else if (strncmp(text, merging->head, merging->head_bytes) != 0) {
        return false;
    }
    for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
        add_row(merging, line);
    return true;
}

static bool write_merged(const struct merging *merging, const char *file, bool force, char *message,
                         size_t message_bytes)
{
    for (size_t i = 0; i < merging->end; i++)
        if (merging->rows[i] == NULL) {
            snprintf(message, message_bytes, "machine %zu of %zu is missing", i, merging->end);
            return false;
        }
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    CHECK(out != NULL);
    fwrite(merging->head, 1, merging->head_bytes, out);
    for (size_t i = 0; i < merging->end; i++)
        fwrite(merging->rows[i], 1, strcspn(merging->rows[i], "\n") + 1, out);
    CHECK(fclose(out) == 0);
    bool is_good = file_write(file, text, bytes, force, message, message_bytes);
    free(text);
    return is_good;
}

bool population_merge(const char *directory, const char *file, bool force, char *message, size_t message_bytes)
{
    char *pattern = sweep_path(directory, "table*.csv");
    struct merging merging = { 0 };
    glob_t found = { 0 };
    bool is_good = glob(pattern, 0, NULL, &found) == 0;
    char **texts = calloc(found.gl_pathc + 1, sizeof *texts);

    CHECK(texts != NULL);
    if (!is_good)
        snprintf(message, message_bytes, "%s has no table", directory);
    for (size_t i = 0; i < found.gl_pathc && is_good; i++) {
        size_t bytes;

        texts[i] = file_read_bytes(found.gl_pathv[i], SIZE_MAX, &bytes, message, message_bytes);
        is_good = texts[i] != NULL && add_table(&merging, texts[i]);
        if (texts[i] != NULL && !is_good)
            snprintf(message, message_bytes, "%s: this is the table of another sample, or of another build",
                     found.gl_pathv[i]);
    }
    is_good = is_good && write_merged(&merging, file, force, message, message_bytes);
    for (size_t i = 0; i < found.gl_pathc; i++)
        free(texts[i]);
    globfree(&found);
    free(texts);
    free(merging.rows);
    free(pattern);
    return is_good;
}
