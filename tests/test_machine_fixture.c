/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests of the lower layers can't read machine files and type the costs in; here both are at hand, and must agree.
 */
#include "machine_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "scenario/profile.h"

static void the_fixtures_westmere_is_the_shipped_one(void **state)
{
    struct profile file;
    struct diag diag;

    (void)state;
    diag_init(&diag);
    assert_true(profile_load(&file, &machine_profile, SOURCE_DIR "/scenarios/machines/westmere-ex-8s.yaml", &diag));
    assert_memory_equal(&file.value->machine.costs, &costs_westmere, sizeof(costs_westmere));
    assert_string_equal(file.value->machine.topology, FIXTURE_EIGHT_SOCKETS);
    profile_free(&file);
    diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_fixtures_westmere_is_the_shipped_one) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
