/* SPDX-License-Identifier: Apache-2.0
 *
 * What commands say on standard error, and whether standard output took what they printed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/control.h"
#include "commands/cli.h"
#include "commands/command.h"

/* Messages quote what the user typed, and names of files. */
static void print_clean(const char *format, va_list arguments)
{
    char *text;

    CHECK(vasprintf(&text, format, arguments) >= 0);
    control_clean(text);
    fprintf(stderr, "%s\n", text);
    free(text);
}

void cli_error(const struct cli *cli, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "irqpath %s: error: ", cli->command->name);
    va_start(arguments, format);
    print_clean(format, arguments);
    va_end(arguments);
}

int cli_finish_output(int code)
{
    static bool is_reported;

    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (!is_reported) /* the reason of an earlier failure is lost */
        fprintf(stderr, "irqpath: error: cannot write to standard output%s%s\n", errno != 0 ? ": " : "",
                errno != 0 ? strerror(errno) : "");
    is_reported = true;
    return code == EXIT_CODE_OK || code == EXIT_CODE_FAILED ? EXIT_CODE_IO : code;
}

void cli_note(const struct cli *cli, const char *format, ...)
{
    va_list arguments;

    if (cli->is_quiet)
        return;
    fputs("irqpath: ", stderr);
    va_start(arguments, format);
    print_clean(format, arguments);
    va_end(arguments);
}
