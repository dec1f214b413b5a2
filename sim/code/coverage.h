/* SPDX-License-Identifier: Apache-2.0
 *
 * Which lines, blocks and functions of a code object's files have run, like gcov, from the calls that
 * -fsanitize-coverage=trace-pc puts into each basic block. Every simulation that loads the object adds to the same
 * marks (code_object.covered). A line that the compiler has merged into others, or that has no instructions left, is no
 * line with code.
 */
#ifndef CODE_COVERAGE_H
#define CODE_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "code/object.h"
#include "code/source.h"

/* A line with code. */
struct coverage_line {
    uint32_t line;
    uint32_t blocks, blocks_reached; /* basic blocks that begin in this line */
    bool is_reached;                 /* a block with instructions of the line has run */
    bool is_bare; /* has no instructions of its own: a statement that the compiler has merged into what follows it */
    bool begins;  /* a statement of the line begins somewhere */
};

struct coverage_function {
    const char *name;
    uint32_t line; /* of its definition */
    uint32_t blocks, blocks_reached;
    bool is_reached;
};

struct coverage_file {
    const char *name;            /* relative to the tree; owned by the source */
    struct coverage_line *lines; /* ascending */
    size_t line_count, lines_reached;
    /* Lines no statement of which begins anywhere: their instructions have been merged into blocks of other lines. If
     * such a block has run, the line may have run or not: "return -EINVAL;" before the end of a function. */
    struct coverage_line *merged; /* ascending; not among the lines */
    size_t merged_count;
    struct coverage_function *functions; /* with code, ascending by line */
    size_t function_count;
    uint32_t blocks, blocks_reached;
};

struct coverage {
    struct coverage_file *files; /* ascending by name */
    size_t file_count;
};

/* What has run so far. Only the files that the object was built for (row `files`), or also the headers of the tree
 * whose functions are inlined in them. The source must outlive it; the caller frees it. */
struct coverage *coverage_new(const struct code_object *object, struct code_source *source, bool with_headers);
void coverage_free(struct coverage *coverage);

/* The file of this name, or whose path ends with it; NULL: none. */
const struct coverage_file *coverage_find(const struct coverage *coverage, const char *name);

enum coverage_state {
    COVERAGE_NO_CODE,
    COVERAGE_NOT_REACHED,
    COVERAGE_REACHED,
    COVERAGE_UNKNOWN, /* a merged line, in a block that has run */
};
/* `found` gets the line, NULL where there is no code; it may be NULL itself. */
enum coverage_state coverage_state(const struct coverage_file *file, uint32_t line, const struct coverage_line **found);

/* A line for each file, and below it one for each function. */
void coverage_print_functions(const struct coverage *coverage, FILE *stream);

/* The file's text with a mark before each line: "-" no code, "#####" never reached, "3/4" that many of its blocks
 * reached, "+" reached in a block that begins elsewhere, "?" reached or not (COVERAGE_UNKNOWN). Reads the text in the
 * tree; false when it cannot. */
bool coverage_list(const struct coverage_file *file, const char *tree, FILE *stream);

/* A call of __sanitizer_cov_trace_pc, which is at the beginning of a basic block: offsets in the image of the call and
 * of what follows it, by which it is marked. */
struct coverage_site {
    uint32_t call, back;
};
/* Ascending; the caller frees them. */
struct coverage_site *coverage_sites(const struct code_object *object, size_t *count);

#endif
