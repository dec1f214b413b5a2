/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a whole text file. Binary files, UTF-16 and invalid UTF-8 are rejected before the text is parsed as YAML.
 */
#define _GNU_SOURCE
#include "scenario/text_file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/control.h"

/* The code of a control character other than a tab and a line end; -1 when another character is there. */
static int control_of(const unsigned char *at, const unsigned char *end)
{
    size_t bytes = *at == '\t' || *at == '\n' || *at == '\r' ? 0 : control_bytes((const char *)at, (const char *)end);

    return bytes > 0 ? (int)control_code((const char *)at, bytes) : -1;
}

/* The line with the error is printed if `is_shown`. */
static bool check(const char *name, const char *text, size_t bytes, bool is_shown, struct diag *diag)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + bytes;
    struct place place = { 0, 1, 1 };

    if (bytes >= 2 && ((at[0] == 0xFF && at[1] == 0xFE) || (at[0] == 0xFE && at[1] == 0xFF))) {
        place = (struct place){ diag_source_file(diag, name, "", 0), 0, 0 };
        diag_error(diag, place, "the file is UTF-16: save it as UTF-8");
        return false;
    }
    while (at < end) {
        size_t step = utf8_bytes((const char *)at, (const char *)end);

        int control = step > 0 ? control_of(at, end) : *at;

        if (control >= 0) {
            place.source = diag_source_file(diag, name, is_shown ? text : "", is_shown ? bytes : 0);
            diag_error(diag, place,
                       step ? "not a text file: it contains the control character 0x%02x"
                            : "not a text file: the byte 0x%02x is not UTF-8",
                       (unsigned)control);
            return false;
        }
        place.column++;
        if (*at == '\n') {
            place.line++;
            place.column = 1;
        }
        at += step;
    }
    return true;
}

bool text_file_check(const char *name, const char *text, size_t bytes, struct diag *diag)
{
    return check(name, text, bytes, true, diag);
}

static enum text_file_status fail(struct diag *diag, const char *name, struct place place, enum text_file_status status,
                                  const char *reason, int error)
{
    diag_unreadable(diag, error);
    if (place.source) {
        diag_error(diag, place, "cannot read %s: %s", name, reason);
    } else {
        place = (struct place){ diag_source_file(diag, name, "", 0), 0, 0 };
        diag_error(diag, place, "cannot read: %s", reason);
    }
    return status;
}

static char *read_stream(FILE *stream, size_t *bytes)
{
    char *text = malloc(TEXT_FILE_BYTES_MAX + 1), *shrunk;

    CHECK(text != NULL);
    *bytes = fread(text, 1, TEXT_FILE_BYTES_MAX + 1, stream);
    if (*bytes > TEXT_FILE_BYTES_MAX)
        return text;
    text[*bytes] = '\0';
    shrunk = realloc(text, *bytes + 1);
    return shrunk ? shrunk : text;
}

enum text_file_status text_file_read(const char *path, const char *name, struct place place, struct diag *diag,
                                     char **text, size_t *bytes)
{
    bool is_stdin = !strcmp(path, "-");
    FILE *stream = is_stdin ? stdin : fopen(path, "rb");
    struct stat status;
    int error;

    *text = NULL;
    if (!stream)
        return fail(diag, name, place, TEXT_FILE_UNREADABLE, strerror(errno), errno);
    if (fstat(fileno(stream), &status) == 0 && S_ISDIR(status.st_mode)) {
        if (!is_stdin)
            fclose(stream);
        return fail(diag, name, place, TEXT_FILE_UNREADABLE, "it is a directory", EISDIR);
    }
    errno = 0;
    *text = read_stream(stream, bytes);
    error = ferror(stream) ? errno : 0;
    if (!is_stdin)
        fclose(stream);
    if (!error && *bytes <= TEXT_FILE_BYTES_MAX && check(name, *text, *bytes, place.source == 0, diag))
        return TEXT_FILE_OK;
    if (error)
        fail(diag, name, place, TEXT_FILE_UNREADABLE, strerror(error), error);
    else if (*bytes > TEXT_FILE_BYTES_MAX)
        fail(diag, name, place, TEXT_FILE_INVALID, "it is larger than 4 MiB", 0);
    free(*text);
    *text = NULL;
    return error ? TEXT_FILE_UNREADABLE : TEXT_FILE_INVALID;
}

bool text_file_beside(const char *beside, const char *file, char *path, size_t path_bytes)
{
    const char *slash = strrchr(beside, '/');
    size_t directory_bytes = slash && file[0] != '/' ? (size_t)(slash - beside) + 1 : 0;

    return (size_t)snprintf(path, path_bytes, "%.*s%s", (int)directory_bytes, beside, file) < path_bytes;
}
