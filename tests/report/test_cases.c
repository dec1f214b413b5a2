/* SPDX-License-Identifier: Apache-2.0
 *
 * JUnit documents are read by Python's parser of XML, and by junitparser where it is installed; annotations end where
 * GitHub's runner says that they do.
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

#include "report/cases.h"

static const char *const outcome_names[] = { "passed", "failure", "skipped", "error" };

static const struct {
    const char *suite, *name, *text, *read; /* read: the text as a reader has it; NULL: the same */
    enum case_outcome outcome;
} rows[] = {
    { "s", "plain", "met", NULL, CASE_PASSED },
    { "s", "markup", "<b> & \"x\" ]]> 'y'", NULL, CASE_FAILED },
    { "t", "lines", "first\nsecond\ttab", NULL, CASE_BROKEN },
    { "s", "controls",
      "a\x01\x1b[31m\x7f\xc2\x9b"
      "b",
      "a??[31m??b", CASE_FAILED },
    { "s", "not UTF-8", "a\xff\xc0\xafz", "a???z", CASE_SKIPPED },
    { "s", "not XML", "a\xef\xbf\xbe\xef\xbf\xbfz \xed\xa0\x80", "a??z ???", CASE_FAILED },
    { "t & u", "UTF-8", "\xc2\xb5s \xe2\x89\xa4 \xf0\x9f\x90\xa7", NULL, CASE_FAILED },
    { "t", "100 % <new>", "", NULL, CASE_SKIPPED },
};
#define ROWS (sizeof rows / sizeof *rows)

/* Prints what the reader found: for each case "suite|name|outcome|text". */
static const char reader[] =
    "import sys, xml.etree.ElementTree as E\n"
    "root = E.parse(sys.argv[1]).getroot()\n"
    "def n(e, k): return int(e.get(k))\n"
    "for s in [root] + list(root):\n"
    "    cases = s.iter('testcase')\n"
    "    found = [c[0].tag for c in cases]\n"
    "    assert n(s, 'tests') == len(found), s.get('name')\n"
    "    for k, t in ('failures', 'failure'), ('errors', 'error'), ('skipped', 'skipped'):\n"
    "        assert n(s, k) == found.count(t), (s.get('name'), k)\n"
    "for c in root.iter('testcase'):\n"
    "    t = c[0].text or ''\n"
    "    assert c[0].tag == 'system-out' or c[0].get('message') == t.split('\\n')[0]\n"
    "    print('|'.join((c.get('classname'), c.get('name'), c[0].tag, t)).replace('\\n', '~'))\n"
    "try:\n"
    "    import junitparser\n"
    "except ImportError:\n"
    "    sys.exit()\n"
    "x = junitparser.JUnitXml.fromfile(sys.argv[1])\n"
    "assert (x.tests, x.failures, x.errors, x.skipped) == (8, 4, 1, 2), x\n"
    "x.update_statistics()\n"
    "assert (x.tests, x.failures, x.errors, x.skipped) == (8, 4, 1, 2), x\n";

/* What the reader is to print of a row; '?' stands for U+FFFD. */
static void print_expected(size_t i, FILE *out)
{
    const char *text = rows[i].read != NULL ? rows[i].read : rows[i].text;

    fprintf(out, "%s|%s|%s|", rows[i].suite, rows[i].name,
            rows[i].outcome == CASE_PASSED ? "system-out" : outcome_names[rows[i].outcome]);
    for (; *text != '\0'; text++)
        if (*text == '?')
            fputs("\xef\xbf\xbd", out);
        else
            fputc(*text == '\n' ? '~' : *text, out);
    fputc('\n', out);
}

static void make(struct cases *cases)
{
    *cases = (struct cases){ .count = 0 };
    for (size_t i = 0; i < ROWS; i++)
        cases_add(cases, rows[i].suite, rows[i].name, rows[i].outcome, 0.25, "%s", rows[i].text);
}

static void other_readers_read_junit(void **state)
{
    char file[] = "/tmp/irqpath-cases-XXXXXX", command[4096], *expected = NULL, *found = NULL;
    size_t bytes, capacity = 0;
    struct cases cases;

    (void)state;
    if (system("python3 -c '' 2>/dev/null") != 0)
        skip();
    make(&cases);
    FILE *out = fdopen(mkstemp(file), "w");
    assert_non_null(out);
    cases_print_junit(&cases, "irqpath <test>", out);
    assert_int_equal(fclose(out), 0);
    cases_free(&cases);
    out = open_memstream(&expected, &bytes);
    assert_non_null(out);
    for (size_t suite = 0; suite < ROWS; suite++) { /* suites in order of their first case */
        size_t first = 0;
        while (strcmp(rows[first].suite, rows[suite].suite) != 0)
            first++;
        for (size_t i = 0; first == suite && i < ROWS; i++)
            if (strcmp(rows[i].suite, rows[suite].suite) == 0)
                print_expected(i, out);
    }
    assert_int_equal(fclose(out), 0);
    setenv("READER", reader, 1);
    snprintf(command, sizeof command, "PATH=/usr/bin:$PATH PYTHONUTF8=1 python3 -c \"$READER\" %s", file);
    FILE *in = popen(command, "re");
    assert_non_null(in);
    ssize_t got = getdelim(&found, &capacity, '\0', in);
    assert_int_equal(pclose(in), 0);
    assert_true(got > 0);
    assert_string_equal(found, expected);
    assert_int_equal(remove(file), 0);
    free(found);
    free(expected);
}

static void annotations_are_lines(void **state)
{
    static const char expected[] =
        "::error file=a%2Cb%25.yaml,title=s markup::<b> & \"x\" ]]> 'y'\n"
        "::error file=a%2Cb%25.yaml,title=t lines::first%0Asecondtab\n"
        "::error file=a%2Cb%25.yaml,title=s controls::a[31m\xc2\x9b"
        "b\n"
        "::error file=a%2Cb%25.yaml,title=s not XML::a\xef\xbf\xbe\xef\xbf\xbfz \xed\xa0\x80\n"
        "::error file=a%2Cb%25.yaml,title=t & u UTF-8::\xc2\xb5s \xe2\x89\xa4 \xf0\x9f\x90\xa7\n";
    char *text = NULL;
    size_t bytes, lines = 0;
    struct cases cases;

    (void)state;
    make(&cases);
    FILE *out = open_memstream(&text, &bytes);
    assert_non_null(out);
    cases_print_annotations(&cases, "a,b%.yaml", out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, expected);
    free(text);

    for (size_t i = 0; i < 6; i++)
        cases_add(&cases, "s:1,2", "n", CASE_FAILED, 0, "x");
    out = open_memstream(&text, &bytes);
    assert_non_null(out);
    cases_print_annotations(&cases, NULL, out);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "::error title=s%3A1%2C2 n::x\n"));
    assert_non_null(strstr(text, "::error title=and others::2 more have failed\n"));
    for (const char *c = text; *c != '\0'; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 10);
    free(text);
    cases_free(&cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_readers_read_junit),
        cmocka_unit_test(annotations_are_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
