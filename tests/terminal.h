/* SPDX-License-Identifier: Apache-2.0
 *
 * A terminal for tests of what a program prints on one. Include cmocka.h first, with _GNU_SOURCE.
 */
#ifndef TESTS_TERMINAL_H
#define TESTS_TERMINAL_H

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Opens one, and its other end, from which is read what is printed; -1 where there are none. */
static inline int terminal_open(int *master)
{
    *master = posix_openpt(O_RDWR | O_NOCTTY);
    if (*master < 0 || grantpt(*master) != 0 || unlockpt(*master) != 0)
        return -1;
    return open(ptsname(*master), O_RDWR | O_NOCTTY);
}

#endif
