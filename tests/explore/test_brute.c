/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares the explorer with brute force on small random programs, 60 under each memory; tests/deep/test_brute.c does
 * so on more and larger ones.
 */
#include "brute_check.h"

#include <string.h>

#include "death.h"
#include "explore/state.h"

enum { PROGRAMS = 50, STATES_MAX = 400, BOUNDED = 30 };

static void programs_have_the_same_answers(void **state)
{
    enum brute_memory memory = *(const enum brute_memory *)*state;
    struct brute_tally tally = { .compared = 0 };

    if (!explore_state_is_supported())
        skip();
    for (uint64_t seed = 1; tally.compared < PROGRAMS; seed++)
        brute_check_seed(seed, memory, STATES_MAX, &tally);
    /* The programs have a mix of answers. */
    assert_true(tally.clean >= PROGRAMS / 4 && tally.deadlocks >= PROGRAMS / 20 && tally.lost >= PROGRAMS / 20);
    assert_true(tally.asserts >= PROGRAMS / 50 && tally.endless >= PROGRAMS / 50);
}

static void bounded_searches_miss_nothing(void **state)
{
    enum brute_memory memory = *(const enum brute_memory *)*state;
    struct brute_tally tally = { .compared = 0 };

    if (!explore_state_is_supported())
        skip();
    for (uint64_t seed = 1; tally.compared < BOUNDED; seed++)
        brute_check_bounds(seed, memory, STATES_MAX, 3, &tally);
    assert_true(tally.hidden >= BOUNDED / 2);
}

#define IRQ_ON \
    { \
        BRUTE_IRQ_ON, 0, 0, 0 \
    }
#define IRQ_OFF \
    { \
        BRUTE_IRQ_OFF, 0, 0, 0 \
    }
#define IPI(vector) \
    { \
        BRUTE_IPI, 0, vector, 0 \
    }
#define STORE(word, value) \
    { \
        BRUTE_STORE, word, value, 0 \
    }
#define LOAD(word) \
    { \
        BRUTE_LOAD, word, 0, 0 \
    }
#define STORE_REG(word) \
    { \
        BRUTE_STORE_REG, word, 0, 0 \
    }
#define WAIT(word, value) \
    { \
        BRUTE_WAIT, word, value, 0 \
    }
#define ADD(word, value) \
    { \
        BRUTE_ADD, word, value, 0 \
    }
#define LOCK(verb) \
    { \
        verb, 0, 0, 0 \
    }
#define EOI \
    { \
        BRUTE_EOI, 0, 0, 0 \
    }
#define IDLE \
    { \
        BRUTE_IDLE, 0, 0, 0 \
    }

/* CPU 1 sends to CPU 0, which is idle. */
static const struct {
    const char *name;
    struct brute_op sender[6], handlers[BRUTE_VECTORS][4];
    uint8_t device_count;
    size_t ends;
} messages[] = {
    { "before the access that follows in a locked region",
      { LOCK(BRUTE_LOCK), IPI(1), STORE(0, 1), LOCK(BRUTE_UNLOCK) },
      { { EOI }, { LOAD(0), STORE_REG(1), EOI }, { EOI } },
      0,
      2 },
    { "before the access that follows where interrupts went off",
      { IRQ_ON, IRQ_OFF, IPI(1), STORE(0, 1) },
      { { EOI }, { LOAD(0), STORE_REG(1), EOI }, { EOI } },
      0,
      2 },
    { "before the first access of the handler that sends it",
      { IRQ_ON, IDLE },
      { { IPI(1), STORE(0, 1), EOI }, { LOAD(0), STORE_REG(1), EOI }, { EOI } },
      1,
      2 },
    { "two of one vector, between the sends", { IPI(1), IPI(1) }, { { EOI }, { ADD(0, 1), EOI }, { EOI } }, 0, 2 },
    { "not at all, if a handler that never returns comes before the send",
      { IRQ_ON, STORE(0, 1), IPI(1), IDLE },
      { { WAIT(1, 1), EOI }, { STORE(1, 1), EOI }, { EOI } },
      1,
      3 },
    { "after what the interrupt has made visible, if its handler sends",
      { IRQ_OFF, STORE(0, 1), IRQ_ON, IDLE },
      { { IPI(1), EOI }, { LOAD(0), STORE_REG(1), EOI }, { EOI } },
      1,
      1 },
    { "after what the return has made visible, if what follows sends",
      { IRQ_ON, IRQ_OFF, IRQ_ON, IPI(1), IDLE },
      { { STORE(0, 1), EOI }, { LOAD(0), STORE_REG(1), EOI }, { EOI } },
      1,
      2 },
    { "in another order than they were sent",
      { IPI(2), IPI(1), STORE(0, 1) },
      { { EOI }, { LOAD(0), STORE_REG(1), EOI }, { LOAD(1), STORE_REG(2), EOI } },
      0,
      3 },
};

static void messages_arrive_at_any_time(void **state)
{
    (void)state;
    if (!explore_state_is_supported())
        skip();
    for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
        struct brute_program program = {
            .cpus = 2, .vectors = { 0x31, 0x41, 0x52 }, .device_target = 1, .device_count = messages[i].device_count
        };
        struct brute_op idle[] = { IRQ_ON, IDLE };
        struct brute_tally tally = { .compared = 0 };
        struct brute_answer truth;

        memcpy(program.code[0], idle, sizeof(idle));
        memcpy(program.code[1], messages[i].sender, sizeof(messages[i].sender));
        for (int vector = 0; vector < BRUTE_VECTORS; vector++)
            memcpy(program.code[BRUTE_CPUS + vector], messages[i].handlers[vector],
                   sizeof(messages[i].handlers[vector]));
        brute_solve(&program, BRUTE_SC, STATES_MAX, &truth);
        if (truth.end_count != messages[i].ends)
            fail_msg("%s: %zu ends", messages[i].name, truth.end_count);
        brute_answer_free(&truth);
        brute_check(&program, messages[i].name, BRUTE_SC, STATES_MAX, &tally);
        brute_check(&program, messages[i].name, BRUTE_TSO, STATES_MAX, &tally);
        assert_int_equal(tally.compared, 2);
    }
}

int main(void)
{
    enum brute_memory sc = BRUTE_SC, tso = BRUTE_TSO;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_arrive_at_any_time),
        cmocka_unit_test_prestate(programs_have_the_same_answers, &sc),
        cmocka_unit_test_prestate(programs_have_the_same_answers, &tso),
        cmocka_unit_test_prestate(bounded_searches_miss_nothing, &sc),
        cmocka_unit_test_prestate(bounded_searches_miss_nothing, &tso),
    };

    return cmocka_run_group_tests_name("explore_brute", tests, NULL, NULL);
}
