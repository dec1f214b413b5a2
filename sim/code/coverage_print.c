/* SPDX-License-Identifier: Apache-2.0
 *
 * Coverage as text.
 */
#define _GNU_SOURCE
#include <stdlib.h>

#include "base/check.h"
#include "code/coverage.h"

static void print_unreached(const struct coverage_file *file, FILE *stream)
{
    const char *separator = "  functions never entered: ";

    for (size_t i = 0; i < file->function_count; i++)
        if (!file->functions[i].is_reached) {
            fprintf(stream, "%s%s", separator, file->functions[i].name);
            separator = ", ";
        }
    if (separator[0] == ',')
        fprintf(stream, "\n");
}

void coverage_print(const struct coverage *coverage, FILE *stream)
{
    for (size_t i = 0; i < coverage->file_count; i++) {
        const struct coverage_file *file = &coverage->files[i];
        fprintf(stream, "%s: %zu of %zu lines, %u of %u blocks reached\n", file->name, file->lines_reached,
                file->line_count, file->blocks_reached, file->blocks);
        print_unreached(file, stream);
    }
}

void coverage_print_functions(const struct coverage *coverage, FILE *stream)
{
    for (size_t i = 0; i < coverage->file_count; i++) {
        const struct coverage_file *file = &coverage->files[i];
        fprintf(stream, "%s: %zu of %zu lines, %u of %u branches reached\n", file->name, file->lines_reached,
                file->line_count, file->blocks_reached, file->blocks);
        for (size_t j = 0; j < file->function_count; j++) {
            const struct coverage_function *function = &file->functions[j];
            fprintf(stream, "  %5u %-40s", function->line, function->name);
            if (!function->is_reached)
                fputs("never entered\n", stream);
            else if (function->blocks == 0)
                fputs("reached\n", stream);
            else
                fprintf(stream, "%u of %u branches\n", function->blocks_reached, function->blocks);
        }
    }
}

static void print_mark(const struct coverage_line *line, FILE *stream)
{
    char mark[24];

    if (line == NULL)
        (void)snprintf(mark, sizeof(mark), "-");
    else if (!line->is_reached)
        (void)snprintf(mark, sizeof(mark), "#####");
    else if (line->blocks == 0)
        (void)snprintf(mark, sizeof(mark), "+");
    else
        (void)snprintf(mark, sizeof(mark), "%u/%u", line->blocks_reached, line->blocks);
    fprintf(stream, "%9s:", mark);
}

bool coverage_list(const struct coverage_file *file, const char *tree, FILE *stream)
{
    char *path, *text = NULL;
    size_t room = 0;
    ssize_t bytes;

    CHECK(asprintf(&path, "%s%s%s", tree, tree[0] != '\0' ? "/" : "", file->name) >= 0);
    FILE *source = fopen(path, "re");
    free(path);
    if (source == NULL)
        return false;
    for (uint32_t line = 1; (bytes = getline(&text, &room, source)) > 0; line++) {
        print_mark(coverage_line(file, line), stream);
        fprintf(stream, "%5u:%.*s%s", line, (int)bytes, text, text[bytes - 1] == '\n' ? "" : "\n");
    }
    free(text);
    fclose(source);
    return true;
}
