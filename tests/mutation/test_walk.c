/* SPDX-License-Identifier: Apache-2.0
 *
 * The places of a short source, what they become, and the source that asks at each of them.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mutation/rewrite.h"
#include "mutation/walk.h"

/* What is none: constants that a compiler needs, what a macro expands to, sizeof, and what free gives back, which the
 * suites with sanitizers ask for. */
static const char source[] = "enum { LIMIT = 7 };\n"
                             "#define TWICE(x) ((x) + (x))\n"
                             "static int table[] = { 1, 2 };\n"
                             "void put(int), free(void *);\n"
                             "int f(int a, int *p)\n"
                             "{\n"
                             "    if (a < LIMIT && p)\n"
                             "        put(a);\n"
                             "    switch (a) { case 3: a += 2; }\n"
                             "    for (a++; *p; a--) free(p);\n"
                             "    return TWICE(a) + table[1] + (int)sizeof(a * 3);\n"
                             "}\n";

static const struct {
    unsigned line;
    const char *text, *mutated;
} places[] = {
    { 7, "a < LIMIT && p", "((a < LIMIT) || (p))" },
    { 7, "a < LIMIT", "((a) <= (LIMIT))" },
    { 8, "put(a)", "(void)0" },
    { 9, "a += 2", "(a -= (2))" },
    { 9, "2", "(2 + 1)" },
    { 10, "a++", "(a--)" },
    { 10, "a--", "(a++)" },
};

static void parse(struct sites *sites)
{
    struct CXUnsavedFile file = { "places.c", source, sizeof(source) - 1 };
    CXIndex index = clang_createIndex(0, 0);
    CXTranslationUnit unit = NULL;

    assert_int_equal(clang_parseTranslationUnit2(index, "places.c", NULL, 0, &file, 1,
                                                 CXTranslationUnit_DetailedPreprocessingRecord, &unit),
                     CXError_Success);
    *sites = (struct sites){ 0 };
    walk_unit(unit, sites);
    clang_disposeTranslationUnit(unit);
    clang_disposeIndex(index);
}

static void places_are_found(void **state)
{
    struct sites sites;
    bool is_found[sizeof(places) / sizeof(places[0])] = { false };

    (void)state;
    parse(&sites);
    for (size_t i = 0; i < sites.count; i++) {
        const struct site *site = &sites.rows[i];
        size_t row = 0, bytes = site->end - site->begin;
        while (row < sizeof(places) / sizeof(places[0]) &&
               (is_found[row] || strlen(places[row].text) != bytes || places[row].line != site->line ||
                strncmp(places[row].text, sites.source + site->begin, bytes) != 0))
            row++;
        if (row == sizeof(places) / sizeof(places[0]))
            fail_msg("line %u: '%.*s' is a place", site->line, (int)bytes, sites.source + site->begin);
        assert_string_equal(site->mutated, places[row].mutated);
        is_found[row] = true;
    }
    for (size_t row = 0; row < sizeof(places) / sizeof(places[0]); row++)
        if (!is_found[row])
            fail_msg("line %u: '%s' is no place", places[row].line, places[row].text);
    sites_free(&sites);
}

/* An expression and one inside it: numbers in the order of the source, from the one that is given on. */
static void the_source_asks(void **state)
{
    char copy[] = "/tmp/irqpath-test-XXXXXX", text[4096] = "";
    unsigned number = 10;
    struct sites sites;

    (void)state;
    int file = mkstemp(copy), out = dup(STDOUT_FILENO);
    assert_true(file >= 0 && out >= 0);
    parse(&sites);
    fflush(stdout);
    assert_non_null(freopen("/dev/null", "w", stdout)); /* the list of mutants */
    assert_true(rewrite(&sites, "places.c", copy, &number));
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    close(out);
    assert_int_equal(number, 10 + sites.count);
    assert_true(read(file, text, sizeof(text) - 1) > 0);
    assert_non_null(strstr(text, "    if ((mutant(10) ? ((a < LIMIT) || (p)) : ((mutant(11) ? ((a) <= (LIMIT)) : (a < "
                                 "LIMIT)) && p)))\n        (mutant(12) ? (void)0 : (put(a)));\n"));
    assert_non_null(strstr(text, "return TWICE(a) + table[1] + (int)sizeof(a * 3);\n"));
    close(file);
    unlink(copy);
    sites_free(&sites);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_found),
        cmocka_unit_test(the_source_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
