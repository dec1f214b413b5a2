/* SPDX-License-Identifier: Apache-2.0
 *
 * What the properties say of states made by hand.
 */
#include <string.h>

#include "death.h"
#include "explore_fixture.h"
#include "machine/device.h"

static void test_lost_interrupt(void **state)
{
    struct device_vector second = { .outstanding = 0, .vector = 0x31 }, first = { .next = &second, .vector = 0x30 };
    struct machine machine = { .vectors = &first };
    struct violation violation = { .kind = VIOLATION_NONE };

    (void)state;
    assert_false(property_lost_interrupt(&machine, &violation));
    second.outstanding = 1;
    assert_true(property_lost_interrupt(&machine, &violation));
    assert_int_equal(violation.kind, VIOLATION_LOST_INTERRUPT);
    assert_non_null(strstr(violation.text, "vector 31"));
    second.is_masked = true; /* the driver has silenced it */
    assert_false(property_lost_interrupt(&machine, &violation));
}

static void test_deadlock(void **state)
{
    struct word held, other;
    const uint32_t holder = 1;
    struct explored_name name = { &held, "event_lock", &holder };
    struct explored explored = { .names = &name, .name_count = 1 };
    struct engine engine = { .explored = &explored };
    struct cpu cpus[3] = { { .id = 0 } };
    struct machine machine = { .engine = &engine, .cpus = cpus, .cpu_count = 3 };
    struct violation violation = { .kind = VIOLATION_NONE };

    (void)state;
    assert_false(property_deadlock(&machine, &violation));
    cpus[0].spin.state = cpus[2].spin.state = SPIN_READING;
    cpus[0].spin.word = &held;
    cpus[2].spin.word = &other;
    assert_true(property_deadlock(&machine, &violation));
    assert_int_equal(violation.kind, VIOLATION_DEADLOCK);
    assert_string_equal(violation.text, "cpu0 waits for event_lock, which cpu1 holds; cpu2 waits for a word");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lost_interrupt),
        cmocka_unit_test(test_deadlock),
    };

    return cmocka_run_group_tests_name("properties", tests, NULL, NULL);
}
