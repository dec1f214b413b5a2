/* SPDX-License-Identifier: Apache-2.0
 *
 * The unit tests of a build tree, each in a process group of its own.
 */
#ifndef MUTATION_SUITE_H
#define MUTATION_SUITE_H

#include <stdbool.h>
#include <stddef.h>

struct suite_test {
    char *name;              /* as ctest calls it */
    char **command;          /* ends with NULL */
    unsigned ms;             /* of a processor, without a mutant */
    unsigned char *reached;  /* a byte for each place: did the test evaluate it? */
    unsigned passed, killed; /* mutants that it has met */
};

struct suite {
    char *directory; /* the build tree */
    struct suite_test *tests;
    size_t count;
};

enum suite_verdict { SUITE_PASSED, SUITE_FAILED, SUITE_LATE };

/* Asks ctest. Left out are the tests that compile or lint by themselves, which no mutant reaches. False, with a line on
 * stderr, where ctest cannot say. */
bool suite_read(struct suite *suite, const char *directory);

/* Runs a test without output until it ends or is late, with VARIABLE=value in its environment. Its children go with
 * it. A process of it may use limit_ms of a processor, and the test may take WALL_FACTOR times as long, so that a busy
 * machine makes no test late. *ms is what it used of processors, with the children that it has waited for. */
enum suite_verdict suite_run(const struct suite *suite, const struct suite_test *test, const char *variable,
                             const char *value, unsigned limit_ms, unsigned *ms);

/* Makes the devices of this process and its children such that nothing can be put in their place: a mutant of the
 * writer of files, run by root, takes /dev/full for a file. False, with a line on stderr, where it cannot be done. */
bool suite_protect_devices(void);

#endif
