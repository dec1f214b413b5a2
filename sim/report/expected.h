/* SPDX-License-Identifier: Apache-2.0
 *
 * The expectations of the scenarios, and which results meet them.
 */
#ifndef REPORT_EXPECTED_H
#define REPORT_EXPECTED_H

struct page;
struct report;

/* Prints a list: an expectation of one of the scenarios in each line, and in how many of its runs it is met. Prints
 * nothing without expectations. */
void expected_print(struct page *page, const struct report *report);

#endif
