/* SPDX-License-Identifier: Apache-2.0
 *
 * Coverage as text.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "code/coverage.h"

void coverage_print_functions(const struct coverage *coverage, FILE *stream)
{
    for (size_t i = 0; i < coverage->file_count; i++) {
        const struct coverage_file *file = &coverage->files[i];
        fprintf(stream, "%s: %zu of %zu lines, %u of %u blocks reached\n", file->name, file->lines_reached,
                file->line_count, file->blocks_reached, file->blocks);
        for (size_t j = 0; j < file->function_count; j++) {
            const struct coverage_function *function = &file->functions[j];
            fprintf(stream, "  %5u %-40s", function->line, function->name);
            if (!function->is_reached)
                fputs("never entered\n", stream);
            else if (function->blocks == 0)
                fputs("reached\n", stream);
            else
                fprintf(stream, "%u of %u blocks\n", function->blocks_reached, function->blocks);
        }
    }
}

/* That the end of a block is merged into others is no news. */
static bool is_brace(const char *text)
{
    text += strspn(text, " \t");
    return text[0] == '}' && text[1 + strspn(text + 1, " \t\r\n")] == '\0';
}

static void print_mark(const struct coverage_file *file, uint32_t number, const char *text, FILE *stream)
{
    const struct coverage_line *line;
    enum coverage_state state = coverage_state(file, number, &line);
    char mark[24];

    if (state == COVERAGE_NO_CODE)
        (void)snprintf(mark, sizeof(mark), "-");
    else if (state == COVERAGE_NOT_REACHED)
        (void)snprintf(mark, sizeof(mark), "#####");
    else if (state == COVERAGE_UNKNOWN)
        (void)snprintf(mark, sizeof(mark), "%s", is_brace(text) ? "-" : "?");
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
        print_mark(file, line, text, stream);
        fprintf(stream, "%5u:%.*s%s", line, (int)bytes, text, text[bytes - 1] == '\n' ? "" : "\n");
    }
    free(text);
    fclose(source);
    return true;
}
