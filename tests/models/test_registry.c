/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of designs: every design is complete, and is found by its name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/registry.h"

static void rows_are_complete(void **state)
{
    (void)state;
    assert_true(design_count() > 0);
    for (size_t i = 0; i < design_count(); i++) {
        const struct design *design = design_at(i);
        assert_non_null(design->family);
        assert_non_null(design->summary);
        assert_non_null(design->mirrors);
        assert_non_null(design->family->boot);
        assert_non_null(design->family->cpu_main);
        assert_non_null(design->family->interrupt);
        assert_non_null(design->family->measure);
        assert_non_null(design->family->metrics);
    }
}

static void names_find_their_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < design_count(); i++)
        assert_ptr_equal(design_find(design_at(i)->name), design_at(i));
    assert_null(design_find("no-such-design"));
    assert_null(design_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_complete),
        cmocka_unit_test(names_find_their_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
