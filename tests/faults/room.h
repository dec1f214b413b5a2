/* SPDX-License-Identifier: Apache-2.0
 *
 * The directory in which the cases run: in/ has what they read, out/ what they write. Texts are the caller's to free.
 */
#ifndef FAULTS_ROOM_H
#define FAULTS_ROOM_H

#include "cases.h"

#define ROOM_OLD "old contents\n" /* of the file that a case replaces */

/* Empties out/, but for the file that the case replaces. */
void room_prepare(const struct fault_case *row);

void room_run(const struct fault_case *row, const struct fault *fault, struct supervised *result);

char *room_printed(const char *name); /* "printed" or "errors" */
char *room_output(void);              /* what was printed, without the lines that say how fast it was */
char *room_files(void); /* a line "NAME HASH" for each file in out/ */

#endif
