/* SPDX-License-Identifier: Apache-2.0
 *
 * Small code objects under both memory models: which of their stores are buffered, what drains the buffer, and that a
 * CPU sees its own stores, whole or in part.
 */
#define _GNU_SOURCE
#include "death.h"
#include "explore/explore_code.h"

#define COMMON \
    "#include \"irqpath.h\"\n" \
    "#define BARRIER __asm__ volatile(\"\" ::: \"memory\")\n" \
    "void *memset(void *to, int byte, unsigned long bytes);\n" \
    "long x, y, r0, r1, done; volatile long v, w; struct { char bytes[32]; } block; union { long all; char part[8]; " \
    "} u;\n"

/* Two CPUs that each store, and then load what the other one stores. */
#define STORES_AND_LOADS(store0, store1, between, load0, load1) \
    COMMON "static void end(void)\n" \
           "{ if (__atomic_add_fetch(&done, 1, 5) == 2 && !r0 && !r1) irqpath_bug(\"neither saw\"); }\n" \
           "void cpu0(void) { " store0 "; " between "; r0 = " load0 "; end(); }\n" \
           "void cpu1(void) { " store1 "; " between "; r1 = " load1 "; end(); }\n"
#define ATOMIC(between) \
    STORES_AND_LOADS("__atomic_store_n(&x, 1, 0)", "__atomic_store_n(&y, 1, 0)", between, "__atomic_load_n(&y, 0)", \
                     "__atomic_load_n(&x, 0)")

/* CPU 0 alone does something, while CPU 1 reads and writes the same memory in order to make it shared. */
#define OWN(statements) COMMON "void cpu0(void) { " statements " } void cpu1(void) { w = x + y + u.all; }\n"

static const struct program {
    const char *name, *text;
    bool is_clean, is_clean_tso;
} programs[] = {
    { "relaxed atomics", ATOMIC(""), true, false },
    { "and a fence", ATOMIC("irqpath_fence()"), true, true },
    { "and a fence of the compiler's", ATOMIC("__atomic_thread_fence(5)"), true, true },
    { "and a fence for the compiler alone", ATOMIC("__atomic_signal_fence(5)"), true, false },
    { "and a release fence, which is none on x86", ATOMIC("__atomic_thread_fence(3)"), true, false },
    { "and a locked operation", ATOMIC("__atomic_fetch_add(&done, 0, 0)"), true, true },
    { "sequentially consistent stores",
      STORES_AND_LOADS("__atomic_store_n(&x, 1, 5)", "__atomic_store_n(&y, 1, 5)", "", "__atomic_load_n(&y, 5)",
                       "__atomic_load_n(&x, 5)"),
      true, true },
    { "plain accesses", STORES_AND_LOADS("x = 1", "y = 1", "BARRIER", "y", "x"), true, false },
    { "volatile accesses", STORES_AND_LOADS("v = 1", "w = 1", "", "w", "v"), true, false },
    { "bytes", STORES_AND_LOADS("u.part[0] = 1", "u.part[5] = 1", "BARRIER", "u.part[5]", "u.part[0]"), true, false },
    { "message passing",
      COMMON "void cpu0(void) { v = 7; w = 1; }\n"
             "void cpu1(void) { if (w && v != 7) irqpath_bug(\"the flag, not the message\"); }\n",
      true, true },
    { "a block, and a flag",
      COMMON "void cpu0(void) { memset(&block, 7, 16 * irqpath_cpus()); BARRIER; w = 1; }\n"
             "void cpu1(void) { if (w && block.bytes[31] != 7) irqpath_bug(\"the flag, not the block\"); }\n",
      true, true },
    { "a flag, and a block",
      COMMON "void cpu0(void) { w = 1; memset(&block, 7, 16 * irqpath_cpus()); }\n"
             "void cpu1(void) { if (block.bytes[0] == 7 && !w) irqpath_bug(\"the block, not the flag\"); }\n",
      true, true },
    { "its own store",
      OWN("x = 1; BARRIER; if (x != 1) irqpath_bug(\"not seen\"); x = 2; BARRIER;"
          " if (x != 2) irqpath_bug(\"not the last\");"),
      true, true },
    { "its own volatile store, changed", OWN("v = 1; v |= 2; v += 4; if (v != 7) irqpath_bug(\"not seen\");"), true,
      true },
    { "parts of its own store",
      OWN("u.all = -1; BARRIER; u.part[1] = 0; BARRIER;"
          " if (u.all != (long)0xffffffffffff00ff) irqpath_bug(\"not seen\");"),
      true, true },
    { "a lock that a store releases",
      COMMON "static void both(void) { while (__atomic_exchange_n(&y, 1, 2)) irqpath_relax(); x++;\n"
             "    __atomic_store_n(&y, 0, 3); }\n"
             "void cpu0(void) { both(); if (__atomic_add_fetch(&done, 1, 5) == 2 && __atomic_load_n(&x, 0) != 2)"
             " irqpath_bug(\"an update is lost\"); }\n"
             "void cpu1(void) { cpu0(); }\n",
      true, true },
};

static bool is_clean(const struct code_object *object, enum policy policy)
{
    static struct code_world world;
    struct races *races = races_new(STATE_BYTES_MAX / 4, RACES_FOUND);
    struct explore_limits limits = explore_default_limits;
    struct explore_outcome outcome;

    limits.jobs = 1;
    for (bool is_first = true; is_first || races_have_news(races); is_first = false) {
        if (!is_first)
            explore_outcome_free(&outcome);
        races_promote(races);
        code_world_open_as(&world, object, races, 2, policy);
        explore_run(&world.fixture, &limits, &outcome);
        code_world_close(&world);
    }
    assert_int_not_equal(outcome.verdict, EXPLORE_INCOMPLETE);
    bool is_clean = outcome.verdict == EXPLORE_CLEAN;
    explore_outcome_free(&outcome);
    races_free(races);
    return is_clean;
}

static void verdicts_are_known(void **state)
{
    size_t bad = 0;

    (void)state;
    EXPLORE_OR_SKIP();
    if (!sample_has(&sample_compilers[0]))
        skip();
    for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
        struct sample sample;
        const struct code_object *object = code_world_compile(&sample, programs[i].text);
        bool sc = is_clean(object, POLICY_EXHAUSTIVE), tso = is_clean(object, POLICY_EXHAUSTIVE_TSO);

        if (sc != programs[i].is_clean || tso != programs[i].is_clean_tso) {
            print_error("%s: %s under sc, %s under tso\n", programs[i].name, sc ? "clean" : "violation",
                        tso ? "clean" : "violation");
            bad++;
        }
        sample_remove(&sample);
    }
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(verdicts_are_known) };

    return cmocka_run_group_tests_name("explore_code_tso", tests, NULL, NULL);
}
