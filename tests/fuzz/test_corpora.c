/* SPDX-License-Identifier: Apache-2.0
 *
 * Every file below tests/fuzz/cases/TARGET/, which once broke a property of its target or reaches what others don't,
 * goes through the target. A failed CHECK ends the program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/targets.h"

static void try_file(const struct fuzz_target *target, const char *path)
{
    FILE *stream = fopen(path, "rb");
    size_t count, capacity = 1 << 20;
    uint8_t *bytes = malloc(capacity);

    assert_non_null(stream);
    assert_non_null(bytes);
    count = fread(bytes, 1, capacity, stream);
    fclose(stream);
    /* Of the exact size, so that a sanitizer sees what is read behind it. */
    bytes = realloc(bytes, count ? count : 1);
    assert_non_null(bytes);
    target->function(bytes, count);
    free(bytes);
}

static void cases_keep_properties(void **state)
{
    (void)state;
    for (const struct fuzz_target *target = fuzz_targets; target->name; target++) {
        struct dirent **names;
        char folder[512], path[1024];

        snprintf(folder, sizeof(folder), SOURCE_DIR "/tests/fuzz/cases/%s", target->name);
        int count = scandir(folder, &names, NULL, alphasort);
        if (count < 0)
            fail_msg("%s has no cases", target->name);
        assert_true(count > 2);
        for (int i = 0; i < count; i++) {
            snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
            if (names[i]->d_name[0] != '.')
                try_file(target, path);
            free(names[i]);
        }
        free(names);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cases_keep_properties) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
