/* SPDX-License-Identifier: Apache-2.0
 *
 * What the code of an object takes in a timed run: each basic block machine.costs.code_block, and each access of shared
 * memory what its cache line takes.
 */
#include "code/access.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "code/code.h"
#include "code/code_sample.h"
#include "machine_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Each is called with 100. */
static const char *const text = "long word, words[512];\n"
                                "void spin(long n) { while (n-- > 0) __asm__ volatile(\"\"); }\n"
                                "#define AGAIN __asm__ volatile(\"\" ::: \"memory\")\n"
                                "void add(long n) { for (; n > 0; n--) { word += n; AGAIN; } }\n"
                                "void walk(long n) { for (; n > 0; n--) { words[n * 4] = n; AGAIN; } }\n"
                                "void order(long n) { while (n-- > 0) __atomic_fetch_add(&word, 1, 5); }\n"
                                "long local(long n) { volatile long own[8]; while (n-- > 0) own[n & 7] = n;\n"
                                "    return own[0]; }\n";

/* The lines of the second call are all in the cache. */
enum which { FIRST, SECOND, CALLS };

struct call {
    struct code *code;
    void (*function)(long n);
    cycles took[CALLS];
};

static void call(struct cpu *cpu, void *data)
{
    struct call *one = data;

    for (enum which i = FIRST; i < CALLS; i++) {
        cycles from = cpu_now(cpu);

        code_enter(one->code, cpu);
        one->function(100);
        code_settle(one->code, cpu);
        one->took[i] = cpu_now(cpu) - from;
    }
}

/* The cycles of one of two calls of the function. */
static cycles time_of(const struct code_object *object, const char *name, const struct costs *costs, enum which which)
{
    static const struct code_import *const imports[] = { NULL };
    static const struct code_config config = { .imports = imports, .heap_bytes = 4096 };
    static struct fixture fixture;
    struct call one = { 0 };
    void *found;

    fixture_open(&fixture, "package:1 [numa] core:2 pu:1", costs, POLICY_TIMED, 1);
    one.code = code_boot(&fixture.machine, object, &config);
    found = code_symbol(one.code, name);
    assert_non_null(found);
    memcpy(&one.function, &found, sizeof(found));
    fixture_program(&fixture, 0, call, &one);
    fixture_run(&fixture, CYCLES_NEVER);
    fixture_close(&fixture);
    return one.took[which];
}

/* A loop of 100 turns has one to three blocks a turn, by the compiler, and a few before and behind it. */
static void rows_check(const struct code_object *object)
{
    static const struct {
        const char *name;
        uint64_t loads, stores, atomics; /* of 100 turns */
    } rows[] = {
        { "spin", 0, 0, 0 },    { "add", 100, 100, 0 }, { "walk", 0, 100, 0 },
        { "order", 0, 0, 100 }, { "local", 0, 0, 0 },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct costs costs = costs_nothing;
        cycles hits, one, nine;

        costs.load_hit = 5;
        costs.store_hit = 7;
        costs.atomic_hit = 20;
        hits = time_of(object, rows[i].name, &costs, SECOND);
        assert_int_equal(hits, 5 * rows[i].loads + 7 * rows[i].stores + 20 * rows[i].atomics);
        costs.code_block = 1;
        one = time_of(object, rows[i].name, &costs, SECOND);
        assert_in_range(one - hits, 100, 310);
        costs.code_block = 9;
        nine = time_of(object, rows[i].name, &costs, SECOND);
        assert_int_equal(nine - hits, 9 * (one - hits));
        costs.load_memory = 300;
        assert_int_equal(time_of(object, rows[i].name, &costs, SECOND), nine);
        if (hits > 0)
            assert_true(time_of(object, rows[i].name, &costs, FIRST) > nine);
    }
}

static void test_costs(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLE_COMPILERS; i++) {
        struct sample sample;
        struct code_object *object;
        char message[256];

        if (!sample_has(&sample_compilers[i]))
            continue;
        sample_new(&sample);
        sample_write(&sample, "a.c", text);
        sample_compile(&sample, &sample_compilers[i], "-O1", "a.c", "files: a.c\n");
        object = code_object_open(sample.object, message, sizeof(message));
        assert_non_null(object);
        rows_check(object);
        code_object_close(object);
        sample_remove(&sample);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_costs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
