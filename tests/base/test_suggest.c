/* SPDX-License-Identifier: Apache-2.0
 *
 * Suggestions: misspellings are recognised, and unrelated words give no suggestion.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/suggest.h"

struct row {
    const char *typed;
    const char *candidates[5];
    const char *best; /* NULL: none */
};

static const struct row rows[] = {
    { "irq_raet", { "irq_rate", "irq_base" }, "irq_rate" },
    { "vcpu", { "vcpus", "pin" }, "vcpus" },
    { "tickt", { "ttas", "ticket", "mcs" }, "ticket" },
    { "MS", { "ns", "us", "ms", "s" }, "ms" },
    { "hz", { "kHz", "Hz" }, "Hz" },
    { "soft", { "domain-tasklet", "softirq-requeue" }, "softirq-requeue" },
    { "softirq-requeued", { "softirq-requeue" }, "softirq-requeue" },
    { "frobnicate", { "machine", "guests", "run" }, NULL },
    { "h", { "s", "g" }, NULL },
    { "", { "a", "name" }, NULL },
    { "rat", { "rate", "off" }, "rate" },
    { "westmere-8s", { "epyc-2s", "westmere-ex-8s" }, "westmere-ex-8s" },
    { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", { "b" }, NULL },
};

static void best_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct suggest suggest;

        suggest_init(&suggest, rows[i].typed);
        for (const char *const *candidate = rows[i].candidates; *candidate; candidate++)
            suggest_offer(&suggest, *candidate);
        if (rows[i].best)
            assert_string_equal(suggest.best ? suggest.best : "(none)", rows[i].best);
        else
            assert_null(suggest.best);
    }
}

static void text_is_a_question(void **state)
{
    char text[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    (void)state;
    suggest_init(&suggest, "gust");
    assert_string_equal(suggest_text(&suggest, text), "");
    suggest_offer(&suggest, "guest");
    suggest_offer(&suggest, "gusto");
    assert_string_equal(suggest_text(&suggest, text), " (did you mean 'guest'?)");
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(best_is_found), cmocka_unit_test(text_is_a_question) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
