/* SPDX-License-Identifier: Apache-2.0
 *
 * JUnit has no standard but what readers take: testsuites, testsuite and testcase with failure, error or skipped below
 * it, as in https://github.com/testmoapp/junitxml. Annotations are workflow commands of GitHub's runner.
 */
#define _GNU_SOURCE
#include "report/cases.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "report/escape.h"

#define ANNOTATIONS_MAX 10

void cases_add(struct cases *cases, const char *suite, const char *name, enum case_outcome outcome, double seconds,
               const char *format, ...)
{
    struct cases_row row = { text_copy(suite), text_copy(name), NULL, seconds, outcome };
    va_list arguments;

    va_start(arguments, format);
    CHECK(vasprintf(&row.text, format, arguments) >= 0);
    va_end(arguments);
    cases->rows = realloc(cases->rows, (cases->count + 1) * sizeof *cases->rows);
    CHECK(cases->rows != NULL);
    cases->rows[cases->count++] = row;
}

void cases_free(struct cases *cases)
{
    for (size_t i = 0; i < cases->count; i++) {
        free(cases->rows[i].suite);
        free(cases->rows[i].name);
        free(cases->rows[i].text);
    }
    free(cases->rows);
    *cases = (struct cases){ .count = 0 };
}

/* Counts those of a suite; NULL: of all. */
static size_t count_of(const struct cases *cases, const char *suite, enum case_outcome outcome)
{
    size_t count = 0;

    for (size_t i = 0; i < cases->count; i++)
        count += (outcome == CASE_OUTCOMES || cases->rows[i].outcome == outcome) &&
                 (suite == NULL || strcmp(cases->rows[i].suite, suite) == 0);
    return count;
}

size_t cases_count(const struct cases *cases, enum case_outcome outcome) { return count_of(cases, NULL, outcome); }

/* --- JUnit --- */

static void print_attribute(const char *name, const char *value, FILE *out)
{
    fprintf(out, " %s=\"", name);
    escape_html(value, out);
    fputc('"', out);
}

/* The attributes that suites and the document have alike. */
static void print_counts(const struct cases *cases, const char *suite, FILE *out)
{
    double seconds = 0;

    for (size_t i = 0; i < cases->count; i++)
        if (suite == NULL || strcmp(cases->rows[i].suite, suite) == 0)
            seconds += cases->rows[i].seconds;
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\">\n",
            count_of(cases, suite, CASE_OUTCOMES), count_of(cases, suite, CASE_FAILED),
            count_of(cases, suite, CASE_BROKEN), count_of(cases, suite, CASE_SKIPPED), seconds);
}

static void print_case(const struct cases_row *row, FILE *out)
{
    static const char *const elements[] = { "system-out", "failure", "skipped", "error" };
    const char *element = elements[row->outcome];

    fputs("    <testcase", out);
    print_attribute("classname", row->suite, out);
    print_attribute("name", row->name, out);
    fprintf(out, " time=\"%.3f\">\n      <%s", row->seconds, element);
    if (row->outcome != CASE_PASSED) {
        char *line = text_copy_bytes(row->text, strcspn(row->text, "\n"));
        print_attribute("message", line, out);
        free(line);
    }
    fputc('>', out);
    escape_html(row->text, out);
    fprintf(out, "</%s>\n    </testcase>\n", element);
}

/* Those of a suite mostly stand together. */
static bool is_first_of_suite(const struct cases *cases, size_t index)
{
    if (index > 0 && strcmp(cases->rows[index - 1].suite, cases->rows[index].suite) == 0)
        return false;
    for (size_t i = 0; i < index; i++)
        if (strcmp(cases->rows[i].suite, cases->rows[index].suite) == 0)
            return false;
    return true;
}

void cases_print_junit(const struct cases *cases, const char *name, FILE *out)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", out);
    print_attribute("name", name, out);
    print_counts(cases, NULL, out);
    for (size_t i = 0; i < cases->count; i++) {
        const char *suite = cases->rows[i].suite;
        if (!is_first_of_suite(cases, i))
            continue;
        fputs("  <testsuite", out);
        print_attribute("name", suite, out);
        print_counts(cases, suite, out);
        for (size_t j = i; j < cases->count; j++)
            if (strcmp(cases->rows[j].suite, suite) == 0)
                print_case(&cases->rows[j], out);
        fputs("  </testsuite>\n", out);
    }
    fputs("</testsuites>\n", out);
}

/* --- annotations --- */

/* What would end a line, or a property, is written in hexadecimal; other control characters are left out. */
static void print_escaped(const char *text, bool is_property, FILE *out)
{
    for (const char *c = text; *c != '\0'; c++)
        if (*c == '%' || *c == '\n' || *c == '\r' || (is_property && (*c == ':' || *c == ',')))
            fprintf(out, "%%%02X", (unsigned)(unsigned char)*c);
        else if ((unsigned char)*c >= ' ' && *c != 0x7f)
            fputc(*c, out);
}

static void print_error(const char *file, const char *title, const char *suite, const char *text, FILE *out)
{
    fputs("::error ", out);
    if (file != NULL) {
        fputs("file=", out);
        print_escaped(file, true, out);
        fputc(',', out);
    }
    fputs("title=", out);
    print_escaped(suite, true, out);
    fputs(suite[0] != '\0' ? " " : "", out);
    print_escaped(title, true, out);
    fputs("::", out);
    print_escaped(text, false, out);
    fputc('\n', out);
}

void cases_print_annotations(const struct cases *cases, const char *file, FILE *out)
{
    size_t total = cases_count(cases, CASE_FAILED) + cases_count(cases, CASE_BROKEN), printed = 0;
    char rest[64];

    for (size_t i = 0; i < cases->count; i++) {
        const struct cases_row *row = &cases->rows[i];
        if (row->outcome != CASE_FAILED && row->outcome != CASE_BROKEN)
            continue;
        if (printed == ANNOTATIONS_MAX - 1 && total > ANNOTATIONS_MAX) {
            (void)snprintf(rest, sizeof rest, "%zu more have failed", total - printed);
            print_error(file, "and others", "", rest, out);
            return;
        }
        print_error(file, row->name, row->suite, row->text, out);
        printed++;
    }
}
