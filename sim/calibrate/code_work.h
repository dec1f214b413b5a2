/* SPDX-License-Identifier: Apache-2.0
 *
 * Work of the kind that the files of a hypervisor do, in four parts, for the cost of a basic block (code.c). It is
 * compiled twice by CMake: as a compiler leaves such code, and with the instrumentation of a code object, whose hooks
 * (code_count.c) count the blocks and the accesses. Both builds of a part do the same with the same inputs.
 */
#ifndef CALIBRATE_CODE_WORK_H
#define CALIBRATE_CODE_WORK_H

#include <stdint.h>

#define WORK_INPUTS 4096
#define WORK_OBJECTS 64
#define WORK_QUEUES 4
#define WORK_WORDS 4
#define WORK_KINDS 4

enum code_work_part { WORK_LISTS, WORK_BITS, WORK_RECORDS, WORK_CALLS, WORK_PARTS };

struct code_work_link {
    struct code_work_link *next, *previous;
};

struct code_work_object;

struct code_work_operations {
    uint32_t (*apply)(struct code_work_object *object, uint32_t value);
};

struct code_work_object {
    struct code_work_link link; /* in a queue, if its state says so */
    const struct code_work_operations *operations;
    uint32_t state, kind, count, limit;
};

/* What the work accesses beside its stack: 12 KiB, less than half of any L1 in use. */
struct code_work {
    struct code_work_link queues[WORK_QUEUES], taken;
    struct code_work_operations operations[WORK_KINDS]; /* the build's */
    struct code_work_object objects[WORK_OBJECTS];
    uint64_t pending[WORK_WORDS], masked[WORK_WORDS], summary;
    uint32_t counts[WORK_WORDS * 64];
    uint32_t totals[WORK_KINDS], errors;
    uint16_t inputs[WORK_INPUTS]; /* set by the caller; random */
};

/* One of the two builds. */
struct code_work_build {
    struct code_work_operations operations[WORK_KINDS];
    void (*run[WORK_PARTS])(struct code_work *work, uint32_t turns); /* one input a turn; turns <= WORK_INPUTS */
};

extern const struct code_work_build code_work_plain, code_work_counted;

/* --- code.c --- */

/* All of its objects idle, and its lists and words empty. For runs of this build. */
void code_work_init(struct code_work *work, const struct code_work_build *build);

/* --- code_count.c --- */

struct code_work_counts {
    uint64_t blocks;
    uint64_t loads, stores, atomics; /* of the work's memory */
};

/* Runs a part of the instrumented build and counts. Not for two threads at a time. */
struct code_work_counts code_work_count(struct code_work *work, enum code_work_part part, uint32_t turns);

#endif
