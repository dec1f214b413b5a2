/* SPDX-License-Identifier: Apache-2.0
 *
 * A pCPU's place among those that spin on a cache line. A CPU spins on one line at a time: an interrupt taken while
 * waiting leaves the line, and the wait starts again after it.
 */
#ifndef MACHINE_SPIN_H
#define MACHINE_SPIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cycles.h"

struct cpu;
struct word;

enum spin_state {
    SPIN_NONE,
    SPIN_READING,      /* has, or waits for, a clean copy; polls it */
    SPIN_ATTEMPT,      /* saw the value it wants, its xchg goes out at `when` */
    SPIN_DONE,         /* served; the CPU resumes at `when` */
};

struct spin {
    enum spin_state state;
    struct word *word;
    uint64_t wanted;           /* value it waits for */
    bool attempts;             /* word_acquire: it xchgs what it saw */
    uint64_t replacement;      /* what its xchg writes */
    cycles when;
    struct cpu *previous, *next;    /* among the readers or the attempts of its line */
};

#endif
