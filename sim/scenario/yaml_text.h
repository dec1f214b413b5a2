/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes text as a YAML scalar: plain where that is safe in any context, otherwise in double quotes.
 */
#ifndef SCENARIO_YAML_TEXT_H
#define SCENARIO_YAML_TEXT_H

#include <stdio.h>

void yaml_text_write(const char *text, FILE *stream);

#endif
