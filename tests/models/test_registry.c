/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of models: complete rows, names that find themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/model.h"

static void rows_are_complete(void **state)
{
    (void)state;
    assert_true(model_count > 0);
    for (size_t i = 0; i < model_count; i++) {
        const struct model *model = model_registry[i];
        assert_non_null(model->family);
        assert_non_null(model->summary);
        assert_non_null(model->mirrors);
        assert_non_null(model->boot);
        assert_non_null(model->cpu_main);
        assert_non_null(model->interrupt);
        assert_non_null(model->measure);
        assert_non_null(model->metrics);
    }
}

static void names_find_their_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < model_count; i++)
        assert_ptr_equal(model_find(model_registry[i]->name), model_registry[i]);
    assert_null(model_find("no-such-design"));
    assert_null(model_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_complete),
        cmocka_unit_test(names_find_their_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
