/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiles small C files into code objects as `irqpath build` does, with each compiler of the host.
 */
#ifndef TESTS_CODE_SAMPLE_H
#define TESTS_CODE_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "code/build/compiler.h"
#include "temporary.h"

#define SAMPLE_COMMON \
    "-g -fPIC -fno-omit-frame-pointer -fsanitize=thread -fno-strict-aliasing -shared -nostdlib -Wl,--build-id=sha1 " \
    "-Wl,--hash-style=sysv -Wl,-z,noexecstack -Wl,-z,norelro -Wl,-z,separate-code "

#define SAMPLE_CLANG \
    SAMPLE_COMMON "-mllvm -tsan-distinguish-volatile=1 -mllvm -tsan-instrument-func-entry-exit=0 " \
                  "-mllvm -tsan-instrument-read-before-write=1 -fsanitize-coverage=edge,trace-pc,no-prune"

static const struct sample_compiler {
    const char *name, *flags;
} sample_compilers[] = {
    { "gcc", SAMPLE_COMMON "--param tsan-distinguish-volatile=1 --param tsan-instrument-func-entry-exit=0 "
                           "-fsanitize-coverage=trace-pc" },
    { "clang", SAMPLE_CLANG },
    { "clang-14", SAMPLE_CLANG }, /* where there is no clang */
};
#define SAMPLE_COMPILERS (sizeof(sample_compilers) / sizeof(*sample_compilers))

static inline bool sample_has(const struct sample_compiler *compiler)
{
    struct compiler found;
    char message[256];
    bool is_spare = compiler == &sample_compilers[2] && system("command -v clang >/dev/null") == 0;

    if (is_spare || !compiler_find(&found, compiler->name, 2, message, sizeof(message)))
        return false;
    compiler_free(&found);
    return true;
}

/* The first that the host has. */
static inline const struct sample_compiler *sample_compiler_here(void)
{
    for (size_t i = 0; i < SAMPLE_COMPILERS; i++)
        if (sample_has(&sample_compilers[i]))
            return &sample_compilers[i];
    fail_msg("neither gcc 12 nor clang 14 is there, nor a later one");
    return NULL;
}

/* A directory of files, which are written relative to it; removed by sample_remove. */
struct sample {
    char directory[32];
    char object[64];
};

static inline void sample_new(struct sample *sample)
{
    strcpy(sample->directory, "/tmp/irqpath-code-XXXXXX");
    temporary_directory(sample->directory);
    snprintf(sample->object, sizeof(sample->object), "%s/x.so", sample->directory);
}

static inline void sample_remove(struct sample *sample) { temporary_directory_remove(sample->directory); }

static inline void sample_write(const struct sample *sample, const char *name, const char *text)
{
    char path[128], line[192];

    snprintf(path, sizeof(path), "%s/%s", sample->directory, name);
    snprintf(line, sizeof(line), "mkdir -p $(dirname %s)", path);
    assert_int_equal(system(line), 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* Compiles `files` (names in the directory) into the object; info: rows of the section .irqpath without tree. */
static inline void sample_compile(struct sample *sample, const struct sample_compiler *compiler, const char *options,
                                  const char *files, const char *info)
{
    char line[4096], rows[512];

    snprintf(rows, sizeof(rows), "abi: 1\ntree: %s\n%s", sample->directory, info);
    sample_write(sample, "rows.txt", rows);
    sample_write(sample, "rows.S",
                 ".section .irqpath,\"a\"\n.incbin \"rows.txt\"\n.byte 0\n"
                 ".section .note.GNU-stack,\"\",@progbits\n");
    snprintf(line, sizeof(line),
             "cd %s && %s %s %s -ffile-prefix-map=%s/= -Wno-unused-command-line-argument -o x.so %s rows.S",
             sample->directory, compiler->name, compiler->flags, options, sample->directory, files);
    assert_int_equal(system(line), 0);
}

#endif
