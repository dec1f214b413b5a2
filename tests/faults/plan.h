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
    atomic_int has_started;  /* the libraries are loaded: what is called from now on is the program's doing */
    long fails_at;           /* the allocation that fails, from 1; 0: none */
    long short_at;           /* the write() that writes half; 0: none */
    atomic_long allocations; /* malloc, calloc, realloc and what calls them */
    atomic_long writes;      /* write() of more than one byte, not to standard error */
    atomic_int has_injected;
};

#endif
