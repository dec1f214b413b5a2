/* SPDX-License-Identifier: Apache-2.0
 *
 * Running with a fake simulation (fake_run.h), a sample and a real exploration: what is there is not run again, shards
 * come to the same rows as one run of everything, and other cells get a directory of their own.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <unistd.h>

#include "commands/progress.h"
#include "experiment/perform.h"
#include "fake_run.h"
#include "scenario_samples.h"
#include "temporary.h"

#define EXPERIMENT \
    "# Is it so?\nruns:\n" \
    "  m: { scenario: one-msi, seeds: 2, run.warmup: 0s, matrix: { devices.nic.arrivals.rate: [100Hz, 1kHz, 2kHz] }, " \
    "quick: { seeds: 1, matrix: { devices.nic.arrivals.rate: [100Hz] } } }\n" \
    "  s: { scenario: one-msi, run.warmup: 0s, quick: { skip: on }, sample: { n: 5, seed: 1, axes: { " \
    "devices.nic.arrivals.rate: { " \
    "range: [100Hz, 200Hz] } } } }\n" \
    "keep: [irq.raised]\nderive: { doubled: 2 * devices.nic.vectors * run.seed }\n"

struct workplace {
    char root[40];
    struct progress progress;
    char notes[2000];
};

struct outcome {
    enum perform_status status;
    char *csv; /* NULL unless PERFORM_OK */
    char message[600];
};

/* Attributions are tested with the real one (tests/commands/test_experiment.c). */
bool run_scenario_traced(const struct scenario *scenario, struct trace_sink *sink, size_t trace_limit,
                         struct run_progress *progress, struct result *result, char *message, size_t message_bytes)
{
    (void)scenario, (void)sink, (void)trace_limit, (void)progress, (void)result;
    snprintf(message, message_bytes, "nothing is simulated");
    return false;
}

static struct watcher *watch(void *context)
{
    struct workplace *place = context;

    progress_init(&place->progress, true);
    return &place->progress.watcher;
}

static void note(void *context, const char *text)
{
    struct workplace *place = context;

    strcat(strcat(place->notes, text), "\n");
}

static void watch_signals(void *context, bool is_beginning)
{
    (void)context;
    (void)is_beginning;
}

static void perform(struct workplace *place, const char *text, bool is_quick, size_t shard, size_t shards,
                    struct outcome *outcome)
{
    struct experiment experiment;
    struct experiment_rows rows;
    struct perform request = { .experiment = &experiment,
                               .directory = place->root,
                               .program = "p",
                               .shard = shard,
                               .shard_count = shards,
                               .watch = watch,
                               .note = note,
                               .context = place,
                               .watch_signals = watch_signals,
                               .threads = 1 };
    size_t bytes;
    struct diag diag;

    *outcome = (struct outcome){ .csv = NULL };
    place->notes[0] = '\0';
    diag_init(&diag);
    if (experiment_load_text(&experiment, SAMPLE_PATH, text, strlen(text), is_quick, &diag) != EXPERIMENT_OK)
        fail_msg("%s", sample_messages(&diag));
    rows_init(&rows);
    outcome->status = perform_experiment(&request, &rows, &diag, outcome->message, sizeof outcome->message);
    if (outcome->status == PERFORM_OK) {
        FILE *out = open_memstream(&outcome->csv, &bytes);

        assert_non_null(out);
        rows_derive(&rows, &experiment);
        rows_write_csv(&rows, &experiment, out);
        assert_int_equal(fclose(out), 0);
    }
    rows_free(&rows);
    experiment_free(&experiment);
    diag_free(&diag);
}

static int set_up(void **state)
{
    struct workplace *place = calloc(1, sizeof *place);

    assert_non_null(place);
    strcpy(place->root, "/tmp/irqpath-test-XXXXXX");
    temporary_directory(place->root);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct workplace *place = *state;

    temporary_directory_remove(place->root);
    free(place);
    return 0;
}

/* Removes the files whose name begins so in the directory whose name begins so. */
static void remove_files(const struct workplace *place, const char *directory, const char *file)
{
    char command[200];

    snprintf(command, sizeof command, "rm %s/%s*/%s*", place->root, directory, file);
    assert_int_equal(system(command), 0); /* NOLINT(*-command-processor) */
}

static void directories_are_made_with_those_above_them(void **state)
{
    const struct workplace *place = *state;
    static const struct {
        const char *path, *message; /* both after the root; NULL: it is made */
    } rows[] = { { "/a/b/c", NULL },
                 { "/a/b/c/", NULL },
                 { "/a//d", NULL },
                 { "", NULL },
                 { "/file/b", "/file: not a directory" },
                 { "/file", "/file: not a directory" } };
    char path[80], message[200];

    (void)snprintf(path, sizeof path, "%s/file", place->root);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", place->root, rows[i].path);
        assert_int_equal(perform_make_directory(path, message, sizeof message), rows[i].message == NULL);
        if (rows[i].message == NULL)
            assert_int_equal(access(path, W_OK), 0);
        else
            assert_string_equal(message + strlen(place->root), rows[i].message);
    }
}

static void what_is_there_is_not_run_again(void **state)
{
    struct workplace *place = *state;
    struct outcome first, second, third;

    perform(place, EXPERIMENT, false, 0, 1, &first);
    assert_int_equal(first.status, PERFORM_OK);
    assert_string_equal(place->notes, "m: 6 of 6 done (6 now, 0 before)\ns: 5 of 5 done (5 now, 0 before)\n");
    perform(place, EXPERIMENT, false, 0, 1, &second);
    assert_string_equal(place->notes, "m: 6 of 6 done (0 now, 6 before)\ns: 5 of 5 done (0 now, 5 before)\n");
    remove_files(place, "m-", "cell-000003");
    perform(place, EXPERIMENT, false, 0, 1, &third);
    assert_string_equal(place->notes, "m: 6 of 6 done (1 now, 5 before)\ns: 5 of 5 done (0 now, 5 before)\n");
    assert_string_equal(second.csv, first.csv);
    assert_string_equal(third.csv, first.csv);
    assert_non_null(strstr(first.csv, "\nm,one-msi,domain-tasklet,2,1kHz,4,")); /* keys of the resolved scenario */
    assert_non_null(strstr(first.csv, "\ns,one-msi,domain-tasklet,4,1"));
    free(first.csv);
    free(second.csv);
    free(third.csv);
}

static void shards_come_to_the_same(void **state)
{
    struct workplace *place = *state;
    struct outcome whole, part;

    perform(place, EXPERIMENT, false, 0, 1, &whole);
    remove_files(place, "m-", "cell");
    remove_files(place, "s-", "table");
    for (size_t i = 0; i < 3; i++) {
        perform(place, EXPERIMENT, false, i, 3, &part);
        assert_int_equal(part.status, i < 2 ? PERFORM_PARTIAL : PERFORM_OK);
        if (i == 0)
            assert_string_equal(place->notes, "m: 2 of 2 done (2 now, 0 before)\ns: 2 of 2 done (2 now, 0 before)\n");
        if (i == 0)
            assert_non_null(strstr(part.message, "m: 4 of 6 cells are missing"));
    }
    assert_string_equal(part.csv, whole.csv);
    free(part.csv);
    free(whole.csv);
}

static void quick_is_another_experiment(void **state)
{
    struct workplace *place = *state;
    struct outcome whole, quick;

    perform(place, EXPERIMENT, false, 0, 1, &whole);
    perform(place, EXPERIMENT, true, 0, 1, &quick);
    assert_string_equal(place->notes, "m: 1 of 1 done (1 now, 0 before)\n");
    assert_non_null(strstr(quick.csv, "\nm,one-msi,domain-tasklet,1,100Hz,"));
    assert_null(strstr(quick.csv, "\ns,"));
    free(whole.csv);
    free(quick.csv);
}

/* The metrics of the fake simulation depend on the resolved scenario. */
static void costs_are_an_axis(void **state)
{
    static const char text[] =
        "# Is it so?\nruns:\n  a: { scenario: one-msi, run.warmup: 0s, costs: [typical, low] }\n"
        "  b: { scenario: one-msi, run.warmup: 0s, costs: { of: [xen.costs.*], not: [xen.costs.dpci_body, "
        "xen.costs.hypercall], values: [low, high], each: on } }\n"
        "  c: { scenario: one-msi, run.warmup: 0s, costs: { of: chosen, values: [typical] } }\n"
        "keep: [xen.costs.do_irq, xen.costs.software_cv_permille]\n";
    struct workplace *place = *state;
    struct outcome outcome;

    perform(place, text, false, 0, 1, &outcome);
    assert_int_equal(outcome.status, PERFORM_OK);
    assert_non_null(strstr(outcome.csv, "\na,one-msi,domain-tasklet,1,typical,1769,0\n"));
    assert_null(strstr(outcome.csv, "\na,one-msi,domain-tasklet,1,low,1769,0\n"));
    assert_non_null(strstr(outcome.csv, "\nb,one-msi,domain-tasklet,1,as it is,1769,0\n"));
    assert_non_null(strstr(outcome.csv, "\nb,one-msi,domain-tasklet,1,xen.costs.exit_dispatch low,1769,0\n"));
    assert_non_null(strstr(outcome.csv, ",xen.costs.do_irq high,"));
    assert_null(strstr(outcome.csv, "dpci_body"));
    assert_non_null(strstr(outcome.csv, "\nc,one-msi,domain-tasklet,1,typical,1769,400\n"));
    free(outcome.csv);
}

static void one_parameter_at_a_time(void **state)
{
    static const char text[] = "# Is it so?\nruns:\n  a:\n    scenario: one-msi\n    run.warmup: 0s\n    vary:\n"
                               "      rate: { devices.nic.arrivals.rate: [100Hz, 1kHz] }\n"
                               "      both: { paths: [guests.guest.vcpus, devices.nic.vectors], values: [1, 2] }\n"
                               "keep: [guests.guest.vcpus, devices.nic.vectors]\n";
    struct workplace *place = *state;
    struct outcome outcome;

    perform(place, text, false, 0, 1, &outcome);
    assert_int_equal(outcome.status, PERFORM_OK);
    assert_string_equal(outcome.csv,
                        "run,scenario,design,seed,vary,parameter,value,guests.guest.vcpus,devices.nic.vectors\n"
                        "a,one-msi,domain-tasklet,1,rate=100Hz,rate,100Hz,1,1\n"
                        "a,one-msi,domain-tasklet,1,rate=1kHz,rate,1kHz,1,1\n"
                        "a,one-msi,domain-tasklet,1,both=1,both,1,1,1\n"
                        "a,one-msi,domain-tasklet,1,both=2,both,2,2,2\n");
    free(outcome.csv);
}

static void drawn_values_have_indices(void **state)
{
    static const char text[] = "# Is it so?\nruns:\n"
                               "  s: { scenario: one-msi, run.warmup: 0s, sample: { n: 40, seed: 1, axes: { "
                               "devices.nic.arrivals.rate: { choice: [100Hz, 200Hz] } } } }\n"
                               "  r: { scenario: one-msi, run.warmup: 0s, sample: { n: 4, seed: 1, redraw: on, axes: { "
                               "devices.nic.arrivals.rate: { choice: [100Hz, 200Hz] } } } }\n"
                               "  why: { indices: share irq.raised>8388608 where run=s, redrawn: r }\n"
                               "  never: { indices: share irq.raised>16777216 where run=s }\n"
                               "keep: [irq.raised, redraws, first_order]\n";
    struct workplace *place = *state;
    struct outcome outcome;

    perform(place, text, false, 0, 1, &outcome);
    assert_int_equal(outcome.status, PERFORM_OK);
    assert_non_null(strstr(outcome.csv, "\nwhy,"));
    assert_non_null(strstr(outcome.csv, ",devices.nic.arrivals.rate,"));
    assert_null(strstr(outcome.csv, "\nnever,"));
    free(outcome.csv);
}

static void what_cannot_run_is_refused(void **state)
{
    struct workplace *place = *state;
    struct outcome outcome;

    perform(place, "# q\nruns:\n  a: { attribute: one-msi }\nkeep: [lost_cycles]\n", false, 0, 1, &outcome);
    assert_int_equal(outcome.status, PERFORM_INVALID);
    assert_string_equal(outcome.message, "a: nothing is simulated");
}

static void verdicts_are_kept(void **state)
{
    static const char text[] =
        "# Is it so?\nruns:\n  e: { explore: explore-steady, designs: [softirq-masked, softirq-requeue], "
        "max_states: 300000 }\n"
        "keep: [states, depth]\n";
    struct workplace *place = *state;
    struct outcome first, second;

    perform(place, text, false, 0, 1, &first);
    if (strstr(first.message, "this build cannot explore") != NULL)
        skip();
    assert_int_equal(first.status, PERFORM_OK);
    assert_string_equal(place->notes, "e, explore-steady: 2 of 2 explored (2 now)\n");
    assert_non_null(strstr(first.csv, "run,scenario,design,verdict,outcome,states,depth\n"
                                      "e,explore-steady,softirq-masked,violation,lost-interrupt,"));
    assert_non_null(strstr(first.csv, "\ne,explore-steady,softirq-requeue,clean,clean,"));
    perform(place, text, false, 0, 1, &second);
    assert_string_equal(place->notes, "e, explore-steady: 2 of 2 explored (0 now)\n");
    assert_string_equal(second.csv, first.csv);
    free(first.csv);
    free(second.csv);
}

/* What one of several processes explores is not asked of another, which takes it from there. */
static void explorations_are_shared(void **state)
{
    static const char text[] = "# Is it so?\nruns:\n  e: { explore: explore-steady, designs: [softirq-masked], "
                               "matrix: { run.reduction: [on, off] }, max_states: 300000 }\n";
    struct workplace *place = *state;
    struct outcome first, second;

    perform(place, text, false, 0, 2, &first);
    if (strstr(first.message, "this build cannot explore") != NULL)
        skip();
    assert_int_equal(first.status, PERFORM_PARTIAL);
    assert_string_equal(place->notes, "e, explore-steady: 1 of 2 explored (1 now)\n");
    assert_non_null(strstr(first.message, "1 of 2 cells are missing"));
    perform(place, text, false, 1, 2, &second);
    assert_int_equal(second.status, PERFORM_OK);
    assert_string_equal(place->notes, "e, explore-steady: 2 of 2 explored (1 now)\n");
    assert_string_equal(second.csv, "run,scenario,design,verdict,outcome,reduction\n"
                                    "e,explore-steady,softirq-masked,violation,lost-interrupt,on\n"
                                    "e,explore-steady,softirq-masked,violation,lost-interrupt,off\n");
    free(second.csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(directories_are_made_with_those_above_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_there_is_not_run_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shards_come_to_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(quick_is_another_experiment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(costs_are_an_axis, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_parameter_at_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(drawn_values_have_indices, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_run_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(verdicts_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(explorations_are_shared, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
