/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the YAML of a text gives the same text.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scenario/yaml_text.h"
#include "scenario/yaml_tree.h"

static const char *const texts[] = {
    "a",
    "package:8 [numa] core:10 pu:2",
    "",
    " a ",
    "a: b",
    "#a",
    "a #b",
    "-",
    "---",
    "...",
    "~",
    "null",
    "on",
    "1e3",
    "\"quoted\"",
    "it's",
    "back\\slash",
    "line\nbreak",
    "tab\there",
    "\xC3\xA4",
    "[a]",
    "{a: b}",
    "*a",
    "&a",
    "!a",
    "%a",
    "@a",
    "`a",
    "?",
    "? a",
    "/path/to.xml",
    "+1",
    "a,b",
    ("very long text that goes on and on and on and on "
     "and on and on and on and on and on and on and on and on and on and on and on and on"),
};

static void text_survives(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        for (size_t shape = 0; shape < 3; shape++) {
            char scalar[1024], yaml[2048];
            FILE *stream = fmemopen(scalar, sizeof(scalar), "w");
            const struct node *node;
            struct yaml_tree tree;
            struct diag diag;

            assert_non_null(stream);
            yaml_text_write(texts[i], stream);
            fclose(stream);
            snprintf(yaml, sizeof(yaml),
                     shape == 0   ? "key: %s\n"
                     : shape == 1 ? "{ key: %s }\n"
                                  : "- [ %s ]\n",
                     scalar);
            diag_init(&diag);
            yaml_tree_init(&tree);
            node = yaml_read(&tree, yaml, strlen(yaml), (struct place){ 0, 1, 1 }, &diag);
            assert_non_null(node);
            node = shape < 2 ? node_find(node, "key") : node->first->first;
            assert_string_equal(node->text, texts[i]);
            yaml_tree_free(&tree);
            diag_free(&diag);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(text_survives) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
