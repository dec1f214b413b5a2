/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs whose rows are parts of the time that guests lost: `attribute: SCENARIO` in the file of an experiment.
 */
#ifndef EXPERIMENT_ATTRIBUTED_H
#define EXPERIMENT_ATTRIBUTED_H

#include "experiment/perform.h"
#include "sweep/plan.h"

/* The axes of such rows besides those of the matrix: the kind of guest that lost the time and which copy of it; how it
 * was lost; what took it; lock or softirq; for which guest. */
extern const char *const attributed_axes[]; /* ends with NULL */

/* Their numbers: the time lost, the time of the copy's vCPUs, and of those of all of its kind; in cycles. */
extern const char *const attributed_numbers[]; /* ends with NULL */

/* Runs the cells of the plan that are not there, and adds the rows. */
enum perform_status perform_attribution(const struct perform *perform, size_t run, size_t scenario,
                                        const struct sweep_plan *plan, struct experiment_rows *rows, char *message,
                                        size_t message_bytes);

#endif
