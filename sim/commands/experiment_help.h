/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of `irqpath experiment --help`.
 */
#ifndef COMMANDS_EXPERIMENT_HELP_H
#define COMMANDS_EXPERIMENT_HELP_H

extern const char *const experiment_help[]; /* paragraphs; ends with NULL */

#endif
