/* SPDX-License-Identifier: Apache-2.0
 *
 * explore started by mpirun: process 0 alone prints, and says what one process says. Without the relay, the program
 * says what it lacks. tests/explore-mpi tries more.
 */
#include "commands/mpi.h"

#include "death.h"
#include "explore/state.h"
#include "program.h"

#define ARGUMENTS \
    "explore '" SOURCE_DIR "/scenarios/explore-steady.yaml' --designs softirq-masked,softirq-requeue --csv"
#define MPIRUN "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -n 2"

/* A copy of the program in a folder without the relay, as the process of this rank. */
#define ALONE(rank) \
    "sh -c 'directory=$(mktemp -d) && cp \"$0\" \"$directory/irqpath\" && " \
    "OMPI_COMM_WORLD_RANK=" rank " \"$directory/irqpath\" \"$@\"; code=$?; rm -r \"$directory\"; exit $code'"

static void test_it_says_what_it_lacks(void **state)
{
    static struct program program;

    (void)state;
    program_run(&program, ALONE("0"), ARGUMENTS);
    assert_int_equal(program.code, EXIT_CODE_USAGE);
    assert_string_equal(program.output, "");
    assert_non_null(strstr(program.errors, "started by mpirun, but this build has no MPI"));
    program_run(&program, ALONE("1"), ARGUMENTS);
    assert_int_equal(program.code, EXIT_CODE_USAGE);
    assert_string_equal(program.output, "");
    assert_string_equal(program.errors, "");
}

static void test_two_say_what_one_says(void **state)
{
    static struct program one, two;

    (void)state;
    if (!explore_state_is_supported() || access(IRQPATH "-mpi", X_OK) != 0 ||
        system("command -v mpirun >/dev/null") != 0)
        skip();
    program_run(&one, "", ARGUMENTS " -j 1 | cut -d, -f1-7,9-");
    program_run(&two, MPIRUN, ARGUMENTS " | cut -d, -f1-7,9-");
    assert_non_null(strstr(one.output, "lost-interrupt"));
    assert_string_equal(two.output, one.output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_says_what_it_lacks),
        cmocka_unit_test(test_two_say_what_one_says),
    };

    return cmocka_run_group_tests_name("mpi", tests, NULL, NULL);
}
