/* SPDX-License-Identifier: Apache-2.0
 *
 * One self-contained HTML page: sections with a heading and an entry in the navigation, blocks of JSON data for the
 * scripts, and the scripts and style sheets that the sections ask for. The page makes no request: its content security
 * policy forbids every one, and allows only the scripts and style sheets of this program, by their hashes. Style
 * attributes (style="...") are therefore ignored by browsers: use classes, or set element.style in a script. The same
 * calls give the same bytes.
 *
 * A page is read without scripts, too: put text and tables into the markup, and let a script add what answers to the
 * pointer. page.js has the helpers that scripts share; page.css names the colours as variables, for both themes.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

struct page;

/* An empty page. The title is copied. The caller frees it with page_free. */
struct page *page_new(const char *title);
void page_free(struct page *page);

/* Begins <section id="ID"> with its heading. `id` consists of a-z, 0-9 and "-" and is new in the page (CHECKed). What
 * the next calls print belongs to the section, until page_section_end. */
void page_section_begin(struct page *page, const char *id, const char *title);
void page_section_end(struct page *page);

/* Prints markup in which every %s stands for text that is escaped, for use between tags and in quoted attributes, and
 * every %zu for a number. "%%" is a percent sign; CHECKs that there are no other conversions. */
__attribute__((format(printf, 2, 3))) void page_print(struct page *page, const char *format, ...);

/* Prints a constant of the program, as it is. */
void page_markup(struct page *page, const char *markup);

/* Prints the dotted name of a metric as <code>, which may be broken behind dots and underscores. */
void page_name(struct page *page, const char *name);

/* Adds a block of data, which irqpath.data(ID) in a script returns. `id` is as that of a section, and new among the
 * blocks. Releases `json`. */
void page_data(struct page *page, const char *id, json_t *json);

/* Adds a script or a style sheet by its name below sim/report/, once however often it is asked for. They stand in the
 * page in the order in which they were first asked for, behind page.js and page.css. CHECKs that the file exists. */
void page_script(struct page *page, const char *name);
void page_style(struct page *page, const char *name);

/* Prints the whole document. No section may be open. */
void page_write(const struct page *page, FILE *out);

#endif
