/* SPDX-License-Identifier: Apache-2.0
 *
 * Formulas over rows made by hand: what a text with values in it says, and which expectations hold.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "experiment/samples.h"
#include "experiment/words.h"

#define DERIVED \
    "derive:\n" \
    "  part: 100 * irq.lost / irq.raised\n" \
    "  inverse: 1 / irq.lost\n" \
    "  gain: 100 * (irq.raised / irq.raised at case=a - 1)\n" \
    "  faster: irq.raised at rate=1kHz\n" \
    "  over_n: irq.raised - irq.raised at run=n\n" \
    "  real: published irq.raised\n" \
    "  period: 1 / rate\n" \
    "  some: first(irq.lost + 1, irq.raised)\n" \
    "  slow: is rate=100Hz irq.lost<1\n" \
    "  lossy: 10 * is part>5\n" \
    "  larger: max(irq.lost, 2) + min(irq.lost, 1)\n" \
    "  wait: { formula: irq.lost * 1000, unit: ns }\n" \
    "published:\n" \
    "  - { name: raised, run: m, where: rate=1kHz case=b, quantity: irq.raised, value: 40, source: x }\n" \
    "  - { name: high, run: m, where: rate=1kHz case=b irq.lost>0, quantity: irq.raised, value: [42, 50], " \
    "source: x }\n" \
    "  - { where: case=a, quantity: part, value: [3, 5], source: y }\n"

struct text_case {
    const char *formula, *text;
};

/* Checks what "{FORMULA}" becomes. */
static void check_text(const struct text_case *one)
{
    struct experiment experiment;
    struct experiment_rows rows;
    char *text;

    assert_true(asprintf(&text, DERIVED "verdict: '<{%s}>'\n", one->formula) > 0);
    sample_experiment(&experiment, text);
    free(text);
    sample_rows(&rows, &experiment);
    text = words_of(&rows, &experiment, &experiment.verdict, "verdict");
    if (strlen(text) != strlen(one->text) + 2 || strncmp(text + 1, one->text, strlen(one->text)) != 0)
        fail_msg("{%s} is %s, not <%s>", one->formula, text, one->text);
    free(text);
    rows_free(&rows);
    experiment_free(&experiment);
}

static const struct text_case formulas[] = {
    /* Which rows, and what of them. */
    { "m: irq.raised a 100Hz | 1", "11.5" },
    { "max irq.raised | 0", "42" },
    { "min irq.raised where run=m | 0", "11" },
    { "min irq.raised | 0", "7" },
    { "median irq.raised where run=m | 1", "26.5" },
    { "sum irq.lost | 0", "6" },
    { "count irq.lost | 0", "8" },
    { "count irq.lost where irq.lost>1 | 0", "2" },
    { "count irq.lost where rate>=1000 | 0", "4" },
    { "count irq.lost where rate!=1kHz | 0", "4" },
    { "count irq.lost where rate=1000Hz case=a,b seed=2 | 0", "2" },
    { "irq.raised where run=n | 0", "7" },
    { "share irq.lost>1 | 2 +-", "0.25 [0.07, 0.59]" },
    { "share irq.lost>1 | 0 % +-", "25 [7, 59]" },
    { "half irq.raised 100Hz a | 1", "6.4" },
    { "half irq.raised where run=n", "-" },
    { "share irq.lost<=1 where case=b | 2", "0.75" },
    { "100 * share irq.lost>=0 | 0", "100" },
    { "slope irq.raised over rate where seed=1 case=a | 4", "0.0222" },
    { "intercept irq.raised over rate where seed=1 case=a | 2", "8.78" },
    { "slope irq.raised over rate where rate=1kHz", "-" },
    { "lowest irq.raised over case where rate=1kHz | 1", "31.5" },
    { "highest irq.raised over case | 1", "31.5" },
    { "highest irq.raised over rate - lowest irq.raised over rate | 1", "20.0" },
    { "lowest irq.raised over rate where run=n", "-" },
    { "slope irq.raised over rate case=a | 4 +-", "0.0222 +- 0.0034" },
    /* Arithmetic over what is read. */
    { "irq.raised b 1kHz - irq.raised a 1kHz | 0", "10" },
    { "2 * (max irq.raised - min(min irq.raised, 5)) / 2 | 0", "37" },
    /* Derived values, row by row. */
    { "max part where case=b | 3", "7.143" },
    { "part where case=b seed=2 rate=100Hz | 2", "4.55" },
    { "max gain where rate=100Hz seed=1 | 2", "90.91" },
    { "min gain where case=a | +0", "+0" },
    { "faster where rate=100Hz case=a seed=1 | 0", "31" },
    { "irq.raised where rate=100Hz case=a seed=1 | 0", "11" },
    { "count faster where run=m | 0", "8" },
    { "real 1kHz b seed=1 | 0", "40" },
    { "published irq.raised where rate=1kHz case=b | 0", "40" },
    { "published irq.raised where rate=1kHz case=a | 0", "-" },
    { "published irq.raised where case=b rate=100Hz | 0", "-" },
    { "count real | 0", "2" },
    { "period 1kHz | 3", "0.001" },
    { "sum slow | 0", "3" },
    { "count slow | 0", "9" },
    { "max lossy | 0", "10" },
    { "sum lossy | 0", "20" },
    { "some where run=m | 2", "1.75" },
    { "some where run=n | 0", "7" },
    { "first(inverse where seed=1, irq.lost where seed=9, 5) | 0", "5" },
    { "min(3, 2, 1, 4) | 0", "1" },
    { "max larger | 0", "4" },
    { "min larger | 0", "2" },
    { "count over_n | 0", "5" },
    /* Units, intervals, published values, and none. */
    { "wait where seed=2 case=b rate=1kHz", "3.000 us" },
    { "wait where seed=2 case=b rate=1kHz | 2 ms", "0.00" },
    { "wait where seed=2 case=b rate=1kHz | 1 us", "3.0" },
    { "irq.raised 100Hz a | 1 +-", "11.5 +- 6.4" },
    { "published irq.raised | 0", "40" },
    { "published part a | 1", "4.0" },
    { "inside raised | 0", "0" },
    { "max(inside raised, inside high) | 0", "1" },
    { "inverse where seed=1", "-" },
    { "published irq.raised where case=a", "-" },
};

static void formulas_have_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof formulas / sizeof formulas[0]; i++)
        check_text(&formulas[i]);
}

static void a_text_keeps_its_words(void **state)
{
    struct experiment experiment;
    struct experiment_rows rows;
    char *text;

    (void)state;
    sample_experiment(&experiment,
                      "notes: |\n  - {{literal}} `x` {max irq.raised | 0} of {n: irq.raised | 0}.\n\n  | a | b |\n");
    sample_rows(&rows, &experiment);
    text = words_of(&rows, &experiment, &experiment.notes, "notes");
    assert_string_equal(text, "- {literal} `x` 42 of 7.\n\n| a | b |\n");
    free(text);
    rows_free(&rows);
    experiment_free(&experiment);
}

static void missing_values_say_why(void **state)
{
    struct experiment experiment;
    struct experiment_rows rows;
    char *text;

    (void)state;
    sample_experiment(&experiment,
                      DERIVED "verdict: '{inverse where seed=1} {irq.lost where run=n} {irq.lost where seed=3}'\n");
    sample_rows(&rows, &experiment);
    text = words_of(&rows, &experiment, &experiment.verdict, "verdict");
    assert_string_equal(text, "- - -");
    assert_int_equal(rows.message_count, 4);
    assert_string_equal(rows.messages[0],
                        "m: `inverse` has no value in 5 of 8 rows: a denominator is 0, or nothing was observed");
    assert_string_equal(rows.messages[1], "verdict: `inverse` has no value: nothing was observed");
    assert_string_equal(rows.messages[2], "verdict: `irq.lost` has no value: the runs do not report it");
    assert_string_equal(rows.messages[3], "verdict: `irq.lost` has no value: no row fulfils the conditions");
    free(text);
    rows_free(&rows);
    experiment_free(&experiment);
}

static void expectations_hold_or_not(void **state)
{
    static const struct {
        const char *condition;
        enum expectation_outcome outcome;
    } cases[] = {
        { "max irq.lost < 3.5", EXPECTATION_MET },
        { "max irq.lost < 3", EXPECTATION_MISSED },
        { "max irq.lost <= 3", EXPECTATION_MET },
        { "max irq.lost == 3", EXPECTATION_MET },
        { "max irq.lost == 4 +- 1", EXPECTATION_MET },
        { "max irq.lost == 4 +- 0.5", EXPECTATION_MISSED },
        { "max irq.lost != 3", EXPECTATION_MISSED },
        { "max irq.lost != 4", EXPECTATION_MET },
        { "max irq.lost > 2.9", EXPECTATION_MET },
        { "m: min irq.raised >= 11", EXPECTATION_MET },
        { "n: irq.raised == 7", EXPECTATION_MET },
        { "irq.raised where case=a < irq.raised where case=b", EXPECTATION_MET },
        { "irq.raised where case=b < irq.raised where case=a * 1.2", EXPECTATION_MISSED },
        { "count irq.lost where irq.lost>0 > count irq.lost * 0.3", EXPECTATION_MET },
        { "n: irq.lost == 0", EXPECTATION_NOT_OBSERVED },
        { "count irq.lost where seed=9 == 0", EXPECTATION_MET },
        { "m: max irq.raised < 43 for each case", EXPECTATION_MET },
        { "m: max irq.raised < 42 for each case", EXPECTATION_MISSED },
        { "n: irq.lost == 0 for each run", EXPECTATION_NOT_OBSERVED },
        /* An interval of one; the two together are wider: 25.5 times half a unit instead of 12.7. */
        { "m: half irq.raised where case=b rate=1kHz < 7", EXPECTATION_MET },
        { "m: half irq.raised where case=b < 7 for each rate", EXPECTATION_MISSED },
        { "m: half irq.raised where case=b == 12.73 +- 0.03 for each rate", EXPECTATION_MET },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct experiment experiment;
        struct experiment_rows rows;
        char *text;

        assert_true(asprintf(&text, "expect: [ '%s' ]\naim: [ { hoped: '%s' } ]\n", cases[i].condition,
                             cases[i].condition) > 0);
        sample_experiment(&experiment, text);
        sample_rows(&rows, &experiment);
        assert_int_equal(experiment.expectation_count, 2);
        for (size_t j = 0; j < 2; j++)
            if (expectation_find(&rows, &experiment, &experiment.expectations[j]).outcome != cases[i].outcome)
                fail_msg("%s", cases[i].condition);
        assert_true(experiment.expectations[1].is_aim);
        assert_string_equal(experiment.expectations[1].text, "hoped");
        free(text);
        rows_free(&rows);
        experiment_free(&experiment);
    }
}

/* `at run=p` means the row of the same scenario where runs have several; where it fits two rows, there is no value. */
static void another_run_is_met_in_the_same_scenario(void **state)
{
    static const char text[] =
        "  p: { explore: [explore-steady, explore-destroy], designs: [softirq-masked] }\n"
        "  q: { explore: [explore-steady, explore-destroy], designs: [softirq-masked], matrix: { kind: [ "
        "{ label: x, run.memory: sc }, { label: y, run.memory: tso } ] } }\n"
        "derive:\n  factor: states / states at run=p\n  other: states at run=q\n"
        "verdict: '{min factor where run=q | 0} {max factor where run=q | 0} {count other where run=p | 0} "
        "{count other where run=q | 0}'\n";
    static const struct {
        size_t run;
        const char *scenario, *kind;
        int states;
    } found[] = {
        { 2, "explore-steady", NULL, 10 },  { 2, "explore-destroy", NULL, 20 }, { 3, "explore-steady", "x", 30 },
        { 3, "explore-destroy", "x", 100 }, { 3, "explore-steady", "y", 40 },   { 3, "explore-destroy", "y", 120 },
    };
    struct experiment experiment;
    struct experiment_rows rows;

    (void)state;
    sample_experiment(&experiment, text);
    rows_init(&rows);
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++) {
        struct experiment_row *row = rows_add(&rows, &experiment, found[i].run);
        rows_label(&rows, &experiment, row, AXIS_SCENARIO, found[i].scenario);
        rows_label(&rows, &experiment, row, AXIS_DESIGN, "softirq-masked");
        if (found[i].kind != NULL)
            rows_label(&rows, &experiment, row, experiment_find_axis(&experiment, "kind"), found[i].kind);
        sample_value(&experiment, row, "states", found[i].states);
    }
    rows_derive(&rows, &experiment);
    char *words = words_of(&rows, &experiment, &experiment.verdict, "verdict");
    assert_string_equal(words, "3 6 0 4");
    free(words);
    rows_free(&rows);
    experiment_free(&experiment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formulas_have_values),
        cmocka_unit_test(a_text_keeps_its_words),
        cmocka_unit_test(missing_values_say_why),
        cmocka_unit_test(expectations_hold_or_not),
        cmocka_unit_test(another_run_is_met_in_the_same_scenario),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
