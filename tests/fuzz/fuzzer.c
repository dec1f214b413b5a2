/* SPDX-License-Identifier: Apache-2.0
 *
 * The fuzzer of libFuzzer for the target that IRQPATH_FUZZ names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/targets.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static fuzz_function *chosen;

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
