/* SPDX-License-Identifier: Apache-2.0
 *
 * What the preloaded library and the supervisor of a program share: one page that both map. All processes of the
 * program count in the same.
 */
#ifndef FAULTS_PLAN_H
#define FAULTS_PLAN_H

#include <stdatomic.h>

#define FAULT_PLAN_VARIABLE "IRQPATH_FAULT_PLAN" /* names the page's file descriptor */

struct fault_plan {
    atomic_int has_started; /* the libraries are loaded: what is called from now on is the program's doing */
    /* The call that fails, from 1; 0: none. */
    long allocation_at; /* malloc, calloc, realloc and what calls them */
    long write_at;      /* write() of more than one byte, not to standard error: writes half */
    long close_at;      /* close(): closes, and fails with close_error */
    int close_error;
    /* How many calls there were. */
    atomic_long allocations, writes, closes;
    atomic_int has_injected;
};

#endif
