/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath list code OBJECT.
 */
#ifndef COMMANDS_LIST_CODE_H
#define COMMANDS_LIST_CODE_H

#include "commands/cli.h"

/* Prints what the object of the second argument says of itself, as text or JSON. Returns an enum exit_code. */
int list_code(const struct cli *cli);

#endif
