/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath-mpi SOCKET PID ERRORS: carries the messages of one process of a partitioned search over MPI, as one rank of
 * what mpirun has started (commands/mpi.h). PID: the process, at the other end of SOCKET. ERRORS: a file that holds
 * what it has written to standard error, if its rank is not 0.
 *
 * It waits for the process without using a processor. In each round all ranks tell each other how much they have,
 * whether they need another round, and whether their process has ended.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <mpi.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "explore/peers_area.h"

/* The code of an internal error. */
enum { EXIT_FAILED = 3 };

/* How often it is tested at once whether all have arrived, and how long is slept between two tests after that. */
enum { TESTS_AT_ONCE = 200, NAP_NS = 50000 };

enum { FLAG_MORE = 1, FLAG_ENDED = 2 };

/* What each rank sends to each in a round before the words themselves. */
struct head {
    uint32_t words, flags;
    int32_t code; /* with FLAG_ENDED: the exit code of its process */
};

struct relay {
    int socket, errors;
    pid_t process;
    int size, self;
    struct head out[PEERS_MAX], in[PEERS_MAX];
    int out_counts[PEERS_MAX], in_counts[PEERS_MAX], out_places[PEERS_MAX], in_places[PEERS_MAX];
};

static struct peers_area *area; /* for the signal handler */

static void interrupt(int signal)
{
    (void)signal;
    if (area != NULL)
        area->is_interrupted = 1;
}

static void watch_signals(void)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 };
    struct sigaction action = { .sa_handler = interrupt, .sa_flags = SA_RESTART };

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        (void)sigaction(signals[i], &action, NULL);
}

/* --- errors --- */

static void show_errors(const struct relay *relay)
{
    FILE *stream = fdopen(dup(relay->errors), "r");
    char line[1024];

    if (stream == NULL)
        return;
    rewind(stream);
    while (fgets(line, sizeof(line), stream) != NULL)
        fprintf(stderr, "process %d of %d: %s", relay->self, relay->size, line);
    fclose(stream);
}

static _Noreturn void give_up(const struct relay *relay, const char *text, int peer)
{
    if (text != NULL)
        fprintf(stderr, "irqpath explore: error: %s %d of %d\n", text, peer, relay->size);
    (void)kill(relay->process, SIGKILL);
    (void)MPI_Abort(MPI_COMM_WORLD, EXIT_FAILED);
    _exit(EXIT_FAILED);
}

/* --- rounds --- */

/* Naps until a collective operation is done. MPI's own way to wait takes a processor, which another rank's process may
 * need. */
static void nap_until_done(MPI_Request request)
{
    const struct timespec nap = { 0, NAP_NS };
    int is_done = 0;

    for (int tests = 0; !is_done; tests++) {
        if (MPI_Request_get_status(request, &is_done, MPI_STATUS_IGNORE) != MPI_SUCCESS)
            return; /* MPI_Wait fails, too */
        if (!is_done && tests > TESTS_AT_ONCE)
            (void)nanosleep(&nap, NULL);
    }
}

static void check(const struct relay *relay, int status)
{
    if (status != MPI_SUCCESS)
        give_up(relay, "no messages reach process", relay->self);
}

/* Tells all others how much this rank has for each. Returns the number of ranks whose process has ended. */
static int exchange_heads(struct relay *relay, uint32_t flags, int code)
{
    MPI_Request request;
    int ended = 0;

    for (int peer = 0; peer < relay->size; peer++)
        relay->out[peer] =
            (struct head){ (flags & FLAG_ENDED) != 0 || peer == relay->self ? 0 : area->out_counts[peer], flags, code };
    check(relay, MPI_Ialltoall(relay->out, sizeof(struct head), MPI_BYTE, relay->in, sizeof(struct head), MPI_BYTE,
                               MPI_COMM_WORLD, &request));
    nap_until_done(request);
    check(relay, MPI_Wait(&request, MPI_STATUS_IGNORE));
    for (int peer = 0; peer < relay->size; peer++)
        ended += (relay->in[peer].flags & FLAG_ENDED) != 0;
    return ended;
}

static void exchange_words(struct relay *relay)
{
    MPI_Request request;

    area->others_have_more = 0;
    for (int peer = 0; peer < relay->size; peer++) {
        relay->out_counts[peer] = (int)relay->out[peer].words;
        relay->in_counts[peer] = (int)relay->in[peer].words;
        relay->out_places[peer] = relay->in_places[peer] = (int)area->capacity * peer;
        area->in_counts[peer] = relay->in[peer].words;
        if (peer != relay->self && (relay->in[peer].flags & FLAG_MORE) != 0)
            area->others_have_more = 1;
    }
    check(relay, MPI_Ialltoallv(peers_area_out(area, 0), relay->out_counts, relay->out_places, MPI_UINT32_T,
                                peers_area_in(area, 0), relay->in_counts, relay->in_places, MPI_UINT32_T,
                                MPI_COMM_WORLD, &request));
    nap_until_done(request);
    /* NOLINTNEXTLINE(clang-analyzer-optin.mpi.MPI-Checker): it does not know MPI_Ialltoallv. */
    check(relay, MPI_Wait(&request, MPI_STATUS_IGNORE));
}

/* All processes end together, or something is wrong with those that do. */
static void await_others(struct relay *relay, int ended)
{
    int peer = 0;

    if (ended == 0 || ended == relay->size)
        return;
    while ((relay->in[peer].flags & FLAG_ENDED) == 0)
        peer++;
    for (int other = 0; other < relay->size; other++) /* the first with an error, if there is one */
        if ((relay->in[other].flags & FLAG_ENDED) != 0 && relay->in[other].code != 0 && relay->in[peer].code == 0)
            peer = other;
    if (relay->self == peer && peer != 0)
        show_errors(relay);
    (void)usleep(relay->self == peer ? 0 : 200000); /* let it show its errors first */
    give_up(relay, relay->self == peer ? "the others are not where it has ended: process" : NULL, peer);
}

/* Carries messages until the process ends. */
static void serve(struct relay *relay)
{
    char byte;
    ssize_t count;

    while ((count = read(relay->socket, &byte, 1)) == 1 || (count < 0 && errno == EINTR)) {
        if (count < 0)
            continue;
        await_others(relay, exchange_heads(relay, area->has_more != 0 ? FLAG_MORE : 0, 0));
        exchange_words(relay);
        if (write(relay->socket, &byte, 1) != 1)
            break;
    }
}

static int exit_code_of(const struct relay *relay)
{
    int status;

    while (waitpid(relay->process, &status, 0) < 0)
        if (errno != EINTR)
            return EXIT_FAILED;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    fprintf(stderr, "irqpath explore: error: signal %d has ended process %d of %d\n", WTERMSIG(status), relay->self,
            relay->size);
    return EXIT_FAILED;
}

static bool read_arguments(struct relay *relay, int count, char **arguments)
{
    if (count != 4)
        return false;
    relay->socket = atoi(arguments[1]);
    relay->process = atoi(arguments[2]);
    relay->errors = atoi(arguments[3]);
    return relay->socket > 0 && relay->process > 0 && relay->errors > 0;
}

int main(int argc, char **argv)
{
    static struct relay relay;
    int code;

    if (!read_arguments(&relay, argc, argv)) {
        fprintf(stderr, "irqpath-mpi is started by irqpath explore, when that is started by mpirun\n");
        return 2;
    }
    watch_signals();
    if (MPI_Init(NULL, NULL) != MPI_SUCCESS || MPI_Comm_size(MPI_COMM_WORLD, &relay.size) != MPI_SUCCESS ||
        MPI_Comm_rank(MPI_COMM_WORLD, &relay.self) != MPI_SUCCESS)
        return EXIT_FAILED;
    area = peers_area_offer(relay.socket, (uint32_t)relay.size, (uint32_t)relay.self);
    if (area == NULL)
        give_up(&relay, "no memory for messages, or too many processes, in process", relay.self);
    serve(&relay);
    code = exit_code_of(&relay);
    await_others(&relay, exchange_heads(&relay, FLAG_ENDED, code));
    if (relay.self != 0 && code != relay.in[0].code)
        show_errors(&relay);
    (void)MPI_Finalize();
    return relay.self == 0 || code != relay.in[0].code ? code : 0;
}
