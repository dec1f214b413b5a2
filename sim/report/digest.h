/* SPDX-License-Identifier: Apache-2.0
 *
 * Which metrics a reader should see first: the headline, and the largest sure changes.
 */
#ifndef REPORT_DIGEST_H
#define REPORT_DIGEST_H

#include <stddef.h>

struct values;

/* Stores the rows of the headline: the metrics under `headline:` in the scenario of the first column, or else those in
 * which designs usually differ. Returns their number. */
size_t digest_headline(const struct values *values, size_t *rows, size_t most);

/* Stores the rows, beside those of the headline, in which a column is surely better or worse than its base, in the
 * order of `compare`: the largest first, and of metrics that differ only in their last component one. Returns their
 * number. */
size_t digest_changes(const struct values *values, const size_t *headline, size_t headline_count, size_t *rows,
                      size_t most);

#endif
