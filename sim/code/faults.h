/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of a code object: a wild pointer, a BUG() that executes UD2, a division by zero. They are violations of the
 * modelled code, not crashes of the program.
 */
#ifndef CODE_FAULTS_H
#define CODE_FAULTS_H

/* Catches the signals of faults in this thread, on a stack of its own. */
void faults_catch(void);

#endif
