/* SPDX-License-Identifier: Apache-2.0
 *
 * What a build tells.
 */
#define _GNU_SOURCE
#include "code/build/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "code/abi/irqpath.h"
#include "code/build/symbols.h"
#include "code/build/workspace.h"

/* The size of the section .irqpath: always the same, so that what follows it has the same address whatever the tree's
 * path and version. */
#define INFO_BYTES "8192"

/* Appends the row as a C string. */
static void add_row(FILE *stream, const char *key, const char *value)
{
    fprintf(stream, "    \"%s: ", key);
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            fputc('\\', stream);
        fputc(*value == '\n' ? ' ' : *value, stream);
    }
    fputs("\\n\"\n", stream);
}

bool report_write_info(const struct report_info *info, const char *workspace, const char *name)
{
    char *text = NULL, abi[16];
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);
    bool is_written;

    CHECK(stream != NULL);
    snprintf(abi, sizeof(abi), "%d", IRQPATH_ABI);
    fputs("static const char irqpath_info[" INFO_BYTES
          "] __attribute__((__used__, __retain__, __section__(\".irqpath\"))) =\n",
          stream);
    add_row(stream, "abi", abi);
    add_row(stream, "family", info->family);
    add_row(stream, "compiler", info->compiler);
    add_row(stream, "flags", info->flags);
    add_row(stream, "tree", info->tree);
    add_row(stream, "commit", info->commit);
    add_row(stream, "files", info->files);
    fputs(";\n", stream);
    fclose(stream);
    is_written = workspace_write(workspace, name, text);
    free(text);
    return is_written;
}

static bool has_start(const char *text, const char *start) { return !strncmp(text, start, strlen(start)); }

static bool is_import(const char *name)
{
    return has_start(name, "irqpath_") || has_start(name, "__tsan_") || has_start(name, "__sanitizer_cov_") ||
           has_start(name, "kcsan_") || has_start(name, "__kcsan_") || !strcmp(name, "memset") ||
           !strcmp(name, "memcpy") || !strcmp(name, "memmove") || !strcmp(name, "memcmp");
}

static bool contains(const struct words *words, const char *text)
{
    for (size_t i = 0; i < words->count; i++)
        if (!strcmp(words->items[i], text))
            return true;
    return false;
}

/* The first file whose object has the name undefined. */
static const char *wanted_by(const struct report *report, const char *name)
{
    const char *found = "?";

    for (size_t i = 0; i < report->objects->count; i++) {
        struct words names = { 0 };
        bool wants = symbols_undefined(report->objects->items[i], &names) && contains(&names, name);

        words_free(&names);
        if (wants)
            return report->inputs->items[i];
    }
    return found;
}

static void unreached_read(const struct report *report, struct words *names)
{
    char *path, *text;

    if (report->unreached == NULL)
        return;
    CHECK(asprintf(&path, "%s/%s", report->sources, report->unreached) > 0);
    text = file_read(path);
    if (text)
        words_split(names, text, " \n");
    free(path);
    free(text);
}

void report_undefined(const struct report *report)
{
    struct words names = { 0 }, data = { 0 }, unreached = { 0 };
    bool is_first = true;

    if (report->is_quiet || !symbols_undefined(report->output, &names))
        return;
    symbols_undefined_data(report->output, &data);
    unreached_read(report, &unreached);
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.items[i];

        if (is_import(name) || contains(&unreached, name))
            continue;
        if (is_first)
            fprintf(stderr,
                    "irqpath build: warning: nothing implements these; a run that reaches one ends there, unless it "
                    "is added to %s:\n",
                    report->glue);
        is_first = false;
        fprintf(stderr, "  %s%s, which %s uses\n", name,
                contains(&data, name) ? " (a variable, or a function whose address is kept)" : "",
                wanted_by(report, name));
    }
    words_free(&names);
    words_free(&data);
    words_free(&unreached);
}
