/* SPDX-License-Identifier: Apache-2.0
 *
 * Which figures are drawn for a set of results, that they are complete and reproducible, and the output on a terminal.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plot/plot.h"
#include "result_samples.h"

#define DIRECTORY_BYTES 40

static bool has_gnuplot(void) { return system("gnuplot --version >/dev/null 2>&1") == 0; }

/* Two designs with two seeds each, over sockets 2, 4, 8 when it is a sweep; a guest's name has what a shell would like.
 */
static struct result_set make_set(bool is_sweep)
{
    static const char *const sockets[] = { "2", "4", "8" };
    struct result_set set;
    result_set_init(&set);
    for (size_t design = 0; design < 2; design++)
        for (size_t cell = is_sweep ? 0 : 2; cell < 3; cell++)
            for (uint64_t seed = 1; seed <= 2; seed++) {
                struct result result = sample_result(design == 0 ? "domain-tasklet" : "softirq-requeue", seed,
                                                     design == 0 ? 1000 * (cell + 1) : 20 + cell);
                metrics_append(&result.metrics, "guests.`touch x`'; !ls.steal.percent", 5, 1);
                metrics_append(&result.metrics, "locks.quiet.wait.mean_ns", 1, 1);
                if (is_sweep)
                    result_add_axis(&result, "sockets", sockets[cell]);
                result_set_append(&set, &result);
            }
    return set;
}

struct notes {
    char text[4000];
    bool is_forced; /* overwrite files */
};

static void add_note(void *context, const char *text)
{
    struct notes *notes = context;
    strncat(notes->text, text, sizeof notes->text - strlen(notes->text) - 2);
    strcat(notes->text, "\n");
}

static enum plot_status plot_into(const struct result_set *set, const char *directory, struct notes *notes)
{
    struct plot_request request = { .set = set, .directory = directory, .is_forced = notes->is_forced };
    char message[500] = "";
    *notes = (struct notes){ .is_forced = notes->is_forced };
    enum plot_status status = plot_results(&request, add_note, notes, message, sizeof message);
    if (status == PLOT_FAILED && strstr(message, "--force") == NULL)
        print_error("%s\n", message);
    return status;
}

static char *read_file(const char *directory, const char *name, size_t *bytes)
{
    char path[128];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    assert_int_equal(stat(path, &status), 0);
    char *text = malloc((size_t)status.st_size + 1);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    *bytes = fread(text, 1, (size_t)status.st_size, in);
    fclose(in);
    text[*bytes] = '\0';
    return text;
}

static void remove_directory(const char *directory)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0);
}

static const char *const sweep_figures[] = { "runstates", "latency", "steal_idle", "steal_-touch-x-----ls",
                                             "lock-wait_tasklet_lock" };

static void a_sweep_makes_every_figure(void **state)
{
    (void)state;
    if (!has_gnuplot())
        skip();
    char first[DIRECTORY_BYTES] = "/tmp/irqpath-test-XXXXXX", second[DIRECTORY_BYTES] = "/tmp/irqpath-test-XXXXXX";
    struct result_set set = make_set(true);
    struct notes notes = { .is_forced = false };
    assert_non_null(mkdtemp(first));
    assert_non_null(mkdtemp(second));
    assert_int_equal(plot_into(&set, first, &notes), PLOT_OK);
    assert_non_null(strstr(notes.text, "left out: lock-wait of quiet: it never reaches 10 % of the largest"));
    assert_int_equal(plot_into(&set, second, &notes), PLOT_OK);
    assert_int_equal(plot_into(&set, second, &notes), PLOT_FAILED);
    notes.is_forced = true;
    assert_int_equal(plot_into(&set, second, &notes), PLOT_OK);
    for (size_t i = 0; i < sizeof sweep_figures / sizeof sweep_figures[0]; i++)
        for (int is_png = 0; is_png < 2; is_png++) {
            char name[80];
            size_t bytes, again_bytes;
            snprintf(name, sizeof name, "%s.%s", sweep_figures[i], is_png ? "png" : "svg");
            char *picture = read_file(first, name, &bytes), *again = read_file(second, name, &again_bytes);
            assert_true(bytes > 3000);
            assert_int_equal(bytes, again_bytes);
            assert_memory_equal(picture, again, bytes);
            if (is_png)
                assert_memory_equal(picture, "\x89PNG\r\n\x1a\n", 8);
            else
                assert_non_null(strstr(picture, "</svg>"));
            free(picture);
            free(again);
        }
    remove_directory(first);
    remove_directory(second);
    result_set_free(&set);
}

/* What a reader looks for is in the drawing: series by name, units, percentiles, the cell that is shown. */
static void figures_say_what_they_show(void **state)
{
    (void)state;
    if (!has_gnuplot())
        skip();
    static const char *const rows[][2] = {
        { "runstates.svg", "guest idle" },
        { "runstates.svg", "sample, sockets 8, 2 seeds" },
        { "runstates.svg", "runnable (steal)" },
        { "latency.svg", "99.9 %" },
        { "latency.svg", "softirq-requeue" },
        { "steal_idle.svg", "Steal time (%)" },
        { "steal_idle.svg", "domain-tasklet" },
        { "steal_idle.svg", "Sockets" },
        { "lock-wait_tasklet_lock.svg", "Wait for the lock tasklet_lock" },
        { "lock-wait_tasklet_lock.svg", "Mean wait" },
        { "lock-wait_tasklet_lock.svg", "µs" },
        { "runstates.svg", "Share of vCPU time (%)" },
    };
    char directory[DIRECTORY_BYTES] = "/tmp/irqpath-test-XXXXXX";
    struct result_set set = make_set(true);
    struct notes notes = { .is_forced = false };
    assert_non_null(mkdtemp(directory));
    assert_int_equal(plot_into(&set, directory, &notes), PLOT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t bytes;
        char *picture = read_file(directory, rows[i][0], &bytes);
        if (strstr(picture, rows[i][1]) == NULL)
            fail_msg("%s lacks %s", rows[i][0], rows[i][1]);
        free(picture);
    }
    if (system("command -v xmllint >/dev/null") == 0) {
        char command[128];
        snprintf(command, sizeof command, "xmllint --noout %s/*.svg", directory);
        assert_int_equal(system(command), 0);
    }
    remove_directory(directory);
    result_set_free(&set);
}

static void without_a_sweep_lines_are_left_out(void **state)
{
    (void)state;
    if (!has_gnuplot())
        skip();
    char directory[DIRECTORY_BYTES] = "/tmp/irqpath-test-XXXXXX";
    struct result_set set = make_set(false);
    struct notes notes = { .is_forced = false };
    assert_non_null(mkdtemp(directory));
    set.results[0].is_partial = true;
    assert_int_equal(plot_into(&set, directory, &notes), PLOT_OK);
    assert_non_null(strstr(notes.text, "1 partial results are left out"));
    assert_non_null(strstr(notes.text, "left out: steal: it needs a sweep over sockets"));
    assert_non_null(strstr(notes.text, "left out: lock-wait: it needs a sweep over sockets"));
    assert_non_null(strstr(notes.text, "/runstates.svg\n"));
    assert_non_null(strstr(notes.text, "/latency.png\n"));
    remove_directory(directory);
    result_set_free(&set);
}

static void nothing_to_draw(void **state)
{
    (void)state;
    struct result_set set;
    struct result result;
    struct notes notes = { .is_forced = false };
    result_set_init(&set);
    assert_int_equal(plot_into(&set, "/nonexistent", &notes), PLOT_NOTHING);
    result_init(&result, "s", "d", 1, "");
    result_set_append(&set, &result);
    assert_int_equal(plot_into(&set, "/nonexistent", &notes), PLOT_NOTHING);
    assert_non_null(strstr(notes.text, "left out: runstates: no result has guests.G.running.percent"));
    assert_non_null(strstr(notes.text, "left out: latency: no result has values"));
    result_set_free(&set);
}

static void the_terminal_gets_characters(void **state)
{
    (void)state;
    if (!has_gnuplot())
        skip();
    struct result_set set = make_set(true);
    struct notes notes = { .is_forced = false };
    char *text, message[500] = "";
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    struct plot_request request = { .set = &set, .columns = 79, .rows = 20, .out = out };
    if (plot_results(&request, add_note, &notes, message, sizeof message) != PLOT_OK)
        fail_msg("%s", message);
    fclose(out);
    static const char bars[] = "Where the guests' time goes\n"
                               "sample, sockets 8, 2 seeds; mean\n"
                               "                 guest idle\n"
                               " domain-tasklet |RRRRRRSSSSSSSSSSSSSSSSSS.....................................|\n"
                               "softirq-requeue |RRRRRR.......................................................|\n"
                               "                 R running L running, on the lock S runnable (steal) . blocked\n";
    assert_memory_equal(text, bars, sizeof bars - 1);
    assert_non_null(strstr(text, "Steal time of the guest idle"));
    assert_null(strchr(text, '\033'));
    free(text);
    result_set_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sweep_makes_every_figure),         cmocka_unit_test(figures_say_what_they_show),
        cmocka_unit_test(without_a_sweep_lines_are_left_out), cmocka_unit_test(nothing_to_draw),
        cmocka_unit_test(the_terminal_gets_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
