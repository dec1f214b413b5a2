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
#include <sys/stat.h>
#include <unistd.h>

#include "mutation/rewrite.h"
#include "mutation/walk.h"

/* What is none: constants that a compiler needs, what a macro expands to, sizeof, what is given back, which the suites
 * with sanitizers ask for, a constant that lets more be allocated, and one of a comparison whose sign alone counts. */
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
                             "}\n"
                             "void *calloc(unsigned long, unsigned long), list_free(void *), put_two(int, int);\n"
                             "void *g(unsigned long n)\n"
                             "{\n"
                             "    list_free(0);\n"
                             "    put_two(5, 0);\n"
                             "    return calloc(n * 2, sizeof(int));\n"
                             "}\n"
                             "int by(const void *a, const void *b) { return a < b ? -1 : a > b ? 1 : 0; }\n"
                             "int most(int a, int b) { return a < b ? b : a; }\n"
                             "int least(int a, int b) { return a >= b ? b : a > b ? a : b - a; }\n";

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
    { 17, "put_two(5, 0)", "(void)0" },
    { 17, "5", "(5 + 1)" },
    { 17, "0", "(0 + 1)" },
    { 18, "n * 2", "((n) + (2))" },
    { 20, "a < b", "((a) <= (b))" },
    { 20, "a > b", "((a) >= (b))" },
    { 20, "0", "(0 + 1)" },
    { 21, "a < b", "((a) > (b))" },
    { 22, "a >= b", "((a) > (b))" },
    { 22, "a > b", "((a) >= (b))" },
    { 22, "b - a", "((b) + (a))" },
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

/* Numbers are in the order of the source, from the one that is given on. */
static void mutants_are_listed(void **state)
{
    char text[4096] = "";
    struct sites sites;

    (void)state;
    FILE *list = tmpfile();
    int out = dup(STDOUT_FILENO);
    assert_true(list && out >= 0);
    parse(&sites);
    fflush(stdout);
    dup2(fileno(list), STDOUT_FILENO);
    sites_print(&sites, "places.c", 10);
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    close(out);
    rewind(list);
    assert_true(fread(text, 1, sizeof(text) - 1, list) > 0);
    assert_non_null(strstr(text, "11,places.c,7,if (a < LIMIT && p),a < LIMIT -> ((a) <= (LIMIT))\n"
                                 "12,places.c,8,put(a);,put(a) -> (void)0\n"));
    fclose(list);
    sites_free(&sites);
}

/* The text of `copy` after a rewriting for these numbers. */
static void rewrite_for(struct sites *sites, char *copy, const unsigned *numbers, size_t count, char text[4096])
{
    unsigned char is_asked[100] = { 0 };

    for (size_t i = 0; i < count; i++)
        is_asked[numbers[i]] = 1;
    assert_true(rewrite(sites, copy, 10, is_asked));
    FILE *stream = fopen(copy, "r");
    assert_non_null(stream);
    text[fread(text, 1, 4095, stream)] = '\0';
    fclose(stream);
}

/* An expression and one inside it, one of them alone, and none. */
static void the_source_asks(void **state)
{
    char copy[] = "/tmp/irqpath-test-XXXXXX", text[4096];
    struct stat before, after;
    struct sites sites;

    (void)state;
    int file = mkstemp(copy);
    assert_true(file >= 0);
    parse(&sites);
    rewrite_for(&sites, copy, (const unsigned[]){ 10, 11, 12 }, 3, text);
    assert_non_null(strstr(text, "    if ((mutant(10) ? ((a < LIMIT) || (p)) : ((mutant(11) ? ((a) <= (LIMIT)) : (a < "
                                 "LIMIT)) && p)))\n        (mutant(12) ? (void)0 : (put(a)));\n"));
    assert_non_null(strstr(text, "return TWICE(a) + table[1] + (int)sizeof(a * 3);\n"));
    rewrite_for(&sites, copy, (const unsigned[]){ 11 }, 1, text);
    assert_true(strncmp(text, "#include \"base/mutant.h\"\n#line 1\n", 33) == 0);
    assert_non_null(strstr(text, "    if ((mutant(11) ? ((a) <= (LIMIT)) : (a < LIMIT)) && p)\n        put(a);\n"));
    rewrite_for(&sites, copy, NULL, 0, text);
    assert_string_equal(text, source);
    FILE *applied = fmemopen(text, sizeof(text), "w");
    assert_non_null(applied);
    sites_apply(&sites, 1, applied);
    fclose(applied);
    assert_non_null(strstr(text, "    if (((a) <= (LIMIT)) && p)\n        put(a);\n    switch"));

    /* What has the text already is not written again. */
    assert_int_equal(futimens(file, (const struct timespec[]){ { .tv_sec = 1000 }, { .tv_sec = 1000 } }), 0);
    assert_int_equal(fstat(file, &before), 0);
    rewrite_for(&sites, copy, NULL, 0, text);
    assert_int_equal(stat(copy, &after), 0);
    assert_int_equal(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
    close(file);
    unlink(copy);
    sites_free(&sites);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_found),
        cmocka_unit_test(mutants_are_listed),
        cmocka_unit_test(the_source_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
