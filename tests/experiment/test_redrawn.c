/* SPDX-License-Identifier: Apache-2.0
 *
 * The texts and figures of results/ are those that the experiments of bench/experiments make of its data.csv today.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <sys/stat.h>

#include "contents.h"
#include "program.h"
#include "temporary.h"

/* Larger tables take seconds, and bring no other kind of figure. Instrumented, everything takes four times as long. */
#ifdef __SANITIZE_ADDRESS__
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifdef IS_SANITIZED
enum { DATA_BYTES_MAX = 50000 };
#else
enum { DATA_BYTES_MAX = 200000 };
#endif

static bool is_made(const char *name)
{
    static const char *const made[] = { "summary.md", "verdict.md", "expectations.tsv", "aims.tsv" };
    const char *end = strrchr(name, '.');

    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
        if (strcmp(name, made[i]) == 0)
            return true;
    return end != NULL && strcmp(end, ".svg") == 0;
}

/* Another version of gnuplot draws otherwise. */
static bool is_by_the_same(const char *text, const char *other)
{
    const char *made = strstr(text, "Produced by GNUPLOT"), *others = strstr(other, "Produced by GNUPLOT");

    return made == NULL || others == NULL || strncmp(made, others, strcspn(made, "<")) == 0;
}

/* What was drawn with what is kept, which also has figures that other commands drew. */
static size_t compare_all(const char *kept, const char *drawn)
{
    char path[400];
    size_t compared = 0;
    glob_t found;

    snprintf(path, sizeof path, "%s/*", drawn);
    assert_int_equal(glob(path, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *name = strrchr(found.gl_pathv[i], '/') + 1;

        if (!is_made(name))
            continue;
        snprintf(path, sizeof path, "%s/%s", kept, name);
        char *text = contents(found.gl_pathv[i]), *again = contents(path);
        if (is_by_the_same(text, again) && strcmp(text, again) != 0)
            fail_msg("%s is not what the experiment makes of its data.csv: irqpath experiment --redraw", path);
        free(text);
        free(again);
        compared++;
    }
    globfree(&found);
    return compared;
}

static void results_are_what_their_data_says(void **state)
{
    static struct program program;
    size_t experiments = 0, compared = 0;
    glob_t found;

    (void)state;
    if (system("gnuplot --version >/dev/null 2>&1") != 0)
        skip();
    assert_int_equal(glob(SOURCE_DIR "/results/*/data.csv", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char kept[300], drawn[] = "/tmp/irqpath-redrawn-XXXXXX", command[700];
        struct stat status;

        snprintf(kept, sizeof kept, "%.*s", (int)(strrchr(found.gl_pathv[i], '/') - found.gl_pathv[i]),
                 found.gl_pathv[i]);
        assert_int_equal(stat(found.gl_pathv[i], &status), 0);
        if (status.st_size > DATA_BYTES_MAX)
            continue;
        temporary_directory(drawn);
        snprintf(command, sizeof command, "cp '%s' %s", found.gl_pathv[i], drawn);
        assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a fixed command */
        program_run_with(&program, "experiment " SOURCE_DIR "/bench/experiments/%s.yaml --redraw -q -o %s",
                         strrchr(kept, '/') + 1, drawn);
        if (program.code != 0 && program.code != 1) /* 1: an expectation is missed, as expectations.tsv says */
            fail_msg("%s: %s", kept, program.errors);
        compared += compare_all(kept, drawn);
        temporary_directory_remove(drawn);
        experiments++;
    }
    globfree(&found);
    assert_true(experiments > 5);
    assert_true(compared > 3 * experiments + 4); /* three texts of each, and figures */
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(results_are_what_their_data_says) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
