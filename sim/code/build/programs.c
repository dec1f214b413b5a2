/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs programs side by side; each one's output goes to a file without a name, so that outputs do not mix.
 */
#define _GNU_SOURCE
#include "code/build/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

enum { STATUS_NOT_STARTED = 127, STATUS_SIGNAL = 128 };

struct running {
    pid_t pid; /* 0: none */
    FILE *output;
};

static void become(const struct program *program, int output)
{
    int nothing = open("/dev/null", O_RDONLY);

    if (nothing >= 0)
        dup2(nothing, 0);
    dup2(output, 1);
    dup2(output, 2);
    if (program->directory && chdir(program->directory) != 0)
        dprintf(2, "%s: %s\n", program->directory, strerror(errno));
    else if (execvp(program->arguments.items[0], program->arguments.items) != 0)
        dprintf(2, "%s: %s\n", program->arguments.items[0], strerror(errno));
    _exit(STATUS_NOT_STARTED);
}

static void start(const struct program *program, struct running *running)
{
    running->output = tmpfile();
    CHECK_SYSTEM(running->output != NULL, "a temporary file cannot be made");
    running->pid = fork();
    CHECK_SYSTEM(running->pid >= 0, "a process cannot be started");
    if (running->pid == 0)
        become(program, fileno(running->output));
}

static void collect(struct program *program, struct running *running, int status)
{
    long bytes;

    program->status = WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_SIGNAL + WTERMSIG(status);
    CHECK(fseek(running->output, 0, SEEK_END) == 0);
    bytes = ftell(running->output);
    CHECK(bytes >= 0);
    rewind(running->output);
    program->output = calloc((size_t)bytes + 1, 1);
    CHECK(program->output != NULL);
    CHECK_SYSTEM(fread(program->output, 1, (size_t)bytes, running->output) == (size_t)bytes,
                 "a program's output cannot be read");
    fclose(running->output);
    running->pid = 0;
}

static void await(struct program *programs, struct running *running, size_t count)
{
    int status;

    for (size_t i = 0; i < count; i++) {
        if (running[i].pid && waitpid(running[i].pid, &status, WNOHANG) == running[i].pid) {
            collect(&programs[i], &running[i], status);
            return;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (running[i].pid) {
            CHECK(waitpid(running[i].pid, &status, 0) == running[i].pid);
            collect(&programs[i], &running[i], status);
            return;
        }
    }
}

void programs_run(struct program *programs, size_t count, size_t at_once)
{
    struct running *running = calloc(count + 1, sizeof(*running));
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    size_t active = 0;

    CHECK(running != NULL);
    at_once = at_once ? at_once : cpus > 0 ? (size_t)cpus : 1;
    fflush(NULL);
    for (size_t i = 0; i < count; i++) {
        if (active == at_once) {
            await(programs, running, i);
            active--;
        }
        start(&programs[i], &running[i]);
        active++;
    }
    for (; active; active--)
        await(programs, running, count);
    free(running);
}

void program_free(struct program *program)
{
    words_free(&program->arguments);
    free(program->output);
    program->output = NULL;
}
