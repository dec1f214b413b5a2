/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of an experiment's document, experiment.json: sim/experiment/experiment.cddl describes it.
 */
#ifndef REPORT_EXPERIMENT_PARTS_H
#define REPORT_EXPERIMENT_PARTS_H

#include <stddef.h>

struct page;
struct report_experiment;

/* Question, verdict, and how many expectations and aims are met. */
void experiment_print_verdict(struct page *page, const struct report_experiment *experiment);

/* Figures, whose data have the id "experiment-NUMBER", tables, expectations, published values, notes and runs. */
void experiment_print_body(struct page *page, const struct report_experiment *experiment, size_t number);

#endif
