/* SPDX-License-Identifier: Apache-2.0
 *
 * What the hooks of instrumented code need at each access: which code runs on which simulated CPU in this thread.
 */
#ifndef CODE_RUNNING_H
#define CODE_RUNNING_H

#include "code/code.h"
#include "machine/lines/hit.h"

struct running {
    struct cpu *cpu; /* NULL: at boot */
    struct code *code;
    const char *shared;
    size_t shared_bytes;
    uint8_t *covered; /* of the object */
    const char *image;
    size_t text_bytes;
    uint64_t blocks; /* basic blocks since the last access or import */
    const void *touches;         /* where the code asked the host to touch memory, which is under way; NULL: it is not */
    const struct line *hit_line; /* the last access was a hit there, and the CPU has not parked since; NULL: no */
    enum line_hit hit;           /* in hit_line */
    const void *note_pc;         /* a read-modify-write that has yet to be noted; NULL: none */
    const volatile void *note_address;
};

extern _Thread_local struct running code_running;

/* Basic blocks without an access of shared memory or an import after which a CPU counts as stuck in a loop. */
#define CODE_BLOCKS_MAX 20000000u

#endif
