/* SPDX-License-Identifier: Apache-2.0
 *
 * mutation_judge BUILD SITES OUT UNDER SAMPLE SEED JOBS LIMIT EXPLAINED: runs a sample of the mutants of SITES whose
 * path begins with UNDER. BUILD is the mutated tree's. Each test runs once without a mutant, which tells how long it
 * takes and which places it evaluates; then each mutant meets the tests that evaluate its place, until one fails: those
 * of its own file, and then those first that have killed most for their time. With a LIMIT, no test begins that would
 * make a mutant take more than so many seconds of a processor; 0: all are run, so that a survivor is one that no unit
 * test notices. OUT/tests/ has for each test
 *   NAME.ms        what it takes
 *   NAME.reached   a byte a mutant
 *   NAME.verdicts  a line "number,passed|killed|late" for each mutant that it has met; late: it does not end
 * and a later call goes on from there. A test that has changed since begins anew. OUT/left gets the numbers that no
 * test has noticed; those in OUT/equal, for which the compiler makes the same code, count as explained. EXPLAINED: see
 * score.h. Exit code: 1 with a survivor that it leaves out.
 *
 * mutation_judge --draw SITES UNDER SAMPLE SEED: prints the numbers of the sample.
 */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mutation/sample.h"
#include "mutation/score.h"
#include "mutation/suite.h"

enum {
    PATH_BYTES = 4096,
    BASE_LIMIT_MS = 600000,
    LATE_FACTOR = 5,
    LATE_MS = 3000,
    START_MS = 5, /* what a test costs at least */
};

struct judge {
    struct suite suite;
    struct mutants mutants;
    const char *out;
    unsigned jobs, limit_ms;
};

/* The file of a test in OUT, where its slashes are dots. */
static void path_of(const struct judge *judge, const struct suite_test *test, const char *end, char *path)
{
    char name[256];

    snprintf(name, sizeof(name), "%s", test->name);
    for (char *c = name; *c; c++)
        *c = *c == '/' ? '.' : *c;
    snprintf(path, PATH_BYTES, "%s/tests/%s%s", judge->out, name, end);
}

/* Runs a test without a mutant; its time is written last, so that an interrupted one runs again. */
static void record(const struct judge *judge, const struct suite_test *test)
{
    char path[PATH_BYTES], time_path[PATH_BYTES];
    unsigned ms;

    path_of(judge, test, ".verdicts", path);
    unlink(path);
    path_of(judge, test, ".reached", path);
    path_of(judge, test, ".ms", time_path);
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0 || ftruncate(file, (off_t)judge->mutants.count + 1) != 0)
        return;
    close(file);
    bool is_passed = false;
    for (int attempt = 0; attempt < 2 && !is_passed; attempt++) /* what shares its host may fail once */
        is_passed = suite_run(&judge->suite, test, "IRQPATH_MUTANT_REACHED", path, BASE_LIMIT_MS, &ms) == SUITE_PASSED;
    if (!is_passed) {
        fprintf(stderr, "%s fails without a mutant, and is left out\n", test->name);
        ms = 0;
    }
    FILE *out = fopen(time_path, "w");
    if (out) {
        fprintf(out, "%u\n", ms);
        fclose(out);
    }
}

static bool is_newer(const char *path, const struct stat *than)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
           (status.st_mtim.tv_sec > than->st_mtim.tv_sec ||
            (status.st_mtim.tv_sec == than->st_mtim.tv_sec && status.st_mtim.tv_nsec > than->st_mtim.tv_nsec));
}

static bool is_source(const char *path)
{
    const char *end = strrchr(path, '.');

    return end != NULL && (strcmp(end, ".c") == 0 || strcmp(end, ".h") == 0);
}

/* Of the files below tests/ whose path begins so. */
static bool is_any_newer(const struct judge *judge, const char *begin, bool wants_sources, const struct stat *than)
{
    char pattern[PATH_BYTES];
    bool is_any = false;
    glob_t found;

    snprintf(pattern, sizeof(pattern), "%s/../tests/%s*", judge->suite.directory, begin);
    if (glob(pattern, 0, NULL, &found) != 0)
        return false;
    for (size_t i = 0; i < found.gl_pathc; i++)
        is_any |= (wants_sources || !is_source(found.gl_pathv[i])) && is_newer(found.gl_pathv[i], than);
    globfree(&found);
    return is_any;
}

/* What a test is made of: its program, what its command names, files that have its name, and the data of its folder,
 * whose sources are in its program. */
static bool has_changed(const struct judge *judge, const struct suite_test *test, const struct stat *since)
{
    const char *name = strrchr(test->name, '/');
    char folder[PATH_BYTES];

    for (size_t i = 0; test->command[i]; i++) {
        if (is_newer(test->command[i], since))
            return true;
    }
    snprintf(folder, sizeof(folder), "%.*s", name ? (int)(name - test->name) + 1 : 0, test->name);
    return is_any_newer(judge, test->name, true, since) || is_any_newer(judge, folder, false, since);
}

/* What `record` found; false when it is to be run (again). A test that fails has no places. */
static bool load(const struct judge *judge, struct suite_test *test)
{
    char path[PATH_BYTES];
    struct stat status;

    path_of(judge, test, ".ms", path);
    FILE *stream = fopen(path, "r");
    bool is_known = stream && fscanf(stream, "%u", &test->ms) == 1;
    is_known = is_known && fstat(fileno(stream), &status) == 0 && !has_changed(judge, test, &status);
    if (stream)
        fclose(stream);
    if (!is_known || test->ms == 0)
        return is_known;
    path_of(judge, test, ".reached", path);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    void *bytes = mmap(NULL, judge->mutants.count + 1, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    test->reached = bytes == MAP_FAILED ? NULL : bytes;
    return test->reached != NULL;
}

/* Waits until fewer than `limit` children run. */
static void wait_for_room(unsigned *running, unsigned limit)
{
    while (*running >= limit && wait(NULL) > 0)
        (*running)--;
}

static void record_all(struct judge *judge)
{
    unsigned running = 0;

    for (size_t i = 0; i < judge->suite.count; i++) {
        if (load(judge, &judge->suite.tests[i]))
            continue;
        wait_for_room(&running, judge->jobs);
        fprintf(stderr, "test %zu of %zu: %s\n", i + 1, judge->suite.count, judge->suite.tests[i].name);
        pid_t child = fork();
        if (child == 0) {
            record(judge, &judge->suite.tests[i]);
            _exit(0);
        }
        running += child > 0;
    }
    wait_for_room(&running, 1);
    for (size_t i = 0; i < judge->suite.count; i++)
        load(judge, &judge->suite.tests[i]);
}

/* What a test knows of `number`: empty, "passed", "killed" or "late". Counts what it has met. */
static void read_verdicts(const struct judge *judge, struct suite_test *test, unsigned number, mutant_outcome outcome)
{
    char path[PATH_BYTES];
    unsigned met;
    mutant_outcome what;

    outcome[0] = '\0';
    test->passed = test->killed = 0;
    path_of(judge, test, ".verdicts", path);
    FILE *stream = fopen(path, "r");
    while (stream && fscanf(stream, "%u,%11[a-z] ", &met, what) == 2) {
        bool is_passed = strcmp(what, "passed") == 0;
        test->passed += is_passed;
        test->killed += !is_passed;
        if (met == number)
            memcpy(outcome, what, sizeof(what));
    }
    if (stream)
        fclose(stream);
}

static void write_verdict(const struct judge *judge, const struct suite_test *test, unsigned number, const char *what)
{
    char path[PATH_BYTES];

    path_of(judge, test, ".verdicts", path);
    FILE *out = fopen(path, "a");
    if (out) {
        fprintf(out, "%u,%s\n", number, what);
        fclose(out);
    }
}

static const char *ordered_path;

/* Is the test the source's own? "sim/base/rng.c" is tested by base/rng, "sim/compare/report_text.c" by compare/report.
 */
static bool is_own(const struct suite_test *test)
{
    const char *path = strncmp(ordered_path, "sim/", 4) == 0 ? ordered_path + 4 : ordered_path;

    return strncmp(path, test->name, strlen(test->name)) == 0;
}

/* Kills to be expected for a ms. */
static double promise(const struct suite_test *test)
{
    return (test->killed + 1.0) / (test->killed + test->passed + 2.0) / (START_MS + test->ms);
}

static int by_promise(const void *left, const void *right)
{
    const struct suite_test *a = *(struct suite_test *const *)left, *b = *(struct suite_test *const *)right;

    if (is_own(a) != is_own(b))
        return is_own(b) - is_own(a);
    if (is_own(a))
        return a->ms < b->ms ? -1 : a->ms > b->ms;
    return promise(a) > promise(b) ? -1 : promise(a) < promise(b);
}

/* The tests that reach the mutant's place and have not met it, best first; `outcome` says what the others found. */
static size_t find_tests(const struct judge *judge, const struct mutant_row *mutant, struct suite_test **tests,
                         mutant_outcome outcome)
{
    size_t count = 0;

    strcpy(outcome, "unreached");
    for (size_t i = 0; i < judge->suite.count; i++) {
        struct suite_test *test = &judge->suite.tests[i];
        mutant_outcome what;
        if (!test->reached || !test->reached[mutant->number])
            continue;
        read_verdicts(judge, test, mutant->number, what);
        if (!what[0])
            tests[count++] = test;
        else if (strcmp(what, "passed") != 0)
            memcpy(outcome, what, sizeof(what));
        if (strcmp(outcome, "unreached") == 0)
            strcpy(outcome, "survived");
    }
    return count;
}

/* Tries tests until one notices. */
static void try_mutant(const struct judge *judge, const struct mutant_row *mutant)
{
    struct suite_test **tests = calloc(judge->suite.count, sizeof(tests[0]));
    mutant_outcome outcome;
    unsigned tried_ms = 0, ms;
    char number[16];

    size_t count = tests ? find_tests(judge, mutant, tests, outcome) : 0;
    ordered_path = mutant->path;
    if (count > 0)
        qsort(tests, count, sizeof(tests[0]), by_promise);
    snprintf(number, sizeof(number), "%u", mutant->number);
    for (size_t i = 0; i < count; i++) {
        if (judge->limit_ms > 0 && tried_ms + tests[i]->ms > judge->limit_ms)
            continue;
        enum suite_verdict verdict =
            suite_run(&judge->suite, tests[i], "IRQPATH_MUTANT", number, LATE_FACTOR * tests[i]->ms + LATE_MS, &ms);
        tried_ms += tests[i]->ms;
        write_verdict(judge, tests[i], mutant->number,
                      verdict == SUITE_PASSED   ? "passed"
                      : verdict == SUITE_FAILED ? "killed"
                                                : "late");
        if (verdict != SUITE_PASSED)
            break;
    }
    free(tests);
}

static bool is_noticed(const mutant_outcome outcome)
{
    return strcmp(outcome, "killed") == 0 || strcmp(outcome, "late") == 0;
}

static void try_all(const struct judge *judge, const unsigned *numbers, size_t count, mutant_outcome *outcomes)
{
    struct suite_test **tests = calloc(judge->suite.count, sizeof(tests[0]));
    unsigned running = 0;

    for (size_t i = 0; tests && i < count; i++) {
        const struct mutant_row *mutant = &judge->mutants.rows[numbers[i] - 1];
        if (find_tests(judge, mutant, tests, outcomes[numbers[i]]) == 0 || is_noticed(outcomes[numbers[i]]))
            continue;
        wait_for_room(&running, judge->jobs);
        fprintf(stderr, "mutant %zu of %zu: %s:%u\n", i + 1, count, mutant->path, mutant->line);
        pid_t child = fork();
        if (child == 0) {
            try_mutant(judge, mutant);
            _exit(0);
        }
        running += child > 0;
    }
    wait_for_room(&running, 1);
    for (size_t i = 0; tests && i < count; i++)
        find_tests(judge, &judge->mutants.rows[numbers[i] - 1], tests, outcomes[numbers[i]]);
    free(tests);
}

static void exchange_equal(const struct judge *judge, const unsigned *numbers, size_t count, mutant_outcome *outcomes)
{
    char path[PATH_BYTES];
    unsigned number;

    snprintf(path, sizeof(path), "%s/left", judge->out);
    FILE *left = fopen(path, "w");
    for (size_t i = 0; left && i < count; i++) {
        if (!is_noticed(outcomes[numbers[i]]))
            fprintf(left, "%u\n", numbers[i]);
    }
    if (left)
        fclose(left);
    snprintf(path, sizeof(path), "%s/equal", judge->out);
    FILE *equal = fopen(path, "r");
    while (equal && fscanf(equal, "%u", &number) == 1) {
        if (number <= judge->mutants.count && !is_noticed(outcomes[number]))
            strcpy(outcomes[number], "equal");
    }
    if (equal)
        fclose(equal);
}

static int draw(const struct mutants *mutants, const char *under, const char *size, const char *seed)
{
    size_t wanted = strtoul(size, NULL, 10);
    unsigned *numbers = calloc(wanted + 1, sizeof(numbers[0]));
    size_t count = numbers ? mutants_sample(mutants, under, strtoull(seed, NULL, 10), numbers, wanted) : 0;

    for (size_t i = 0; i < count; i++)
        printf("%u\n", numbers[i]);
    free(numbers);
    return 0;
}

int main(int argc, char *argv[])
{
    bool is_draw = argc == 6 && strcmp(argv[1], "--draw") == 0;
    struct judge judge = { 0 };
    char path[PATH_BYTES];

    if (argc != 10 && !is_draw)
        return fprintf(stderr, "usage: mutation_judge BUILD SITES OUT UNDER SAMPLE SEED JOBS LIMIT EXPLAINED\n"), 2;
    if (!mutants_read(&judge.mutants, argv[2]))
        return fprintf(stderr, "%s: no mutants there\n", argv[2]), 4;
    if (is_draw)
        return draw(&judge.mutants, argv[3], argv[4], argv[5]);
    if (!suite_protect_devices())
        return 4;
    judge.out = argv[3];
    judge.jobs = (unsigned)strtoul(argv[7], NULL, 10);
    judge.limit_ms = 1000 * (unsigned)strtoul(argv[8], NULL, 10);
    snprintf(path, sizeof(path), "%s/tests", judge.out);
    mkdir(judge.out, 0755);
    mkdir(path, 0755);
    if (!suite_read(&judge.suite, argv[1]))
        return 4;
    size_t size = strtoul(argv[5], NULL, 10);
    unsigned *numbers = calloc(size + 1, sizeof(numbers[0]));
    mutant_outcome *outcomes = calloc(judge.mutants.count + 1, sizeof(outcomes[0]));
    if (!numbers || !outcomes)
        return 3;
    record_all(&judge);
    size_t count = mutants_sample(&judge.mutants, argv[4], strtoull(argv[6], NULL, 10), numbers, size);
    try_all(&judge, numbers, count, outcomes);
    exchange_equal(&judge, numbers, count, outcomes);
    int status = score_print(&judge.mutants, argv[9], numbers, count, outcomes);
    free(numbers);
    free(outcomes);
    return status;
}
