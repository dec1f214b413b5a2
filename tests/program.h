/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the real binary through the shell and keeps what it printed, for tests of commands.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct program {
    int code;            /* exit code, or -1 when a signal ended it */
    char output[131072]; /* what went to stdout; cut when longer */
    char errors[65536];  /* what went to stderr */
};

static inline void program_read(const char *path, char *text, size_t text_bytes)
{
    FILE *stream = fopen(path, "r");
    size_t bytes = stream ? fread(text, 1, text_bytes - 1, stream) : 0;

    text[bytes] = '\0';
    if (stream)
        fclose(stream);
    unlink(path);
}

/* `arguments` as the shell takes them, behind the program's name; `environment` before it ("NO_COLOR=1 "). */
static inline void program_run(struct program *program, const char *environment, const char *arguments)
{
    char output[] = "/tmp/irqpath-out-XXXXXX", errors[] = "/tmp/irqpath-err-XXXXXX", line[8192];
    int status;

    close(mkstemp(output));
    close(mkstemp(errors));
    snprintf(line, sizeof(line), "{ %s '%s' %s\n} >%s 2>%s", environment, IRQPATH, arguments, output, errors);
    status = system(line);
    program->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    program_read(output, program->output, sizeof(program->output));
    program_read(errors, program->errors, sizeof(program->errors));
}

/* The same with arguments made as by printf. */
__attribute__((format(printf, 2, 3))) static inline void program_run_with(struct program *program, const char *format,
                                                                          ...)
{
    char arguments[4096];
    va_list list;

    va_start(list, format);
    vsnprintf(arguments, sizeof(arguments), format, list);
    va_end(list);
    program_run(program, "", arguments);
}

#endif
