/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts as relay and process, and joins as the latter.
 */
#define _GNU_SOURCE
#include "commands/mpi.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "commands/cases_output.h"

/* Names the descriptors of the process that the relay has started. */
#define RELAY_VARIABLE "IRQPATH_RELAY"

/* The descriptors: a socket to the relay, and where the errors of all processes but the first go. */
enum { RELAY_SOCKET = 200, RELAY_ERRORS = 201 };

enum { ARGUMENTS_MAX = 1000, ARGUMENT_BYTES_MAX = 1 << 17 };

/* --- the program that mpirun starts --- */

/* Set by mpirun of Open MPI, by srun --mpi=pmix, and by launchers of the older PMI. */
static const char *rank_text(void)
{
    static const char *const names[] = { "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK" };
    const char *text = NULL;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && text == NULL; i++)
        text = getenv(names[i]); /* NOLINT(concurrency-mt-unsafe): before any thread */
    return text;
}

/* The files of this program, and of the relay beside it. */
struct programs {
    char own[PATH_MAX], relay[PATH_MAX + sizeof(MPI_RELAY)];
};

/* False when there is no relay. */
static bool find_relay(struct programs *programs)
{
    ssize_t length = readlink("/proc/self/exe", programs->own, sizeof(programs->own) - 1);

    if (length <= 0)
        return false;
    programs->own[length] = '\0';
    (void)snprintf(programs->relay, sizeof(programs->relay), "%.*s" MPI_RELAY,
                   (int)(strrchr(programs->own, '/') + 1 - programs->own), programs->own);
    return access(programs->relay, X_OK) == 0;
}

/* This process's own arguments, in one buffer. */
static char **own_arguments(void)
{
    static char text[ARGUMENT_BYTES_MAX], *arguments[ARGUMENTS_MAX + 1];
    int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    size_t used = 0, count = 0;
    ssize_t got;

    CHECK(file >= 0);
    while ((got = read(file, text + used, sizeof(text) - 1 - used)) > 0)
        used += (size_t)got;
    (void)close(file);
    for (size_t at = 0; at < used; at += strlen(text + at) + 1) {
        CHECK(count < ARGUMENTS_MAX);
        arguments[count++] = text + at;
    }
    arguments[count] = NULL;
    return arguments;
}

static char *variable(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): before any thread */
    char *text = NULL;

    CHECK(value == NULL || asprintf(&text, "%s=%s", name, value) > 0);
    return text;
}

/* The stack begins below the environment, so that this has to have the same size everywhere. */
static _Noreturn void become_process(const char *path)
{
    char *variables[5] = { RELAY_VARIABLE "=1", "NO_COLOR=1" }, *text;
    static const char *const kept[] = { "IRQPATH_SCENARIOS", "LD_LIBRARY_PATH" };
    size_t count = 2;

    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        if ((text = variable(kept[i])) != NULL)
            variables[count++] = text;
    (void)signal(SIGUSR1, SIG_IGN); /* mpirun passes these on to all; the relay says that they have come */
    (void)signal(SIGUSR2, SIG_IGN);
    /* Where this is not allowed, the processes find that they differ. */
    (void)personality(ADDR_NO_RANDOMIZE);
    (void)execve(path, own_arguments(), variables);
    check_failed(__FILE__, __LINE__, "this program cannot start itself");
}

static _Noreturn void become_relay(const char *path, int socket, pid_t process, int errors)
{
    char texts[3][16], *arguments[] = { MPI_RELAY, texts[0], texts[1], texts[2], NULL };

    (void)snprintf(texts[0], sizeof(texts[0]), "%d", socket);
    (void)snprintf(texts[1], sizeof(texts[1]), "%d", (int)process);
    (void)snprintf(texts[2], sizeof(texts[2]), "%d", errors);
    (void)execv(path, arguments);
    check_failed(__FILE__, __LINE__, "the relay cannot be started");
}

static bool start(const struct cli *cli, const char *rank)
{
    int sockets[2], errors;
    pid_t first = getpid(), process;
    static struct programs programs;

    if (!find_relay(&programs)) {
        if (strcmp(rank, "0") == 0)
            cli_error(
                cli,
                "started by mpirun, but this build has no MPI: install libopenmpi-dev and openmpi-bin and run cmake "
                "again, or start it without mpirun");
        return false;
    }
    errors = memfd_create("irqpath-errors", 0);
    CHECK(errors >= 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
    process = fork();
    CHECK(process >= 0);
    if (process > 0) {
        (void)close(sockets[1]);
        become_relay(programs.relay, sockets[0], process, errors);
    }
    CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
    if (getppid() != first)
        _exit(0);
    (void)close(sockets[0]);
    CHECK(dup2(sockets[1], RELAY_SOCKET) == RELAY_SOCKET && dup2(errors, RELAY_ERRORS) == RELAY_ERRORS);
    (void)close(sockets[1]);
    (void)close(errors);
    become_process(programs.own);
}

/* --- the process --- */

static void silence(void)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    CHECK(nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0 && dup2(RELAY_ERRORS, STDERR_FILENO) >= 0);
    (void)close(nowhere);
}

static void join(struct mpi *mpi)
{
    mpi->is_open = true;
    CHECK(fcntl(RELAY_SOCKET, F_SETFD, FD_CLOEXEC) == 0 && fcntl(RELAY_ERRORS, F_SETFD, FD_CLOEXEC) == 0);
    if (!peers_open(&mpi->peers, RELAY_SOCKET))
        _exit(EXIT_CODE_INVARIANT); /* the relay has said why it ended */
    if (mpi->peers.self == 0)
        return;
    silence();
    cases_output_mute(&mpi->cli);
    mpi->cli.output = NULL;
}

bool mpi_open(struct mpi *mpi, const struct cli *cli, const char *refused, struct explore_limits *limits)
{
    const char *rank = rank_text();

    *mpi = (struct mpi){ .cli = *cli };
    if (getenv(RELAY_VARIABLE) == NULL) /* NOLINT(concurrency-mt-unsafe): before any thread */
        return rank == NULL || start(cli, rank);
    join(mpi);
    limits->peers = &mpi->peers;
    limits->jobs = 1;
    if (refused != NULL)
        cli_error(cli, "%s cannot be used under mpirun", refused);
    return refused == NULL;
}

void mpi_close(struct mpi *mpi)
{
    if (mpi->is_open)
        peers_close(&mpi->peers);
}

bool mpi_any(struct mpi *mpi, bool is_true) { return mpi->is_open ? peers_any(&mpi->peers, is_true) : is_true; }

bool mpi_is_interrupted(struct mpi *mpi, bool is_interrupted)
{
    return mpi_any(mpi, is_interrupted || (mpi->is_open && peers_are_interrupted(&mpi->peers)));
}
