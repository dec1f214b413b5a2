/* SPDX-License-Identifier: Apache-2.0
 *
 * irqpath-mpi by itself, where it is built: it says what it is for. tests/explore-mpi runs it under mpirun.
 */
#include "death.h"
#include "program.h"

static void test_it_says_what_it_is_for(void **state)
{
    static struct program program;

    (void)state;
    if (access(IRQPATH "-mpi", X_OK) != 0)
        skip();
    program_run(&program, "'" IRQPATH "-mpi'", "no numbers");
    assert_int_equal(program.code, 2);
    assert_string_equal(program.output, "");
    assert_string_equal(program.errors, "irqpath-mpi is started by irqpath explore, when that is started by mpirun\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_it_says_what_it_is_for) };

    return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}
