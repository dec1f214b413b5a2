/* SPDX-License-Identifier: Apache-2.0
 *
 * The compiler of code objects.
 */
#define _GNU_SOURCE
#include "code/build/compiler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "code/build/programs.h"

/* What not every compiler has: a variable that is never set has the same value in every run. gcc has had it since 12,
 * as the attribute no_sanitize_coverage of the headers for own code. */
#define NEEDED "-ftrivial-auto-var-init=pattern"

/* Without tail calls: what is called last must still return into the object, whose address tells who has called. */
static const char common_flags[] =
    "-g -fPIC -fno-omit-frame-pointer -fno-optimize-sibling-calls " NEEDED " -fno-strict-aliasing "
    "-fno-builtin -ffreestanding -fno-common "
    "-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables -fno-delete-null-pointer-checks "
    "-Werror=implicit-function-declaration -Werror=int-conversion";
static const char gcc_flags[] = "-fsanitize=thread --param tsan-distinguish-volatile=1 "
                                "--param tsan-instrument-func-entry-exit=0 -fsanitize-coverage=trace-pc";
static const char clang_flags[] = "-fsanitize=thread -mllvm -tsan-distinguish-volatile=1 "
                                  "-mllvm -tsan-instrument-func-entry-exit=0 "
                                  "-mllvm -tsan-instrument-read-before-write=1 "
                                  "-fsanitize-coverage=edge,trace-pc,no-prune";
static const char link_flags[] =
    "-shared -nostdlib -Wl,--hash-style=sysv -Wl,--build-id=sha1 -Wl,-z,noexecstack "
    "-Wl,-z,norelro -Wl,-z,separate-code -Wl,-Bsymbolic -Wl,--gc-sections -Wl,--emit-relocs";

static bool knows_options(const struct compiler *compiler)
{
    struct program program = { 0 };
    bool knows;

    words_add_all(&program.arguments, &compiler->command);
    words_split(&program.arguments, NEEDED " -fsyntax-only -x c /dev/null", " ");
    programs_run(&program, 1, 1);
    knows = program.status == 0;
    program_free(&program);
    return knows;
}

/* Whether the command runs; sets version and is_clang. */
static bool try(struct compiler *compiler, const char *name)
{
    struct program program = { 0 };
    bool runs;

    words_split(&compiler->command, name, " \t");
    if (compiler->command.count == 0)
        return false;
    words_add_all(&program.arguments, &compiler->command);
    words_add(&program.arguments, "--version");
    programs_run(&program, 1, 1);
    runs = program.status == 0 && *program.output != '\0';
    if (runs) {
        program.output[strcspn(program.output, "\n")] = '\0';
        compiler->version = text_copy(program.output);
        compiler->is_clang = strstr(compiler->version, "clang") != NULL;
    } else {
        words_free(&compiler->command);
    }
    program_free(&program);
    return runs;
}

/* As `try`, of a compiler that knows the options. False with a message. */
static bool try_new(struct compiler *compiler, const char *name, char *message, size_t message_bytes)
{
    if (!try(compiler, name)) {
        snprintf(message, message_bytes, "the compiler '%s' does not run", name);
        return false;
    }
    if (knows_options(compiler))
        return true;
    snprintf(message, message_bytes, "the compiler '%s' (%s) does not know " NEEDED ": gcc 12, clang 14 and later do",
             name, compiler->version);
    compiler_free(compiler);
    return false;
}

bool compiler_find(struct compiler *compiler, const char *name, uint32_t optimise, char *message, size_t message_bytes)
{
    static const char *const names[] = { "gcc", "clang", "gcc-12", "clang-14" };
    const char *chosen = name ? name : getenv("CC");
    char why_not[256];

    *compiler = (struct compiler){ .optimise = optimise };
    if (chosen && *chosen) {
        if (try_new(compiler, chosen, message, message_bytes))
            return true;
        size_t used = strlen(message);
        snprintf(message + used, message_bytes - used, "%s", name ? "" : " (environment variable CC)");
        return false;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (try_new(compiler, names[i], why_not, sizeof(why_not)))
            return true;
    snprintf(message, message_bytes,
             "neither gcc 12 nor clang 14 is there, nor a later one: --compiler names a compiler");
    return false;
}

void compiler_free(struct compiler *compiler)
{
    words_free(&compiler->command);
    free(compiler->version);
    compiler->version = NULL;
}

void compiler_start(const struct compiler *compiler, struct words *arguments)
{
    words_add_all(arguments, &compiler->command);
    words_add(arguments, "-c");
    words_add(arguments, "-O%u", (unsigned)compiler->optimise);
    words_split(arguments, common_flags, " ");
}

void compiler_add_instrumentation(const struct compiler *compiler, struct words *arguments)
{
    words_split(arguments, compiler->is_clang ? clang_flags : gcc_flags, " ");
}

char *compiler_flags(const struct compiler *compiler)
{
    char *text;

    CHECK(asprintf(&text, "-O%u %s %s", (unsigned)compiler->optimise, common_flags,
                   compiler->is_clang ? clang_flags : gcc_flags) > 0);
    return text;
}

bool compiler_link(const struct compiler *compiler, const struct words *objects, const char *output)
{
    struct program program = { 0 };
    bool is_linked;

    words_add_all(&program.arguments, &compiler->command);
    words_split(&program.arguments, link_flags, " ");
    words_add(&program.arguments, "-o");
    words_add(&program.arguments, "%s", output);
    words_add_all(&program.arguments, objects);
    programs_run(&program, 1, 1);
    fputs(program.output, stderr);
    is_linked = program.status == 0;
    program_free(&program);
    return is_linked;
}
