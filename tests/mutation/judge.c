/* SPDX-License-Identifier: Apache-2.0
 *
 * mutation_judge BUILD SITES OUT UNDER SAMPLE SEED JOBS EXPLAINED: runs a sample of the mutants of SITES whose path
 * begins with UNDER. BUILD is the mutated tree's. Each test runs once without a mutant, which tells how long it takes
 * and which places it evaluates (OUT/reached/); then each mutant meets tests that evaluate its place, until one fails:
 * those of its own file, those of its folder, then the others, each from the shortest to the longest. Half of the
 * places are reached by more than a hundred tests, and a survivor would cost minutes: of the others only as many are
 * run as take TRIED_MS together, so that a survivor may be one that a test left out would notice, and the score is a
 * lower bound. OUT/verdicts.csv keeps a row a mutant, and a later call goes on from there:
 *   number,outcome,test,path,line,text -> mutated
 * with the outcome killed; late (a test that ended before does not end); survived; unreached (no test evaluates the
 * place). EXPLAINED has lines "path,text -> mutated: why no test can notice it". Exit code: 1 with a survivor that it
 * leaves out.
 */
#include <fcntl.h>
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
    LATE_MS = 5000,
    TRIED_MS = 30000,
};

struct judge {
    struct suite suite;
    struct mutants mutants;
    const char *out;
    unsigned jobs;
};

/* The file OUT/reached/NAME of a test, whose slashes are dots. */
static void reached_path(const struct judge *judge, const struct suite_test *test, const char *end, char *path)
{
    char name[256];

    snprintf(name, sizeof(name), "%s", test->name);
    for (char *c = name; *c; c++)
        *c = *c == '/' ? '.' : *c;
    snprintf(path, PATH_BYTES, "%s/reached/%s%s", judge->out, name, end);
}

/* Runs a test without a mutant; its time is written last, so that an interrupted one runs again. */
static void record(const struct judge *judge, const struct suite_test *test)
{
    char path[PATH_BYTES], time_path[PATH_BYTES];
    unsigned ms;

    reached_path(judge, test, "", path);
    reached_path(judge, test, ".ms", time_path);
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0 || ftruncate(file, (off_t)judge->mutants.count + 1) != 0)
        return;
    close(file);
    if (suite_run(&judge->suite, test, "IRQPATH_MUTANT_REACHED", path, BASE_LIMIT_MS, &ms) != SUITE_PASSED) {
        fprintf(stderr, "%s fails without a mutant, and is left out\n", test->name);
        ms = 0;
    }
    FILE *out = fopen(time_path, "w");
    if (out) {
        fprintf(out, "%u\n", ms);
        fclose(out);
    }
}

/* What `record` found; false when it is to be run (again). A test that fails has no places. */
static bool load(const struct judge *judge, struct suite_test *test)
{
    char path[PATH_BYTES];

    reached_path(judge, test, ".ms", path);
    FILE *stream = fopen(path, "r");
    bool is_known = stream && fscanf(stream, "%u", &test->ms) == 1;
    if (stream)
        fclose(stream);
    if (!is_known || test->ms == 0)
        return is_known;
    reached_path(judge, test, "", path);
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

static const struct judge *ordered;
static const char *ordered_path;

/* How far the source is from the test: 0, its own ("sim/base/rng.c" is tested by base/rng, "sim/compare/report_text.c"
 * by compare/report); 1, a test of its folder; 2, any other. */
static int distance(const char *name)
{
    const char *path = strncmp(ordered_path, "sim/", 4) == 0 ? ordered_path + 4 : ordered_path;
    const char *leaf = strrchr(name, '/');

    if (strncmp(path, name, strlen(name)) == 0)
        return 0;
    return leaf && strncmp(path, name, (size_t)(leaf - name) + 1) == 0 ? 1 : 2;
}

static int by_promise(const void *left, const void *right)
{
    const struct suite_test *a = &ordered->suite.tests[*(const size_t *)left];
    const struct suite_test *b = &ordered->suite.tests[*(const size_t *)right];
    int a_distance = distance(a->name), b_distance = distance(b->name);

    if (a_distance != b_distance)
        return a_distance - b_distance;
    return a->ms < b->ms ? -1 : a->ms > b->ms;
}

/* Tries the tests that reach the mutant's place, and appends its row. */
static void try_mutant(const struct judge *judge, const struct mutant_row *mutant)
{
    size_t *order = calloc(judge->suite.count, sizeof(order[0])), count = 0;
    unsigned tried_ms = 0;
    const char *outcome = "unreached", *by = "";
    char number[16], path[PATH_BYTES];

    for (size_t i = 0; order && i < judge->suite.count; i++) {
        if (judge->suite.tests[i].reached && judge->suite.tests[i].reached[mutant->number])
            order[count++] = i;
    }
    ordered = judge;
    ordered_path = mutant->path;
    qsort(order, count, sizeof(order[0]), by_promise);
    snprintf(number, sizeof(number), "%u", mutant->number);
    for (size_t i = 0; i < count; i++) {
        const struct suite_test *test = &judge->suite.tests[order[i]];
        unsigned ms, limit = LATE_FACTOR * test->ms + LATE_MS;
        tried_ms += test->ms;
        if (i > 0 && tried_ms > TRIED_MS && distance(test->name) > 0)
            continue;
        enum suite_verdict verdict = suite_run(&judge->suite, test, "IRQPATH_MUTANT", number, limit, &ms);
        outcome = verdict == SUITE_PASSED ? "survived" : verdict == SUITE_FAILED ? "killed" : "late";
        by = test->name;
        if (verdict != SUITE_PASSED)
            break;
    }
    snprintf(path, sizeof(path), "%s/verdicts.csv", judge->out);
    FILE *out = fopen(path, "a");
    if (out) {
        fprintf(out, "%u,%s,%s,%s,%u,%s\n", mutant->number, outcome, strcmp(outcome, "survived") == 0 ? "" : by,
                mutant->path, mutant->line, mutant->text);
        fclose(out);
    }
    free(order);
}

/* Fills outcomes[number] with the rows of verdicts.csv. */
static void read_verdicts(const struct judge *judge, mutant_outcome *outcomes)
{
    char path[PATH_BYTES], *line = NULL;
    size_t bytes = 0;

    snprintf(path, sizeof(path), "%s/verdicts.csv", judge->out);
    FILE *stream = fopen(path, "r");
    while (stream && getline(&line, &bytes, stream) > 0) {
        unsigned number;
        mutant_outcome outcome;
        if (sscanf(line, "%u,%11[a-z],", &number, outcome) == 2 && number <= judge->mutants.count)
            memcpy(outcomes[number], outcome, sizeof(outcome));
    }
    free(line);
    if (stream)
        fclose(stream);
}

static void try_all(const struct judge *judge, const unsigned *numbers, size_t count, mutant_outcome *outcomes)
{
    unsigned running = 0;

    for (size_t i = 0; i < count; i++) {
        if (outcomes[numbers[i]][0])
            continue;
        wait_for_room(&running, judge->jobs);
        fprintf(stderr, "mutant %zu of %zu: %s:%u\n", i + 1, count, judge->mutants.rows[numbers[i] - 1].path,
                judge->mutants.rows[numbers[i] - 1].line);
        pid_t child = fork();
        if (child == 0) {
            try_mutant(judge, &judge->mutants.rows[numbers[i] - 1]);
            _exit(0);
        }
        running += child > 0;
    }
    wait_for_room(&running, 1);
    read_verdicts(judge, outcomes);
}

int main(int argc, char *argv[])
{
    struct judge judge = { 0 };
    char path[PATH_BYTES];

    if (argc != 9)
        return fprintf(stderr, "usage: mutation_judge BUILD SITES OUT UNDER SAMPLE SEED JOBS EXPLAINED\n"), 2;
    judge.out = argv[3];
    judge.jobs = (unsigned)strtoul(argv[7], NULL, 10);
    snprintf(path, sizeof(path), "%s/reached", judge.out);
    mkdir(judge.out, 0755);
    mkdir(path, 0755);
    if (!suite_read(&judge.suite, argv[1]))
        return 4;
    if (!mutants_read(&judge.mutants, argv[2]))
        return fprintf(stderr, "%s: no mutants there\n", argv[2]), 4;
    size_t size = strtoul(argv[5], NULL, 10);
    unsigned *numbers = calloc(size + 1, sizeof(numbers[0]));
    mutant_outcome *outcomes = calloc(judge.mutants.count + 1, sizeof(outcomes[0]));
    if (!numbers || !outcomes)
        return 3;
    record_all(&judge);
    size_t count = mutants_sample(&judge.mutants, argv[4], strtoull(argv[6], NULL, 10), numbers, size);
    read_verdicts(&judge, outcomes);
    try_all(&judge, numbers, count, outcomes);
    int status = score_print(&judge.mutants, argv[8], numbers, count, outcomes);
    free(numbers);
    free(outcomes);
    return status;
}
