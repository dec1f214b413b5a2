/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks the environment, then the terminal.
 */
#include "commands/width.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>

enum { WIDTH_MIN = 20, WIDTH_MAX = 100000 };

size_t output_width(int descriptor)
{
    const char *text = getenv("COLUMNS");
    struct winsize size;

    if (text != NULL && isdigit((unsigned char)text[0])) {
        char *end;
        unsigned long columns = strtoul(text, &end, 10);
        if (*end == '\0' && columns >= WIDTH_MIN && columns <= WIDTH_MAX)
            return columns;
    }
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
    return SIZE_MAX;
}
