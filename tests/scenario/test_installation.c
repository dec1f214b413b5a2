/* SPDX-License-Identifier: Apache-2.0
 *
 * Where scenarios and machines are found.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scenario/installation.h"

static bool has_name(const char *subdirectory, const char *name)
{
    bool is_found = false;
    size_t count;
    char **names = installation_names(subdirectory, &count);

    for (size_t i = 0; i < count; i++) {
        is_found |= !strcmp(names[i], name);
        assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
    }
    installation_names_free(names, count);
    return is_found;
}

static void shipped_files_are_found(void **state)
{
    char path[4096];

    (void)state;
    unsetenv("IRQPATH_SCENARIOS");
    assert_true(has_name(NULL, "one-msi"));
    assert_true(has_name(INSTALLATION_MACHINES, "westmere-ex-8s"));
    assert_false(has_name(NULL, "machines"));
    assert_true(installation_path(INSTALLATION_MACHINES, "m", path, sizeof(path)));
    assert_string_equal(path, SOURCE_DIR "/scenarios/machines/m.yaml");
    assert_false(installation_path(NULL, "m", path, 8));
}

static void environment_moves_it(void **state)
{
    char path[4096];

    (void)state;
    setenv("IRQPATH_SCENARIOS", "/nowhere", 1);
    assert_false(has_name(NULL, "one-msi"));
    assert_true(installation_path(NULL, "m", path, sizeof(path)));
    assert_string_equal(path, "/nowhere/m.yaml");
    unsetenv("IRQPATH_SCENARIOS");
}

static void paths_are_no_names(void **state)
{
    (void)state;
    assert_true(installation_is_path("a/b"));
    assert_true(installation_is_path("a.yaml"));
    assert_true(installation_is_path("-"));
    assert_false(installation_is_path("one-msi"));
    assert_false(installation_is_path(".yaml"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_files_are_found),
        cmocka_unit_test(environment_moves_it),
        cmocka_unit_test(paths_are_no_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
