/* SPDX-License-Identifier: Apache-2.0
 *
 * What the hooks of instrumented code need at each access: which code runs on which simulated CPU in this thread.
 */
#ifndef CODE_RUNNING_H
#define CODE_RUNNING_H

#include "code/code.h"
#include "machine/lines/hit.h"

#define RUNNING_HITS 8

/* An access of these 64 bytes of shared memory was a hit in this round. */
struct running_hit {
    uint64_t round;
    size_t unit;
    enum line_hit hit;
};

#define RUNNING_PLACES 3 /* of 8 bytes, in which an access of at most 16 lies */

/* An access through a store buffer that the code is making (buffered.h). */
struct running_buffered {
    struct cpu *cpu; /* NULL: none is under way */
    const volatile void *address;
    size_t bytes;
    bool is_store;
    uint64_t memory[RUNNING_PLACES]; /* what all CPUs see there */
};

struct running {
    struct cpu *cpu; /* NULL: at boot */
    struct code *code;
    const char *shared;
    size_t shared_bytes;
    uint8_t *covered; /* of the object */
    const char *image;
    size_t text_bytes;
    uint64_t blocks;     /* basic blocks since the last access or import */
    const void *touches; /* where the code asked the host to touch memory, under way; NULL: it is not */
    uint64_t round;      /* counts what may have changed the lines: the CPU has parked, or memory was freed */
    struct running_hit hits[RUNNING_HITS];
    struct running_buffered buffered;
    bool is_range;       /* the next access is one of memset or the like: the host makes it after all hooks */
    const void *note_pc; /* a read-modify-write that has yet to be noted; NULL: none */
    const volatile void *note_address;
};

extern _Thread_local struct running code_running;

/* Basic blocks without an access of shared memory or an import after which a CPU counts as stuck in a loop. */
#define CODE_BLOCKS_MAX 20000000u

#endif
