/* SPDX-License-Identifier: Apache-2.0
 *
 * The fuzzer of libFuzzer for the target that IRQPATH_FUZZ names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/targets.h"

_Noreturn void __wrap_check_failed(const char *file, int line, const char *condition);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static fuzz_function *chosen;

/* The linker puts it in place of check_failed, which ends the program too quietly: libFuzzer keeps the input of a
 * program that aborts. */
_Noreturn void __wrap_check_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: CHECK(%s) failed\n", file, line, condition);
    abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = getenv("IRQPATH_FUZZ");

    (void)argc;
    (void)argv;
    for (const struct fuzz_target *target = fuzz_targets; target->name && !chosen; target++)
        chosen = name && strcmp(name, target->name) == 0 ? target->function : NULL;
    if (!chosen) {
        fprintf(stderr, "IRQPATH_FUZZ names no target\n");
        exit(2);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    chosen(bytes, count);
    return 0;
}
