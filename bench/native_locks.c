/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the closed loop of bench_lock_loop natively on this host, for each lock, 1 to 64 threads pinned to a core each,
 * and several think and hold times. ROUNDS (21 by default) are interleaved; a value is their median and its range their
 * quartiles. Think and hold times are numbers of instructions, timed without the lock in the same rounds. Writes CSV in
 * cycles of the time-stamp counter: lock, threads, think, hold, cycles between two acquisitions, low, high, name of the
 * load. Exit code 1: threads cannot be pinned.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "calibrate/calibrate.h"
#include "calibrate/lock_native.h"
#include "models/locks/list.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define ROUNDS_MAX 201
#define KINDS_MAX 16

static const struct load {
    const char *name;
    uint64_t think_turns, hold_turns;
} loads[] = {
    { "20:1", 8000, 400 }, { "5:1", 2000, 400 }, { "2:1", 800, 400 }, { "1:2", 400, 800 }, { "short", 100, 100 }
};

static const uint32_t thread_counts[] = { 1, 2, 4, 8, 16, 32, 64 };

struct cell {
    struct native_loop loop;
    const struct load *load;
    double rounds[ROUNDS_MAX];
};

#define CELLS_MAX (COUNT(loads) * (1 + COUNT(thread_counts) * KINDS_MAX))

static struct cell cells[CELLS_MAX];

/* The cells of a load: the loop without a lock, then each lock with every number of threads. */
static size_t cells_plan(uint32_t cores, uint64_t acquisitions)
{
    size_t count = 0;

    for (size_t i = 0; i < COUNT(loads); i++) {
        struct native_loop loop = { .threads = 1,
                                    .think_turns = loads[i].think_turns,
                                    .hold_turns = loads[i].hold_turns,
                                    .acquisitions = acquisitions };
        cells[count] = (struct cell){ .loop = loop, .load = &loads[i] };
        cells[count++].loop.is_without_lock = true;
        for (size_t t = 0; t < COUNT(thread_counts) && thread_counts[t] <= cores; t++)
            for (loop.kind = 0; loop.kind < lock_kind_count; loop.kind++) {
                CHECK(count < CELLS_MAX);
                loop.threads = thread_counts[t];
                cells[count++] = (struct cell){ .loop = loop, .load = &loads[i] };
            }
    }
    return count;
}

static void cells_print(size_t count, size_t rounds)
{
    double bare = 0;

    for (size_t i = 0; i < count; i++) {
        struct cell *cell = &cells[i];
        double median = median_of(cell->rounds, rounds);
        double hold =
            bare * (double)cell->load->hold_turns / (double)(cell->load->hold_turns + cell->load->think_turns);
        if (cell->loop.is_without_lock)
            bare = median;
        else
            printf("%s,%u,%.0f,%.0f,%.1f,%.1f,%.1f,%s\n", lock_kinds[cell->loop.kind].name, cell->loop.threads,
                   bare - hold, hold, median, cell->rounds[rounds / 4], cell->rounds[rounds - 1 - rounds / 4],
                   cell->load->name);
    }
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 1 ? strtoull(argv[1], NULL, 10) : 21, count;
    uint64_t acquisitions = 4096;
    static struct host host;
    uint32_t cpus[64];
    char message[256];

    if (argc > 2 || rounds == 0 || rounds > ROUNDS_MAX) {
        (void)fprintf(stderr, "usage: %s [ROUNDS]\n", argv[0]);
        return 2;
    }
    if (!host_init(&host, message, sizeof(message))) {
        (void)fprintf(stderr, "%s\n", message);
        return 1;
    }
    count = cells_plan(native_cores(&host, cpus, COUNT(cpus)), acquisitions);
    for (size_t round = 0; round < rounds; round++)
        for (size_t i = 0; i < count; i++)
            if ((cells[i].rounds[round] = native_loop_run(&host, &cells[i].loop)) < 0) {
                (void)fprintf(stderr, "threads cannot be pinned\n");
                return 1;
            }
    cells_print(count, rounds);
    host_free(&host);
    return 0;
}
