/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints a recorded interleaving as columns, or as one line for each run of steps.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "explore/replay.h"

#define COLUMN_WIDTH 44
#define COLUMNS_MAX 17 /* one for the devices, 16 for pCPUs */
#define LINE_BYTES (COLUMNS_MAX * COLUMN_WIDTH + 256)

static uint32_t column_of(uint32_t place)
{
    return place == REPLAY_DEVICES || place + 1 >= COLUMNS_MAX ? 0 : place + 1;
}

/* --- columns --- */

/* The width of a column's text, which ends before the next text in its row. */
static size_t room_of(const char *const *texts, uint32_t column)
{
    for (uint32_t next = column + 1; next < COLUMNS_MAX; next++)
        if (texts[next] != NULL)
            return (next - column) * COLUMN_WIDTH - 2;
    return LINE_BYTES;
}

/* Prints the row-th note of each column in this step. Returns false when there is none. */
static bool print_row(const struct replay_log *log, size_t first_note, size_t step, size_t row, FILE *stream)
{
    char line[LINE_BYTES] = "";
    size_t used = 0, seen[COLUMNS_MAX] = { 0 };
    const char *texts[COLUMNS_MAX] = { NULL };
    bool has_any = false;

    for (size_t i = first_note; i < log->note_count && log->notes[i].step == step; i++) {
        uint32_t column = column_of(log->notes[i].place);
        if (seen[column]++ == row)
            texts[column] = log->notes[i].text;
    }
    for (uint32_t column = 0; column <= log->cpu_count && column < COLUMNS_MAX; column++) {
        if (texts[column] == NULL)
            continue;
        has_any = true;
        while (used < (size_t)column * COLUMN_WIDTH)
            line[used++] = ' ';
        size_t length = strlen(texts[column]), room = room_of(texts, column);
        if (length > room)
            length = room;
        if (length > LINE_BYTES - 1 - used)
            length = LINE_BYTES - 1 - used;
        memcpy(line + used, texts[column], length);
        used += length;
        line[used] = '\0';
    }
    if (has_any)
        fprintf(stream, "%s\n", line);
    return has_any;
}

static size_t rows_of(const struct replay_log *log, size_t first_note, size_t step)
{
    size_t counts[COLUMNS_MAX] = { 0 }, rows = 0;

    for (size_t i = first_note; i < log->note_count && log->notes[i].step == step; i++) {
        size_t count = ++counts[column_of(log->notes[i].place)];
        rows = count > rows ? count : rows;
    }
    return rows;
}

/* A step without a note is one of the machine itself, such as entering or leaving an interrupt. */
static void print_silent_step(const struct replay_log *log, size_t step, FILE *stream)
{
    fprintf(stream, "%*s.\n", (int)(column_of(log->actors[step]) * COLUMN_WIDTH), "");
}

static void print_header(const struct replay_log *log, FILE *stream)
{
    fprintf(stream, "step  %-*s", COLUMN_WIDTH, "devices");
    for (uint32_t cpu = 0; cpu < log->cpu_count && cpu + 1 < COLUMNS_MAX; cpu++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "cpu%u", cpu);
        fprintf(stream, "%-*s", cpu + 1 < log->cpu_count ? COLUMN_WIDTH : 0, name);
    }
    fputc('\n', stream);
}

void replay_print_columns(const struct replay_log *log, FILE *stream)
{
    size_t first_note = 0;

    print_header(log, stream);
    for (size_t step = 0; step < log->step_count; step++) {
        size_t rows = rows_of(log, first_note, step);
        fprintf(stream, "%4zu  ", step + 1);
        if (rows == 0)
            print_silent_step(log, step, stream);
        for (size_t row = 0; row < rows; row++) {
            if (row > 0)
                fputs("      ", stream);
            (void)print_row(log, first_note, step, row, stream);
        }
        while (first_note < log->note_count && log->notes[first_note].step == step)
            first_note++;
    }
}

bool explore_replay_print(struct explore_world *world, const uint16_t *trace, size_t count, FILE *stream)
{
    struct replay_log log;
    bool is_good = replay_record(world, trace, count, &log);

    replay_print_columns(&log, stream);
    replay_log_free(&log);
    return is_good;
}

/* --- brief --- */

const char *replay_place_name(uint32_t place, char name[REPLAY_PLACE_BYTES])
{
    (void)snprintf(name, REPLAY_PLACE_BYTES, place == REPLAY_DEVICES ? "-" : "cpu%u", place);
    return name;
}

void replay_print_brief(const struct replay_log *log, FILE *stream)
{
    size_t note = 0;

    for (size_t step = 0, end; step < log->step_count; step = end) {
        char range[48], name[REPLAY_PLACE_BYTES];
        const char *separator = "";

        end = step + 1;
        while (end < log->step_count && log->actors[end] == log->actors[step])
            end++;
        (void)snprintf(range, sizeof(range), end > step + 1 ? "%zu-%zu" : "%zu", step + 1, end);
        fprintf(stream, "%9s  %-6s", range, replay_place_name(log->actors[step], name));
        for (; note < log->note_count && log->notes[note].step < end; note++) {
            fprintf(stream, "%s%s", separator, log->notes[note].text);
            separator = "; ";
        }
        fputc('\n', stream);
    }
}
