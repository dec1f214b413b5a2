/* SPDX-License-Identifier: Apache-2.0
 *
 * Printing and keeping of an interleaving.
 */
#define _GNU_SOURCE
#include "explore/replay.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

#define REPLAY_VERSION 1
#define COLUMN_WIDTH 44
#define COLUMNS_MAX 17 /* the devices' and 16 pCPUs' */
#define NOTES_MAX 64   /* of a column in one step */
#define NOTE_BYTES 160

/* --- columns --- */

struct column {
    char notes[NOTES_MAX][NOTE_BYTES];
    size_t count;
};

struct table {
    struct column columns[COLUMNS_MAX];
    uint32_t column_count;
};

static void note_add(void *context, const struct cpu *cpu, const char *text)
{
    struct table *table = context;
    uint32_t index = cpu != NULL ? 1 + cpu->id : 0;
    struct column *column;

    if (index >= table->column_count)
        return;
    column = &table->columns[index];
    if (column->count < NOTES_MAX)
        (void)snprintf(column->notes[column->count++], NOTE_BYTES, "%s", text);
}

static void print_row(const struct table *table, size_t row, FILE *stream)
{
    char line[COLUMNS_MAX * COLUMN_WIDTH + NOTE_BYTES + 1] = "";
    size_t used = 0;

    for (uint32_t c = 0; c < table->column_count; c++) {
        const struct column *column = &table->columns[c];
        if (row >= column->count)
            continue;
        size_t start = (size_t)c * COLUMN_WIDTH;
        while (used < start)
            line[used++] = ' ';
        size_t length = strlen(column->notes[row]);
        if (c + 1 < table->column_count && length > COLUMN_WIDTH - 2)
            length = COLUMN_WIDTH - 2;
        memcpy(line + used, column->notes[row], length);
        used += length;
        line[used] = '\0';
    }
    fprintf(stream, "%s\n", line);
}

/* A step without a note is one of the machine's: entering or leaving an interrupt, a branch. */
static void print_step(struct table *table, size_t number, uint32_t actor, FILE *stream)
{
    size_t rows = 0;

    for (uint32_t c = 0; c < table->column_count; c++)
        rows = table->columns[c].count > rows ? table->columns[c].count : rows;
    if (rows == 0) {
        (void)snprintf(table->columns[actor].notes[0], NOTE_BYTES, ".");
        rows = table->columns[actor].count = 1;
    }
    for (size_t row = 0; row < rows; row++) {
        if (row == 0)
            fprintf(stream, "%4zu  ", number);
        else
            fputs("      ", stream);
        print_row(table, row, stream);
    }
    for (uint32_t c = 0; c < table->column_count; c++)
        table->columns[c].count = 0;
}

static void print_header(const struct table *table, FILE *stream)
{
    fprintf(stream, "step  %-*s", COLUMN_WIDTH, "devices");
    for (uint32_t c = 1; c < table->column_count; c++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "cpu%u", c - 1);
        fprintf(stream, "%-*s", c + 1 < table->column_count ? COLUMN_WIDTH : 0, name);
    }
    fputc('\n', stream);
}

static uint32_t actor_column(const struct machine *machine, uint32_t slot)
{
    for (uint32_t id = 0; id < machine->cpu_count; id++)
        if (machine->cpus[id].slot == slot)
            return 1 + id;
    return 0;
}

bool explore_replay_print(struct explore_world *world, const uint16_t *trace, size_t count, FILE *stream)
{
    struct table *table = calloc(1, sizeof(*table));
    bool is_good = true;

    CHECK(table != NULL);
    table->column_count = 1 + world->machine.cpu_count;
    if (table->column_count > COLUMNS_MAX)
        table->column_count = COLUMNS_MAX;
    world->explored.note = note_add;
    world->explored.context = table;
    print_header(table, stream);
    check_context_set(&world->engine.context);
    for (size_t i = 0; i < count && is_good; i++) {
        is_good = trace[i] < world->engine.slot_count && engine_is_pending(&world->engine, trace[i]);
        if (!is_good)
            break;
        engine_step(&world->engine, trace[i]);
        uint32_t actor = actor_column(&world->machine, trace[i]);
        print_step(table, i + 1, actor < table->column_count ? actor : 0, stream);
    }
    check_context_set(NULL);
    world->explored.note = NULL;
    free(table);
    return is_good;
}

/* --- files --- */

bool replay_write(const struct replay *replay, const char *path, char *message, size_t message_bytes)
{
    json_t *steps = json_array();
    json_t *document =
        json_pack("{s:i, s:s, s:s, s:s, s:s, s:o}", "irqpath_replay", REPLAY_VERSION, "design", replay->design, "kind",
                  replay->kind, "text", replay->text, "scenario", replay->scenario, "steps", steps);
    bool is_good;

    CHECK(document != NULL);
    for (size_t i = 0; i < replay->trace_count; i++)
        json_array_append_new(steps, json_integer(replay->trace[i]));
    is_good = json_dump_file(document, path, JSON_INDENT(1)) == 0;
    if (!is_good)
        (void)snprintf(message, message_bytes, "%s: cannot be written", path);
    json_decref(document);
    return is_good;
}

static bool take_text(json_t *document, const char *key, char **text)
{
    const char *value = json_string_value(json_object_get(document, key));

    if (value == NULL)
        return false;
    *text = strdup(value);
    CHECK(*text != NULL);
    return true;
}

static bool take_steps(json_t *document, struct replay *replay)
{
    json_t *steps = json_object_get(document, "steps"), *step;
    size_t i;

    if (!json_is_array(steps))
        return false;
    replay->trace = calloc(json_array_size(steps) + 1, sizeof(*replay->trace));
    CHECK(replay->trace != NULL);
    json_array_foreach(steps, i, step)
    {
        if (!json_is_integer(step) || json_integer_value(step) < 0 || json_integer_value(step) > UINT16_MAX)
            return false;
        replay->trace[replay->trace_count++] = (uint16_t)json_integer_value(step);
    }
    return true;
}

bool replay_read(struct replay *replay, const char *path, char *message, size_t message_bytes)
{
    json_error_t error;
    json_t *document = json_load_file(path, 0, &error);
    bool is_good;

    *replay = (struct replay){ .trace_count = 0 };
    if (document == NULL) {
        (void)snprintf(message, message_bytes, "%s:%d: %s", path, error.line, error.text);
        return false;
    }
    is_good = json_integer_value(json_object_get(document, "irqpath_replay")) == REPLAY_VERSION &&
              take_text(document, "scenario", &replay->scenario) && take_text(document, "design", &replay->design) &&
              take_text(document, "kind", &replay->kind) && take_text(document, "text", &replay->text) &&
              take_steps(document, replay);
    json_decref(document);
    if (is_good)
        return true;
    (void)snprintf(message, message_bytes, "%s: this is no replay file of version %d", path, REPLAY_VERSION);
    replay_free(replay);
    return false;
}

void replay_free(struct replay *replay)
{
    free(replay->scenario);
    free(replay->design);
    free(replay->kind);
    free(replay->text);
    free(replay->trace);
    *replay = (struct replay){ .trace_count = 0 };
}
