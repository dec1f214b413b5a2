/* SPDX-License-Identifier: Apache-2.0
 *
 * Text and JSON inside HTML, and text inside XML. Names come from users' files: whatever they contain is shown, and
 * nothing of it is read as markup.
 */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include <jansson.h>
#include <stdio.h>

/* Prints the text for use between tags and in attributes, which are in quotes of either kind, of HTML and XML. Bytes
 * that are not UTF-8 and control characters are shown as U+FFFD. */
void escape_html(const char *text, FILE *out);

/* Prints the JSON in one line, for use in <script type="application/json">: "<", ">" and "&" occur as \u003c, \u003e
 * and \u0026 alone, so that the text can neither end the element nor begin a comment in it. Keys are sorted. */
void escape_json(const json_t *json, FILE *out);

/* Returns a JSON string of the text; json_string(text) would return NULL for bytes that are not UTF-8, which become
 * U+FFFD here. NULL becomes null. */
json_t *escape_json_text(const char *text);

#endif
