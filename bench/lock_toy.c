/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures the speed of the simulated machine: 240 pCPUs think (exponential, 10000 cycles) and take one FIFO ticket
 * lock for 400 cycles, with the cache lines of Westmere-EX. Three levels: the ticket algorithm on bare words, the
 * models' spin_lock with its statistics, and every lock of the models, or those named on the command line, under the
 * same load. The time of one event of a binary heap in the same program gives the host's speed.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/rng.h"
#include "heap.h"
#include "machine/cpu.h"
#include "machine/lines/word.h"
#include "machine/policies/policies.h"
#include "scenario/profile.h"
#include "measure.h"
#include "models/locks/lock.h"

#define TOPOLOGY "package:8 [numa] core:15 pu:2"
#define CPUS 240
#define CONTENDERS_MAX 16
#define THINK_MEAN_CYCLES 10000
#define HOLD_CYCLES 400
#define DRAWS (1u << 14)
#define ROUNDS_MAX 41
#define HEAP_MEAN_CYCLES 100000

struct toy;

struct contender {
    const char *name;
    uint32_t kind; /* index into lock_kinds */
    void (*run)(struct cpu *cpu, struct toy *toy);
};

struct toy {
    struct contender contender;
    struct arena arena;
    struct engine engine;
    struct topology topology;
    struct machine machine;
    struct line line;
    struct word serving, next_ticket;
    struct lock lock;
    uint64_t left;         /* acquisitions until the end of the round */
    uint64_t acquisitions; /* so far */
    uint32_t next_draw[CPUS];
};

static uint32_t think_draws[DRAWS];

static void think(struct cpu *cpu, struct toy *toy)
{
    cpu_spend(cpu, think_draws[(toy->next_draw[cpu->id]++ * CPUS + cpu->id) & (DRAWS - 1)]);
}

static void acquisition_count(struct toy *toy)
{
    toy->acquisitions++;
    if (--toy->left == 0)
        engine_stop(&toy->engine);
}

static void words_run(struct cpu *cpu, struct toy *toy)
{
    for (;;) {
        think(cpu, toy);
        word_wait(cpu, &toy->serving, word_fetch_add(cpu, &toy->next_ticket, 1));
        cpu_spend(cpu, HOLD_CYCLES);
        acquisition_count(toy);
        word_add_own(cpu, &toy->serving, 1);
    }
}

static void lock_run(struct cpu *cpu, struct toy *toy)
{
    for (;;) {
        think(cpu, toy);
        spin_lock(cpu, &toy->lock);
        cpu_spend(cpu, HOLD_CYCLES);
        acquisition_count(toy);
        spin_unlock(cpu, &toy->lock);
    }
}

struct contenders {
    struct contender rows[CONTENDERS_MAX];
    size_t count;
};

static bool contender_add(struct contenders *contenders, const char *name)
{
    uint32_t kind = lock_find(name);

    if (kind == lock_kind_count || contenders->count == CONTENDERS_MAX)
        return false;
    contenders->rows[contenders->count++] = (struct contender){ lock_kinds[kind].name, kind, lock_run };
    return true;
}

static void toy_main(struct cpu *cpu)
{
    struct toy *toy = cpu->machine->hypervisor;

    toy->contender.run(cpu, toy);
}

static void toy_interrupt(struct cpu *cpu, uint32_t vector)
{
    (void)vector;
    lapic_eoi(cpu);
}

static bool toy_open(struct toy *toy, struct contender contender, const struct costs *costs)
{
    char message[256];

    *toy = (struct toy){ .contender = contender };
    if (!topology_load(&toy->topology, TOPOLOGY, INTERCONNECT_GLUELESS, message, sizeof(message)) ||
        !arena_init(&toy->arena, (size_t)1 << 28))
        return false;
    engine_init(&toy->engine, &toy->arena, machine_slots(CPUS), policy_timed.engine, 1);
    machine_init(&toy->machine, &toy->engine, &policy_timed, &toy->topology, costs,
                 (struct machine_hooks){ toy_main, toy_interrupt }, 1);
    toy->machine.hypervisor = toy;
    line_init(&toy->machine, &toy->line, LINE_WAITED);
    word_init(&toy->serving, &toy->line, 0);
    word_init(&toy->next_ticket, &toy->line, 0);
    lock_init(&toy->lock, lock_class_new(lock_system_new(&toy->machine, contender.kind), "lock"));
    machine_start(&toy->machine);
    return true;
}

static void toy_close(struct toy *toy)
{
    arena_drop(&toy->arena);
    topology_free(&toy->topology);
}

/* The ns per acquisition. */
static double toy_round(struct toy *toy, uint64_t acquisitions)
{
    uint64_t start = measure_clock_ns();

    toy->left = acquisitions;
    engine_run(&toy->engine, CYCLES_NEVER - 1);
    return (double)(measure_clock_ns() - start) / (double)acquisitions;
}

/* The ns per event of a heap with CPUS pending events that reschedule themselves. */
static double heap_round(struct heap *heap, uint64_t events)
{
    uint64_t start = measure_clock_ns();

    for (uint64_t i = 0; i < events; i++) {
        struct heap_entry top = heap_pop(heap);
        heap_push(heap, top.time + think_draws[i & (DRAWS - 1)] * (HEAP_MEAN_CYCLES / THINK_MEAN_CYCLES), top.item);
    }
    return (double)(measure_clock_ns() - start) / (double)events;
}

struct toy_result {
    double ns, rate, heap_events;  /* ns per acquisition; acquisitions per second; heap events in the time of one */
    double events, cycles_between; /* engine events per acquisition; simulated cycles between two acquisitions */
};

static bool toys_measure(const struct contenders *contenders, const struct costs *costs, uint32_t rounds,
                         uint64_t acquisitions, double *heap_ns, struct toy_result *results)
{
    static struct toy toys[CONTENDERS_MAX];
    static struct heap heap;
    double ns[CONTENDERS_MAX][ROUNDS_MAX], ratio[CONTENDERS_MAX][ROUNDS_MAX], heap_round_ns[ROUNDS_MAX];

    for (uint32_t i = 0; i < CPUS; i++)
        heap_push(&heap, think_draws[i], &heap);
    for (size_t i = 0; i < contenders->count; i++) {
        if (!toy_open(&toys[i], contenders->rows[i], costs))
            return false;
        toy_round(&toys[i], acquisitions);
    }
    for (uint32_t round = 0; round < rounds; round++) {
        heap_round_ns[round] = heap_round(&heap, acquisitions);
        for (size_t i = 0; i < contenders->count; i++) {
            ns[i][round] = toy_round(&toys[i], acquisitions);
            ratio[i][round] = ns[i][round] / heap_round_ns[round];
        }
    }
    *heap_ns = measure_median(heap_round_ns, rounds);
    for (size_t i = 0; i < contenders->count; i++) {
        double total = (double)toys[i].acquisitions;
        results[i] = (struct toy_result){ .ns = measure_median(ns[i], rounds),
                                          .heap_events = measure_median(ratio[i], rounds),
                                          .events = (double)toys[i].engine.events / total,
                                          .cycles_between = (double)toys[i].engine.now / total };
        results[i].rate = 1e9 / results[i].ns;
        toy_close(&toys[i]);
    }
    return true;
}

static void table_print(const struct contenders *contenders, double heap_ns, const struct toy_result *results)
{
    printf("heap: %.2f ns an event, %d pending\n", heap_ns, CPUS);
    printf("%-14s %16s %14s %16s %14s %14s\n", "lock", "acquisitions/s", "ns each", "in heap events", "engine events",
           "cycles between");
    for (size_t i = 0; i < contenders->count; i++)
        printf("%-14s %16.0f %14.1f %16.2f %14.2f %14.1f\n", contenders->rows[i].name, results[i].rate, results[i].ns,
               results[i].heap_events, results[i].events, results[i].cycles_between);
}

static bool json_print(const struct contenders *contenders, double heap_ns, const struct toy_result *results)
{
    json_t *rows = json_array(), *root;
    bool is_written;

    for (size_t i = 0; i < contenders->count; i++)
        json_array_append_new(rows, json_pack("{s:s, s:f, s:f, s:f, s:f, s:f}", "lock", contenders->rows[i].name,
                                              "acquisitions_per_second", results[i].rate, "ns", results[i].ns,
                                              "heap_events", results[i].heap_events, "engine_events", results[i].events,
                                              "cycles_between", results[i].cycles_between));
    root = json_pack("{s:s, s:i, s:f, s:o}", "compiler", __VERSION__, "cpus", CPUS, "heap_ns_per_event", heap_ns,
                     "locks", rows);
    is_written = root != NULL && json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(5)) == 0;
    json_decref(root);
    (void)putchar('\n');
    return is_written;
}

static bool costs_load(struct costs *costs)
{
    struct profile file;
    struct diag diag;

    diag_init(&diag);
    bool is_loaded = profile_load(&file, &machine_profile, "westmere-ex-8s", &diag);
    *costs = file.value->machine.costs;
    profile_free(&file);
    diag_free(&diag);
    return is_loaded;
}

/* The bare words, then the locks that the command line names, or every lock. */
static bool options_read(int argc, char **argv, bool *is_json, bool *is_quick, struct contenders *contenders)
{
    contenders->rows[0] = (struct contender){ "ticket-words", lock_find("ticket"), words_run };
    contenders->count = 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            *is_json = true;
        else if (strcmp(argv[i], "--quick") == 0)
            *is_quick = true;
        else if (!contender_add(contenders, argv[i]))
            return false;
    }
    for (uint32_t kind = 0; contenders->count == 1 + kind && kind < lock_kind_count; kind++)
        if (!contender_add(contenders, lock_kinds[kind].name))
            return false;
    return true;
}

int main(int argc, char **argv)
{
    bool is_json = false, is_quick = false;
    struct toy_result results[CONTENDERS_MAX];
    struct contenders contenders;
    struct costs costs;
    struct rng rng;
    double heap_ns;

    if (!options_read(argc, argv, &is_json, &is_quick, &contenders)) {
        (void)fprintf(stderr, "usage: %s [--json] [--quick] [LOCK...]\n", argv[0]);
        return 2;
    }
    rng_init(&rng, 1, 0, RNG_THINK);
    for (uint32_t i = 0; i < DRAWS; i++)
        think_draws[i] = (uint32_t)rng_exponential(&rng, THINK_MEAN_CYCLES);
    if (!costs_load(&costs) ||
        !toys_measure(&contenders, &costs, is_quick ? 3 : 21, is_quick ? 20000 : 400000, &heap_ns, results)) {
        (void)fprintf(stderr, "%s: no machine file, or no memory\n", argv[0]);
        return 4;
    }
    if (is_json)
        return json_print(&contenders, heap_ns, results) ? 0 : 4;
    table_print(&contenders, heap_ns, results);
    return 0;
}
