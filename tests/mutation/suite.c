/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs tests with a mutant.
 */
#define _GNU_SOURCE
#include "mutation/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WALL_FACTOR = 8 };

/* These build trees of their own, or ask about the sources. */
static const char *const without_mutants[] = {
    "tidy",
    "readme",
    "determinism/portable",
    "bench/instructions",
};

static bool is_left_out(const char *name)
{
    for (size_t i = 0; i < sizeof(without_mutants) / sizeof(without_mutants[0]); i++) {
        if (strcmp(name, without_mutants[i]) == 0)
            return true;
    }
    return false;
}

static json_t *ask_ctest(const char *directory)
{
    char line[4096];
    json_error_t error;

    snprintf(line, sizeof(line), "ctest --test-dir '%s' --show-only=json-v1 -L unit", directory);
    FILE *stream = popen(line, "r");
    json_t *document = stream ? json_loadf(stream, JSON_DISABLE_EOF_CHECK, &error) : NULL;
    if (stream)
        pclose(stream);
    return document;
}

static void add_test(struct suite *suite, const char *name, const json_t *command)
{
    struct suite_test *test = &suite->tests[suite->count++];
    size_t words = json_array_size(command);

    *test = (struct suite_test){ .name = strdup(name), .command = calloc(words + 1, sizeof(char *)) };
    for (size_t i = 0; i < words && test->command; i++)
        test->command[i] = strdup(json_string_value(json_array_get(command, i)));
}

bool suite_read(struct suite *suite, const char *directory)
{
    json_t *document = ask_ctest(directory), *row;
    size_t index;

    const json_t *tests = json_object_get(document, "tests");
    *suite = (struct suite){ .directory = realpath(directory, NULL) };
    suite->tests = calloc(json_array_size(tests) + 1, sizeof(suite->tests[0]));
    json_array_foreach(tests, index, row)
    {
        const char *name = json_string_value(json_object_get(row, "name"));
        const json_t *command = json_object_get(row, "command");
        if (name && json_array_size(command) > 0 && !is_left_out(name))
            add_test(suite, name, command);
    }
    json_decref(document);
    if (suite->count == 0)
        fprintf(stderr, "%s: ctest knows no unit test there\n", directory);
    return suite->count > 0;
}

/* A mutant may write and allocate without end. Address space cannot be limited, as arenas reserve more than they use.
 */
static void limit_resources(unsigned limit_ms)
{
    const struct rlimit file = { 1ull << 30, 1ull << 30 }, core = { 0, 0 };
    const struct rlimit processor = { limit_ms / 1000 + 1, limit_ms / 1000 + 1 };
    int adjust = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    setrlimit(RLIMIT_FSIZE, &file);
    setrlimit(RLIMIT_CORE, &core);
    setrlimit(RLIMIT_CPU, &processor);
    if (adjust >= 0 && write(adjust, "1000", 4) == 4)
        close(adjust);
}

static void become(const struct suite *suite, const struct suite_test *test, const char *variable, const char *value,
                   unsigned limit_ms)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    setpgid(0, 0);
    limit_resources(limit_ms);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    setenv(variable, value, 1);
    if (chdir(suite->directory) == 0)
        execv(test->command[0], test->command);
    _exit(127);
}

/* A mount namespace with a read-only /dev, but for /dev/shm, takes devices as they were. */
bool suite_protect_devices(void)
{
    if (geteuid() != 0)
        return true;
    if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
        mount("/dev", "/dev", NULL, MS_BIND | MS_REC, NULL) == 0 &&
        (access("/dev/shm", F_OK) != 0 || mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, NULL) == 0) &&
        mount(NULL, "/dev", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0)
        return true;
    fprintf(stderr, "A mutant that root runs may replace a device, and /dev cannot be made read-only: %s\n",
            strerror(errno));
    return false;
}

static unsigned clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

static unsigned used_ms(const struct rusage *used)
{
    return (unsigned)((used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000 +
                      (used->ru_utime.tv_usec + used->ru_stime.tv_usec) / 1000);
}

enum suite_verdict suite_run(const struct suite *suite, const struct suite_test *test, const char *variable,
                             const char *value, unsigned limit_ms, unsigned *ms)
{
    const struct timespec pause = { .tv_nsec = 2000000 };
    unsigned start = clock_ms();
    pid_t child = fork(), ended = 0;
    struct rusage used = { 0 };
    int status = 0;

    if (child == 0)
        become(suite, test, variable, value, limit_ms);
    setpgid(child, child);
    while (child > 0 && (ended = wait4(child, &status, WNOHANG, &used)) == 0 &&
           clock_ms() - start < WALL_FACTOR * limit_ms)
        nanosleep(&pause, NULL);
    kill(-child, SIGKILL);
    if (child > 0 && ended == 0)
        wait4(child, &status, 0, &used);
    *ms = used_ms(&used);
    if (child > 0 && (ended == 0 || (WIFSIGNALED(status) && used_ms(&used) >= limit_ms)))
        return SUITE_LATE;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? SUITE_PASSED : SUITE_FAILED;
}
