/* SPDX-License-Identifier: Apache-2.0
 *
 * Linked into every program of the mutated tree. IRQPATH_MUTANT chooses the mutant. IRQPATH_MUTANT_REACHED names a file
 * with a byte for each place, which all processes of a test share.
 */
#include "mutant.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

unsigned mutant_chosen;
unsigned char *mutant_reached;

__attribute__((constructor)) static void mutant_choose(void)
{
    const char *number = getenv("IRQPATH_MUTANT"), *path = getenv("IRQPATH_MUTANT_REACHED");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    struct stat status;

    if (number)
        mutant_chosen = (unsigned)strtoul(number, NULL, 10);
    if (file < 0)
        return;
    if (fstat(file, &status) == 0) {
        void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (bytes != MAP_FAILED)
            mutant_reached = bytes;
    }
    close(file);
}
