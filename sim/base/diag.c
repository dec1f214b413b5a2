/* SPDX-License-Identifier: Apache-2.0
 *
 * Stores messages about user input. Messages live on the heap; diag_print sorts them in place.
 */
#define _GNU_SOURCE
#include "base/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/control.h"
#include "base/file.h"
#include "base/text.h"

#define STORED_MAX 1000            /* further messages are only counted */
#define CARET_LINE_COLUMNS_MAX 160 /* of a longer line only the part around the caret is shown */
#define CARET_LINE_COLUMNS_BEFORE 100

void diag_init(struct diag *diag) { memset(diag, 0, sizeof(*diag)); }

void diag_free(struct diag *diag)
{
    for (uint32_t i = 0; i < diag->source_count; i++) {
        free(diag->sources[i].name);
        free(diag->sources[i].text);
    }
    for (size_t i = 0; i < diag->message_count; i++)
        free(diag->messages[i].text);
    free(diag->sources);
    free(diag->messages);
    diag_init(diag);
}

static uint32_t add_source(struct diag *diag, const char *name, const char *text, size_t bytes, bool is_arguments)
{
    struct diag_source *source;

    for (uint32_t i = 0; i < diag->source_count; i++) {
        source = &diag->sources[i];
        if (!strcmp(source->name, name) && source->bytes == bytes && !memcmp(source->text, text, bytes))
            return i + 1;
    }
    diag->sources = realloc(diag->sources, (diag->source_count + 1) * sizeof(*diag->sources));
    CHECK(diag->sources != NULL);
    source = &diag->sources[diag->source_count];
    source->name = text_copy(name);
    source->text = text_copy_bytes(text, bytes);
    source->bytes = bytes;
    source->is_arguments = is_arguments;
    return ++diag->source_count;
}

uint32_t diag_source_file(struct diag *diag, const char *name, const char *text, size_t bytes)
{
    return add_source(diag, name, text, bytes, false);
}

uint32_t diag_source_arguments(struct diag *diag, const char *name, const char *const *arguments, size_t count)
{
    size_t bytes = 0, used = 0;
    uint32_t source;
    char *text;

    for (size_t i = 0; i < count; i++)
        bytes += strlen(arguments[i]) + 1;
    text = malloc(bytes + 1);
    CHECK(text != NULL);
    for (size_t i = 0; i < count; i++) {
        for (const char *c = arguments[i]; *c; c++)
            text[used++] = *c == '\n' || *c == '\r' ? ' ' : *c;
        text[used++] = '\n';
    }
    source = add_source(diag, name, text, used, true);
    free(text);
    return source;
}

/* Messages quote user input, so control characters are replaced before they can reach a terminal. */
static char *format_text(const char *format, va_list arguments)
{
    char *text;

    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    CHECK(text != NULL);
    for (char *c = strchr(text, '\n'); c; c = strchr(c, '\n'))
        *c = '?';
    control_clean(text);
    return text;
}

static void add_message(struct diag *diag, enum diag_severity severity, struct place place, const char *format,
                        va_list arguments)
{
    struct diag_message *message;
    char *text;

    CHECK(place.source <= diag->source_count);
    if (diag->message_count == STORED_MAX) {
        diag->dropped[severity]++;
        diag->error_count += severity == DIAG_ERROR;
        return;
    }
    text = format_text(format, arguments);
    for (size_t i = 0; i < diag->message_count; i++) {
        message = &diag->messages[i];
        if (message->place.source == place.source && message->place.line == place.line &&
            message->place.column == place.column && !strcmp(message->text, text)) {
            free(text);
            return;
        }
    }
    if (diag->message_count == diag->message_capacity) {
        diag->message_capacity = diag->message_capacity ? 2 * diag->message_capacity : 16;
        diag->messages = realloc(diag->messages, diag->message_capacity * sizeof(*diag->messages));
        CHECK(diag->messages != NULL);
    }
    message = &diag->messages[diag->message_count];
    *message = (struct diag_message){ severity, place, diag->message_count, text };
    diag->message_count++;
    if (severity == DIAG_ERROR)
        diag->error_count++;
}

void diag_error(struct diag *diag, struct place place, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add_message(diag, DIAG_ERROR, place, format, arguments);
    va_end(arguments);
}

void diag_warning(struct diag *diag, struct place place, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add_message(diag, DIAG_WARNING, place, format, arguments);
    va_end(arguments);
}

void diag_unreadable(struct diag *diag, int error)
{
    if (error != 0 && !file_is_misnamed(error))
        diag->is_unreadable = true;
}

void diag_place_text(const struct diag *diag, struct place place, char *text, size_t text_bytes)
{
    const struct diag_source *source;

    CHECK(text_bytes > 0 && place.source <= diag->source_count);
    text[0] = '\0';
    if (place.source == 0)
        return;
    source = &diag->sources[place.source - 1];
    if (place.line == 0)
        snprintf(text, text_bytes, "%s", source->name);
    else
        snprintf(text, text_bytes, "%s%c%u:%u", source->name, source->is_arguments ? ' ' : ':', place.line,
                 place.column);
}

static int compare_messages(const void *left, const void *right)
{
    const struct diag_message *a = left, *b = right;

    if (a->place.source != b->place.source)
        return a->place.source < b->place.source ? -1 : 1;
    if (a->place.line != b->place.line)
        return a->place.line < b->place.line ? -1 : 1;
    if (a->place.column != b->place.column)
        return a->place.column < b->place.column ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

/* Finds the bytes of a line, without its line ending. Returns false when the source has no such line. */
static bool find_line(const struct diag_source *source, uint32_t line, const char **start, size_t *bytes)
{
    const char *at = source->text, *end = source->text + source->bytes, *stop;

    for (uint32_t i = 1; i < line; i++) {
        at = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        if (!at)
            return false;
        at++;
    }
    if (at >= end)
        return false;
    stop = memchr(at, '\n', (size_t)(end - at));
    if (!stop)
        stop = end;
    if (stop > at && stop[-1] == '\r')
        stop--;
    *start = at;
    *bytes = (size_t)(stop - at);
    return true;
}

static bool is_continuation(char byte) { return ((unsigned char)byte & 0xC0) == 0x80; }

/* Prints the line and the caret below it. Control characters are printed as '?', so that a terminal does not interpret
 * them. */
static void print_caret(const struct diag_source *source, struct place place, FILE *stream, bool use_colour)
{
    uint32_t column = 0, first = 1;
    size_t bytes;
    const char *line;

    if (!find_line(source, place.line, &line, &bytes))
        return;
    if (place.column > CARET_LINE_COLUMNS_MAX)
        first = place.column - CARET_LINE_COLUMNS_BEFORE;
    fputs("    ", stream);
    for (size_t i = 0, length; i < bytes; i += length) {
        size_t control = line[i] == '\t' ? 0 : control_bytes(&line[i], line + bytes);
        length = utf8_bytes(&line[i], line + bytes);
        bool is_shown = control == 0 && length > 0;
        length = length > 0 ? length : 1;
        column++;
        if (column >= first && column < first + CARET_LINE_COLUMNS_MAX)
            fwrite(is_shown ? &line[i] : "?", 1, is_shown ? length : 1, stream);
    }
    fputs("\n    ", stream);
    column = 1;
    for (size_t i = 0; i < bytes && column < place.column; i++) {
        if (is_continuation(line[i]))
            continue;
        if (column >= first)
            fputc(line[i] == '\t' ? '\t' : ' ', stream);
        column++;
    }
    fputs(use_colour ? "\033[1;32m^\033[0m\n" : "^\n", stream);
}

static void print_message(const struct diag *diag, const struct diag_message *message, FILE *stream, bool use_colour)
{
    static const char *const words[] = { [DIAG_ERROR] = "error", [DIAG_WARNING] = "warning" };
    static const char *const colours[] = { [DIAG_ERROR] = "\033[1;31m", [DIAG_WARNING] = "\033[1;35m" };
    char place[4200];

    diag_place_text(diag, message->place, place, sizeof(place));
    control_clean(place);
    fprintf(stream, "%s%s%s%s:%s %s\n", place, place[0] ? ": " : "", use_colour ? colours[message->severity] : "",
            words[message->severity], use_colour ? "\033[0m" : "", message->text);
    if (message->place.source && message->place.line)
        print_caret(&diag->sources[message->place.source - 1], message->place, stream, use_colour);
}

void diag_print(struct diag *diag, FILE *stream, bool use_colour)
{
    size_t printed[2] = { 0, 0 }, total[2] = { diag->dropped[0], diag->dropped[1] };

    if (diag->message_count)
        qsort(diag->messages, diag->message_count, sizeof(*diag->messages), compare_messages);
    for (size_t i = 0; i < diag->message_count; i++) {
        enum diag_severity severity = diag->messages[i].severity;

        total[severity]++;
        if (printed[severity] < DIAG_PRINTED_MAX) {
            print_message(diag, &diag->messages[i], stream, use_colour);
            printed[severity]++;
        }
    }
    if (total[DIAG_ERROR] > printed[DIAG_ERROR])
        fprintf(stream, "and %zu more errors\n", total[DIAG_ERROR] - printed[DIAG_ERROR]);
    if (total[DIAG_WARNING] > printed[DIAG_WARNING])
        fprintf(stream, "and %zu more warnings\n", total[DIAG_WARNING] - printed[DIAG_WARNING]);
}
