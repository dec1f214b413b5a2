/* SPDX-License-Identifier: Apache-2.0
 *
 * A replay as JSON. The lines of source are read from the tree that the code object was built from, which may have
 * changed since: files newer than the object are left out.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/text.h"
#include "code/object.h"
#include "explore/replay.h"
#include "result/report.h"
#include "scenario/installation.h"

enum { SOURCE_LINES_AROUND = 3 };

/* The position in each of the log's lists while the steps are printed. */
struct cursor {
    const struct replay_log *log;
    size_t note, change, store, place;
};

/* A note may have been cut within a character; what is no UTF-8 is shown as "?". */
static json_t *text_json(const char *text)
{
    json_t *json = json_string(text);

    if (json != NULL)
        return json;
    char *plain = text_copy(text);
    for (char *at = plain; *at != '\0'; at++)
        if ((*at & 0x80) != 0)
            *at = '?';
    json = json_string(plain);
    free(plain);
    CHECK(json != NULL);
    return json;
}

static json_t *place_json(uint32_t place)
{
    char name[REPLAY_PLACE_BYTES];

    return json_string(replay_place_name(place, name));
}

static void append(json_t *array, json_t *row) { CHECK(row != NULL && json_array_append_new(array, row) == 0); }

/* --- steps --- */

static json_t *notes_of(struct cursor *cursor, size_t step)
{
    const struct replay_log *log = cursor->log;
    json_t *notes = json_array();

    for (; cursor->note < log->note_count && log->notes[cursor->note].step == step; cursor->note++)
        append(notes, json_pack("{s:o, s:o}", "place", place_json(log->notes[cursor->note].place), "text",
                                text_json(log->notes[cursor->note].text)));
    return notes;
}

static json_t *changes_of(struct cursor *cursor, size_t step)
{
    const struct replay_log *log = cursor->log;
    json_t *changes = json_array();

    for (; cursor->change < log->change_count && log->changes[cursor->change].step == step; cursor->change++)
        append(changes, json_pack("{s:I, s:o}", "word", (json_int_t)log->changes[cursor->change].word, "value",
                                  text_json(log->changes[cursor->change].value)));
    return changes;
}

static json_t *stores_of(struct cursor *cursor, size_t step)
{
    const struct replay_log *log = cursor->log;
    json_t *stores = json_array();

    for (; cursor->store < log->store_count && log->stores[cursor->store].step == step; cursor->store++) {
        const struct replay_store *store = &log->stores[cursor->store];
        append(stores, json_pack("{s:o, s:o, s:o}", "cpu", place_json(store->cpu), "word", text_json(store->word),
                                 "value", text_json(store->value)));
    }
    return stores;
}

static json_t *places_of(struct cursor *cursor, size_t step)
{
    const struct replay_log *log = cursor->log;
    json_t *places = json_array();

    for (; cursor->place < log->place_count && log->places[cursor->place].step == step; cursor->place++) {
        const struct replay_place *place = &log->places[cursor->place];
        append(places, json_pack("{s:o, s:o, s:I, s:o}", "cpu", place_json(place->cpu), "file", text_json(place->file),
                                 "line", (json_int_t)place->line, "function", text_json(place->function)));
    }
    return places;
}

static void set_unless_empty(json_t *object, const char *key, json_t *array)
{
    if (json_array_size(array) > 0)
        json_object_set_new(object, key, array);
    else
        json_decref(array);
}

static json_t *steps_of(const struct replay_log *log)
{
    struct cursor cursor = { .log = log };
    json_t *steps = json_array();

    for (size_t step = 0; step < log->step_count; step++) {
        json_t *row =
            json_pack("{s:I, s:o, s:o, s:o}", "step", (json_int_t)step + 1, "actor", place_json(log->actors[step]),
                      "notes", notes_of(&cursor, step), "words", changes_of(&cursor, step));
        CHECK(row != NULL);
        set_unless_empty(row, "stores", stores_of(&cursor, step));
        set_unless_empty(row, "places", places_of(&cursor, step));
        append(steps, row);
    }
    return steps;
}

/* --- locks and words --- */

static json_t *holds_of(const struct replay_hold *holds, size_t count, const char *who)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < count; i++)
        append(rows, json_pack("{s:o, s:o, s:I, s:I}", "lock", text_json(holds[i].lock), who, place_json(holds[i].cpu),
                               "from", (json_int_t)holds[i].from + 1, "to", (json_int_t)holds[i].to + 1));
    return rows;
}

static json_t *words_of(const struct replay_log *log)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < log->word_count; i++)
        append(rows, json_pack("{s:o, s:o}", "name", text_json(log->words[i].name), "value",
                               log->words[i].value != NULL ? text_json(log->words[i].value) : json_null()));
    return rows;
}

/* --- sources --- */

static FILE *source_open(const struct code_object *code, const char *file)
{
    const char *const folders[] = { code_object_info(code, "tree"), installation_code() };
    struct stat object, source;

    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        char *path;
        if (i == 0)
            CHECK(asprintf(&path, "%s/%s", folders[i], file) > 0);
        else
            CHECK(asprintf(&path, "%s/models/%s/code/%s", folders[i], code_object_info(code, "family"), file) > 0);
        FILE *stream = fopen(path, "re");
        free(path);
        if (stream == NULL)
            continue;
        if (stat(code->path, &object) == 0 && fstat(fileno(stream), &source) == 0 && S_ISREG(source.st_mode) &&
            source.st_mtime <= object.st_mtime)
            return stream;
        fclose(stream);
    }
    return NULL;
}

static bool is_near_place(const struct replay_log *log, const char *file, uint32_t line)
{
    for (size_t i = 0; i < log->place_count; i++)
        if (strcmp(log->places[i].file, file) == 0 && line + SOURCE_LINES_AROUND >= log->places[i].line &&
            line <= log->places[i].line + SOURCE_LINES_AROUND)
            return true;
    return false;
}

static json_t *source_lines(const struct replay_log *log, const struct code_object *code, const char *file)
{
    FILE *stream = source_open(code, file);
    json_t *lines = json_object();
    char *text = NULL, number[16];
    size_t room = 0;

    for (uint32_t line = 1; stream != NULL && getline(&text, &room, stream) > 0; line++) {
        if (!is_near_place(log, file, line))
            continue;
        text[strcspn(text, "\r\n")] = '\0';
        (void)snprintf(number, sizeof(number), "%" PRIu32, line);
        json_object_set_new(lines, number, text_json(text));
    }
    free(text);
    if (stream != NULL)
        fclose(stream);
    return lines;
}

static json_t *sources_of(const struct replay_log *log, const struct code_object *code)
{
    json_t *sources = json_object();

    for (size_t i = 0; i < log->place_count; i++)
        if (json_object_get(sources, log->places[i].file) == NULL)
            json_object_set_new(sources, log->places[i].file, source_lines(log, code, log->places[i].file));
    return sources;
}

json_t *replay_to_json(const struct replay *replay, const struct replay_log *log, const struct code_object *code)
{
    json_t *document = json_pack(
        "{s:o, s:o, s:o, s:s, s:I, s:o, s:o, s:o, s:o}", "design", text_json(replay->design), "kind",
        text_json(replay->kind), "text", text_json(replay->text), "memory", log->has_store_buffers ? "tso" : "sc",
        "cpus", (json_int_t)log->cpu_count, "steps", steps_of(log), "words", words_of(log), "locks",
        holds_of(log->holds, log->hold_count, "holder"), "waits", holds_of(log->waits, log->wait_count, "waiter"));

    CHECK(document != NULL);
    if (code != NULL)
        json_object_set_new(document, "sources", sources_of(log, code));
    return document;
}

void replay_print_json(const struct replay *replay, const struct replay_log *log, const struct code_object *code,
                       FILE *stream)
{
    json_print_document(replay_to_json(replay, log, code), "replay", stream);
}
