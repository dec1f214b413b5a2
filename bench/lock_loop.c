/* SPDX-License-Identifier: Apache-2.0
 *
 * Simulates a closed loop of CPUs that think, take one lock, hold it and release it, with the cache lines of a machine
 * file, as lock benchmarks on real machines do. Reads cells from standard input, one on each line,
 *     LOCK THREADS THINK HOLD SEED
 * with times in cycles, and writes a CSV line for each: acquisitions per second, mean wait, fraction of hand-overs
 * within a socket, and how unequal the threads' shares are. Threads fill the machine's sockets in order, starting with
 * the first thread of each core. Think and hold times are exponential or, with --fixed, constant.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "machine/cpu.h"
#include "machine/policies/policies.h"
#include "models/locks/lock.h"
#include "scenario/profile.h"

#define LINES_MAX 16

struct loop_options {
    const char *machine;
    bool is_fixed;
    uint64_t acquisitions; /* measured, after a warm-up of a tenth as many */
    uint64_t lines;        /* cache lines written while holding the lock */
};

struct cell {
    uint32_t kind; /* index into lock_kinds */
    uint32_t threads;
    cycles think, hold;
    uint64_t seed;
};

struct thread {
    struct rng think, hold;
    uint64_t acquisitions;
};

struct loop {
    const struct loop_options *options;
    const struct cell *cell;
    struct arena arena;
    struct engine engine;
    struct machine machine;
    struct lock lock;
    struct line data[LINES_MAX];
    struct thread threads[TOPOLOGY_CPUS_MAX];
    uint64_t left, hand_overs, hand_overs_near; /* hand-overs to another CPU, and to one of the same socket */
    uint32_t last_cpu;
};

static void spend(struct cpu *cpu, const struct loop *loop, struct rng *rng, cycles mean)
{
    cpu_spend(cpu, loop->options->is_fixed ? mean : rng_exponential(rng, mean));
}

static void count_acquisition(struct loop *loop, const struct cpu *cpu)
{
    loop->threads[cpu->id].acquisitions++;
    if (cpu->id != loop->last_cpu) {
        loop->hand_overs++;
        loop->hand_overs_near += cpu->socket == loop->machine.cpus[loop->last_cpu].socket;
    }
    loop->last_cpu = cpu->id;
    if (--loop->left == 0)
        engine_stop(&loop->engine);
}

static void loop_main(struct cpu *cpu)
{
    struct loop *loop = cpu->machine->hypervisor;
    struct thread *thread = &loop->threads[cpu->id];

    for (;;) {
        spend(cpu, loop, &thread->think, loop->cell->think);
        spin_lock(cpu, &loop->lock);
        count_acquisition(loop, cpu);
        for (uint64_t i = 0; i < loop->options->lines; i++)
            line_touch_write(cpu, &loop->data[i]);
        spend(cpu, loop, &thread->hold, loop->cell->hold);
        spin_unlock(cpu, &loop->lock);
    }
}

static void cpu_idle(struct cpu *cpu)
{
    const struct loop *loop = cpu->machine->hypervisor;

    if (cpu->id < loop->cell->threads)
        loop_main(cpu);
    for (;;)
        engine_park(cpu->engine);
}

static void no_interrupt(struct cpu *cpu, uint32_t vector)
{
    (void)vector;
    lapic_eoi(cpu);
}

static void run_for(struct loop *loop, uint64_t acquisitions)
{
    loop->left = acquisitions;
    loop->hand_overs = loop->hand_overs_near = 0;
    for (uint32_t i = 0; i < loop->cell->threads; i++)
        loop->threads[i].acquisitions = 0;
    engine_run(&loop->engine, CYCLES_NEVER - 1);
}

static void loop_print(const struct loop *loop, const struct lock_class *class, cycles elapsed, uint64_t hz)
{
    uint64_t total = loop->options->acquisitions, least = UINT64_MAX, most = 0;

    for (uint32_t i = 0; i < loop->cell->threads; i++) {
        uint64_t own = loop->threads[i].acquisitions;
        least = own < least ? own : least;
        most = own > most ? own : most;
    }
    printf("%s,%u,%ju,%ju,%ju,%.6g,%.6g,%.4f,%.4f\n", lock_kinds[loop->cell->kind].name, loop->cell->threads,
           (uintmax_t)loop->cell->think, (uintmax_t)loop->cell->hold, (uintmax_t)loop->cell->seed,
           (double)total * (double)hz / (double)elapsed, (double)class->statistics.wait_cycles / (double)total,
           loop->hand_overs > 0 ? (double)loop->hand_overs_near / (double)loop->hand_overs : 0,
           most > 0 ? (double)least / (double)most : 0);
}

static bool cell_run(const struct loop_options *options, const struct cell *cell, const struct topology *topology,
                     const struct costs *costs)
{
    static struct loop loop;

    memset(&loop, 0, sizeof(loop));
    loop.options = options;
    loop.cell = cell;
    if (!arena_init(&loop.arena, (size_t)1 << 28))
        return false;
    engine_init(&loop.engine, &loop.arena, machine_slots(topology->cpu_count), policy_timed.engine, cell->seed);
    machine_init(&loop.machine, &loop.engine, &policy_timed, topology, costs,
                 (struct machine_hooks){ cpu_idle, no_interrupt }, cell->seed);
    loop.machine.hypervisor = &loop;
    struct lock_system *system = lock_system_new(&loop.machine, cell->kind);
    struct lock_class *class = lock_class_new(system, "lock");
    lock_init(&loop.lock, class);
    for (uint64_t i = 0; i < options->lines; i++)
        line_init(&loop.machine, &loop.data[i], LINE_PLAIN);
    for (uint32_t i = 0; i < cell->threads; i++) {
        rng_init(&loop.threads[i].think, cell->seed, i, RNG_THINK);
        rng_init(&loop.threads[i].hold, cell->seed, i, RNG_HOLD);
    }
    machine_start(&loop.machine);
    run_for(&loop, options->acquisitions / 10 + 1);
    cycles from = loop.engine.now;
    lock_measure(system, from);
    run_for(&loop, options->acquisitions);
    loop_print(&loop, class, loop.engine.now - from, costs->frequency_hz);
    arena_drop(&loop.arena);
    return true;
}

static bool cell_read(const char *line, uint32_t cpus, struct cell *cell)
{
    char name[32];
    uintmax_t think, hold, seed;

    if (sscanf(line, "%31s %u %ju %ju %ju", name, &cell->threads, &think, &hold, &seed) != 5 || cell->threads == 0 ||
        cell->threads > cpus)
        return false;
    cell->think = think;
    cell->hold = hold;
    cell->seed = seed;
    cell->kind = lock_find(name);
    return cell->kind < lock_kind_count;
}

/* NAME=low, NAME=high, or NAME=CYCLES for all distances. */
static bool cost_set(struct profile *file, const char *text)
{
    const char *equal = strchr(text, '=');
    char name[64], *end;

    if (equal == NULL || (size_t)(equal - text) >= sizeof(name))
        return false;
    (void)snprintf(name, sizeof(name), "%.*s", (int)(equal - text), text);
    const struct profile_cost *cost = profile_cost(file, name);
    const struct option *option = cost != NULL ? cost->option : NULL;
    uint64_t value = strtoull(equal + 1, &end, 10);
    bool is_low = !strcmp(equal + 1, "low"), is_high = !strcmp(equal + 1, "high");
    if (option == NULL || (*end != '\0' && !is_low && !is_high))
        return false;
    for (uint32_t i = 0; i < option->count; i++)
        option_store(option, profile_record(file->value, cost->table), i,
                     is_low    ? option_value(option, profile_record(file->low, cost->table), i)
                     : is_high ? option_value(option, profile_record(file->high, cost->table), i)
                               : value);
    return true;
}

static int usage(const char *program)
{
    (void)fprintf(
        stderr, "usage: %s [--machine FILE] [--set COST=CYCLES|low|high]... [--fixed] [--acquisitions N] [--lines N]\n",
        program);
    return 2;
}

static int cells_run(const struct loop_options *options, const struct profile *file)
{
    struct topology topology;
    char message[256], line[256];
    int code = 0;

    if (!topology_load(&topology, file->value->machine.topology, file->value->machine.interconnect, message,
                       sizeof(message))) {
        (void)fprintf(stderr, "%s\n", message);
        return 2;
    }
    while (code == 0 && fgets(line, sizeof(line), stdin) != NULL) {
        struct cell cell;
        if (!cell_read(line, topology.cpu_count, &cell)) {
            (void)fprintf(stderr, "not a cell: %s", line);
            code = 2;
        } else if (!cell_run(options, &cell, &topology, &file->value->machine.costs)) {
            code = 4;
        }
    }
    topology_free(&topology);
    return code;
}

int main(int argc, char **argv)
{
    static const struct option_pair {
        const char *name;
        int letter;
    } names[] = { { "machine", 'm' }, { "set", 's' }, { "fixed", 'f' }, { "acquisitions", 'a' }, { "lines", 'l' } };
    struct loop_options options = { .machine = "westmere-ex-8s", .acquisitions = 20000 };
    const char *sets[32];
    size_t set_count = 0;
    static struct profile file;
    struct diag diag;

    for (int i = 1; i < argc; i++) {
        int letter = 0;
        for (size_t j = 0; j < sizeof(names) / sizeof(*names); j++)
            if (!strncmp(argv[i], "--", 2) && !strcmp(argv[i] + 2, names[j].name))
                letter = names[j].letter;
        if (letter == 'f')
            options.is_fixed = true;
        else if (letter == 0 || i + 1 == argc || (letter == 's' && set_count == 32))
            return usage(argv[0]);
        else if (letter == 'm')
            options.machine = argv[++i];
        else if (letter == 's')
            sets[set_count++] = argv[++i];
        else if (letter == 'a')
            options.acquisitions = strtoull(argv[++i], NULL, 10);
        else
            options.lines = strtoull(argv[++i], NULL, 10);
    }
    if (options.acquisitions == 0 || options.lines > LINES_MAX)
        return usage(argv[0]);
    diag_init(&diag);
    int code = 0;
    if (!profile_load(&file, &machine_profile, options.machine, &diag)) {
        (void)fprintf(stderr, "%s: %s\n", options.machine, diag.message_count > 0 ? diag.messages[0].text : "?");
        code = 2;
    }
    for (size_t i = 0; code == 0 && i < set_count; i++)
        if (!cost_set(&file, sets[i])) {
            (void)fprintf(stderr, "no cost: %s\n", sets[i]);
            code = 2;
        }
    code = code == 0 ? cells_run(&options, &file) : code;
    profile_free(&file);
    diag_free(&diag);
    return code;
}
