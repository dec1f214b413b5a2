/* SPDX-License-Identifier: Apache-2.0
 *
 * The row that `at` means, among rows whose labels are drawn, is the one that a search of all rows finds; and it is
 * looked for anew when rows are added.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rng.h"
#include "experiment/samples.h"
#include "experiment/siblings.h"

#define ROWS 300

/* `place` is in the order of the columns of derive. */
static const char derived[] = "derive:\n"
                              "  place0: irq.raised at case=a\n"
                              "  place1: irq.raised at case=b rate=1kHz\n"
                              "  place2: irq.raised at run=n\n"
                              "  place3: irq.raised at run=m case=a\n"
                              "  place4: irq.raised at seed=1\n";

static void label(struct experiment_rows *rows, struct experiment *experiment, const char *axis, const char *text)
{
    if (text != NULL)
        rows_label(rows, experiment, &rows->rows[rows->count - 1], experiment_find_axis(experiment, axis), text);
}

/* Each label is one of two, or is missing in some rows. */
static void draw_row(struct experiment_rows *rows, struct experiment *experiment, struct rng *rng)
{
    static const char *const rates[] = { "100Hz", "1kHz", NULL }, *const cases[] = { "a", "b", NULL };
    static const char *const seeds[] = { "1", "2", "3", "4", "5", "6", "7", "8" };

    (void)rows_add(rows, experiment, rng_below(rng, 3) == 0);
    label(rows, experiment, "scenario", "one-msi");
    label(rows, experiment, "seed", seeds[rng_below(rng, 8)]);
    label(rows, experiment, "rate", rates[rng_below(rng, 3)]);
    label(rows, experiment, "case", cases[rng_below(rng, 3)]);
}

static bool is_at(const struct formula *name, const struct experiment *experiment, const char *axis, const char *label)
{
    for (size_t i = 0; i < name->at_count; i++)
        if (name->conditions[i].axis == experiment_find_axis(experiment, axis))
            return label != NULL && strcmp(label, name->conditions[i].values[0]) == 0;
    return false;
}

static bool is_named(const struct formula *name, const struct experiment *experiment, const char *axis)
{
    for (size_t i = 0; i < name->at_count; i++)
        if (name->conditions[i].axis == experiment_find_axis(experiment, axis))
            return true;
    return false;
}

/* What the words of derive.h say, one axis after the other. */
static size_t search(const struct experiment_rows *rows, const struct experiment *experiment,
                     const struct formula *name, size_t row)
{
    static const char *const axes[] = { "run", "seed", "rate", "case" };
    size_t found = SIZE_MAX;

    for (size_t i = 0; i < rows->count; i++) {
        bool is_it = true;

        for (size_t j = 0; j < 4 && is_it; j++) {
            size_t axis = experiment_find_axis(experiment, axes[j]);
            const char *own = rows->rows[row].labels[axis], *other = rows->rows[i].labels[axis];

            if (is_named(name, experiment, axes[j]))
                is_it = is_at(name, experiment, axes[j], other);
            else if (own == NULL || other == NULL)
                is_it = own == other || is_named(name, experiment, "run");
            else
                is_it = strcmp(own, other) == 0;
        }
        if (is_it && found != SIZE_MAX)
            return SIZE_MAX;
        found = is_it ? i : found;
    }
    return found;
}

static void the_index_finds_what_a_search_finds(void **state)
{
    struct experiment experiment;
    struct experiment_rows rows;
    size_t found = 0, missing = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 0, RNG_THINK);
    sample_experiment(&experiment, derived);
    rows_init(&rows);
    for (size_t count = 0; count < ROWS; count++) {
        draw_row(&rows, &experiment, &rng);
        if (count % 20 != 19)
            continue;
        for (size_t i = 0; i < experiment.quantity_count; i++) {
            const struct formula *name = experiment.quantities[i].formula;

            for (size_t row = 0; name != NULL && row < rows.count; row++) {
                size_t sibling = find_sibling(&rows, &experiment, name, row);

                assert_int_equal(sibling, search(&rows, &experiment, name, row));
                found += sibling != SIZE_MAX;
                missing += sibling == SIZE_MAX;
            }
        }
    }
    assert_true(found > ROWS && missing > ROWS);
    rows_free(&rows);
    experiment_free(&experiment);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_index_finds_what_a_search_finds) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
