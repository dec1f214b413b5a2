/* SPDX-License-Identifier: Apache-2.0
 *
 * The Markdown of verdicts and notes as HTML: paragraphs, lists ("- " or "1. "), `code`, **strong**, *emphasis* and
 * [links](https://...). Everything else is text, and so is every HTML tag.
 */
#ifndef REPORT_MARKDOWN_H
#define REPORT_MARKDOWN_H

struct page;

void markdown_print(struct page *page, const char *text);

#endif
