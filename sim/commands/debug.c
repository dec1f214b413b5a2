/* SPDX-License-Identifier: Apache-2.0
 *
 * gdb gets its commands on its command line. By the ABI of x86-64 the first argument of a function is in rdi, so that
 * no debug information of this program is needed.
 */
#define _GNU_SOURCE
#include "commands/debug.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "code/object.h"
#include "commands/cli.h"
#include "scenario/installation.h"

enum { ARGUMENTS_MAX = 48 };

struct arguments {
    char *texts[ARGUMENTS_MAX]; /* ends with a NULL */
    size_t count;
};

__attribute__((format(printf, 2, 3))) static void add(struct arguments *arguments, const char *format, ...)
{
    va_list values;

    CHECK(arguments->count + 1 < ARGUMENTS_MAX);
    va_start(values, format);
    CHECK(vasprintf(&arguments->texts[arguments->count++], format, values) >= 0);
    va_end(values);
}

static void add_command(struct arguments *arguments, const char *command)
{
    add(arguments, "-ex");
    add(arguments, "%s", command);
}

static void add_commands(struct arguments *arguments, const struct code_object *code, size_t step)
{
    char line[64];

    add_command(arguments, "set print thread-events off");
    if (code != NULL) {
        add(arguments, "-ex");
        add(arguments, "directory %s:%s/models/%s/code", code_object_info(code, "tree"), installation_code(),
            code_object_info(code, "family"));
    }
    (void)snprintf(line, sizeof(line), "tbreak *debugger_step if $rdi == %zu", step);
    add_command(arguments, line);
    add_command(arguments, "run");
    if (code != NULL) {
        add_command(arguments, "tbreak *debugger_access");
        add_command(arguments, "continue");
        add_command(arguments, "eval \"tbreak *%#lx\", $rdi");
        add_command(arguments, "continue");
    }
}

int debug_replay(const struct cli *cli, const struct code_object *code, size_t step)
{
    struct arguments arguments = { .count = 0 };
    char *program = realpath("/proc/self/exe", NULL);

    CHECK(program != NULL);
    add(&arguments, "gdb");
    add(&arguments, "-q");
    add_commands(&arguments, code, step);
    add(&arguments, "--args");
    add(&arguments, "%s", program);
    add(&arguments, "replay");
    if (cli->code != NULL)
        add(&arguments, "--code=%s", cli->code);
    add(&arguments, "--");
    add(&arguments, "%s", cli->arguments[0]);
    execvp(arguments.texts[0], arguments.texts);
    cli_error(cli, "gdb cannot be started: %s%s", strerror(errno),
              errno == ENOENT ? " (on Debian and Ubuntu: apt-get install gdb)" : "");
    for (size_t i = 0; i < arguments.count; i++)
        free(arguments.texts[i]);
    free(program);
    return EXIT_CODE_USAGE;
}
