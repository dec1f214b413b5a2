/* SPDX-License-Identifier: Apache-2.0
 *
 * What a build tells: the section .irqpath of its object, and the names that nothing implements.
 */
#ifndef CODE_BUILD_REPORT_H
#define CODE_BUILD_REPORT_H

#include <stdbool.h>

#include "code/build/words.h"

/* Rows of the section .irqpath (code/object.h). */
struct report_info {
    const char *family, *compiler, *flags, *tree, *commit, *files;
};

/* Writes a C file that puts them into the section. */
bool report_write_info(const struct report_info *info, const char *workspace, const char *name);

struct report {
    const struct words *inputs, *objects; /* what has been compiled, and to what */
    const char *output;                   /* the linked object */
    const char *glue;                     /* where a function is added */
    const char *sources;                  /* folder of irqpath's files */
    const char *unreached;                /* file in it with names of which no warning is wanted; NULL: none */
    bool is_quiet;
};

/* Prints a warning for each undefined name of the object that irqpath does not import, with a file that wants it. */
void report_undefined(const struct report *report);

#endif
