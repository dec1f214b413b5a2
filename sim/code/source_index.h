/* SPDX-License-Identifier: Apache-2.0
 *
 * What code_source_open has read: the rows of the line table, the functions, the variables and the types. For
 * sim/code/source*.c and coverage.c alone. Addresses are offsets in the image.
 */
#ifndef CODE_SOURCE_INDEX_H
#define CODE_SOURCE_INDEX_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code/source.h"

/* A row of the line table; it holds up to the next row's address. */
struct source_row {
    const char *file;
    uint32_t address, line;
    uint32_t order; /* as read */
    bool is_statement, is_end;
};

#define SOURCE_NONE UINT32_MAX

/* Instructions of a function, or of an inlined call of it. Extents are ascending by `from`, the outer ones first. */
struct source_extent {
    uint32_t from, to;
    uint32_t depth;
    uint32_t outer; /* the innermost extent around it; SOURCE_NONE */
    const char *function;
    const char *file; /* where the function is defined; NULL: unknown */
    uint32_t line;
    const char *call_file; /* where it is called, of an inlined call */
    uint32_t call_line;
    bool is_inlined;
};

struct source_variable {
    uint32_t from, bytes;
    const char *name;
    Dwarf_Die die;
};

struct source_type {
    char kind; /* 's' struct, 'u' union, 'e' enum, ' ' a name without such a word */
    const char *name;
    Dwarf_Die die;
};

struct code_source {
    const struct code_object *object;
    Elf *elf;
    Dwarf *dwarf;
    char *tree; /* path of the tree with a '/' at its end; "" */
    char **files;
    size_t file_count;
    struct source_row *rows; /* ascending by address */
    size_t row_count;
    struct source_extent *extents;
    size_t extent_count;
    struct source_variable *variables; /* ascending by address */
    size_t variable_count;
    struct source_type *types; /* ascending by kind and name */
    size_t type_count;
};

/* The name of a file as the source keeps it: relative to the tree, without "." and "..". `directory`: the compiler's.
 */
const char *source_file(struct code_source *source, const char *path, const char *directory);
/* The row that holds at an address; NULL: none. */
const struct source_row *source_row_at(const struct code_source *source, size_t address);
/* The innermost extent that holds an address; NULL: none. */
const struct source_extent *source_extent_at(const struct code_source *source, size_t address);
const struct source_extent *source_outer(const struct code_source *source, const struct source_extent *extent);

/* source_read.c: fills the tables. */
void source_read_unit(struct code_source *source, Dwarf_Die *die);
void source_sort(struct code_source *source);
void source_read_variable(struct code_source *source, Dwarf_Die *die); /* source_types.c */
void source_read_type(struct code_source *source, Dwarf_Die *die);
void source_sort_types(struct code_source *source);

#endif
