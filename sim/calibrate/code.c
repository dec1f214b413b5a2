/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures the cost of a basic block of a code object (code_block): what the work of code_work.h takes beside the hits
 * that the machine file charges for its accesses, over its blocks. Blocks and accesses are counted in the instrumented
 * build, cycles are taken of the other.
 *
 * A hypervisor's path runs once and makes room for other code. So each measurement is of a few turns, with the data in
 * L1, after other code that has replaced the instructions there and what the CPU has learnt about branches.
 *
 * A machine file charges an access with its latency, but a CPU does other work meanwhile. Where that is more than all
 * of the code takes, nothing remains for the blocks: a part's value, a negative one, tells by how much.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "calibrate/calibrate.h"
#include "calibrate/clock.h"
#include "calibrate/code_work.h"

#define TURNS 8
#define SAMPLES_MAX 200
#define LINE_BYTES 64

static const char *const part_names[WORK_PARTS] = {
    [WORK_LISTS] = "code_block_lists",
    [WORK_BITS] = "code_block_bits",
    [WORK_RECORDS] = "code_block_records",
    [WORK_CALLS] = "code_block_calls",
};

static const char *const part_how[WORK_PARTS] = {
    [WORK_LISTS] = "a block of code that queues, cancels, splices and runs list elements, less its hits",
    [WORK_BITS] = "a block of code that sets, finds and clears bits, less its hits",
    [WORK_RECORDS] = "a block of a loop over records with a small switch, less its hits",
    [WORK_CALLS] = "a block of small functions that call each other, less its hits",
};

/* A round of one part. */
struct code_round {
    enum code_work_part part;
    uint32_t samples;
    double cycles;                  /* of TURNS turns */
    struct code_work_counts counts; /* of all samples */
};

void code_work_init(struct code_work *work, const struct code_work_build *build)
{
    memset(work, 0, sizeof(*work));
    for (uint32_t i = 0; i < WORK_QUEUES; i++)
        work->queues[i].next = work->queues[i].previous = &work->queues[i];
    work->taken.next = work->taken.previous = &work->taken;
    memcpy(work->operations, build->operations, sizeof(work->operations));
    for (uint32_t i = 0; i < WORK_OBJECTS; i++) {
        uint32_t kind = i * 7 % 11 < 6 ? 0 : i % WORK_KINDS;
        work->objects[i] =
            (struct code_work_object){ .operations = &work->operations[kind], .kind = kind, .limit = 100 + i };
    }
    for (uint32_t i = 0; i < WORK_WORDS; i++)
        work->masked[i] = UINT64_C(0x0001000000010000) << i;
}

/* 64 KiB of instructions with 8192 branches, each taken by one of the random bits. */
static void other_code_run(uint64_t random)
{
#if defined(__x86_64__)
    __asm__ volatile(".rept 8192\n ror $1, %0\n jnc 1f\n add %1, %0\n 1:\n .endr"
                     : "+r"(random)
                     : "r"(UINT64_C(0x9e3779b97f4a7c15))
                     : "cc");
#else
    (void)random;
#endif
}

static void memory_read(const void *memory, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += LINE_BYTES)
        (void)((const volatile char *)memory)[i];
}

static uint64_t random_next(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return *random >> 16;
}

/* The work by the plain build, after other code; returns the cycles beside those of an empty measurement. */
static double sample_time(struct code_work *work, enum code_work_part part, uint64_t random)
{
    uint64_t from, empty;

    other_code_run(random);
    memory_read(work, sizeof(*work));
    from = clock_cycles();
    empty = clock_cycles() - from;
    from = clock_cycles();
    code_work_plain.run[part](work, TURNS);
    return (double)(clock_cycles() - from) - (double)empty;
}

static void round_run(void *argument, uint32_t index)
{
    static struct code_work plain, counted;
    struct code_round *round = argument;
    double samples[SAMPLES_MAX];
    uint64_t random = round->part;

    (void)index;
    code_work_init(&plain, &code_work_plain);
    code_work_init(&counted, &code_work_counted);
    for (uint32_t i = 0; i < round->samples; i++) {
        struct code_work_counts counts;

        for (uint32_t turn = 0; turn < TURNS; turn++)
            plain.inputs[turn] = counted.inputs[turn] = (uint16_t)random_next(&random);
        counts = code_work_count(&counted, round->part, TURNS);
        samples[i] = sample_time(&plain, round->part, random);
        round->counts.blocks += counts.blocks;
        round->counts.loads += counts.loads;
        round->counts.stores += counts.stores;
        round->counts.atomics += counts.atomics;
    }
    CHECK(!memcmp(plain.counts, counted.counts, sizeof(plain.counts)) && plain.errors == counted.errors &&
          !memcmp(plain.totals, counted.totals, sizeof(plain.totals)));
    round->cycles = trimmed_mean_of(samples, round->samples);
}

/* What the machine file charges; 0: not measured. */
static double charge_of(const struct calibration *calibration, const char *name)
{
    const struct quantity *quantity = calibrate_find(calibration, name, DISTANCE_NONE);

    return quantity == NULL ? 0 : (double)whole_cycles(median_of(quantity->rounds, quantity->count));
}

static bool part_round(struct calibration *calibration, enum code_work_part part)
{
    const uint32_t first = 0;
    struct code_round round = { .part = part,
                                .samples =
                                    calibration->iterations < SAMPLES_MAX ? calibration->iterations : SAMPLES_MAX };
    const struct code_work_counts *counts = &round.counts;

    if (!host_run(&calibration->host, &first, 1, round_run, &round))
        return false;
    double hits = (double)counts->loads * charge_of(calibration, "load_hit") +
                  (double)counts->stores * charge_of(calibration, "store_hit") +
                  (double)counts->atomics * charge_of(calibration, "atomic_hit");
    quantity_record(calibration, part_names[part], DISTANCE_NONE, UNIT_CYCLES,
                    (round.cycles * round.samples - hits) / (double)counts->blocks, part_how[part]);
    return true;
}

static double at_least_zero(double value) { return value > 0 ? value : 0; }

void code_block_record(struct calibration *calibration)
{
    const struct quantity *parts[WORK_PARTS];

    for (enum code_work_part part = 0; part < WORK_PARTS; part++)
        parts[part] = calibrate_find(calibration, part_names[part], DISTANCE_NONE);
    for (size_t round = 0; round < parts[0]->count; round++) {
        double sum = 0;
        for (enum code_work_part part = 0; part < WORK_PARTS; part++)
            sum += parts[part]->rounds[round];
        quantity_record(calibration, "code_block", DISTANCE_NONE, UNIT_CYCLES, sum / WORK_PARTS,
                        "code of lists, bits, records and calls that runs after other code: a block, less the hits of "
                        "its accesses, and no less than 0");
    }
}

void calibrate_code(struct calibration *calibration)
{
    if (!clock_has_cycles || charge_of(calibration, "load_hit") <= 0) {
        quantity_skip(calibration, "code_block", "%s",
                      clock_has_cycles ? "needs the hits, of the part lines" : "this host's clock counts no cycles");
        return;
    }
    for (uint32_t round = 0; round < calibration->rounds; round++)
        for (enum code_work_part part = 0; part < WORK_PARTS; part++)
            if (!part_round(calibration, part)) {
                quantity_skip(calibration, "code_block", "threads cannot be pinned");
                return;
            }
    code_block_record(calibration);
}

/* The value may be outside the parts' by the rounds of which they are the medians. */
void code_range_set(struct calibration *calibration)
{
    struct quantity *block = (struct quantity *)calibrate_find(calibration, "code_block", DISTANCE_NONE);

    if (block == NULL)
        return;
    block->is_remainder = true;
    block->low = block->high = block->value = at_least_zero(block->value);
    for (enum code_work_part part = 0; part < WORK_PARTS; part++) {
        double value = at_least_zero(calibrate_find(calibration, part_names[part], DISTANCE_NONE)->value);
        block->low = value < block->low ? value : block->low;
        block->high = value > block->high ? value : block->high;
    }
}
