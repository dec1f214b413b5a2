/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the memory of steps: what is found is what was stored for this very step, also after it has grown.
 */
#include "explore/steps.h"

#include "death.h"

enum { STEPS = 20000, STATES = 40000 };

static struct step_key key_of(uint32_t number) { return (struct step_key){ number % 5, number / 3, number }; }

static struct step_result result_of(uint32_t number)
{
    return (struct step_result){ number + 7, 2 * number, number + 1 };
}

/* How many of the first `count` steps are still remembered, all of them rightly. */
static uint32_t remembered(const struct steps *steps, uint32_t count)
{
    uint32_t found = 0;

    for (uint32_t number = 0; number < count; number++) {
        struct step_result result, wanted = result_of(number);
        if (!steps_find(steps, steps_hash(key_of(number)), key_of(number), &result))
            continue;
        assert_int_equal(result.stack, wanted.stack);
        assert_int_equal(result.memory, wanted.memory);
        assert_int_equal(result.footprint, wanted.footprint);
        found++;
    }
    return found;
}

static void test_steps(void **state)
{
    struct steps steps;

    (void)state;
    steps_init(&steps, 1 << 16);
    assert_int_equal(remembered(&steps, STEPS), 0);
    for (uint32_t number = 0; number < STEPS; number++) {
        steps_store(&steps, steps_hash(key_of(number)), key_of(number), result_of(number));
        assert_int_equal(remembered(&steps, 0), 0);
    }
    uint32_t before = remembered(&steps, STEPS);
    assert_true(before > 1000 && before < STEPS);
    uint64_t bytes = steps_bytes(&steps);
    steps_reserve(&steps, STATES);
    assert_true(steps_bytes(&steps) > bytes);
    assert_int_equal(remembered(&steps, STEPS), before);
    steps_free(&steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_steps) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
