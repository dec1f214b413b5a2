/* SPDX-License-Identifier: Apache-2.0
 *
 * A code object: a shared object that `irqpath build` has made from files of a hypervisor, with instrumented accesses.
 * It is read once and is constant afterwards, except for its coverage; any number of simulations in any number of
 * threads may load it (code.h). Only x86-64.
 */
#ifndef CODE_OBJECT_H
#define CODE_OBJECT_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CODE_HASH_TEXT_BYTES 41
#define CODE_LINES_MAX 64

/* A row "key: value" of the section .irqpath. */
struct code_row {
    const char *key, *value;
};

struct code_object {
    char *path;
    unsigned char *file; /* the whole file */
    size_t bytes;
    char hash[CODE_HASH_TEXT_BYTES]; /* build ID in hexadecimal: SHA-1 of what the linker has written */
    char *info_text;
    struct code_row info[CODE_LINES_MAX]; /* what `irqpath build` knew: see code_object_info */
    size_t info_count;
    size_t image_bytes; /* of memory that it occupies, a multiple of a page */
    size_t text_bytes;  /* from its start: what is never written, a multiple of a page */
    const Elf64_Phdr *segments;
    size_t segment_count;
    const Elf64_Shdr *sections;
    size_t section_count;
    const char *section_names;
    const Elf64_Sym *symbols; /* dynamic */
    size_t symbol_count;
    const char *symbol_names;
    uint8_t *covered; /* [text_bytes], shared with forks: not 0 where a basic block that began before this address has
                         run; indexed by the return address of the block's call of __sanitizer_cov_trace_pc */
    struct describer *describer; /* reads the debug information (describe.h) */
};

/* Reads and checks the file. NULL with a message when it cannot be read, is no code object, or one of another ABI. The
 * caller closes it. */
struct code_object *code_object_open(const char *path, char *message, size_t message_bytes);
void code_object_close(struct code_object *object);

/* The value of a row of the section .irqpath; "" if there is none. Keys: abi (a number), family (xen, vfio, qemu),
 * compiler (first line of its --version), flags, tree (path), commit (git describe or the version of the package),
 * files (of the tree, separated by blanks). */
const char *code_object_info(const struct code_object *object, const char *key);
/* Whether `file` (such as common/tasklet.c, or its last component) is one of the files. */
bool code_object_has_file(const struct code_object *object, const char *file);

/* The defined dynamic symbol; NULL: none. */
const Elf64_Sym *code_object_symbol(const struct code_object *object, const char *name);
const Elf64_Shdr *code_object_section(const struct code_object *object, const char *name);

#endif
