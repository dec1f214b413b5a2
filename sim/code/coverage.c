/* SPDX-License-Identifier: Apache-2.0
 *
 * A basic block begins with a call of __sanitizer_cov_trace_pc (a site) and is taken to reach up to the next site of
 * its function; what precedes a function's first site belongs to that one. Each row of the line table is cut at the
 * sites, and each piece tells its line what is known of its block.
 */
#include "code/coverage.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"
#include "code/source_index.h"

struct builder {
    const struct code_object *object;
    struct code_source *source;
    struct coverage *coverage;
    struct coverage_site *sites;
    size_t site_count;
    bool with_headers;
    const char *last_name; /* the file that was looked up last */
    size_t last;           /* its index; SIZE_MAX: not wanted */
};

/* --- the rows of the result --- */

/* Whether two paths name the same file, one of which may lack leading folders. */
static bool is_same_file(const char *left, const char *right)
{
    size_t left_bytes = strlen(left), right_bytes = strlen(right);
    const char *longer = left_bytes > right_bytes ? left : right, *shorter = longer == left ? right : left;
    size_t more = strlen(longer) - strlen(shorter);

    return strcmp(longer + more, shorter) == 0 && (more == 0 || longer[more - 1] == '/');
}

/* What is not in the tree, or mapped to "irqpath/", belongs to the shim or the glue. */
static bool is_wanted(const struct builder *builder, const char *file)
{
    size_t bytes = strlen(file);
    char name[256];

    if (file[0] == '/' || strncmp(file, "irqpath/", 8) == 0)
        return false;
    if (builder->with_headers && bytes > 2 && strcmp(file + bytes - 2, ".h") == 0)
        return true;
    for (const char *at = code_object_info(builder->object, "files"); *at != '\0'; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, " "), at);
        if (name[0] != '\0' && is_same_file(file, name))
            return true;
    }
    return false;
}

/* NULL: not wanted. Valid until the next call. */
static struct coverage_file *file_of(struct builder *builder, const char *name)
{
    struct coverage *coverage = builder->coverage;

    if (name == NULL)
        return NULL;
    if (builder->last_name != name) {
        builder->last_name = name;
        builder->last = 0;
        while (builder->last < coverage->file_count && coverage->files[builder->last].name != name)
            builder->last++;
        if (builder->last == coverage->file_count && !is_wanted(builder, name))
            builder->last = SIZE_MAX;
        else if (builder->last == coverage->file_count) {
            coverage->files = array_grown(coverage->files, coverage->file_count, sizeof(*coverage->files));
            coverage->files[coverage->file_count++].name = name;
        }
    }
    return builder->last != SIZE_MAX ? &coverage->files[builder->last] : NULL;
}

/* Lines are gathered in any order and merged at the end. */
static void line_add(struct coverage_file *file, struct coverage_line line)
{
    file->lines = array_grown(file->lines, file->line_count, sizeof(line));
    file->lines[file->line_count++] = line;
}

/* Valid until the next call; NULL: not wanted. */
static struct coverage_function *function_of(struct builder *builder, const struct source_extent *extent)
{
    struct coverage_file *file = extent != NULL ? file_of(builder, extent->file) : NULL;

    if (file == NULL)
        return NULL;
    for (size_t i = 0; i < file->function_count; i++)
        if (file->functions[i].line == extent->line && strcmp(file->functions[i].name, extent->function) == 0)
            return &file->functions[i];
    file->functions = array_grown(file->functions, file->function_count, sizeof(*file->functions));
    file->functions[file->function_count] =
        (struct coverage_function){ .name = extent->function, .line = extent->line };
    return &file->functions[file->function_count++];
}

/* --- sites and rows --- */

static bool site_is_reached(const struct builder *builder, const struct coverage_site *site)
{
    return builder->object->covered[site->back] != 0;
}

/* The function at an address and those that it is inlined in. */
static void reach_functions(struct builder *builder, size_t address)
{
    for (const struct source_extent *extent = source_extent_at(builder->source, address); extent != NULL;
         extent = source_outer(builder->source, extent)) {
        struct coverage_function *function = function_of(builder, extent);
        if (function != NULL)
            function->is_reached = true;
    }
}

static void add_site(struct builder *builder, const struct coverage_site *site)
{
    const struct source_row *row = source_row_at(builder->source, site->call);
    bool is_reached = site_is_reached(builder, site);
    struct coverage_function *function = function_of(builder, source_extent_at(builder->source, site->call));

    if (function != NULL) {
        function->blocks++;
        function->blocks_reached += is_reached;
    }
    struct coverage_file *file = row != NULL ? file_of(builder, row->file) : NULL;
    if (file != NULL) {
        file->blocks++;
        file->blocks_reached += is_reached;
        /* A row that begins earlier may stand for a place that the compiler does not know. */
        if (row->line > 0 && row->address == site->call)
            line_add(file, (struct coverage_line){ row->line, 1, is_reached, is_reached, false, row->is_statement });
    }
    if (is_reached)
        reach_functions(builder, site->call);
}

static const struct source_extent *outermost(const struct builder *builder, size_t address)
{
    const struct source_extent *extent = source_extent_at(builder->source, address), *outer;

    while (extent != NULL && (outer = source_outer(builder->source, extent)) != NULL)
        extent = outer;
    return extent;
}

/* The site of the block that `address` belongs to; `at`: the number of sites up to there. NULL: none is known. */
static const struct coverage_site *site_of(const struct builder *builder, size_t at, size_t address)
{
    const struct source_extent *function = outermost(builder, address);

    if (function == NULL)
        return NULL;
    if (at > 0 && builder->sites[at - 1].call >= function->from)
        return &builder->sites[at - 1];
    return at < builder->site_count && builder->sites[at].call < function->to ? &builder->sites[at] : NULL;
}

static void add_row(struct builder *builder, const struct source_row *row, size_t at)
{
    struct coverage_file *file = file_of(builder, row->file);
    const struct coverage_site *site = file != NULL ? site_of(builder, at, row->address) : NULL;

    if (site == NULL)
        return;
    bool is_reached = site_is_reached(builder, site);
    bool is_bare = row->address == row[1].address;
    line_add(file, (struct coverage_line){ row->line, 0, 0, is_reached, is_bare, row->is_statement });
    if (is_reached && !is_bare)
        reach_functions(builder, row->address);
}

static void add_rows(struct builder *builder)
{
    const struct code_source *source = builder->source;
    size_t at = 0; /* the first site that lies behind */

    for (size_t i = 0; i + 1 < source->row_count; i++) {
        const struct source_row *row = &source->rows[i];
        if (row->is_end || row->line == 0 || (row->address == row[1].address && !row->is_statement))
            continue;
        while (at < builder->site_count && builder->sites[at].call <= row->address)
            at++;
        add_row(builder, row, at);
    }
}

/* --- public --- */

static int compare_lines(const void *left, const void *right)
{
    const struct coverage_line *a = left, *b = right;

    return a->line != b->line ? (a->line > b->line ? 1 : -1) : a->is_bare - b->is_bare;
}

static int compare_functions(const void *left, const void *right)
{
    const struct coverage_function *a = left, *b = right;

    return a->line != b->line ? (a->line > b->line ? 1 : -1) : strcmp(a->name, b->name);
}

static int compare_files(const void *left, const void *right)
{
    return strcmp(((const struct coverage_file *)left)->name, ((const struct coverage_file *)right)->name);
}

static void file_finish(struct coverage_file *file)
{
    size_t count = 0;

    if (file->line_count > 0)
        qsort(file->lines, file->line_count, sizeof(*file->lines), compare_lines);
    for (size_t i = 0; i < file->line_count; i++) {
        struct coverage_line row = file->lines[i], *line = &file->lines[count > 0 ? count - 1 : 0];
        if (count == 0 || line->line != row.line) {
            file->lines[count++] = row;
        } else if (line->is_bare == row.is_bare) {
            line->blocks += row.blocks;
            line->blocks_reached += row.blocks_reached;
            line->is_reached |= row.is_reached;
        }
        file->lines[count - 1].begins |= row.begins;
    }
    file->line_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (file->lines[i].begins) {
            file->lines_reached += file->lines[i].is_reached;
            file->lines[file->line_count++] = file->lines[i];
        } else {
            file->merged = array_grown(file->merged, file->merged_count, sizeof(*file->merged));
            file->merged[file->merged_count++] = file->lines[i];
        }
    }
    if (file->function_count > 0)
        qsort(file->functions, file->function_count, sizeof(*file->functions), compare_functions);
}

struct coverage *coverage_new(const struct code_object *object, struct code_source *source, bool with_headers)
{
    struct builder builder = { .object = object, .source = source, .with_headers = with_headers };

    builder.coverage = calloc(1, sizeof(*builder.coverage));
    CHECK(builder.coverage != NULL);
    builder.sites = coverage_sites(object, &builder.site_count);
    for (size_t i = 0; source != NULL && i < builder.site_count; i++)
        add_site(&builder, &builder.sites[i]);
    if (source != NULL)
        add_rows(&builder);
    free(builder.sites);
    for (size_t i = 0; i < builder.coverage->file_count; i++)
        file_finish(&builder.coverage->files[i]);
    if (builder.coverage->file_count > 0)
        qsort(builder.coverage->files, builder.coverage->file_count, sizeof(*builder.coverage->files), compare_files);
    return builder.coverage;
}

void coverage_free(struct coverage *coverage)
{
    for (size_t i = 0; i < coverage->file_count; i++) {
        free(coverage->files[i].lines);
        free(coverage->files[i].merged);
        free(coverage->files[i].functions);
    }
    free(coverage->files);
    free(coverage);
}

const struct coverage_file *coverage_find(const struct coverage *coverage, const char *name)
{
    for (size_t i = 0; i < coverage->file_count; i++)
        if (is_same_file(coverage->files[i].name, name))
            return &coverage->files[i];
    return NULL;
}

static const struct coverage_line *find_line(const struct coverage_line *lines, size_t count, uint32_t line)
{
    size_t from = 0, to = count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (lines[middle].line < line)
            from = middle + 1;
        else
            to = middle;
    }
    return from < count && lines[from].line == line ? &lines[from] : NULL;
}

enum coverage_state coverage_state(const struct coverage_file *file, uint32_t line, const struct coverage_line **found)
{
    const struct coverage_line *certain = find_line(file->lines, file->line_count, line);
    const struct coverage_line *merged = find_line(file->merged, file->merged_count, line);

    if (found != NULL)
        *found = certain != NULL ? certain : merged;
    if (certain != NULL)
        return certain->is_reached ? COVERAGE_REACHED : COVERAGE_NOT_REACHED;
    if (merged != NULL)
        return merged->is_reached ? COVERAGE_UNKNOWN : COVERAGE_NOT_REACHED;
    return COVERAGE_NO_CODE;
}
