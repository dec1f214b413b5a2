/* SPDX-License-Identifier: Apache-2.0
 *
 * What resolved scenarios differ in, in words.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "compare/difference.h"

#define SCENARIOS 3

static const struct {
    const char *resolved[SCENARIOS]; /* NULL: one less */
    bool is_short;
    const char *text; /* of the first one */
    size_t count;
} rows[] = {
    { { "a: 1\n", "a: 1\n" }, false, "", 0 },
    { { "a: 1\n", "a: 2\n" }, false, "a=1", 1 },
    { { "x:\n  a: 1\n", "x:\n  a: 2\n" }, false, "x.a=1", 1 },
    { { "x:\n  a: 1\n", "x:\n  a: 2\n" }, true, "a=1", 1 },
    { { "x:\n  a: \"p:1 q\"\n", "x:\n  a: 2\n" }, false, "x.a=\"p:1 q\"", 1 },
    /* the third differs in something else */
    { { "a: 1\nb: 1\n", "a: 1\nb: 2\n", "a: 2\nb: 2\n" }, false, "a=1, b=1", 2 },
    /* what runs do not depend on */
    { { "name: x\nrun:\n  seed: 1\nheadline:\n  - a\nexpect:\n  - a < 1\n", "run:\n  seed: 2\n" }, false, "", 0 },
    { { "# c\n\nrun:\n  seed: 1\n  drain: 1s\n", "run:\n  seed: 2\n  drain: 2s\n" }, false, "run.drain=1s", 1 },
    /* elements of lists, by name, by number, without keys */
    { { "guests:\n  - name: g\n    vcpus: 2\n  - name: h\n    vcpus: 2\n",
        "guests:\n  - name: g\n    vcpus: 4\n  - name: h\n    vcpus: 4\n" },
      true,
      "guests.g.vcpus=2, guests.h.vcpus=2",
      2 },
    { { "guests:\n  - name: g\n    vcpus: 2\n", "guests:\n  - name: h\n    vcpus: 2\n" },
      false,
      "guests.g.name=g, guests.g.vcpus=2",
      2 },
    { { "actions:\n  - at: 1ms\n    do: bind\n  - at: 2ms\n    do: unbind\nrun:\n  drain: 1s\n",
        "actions:\n  - at: 1ms\n    do: bind\n  - at: 3ms\n    do: unbind\nrun:\n  drain: 1s\n" },
      false,
      "actions.2.at=2ms",
      1 },
    { { "devices:\n  - name: d\n    arrivals:\n      rate: 1Hz\n    line: 0\n",
        "devices:\n  - name: d\n    arrivals:\n      rate: 2Hz\n    line: 1\n" },
      false,
      "devices.d.arrivals.rate=1Hz, devices.d.line=0",
      2 },
    { { "a:\n  - x\n  - y\n", "a:\n  - x\n  - z\n" }, false, "a.2=y", 1 },
    { { "a: 1\nb: 1\nc: 1\nd: 1\ne: 1\n", "" }, false, "a=1, b=1, c=1, and 2 more", 5 },
    { { "a: 1\nb: 1\nc: 1\n", "" }, false, "a=1, b=1, c=1", 3 },
    { { "a: 1\nb: 1\nc: 1\nd: 1\n", "" }, false, "a=1, b=1, c=1, and 1 more", 4 },
    { { "", "a: 1\n" }, false, "", 0 },
    /* deeper than anything is, and no YAML at all */
    { { "                                                  a: 1\n  - - b\n:\n", "" }, false, "1=- b", 1 },
};

static void differences_are_paths_with_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct difference_keys keys[SCENARIOS];
        char text[200];
        size_t count = 0;

        for (; count < SCENARIOS && rows[i].resolved[count] != NULL; count++)
            difference_keys_read(&keys[count], rows[i].resolved[count]);
        size_t found = difference_text(keys, count, 0, rows[i].is_short, text, sizeof text);
        if (found != rows[i].count)
            print_error("row %zu: %zu differences: %s\n", i, found, text);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(found, rows[i].count);
        (void)difference_text(keys, count, 0, false, text, 4); /* a text without room stays within it */
        for (size_t j = 0; j < count; j++)
            difference_keys_free(&keys[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_are_paths_with_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
