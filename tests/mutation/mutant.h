/* SPDX-License-Identifier: Apache-2.0
 *
 * What a rewritten source asks at each place that can be mutated (sites.c). It is included before everything else, so
 * that it brings no header of its own.
 */
#ifndef MUTANT_H
#define MUTANT_H

extern unsigned mutant_chosen;        /* the number of the mutant of this process; 0: none */
extern unsigned char *mutant_reached; /* a byte a place, set when it is evaluated; NULL: nobody asks */

static inline int mutant(unsigned number)
{
    if (mutant_reached)
        mutant_reached[number] = 1;
    return number == mutant_chosen;
}

#endif
