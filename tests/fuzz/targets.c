/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of targets.
 */
#define _GNU_SOURCE
#include "fuzz/targets.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"

const struct fuzz_target fuzz_targets[] = {
    { "scenario", fuzz_scenario },     { "run", fuzz_run },       { "set", fuzz_set },
    { "profile", fuzz_profile },       { "times", fuzz_times },   { "expect", fuzz_expect },
    { "experiment", fuzz_experiment }, { "result", fuzz_result }, { "replay", fuzz_replay },
    { "checkpoint", fuzz_checkpoint }, { "plan", fuzz_plan },     { "recording", fuzz_recording },
    { "topology", fuzz_topology },     { "code", fuzz_code },     { NULL, NULL },
};

const char *fuzz_file(const uint8_t *bytes, size_t count)
{
    static char path[32];
    static int file = -1;

    if (file < 0) {
        file = memfd_create("fuzz", 0);
        CHECK(file >= 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    }
    CHECK(ftruncate(file, 0) == 0 && pwrite(file, bytes, count, 0) == (ssize_t)count);
    return path;
}
