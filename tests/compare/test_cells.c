/* SPDX-License-Identifier: Apache-2.0
 *
 * Running an axis and seeds in parallel, with a fake simulation: order, independence of threads, interruption.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands/progress.h"
#include "compare/cells.h"
#include "fake_run.h"
#include "result/cbor.h"
#include "scenario_samples.h"
#include "models/registry.h"

static const char *const designs[] = { "softirq-requeue", "domain-tasklet", "softirq-states" };

static char *const sets[] = { "hypervisor.design=softirq-requeue", "hypervisor.design=domain-tasklet",
                              "hypervisor.design=softirq-states" };
static struct scenario_value values[] = { { "softirq-requeue", (char **)&sets[0], 1 },
                                          { "domain-tasklet", (char **)&sets[1], 1 },
                                          { "softirq-states", (char **)&sets[2], 1 } };
static const struct scenario_axis design_axis = { "hypervisor.design", values, 3 };

static char *const rates[] = { "guests.g.timer=100Hz", "guests.g.timer=1kHz", "guests.g.vcpus=2" };
static struct scenario_value rate_values[] = { { "slow", (char **)&rates[0], 1 }, { "fast", (char **)&rates[1], 2 } };
static const struct scenario_axis rate_axis = { "rates", rate_values, 2 };

static bool run_axis(const struct scenario_axis *axis, const char *text, const char *set_text, size_t threads,
                     struct result_set *set, bool *was_cancelled, char *message, size_t message_bytes)
{
    struct scenario scenario;
    struct progress progress;
    char *messages;
    if (sample_load(&scenario, text, &set_text, set_text != NULL, &messages) != SCENARIO_OK)
        fail_msg("%s", messages);
    free(messages);
    struct compare_cells cells = { .scenario = &scenario,
                                   .axis = axis,
                                   .first_seed = 7,
                                   .seed_count = 4,
                                   .threads = threads,
                                   .watcher = &progress.watcher };
    result_set_init(set);
    progress_init(&progress, true);
    bool is_good = compare_cells_run(&cells, set, was_cancelled, message, message_bytes);
    scenario_free(&scenario);
    return is_good;
}

static bool run_cells(const char *text, const char *set_text, size_t threads, struct result_set *set,
                      bool *was_cancelled, char *message, size_t message_bytes)
{
    return run_axis(&design_axis, text, set_text, threads, set, was_cancelled, message, message_bytes);
}

static void threads_leave_no_trace(void **state)
{
    (void)state;
    struct result_set alone, together;
    bool was_cancelled;
    char message[500];
    assert_true(run_cells(SAMPLE, "run.warmup=1ms", 1, &alone, &was_cancelled, message, sizeof message));
    assert_true(run_cells(SAMPLE, "run.warmup=1ms", 5, &together, &was_cancelled, message, sizeof message));
    assert_false(was_cancelled);
    assert_int_equal(alone.count, 12);
    for (size_t i = 0; i < alone.count; i++) {
        assert_string_equal(alone.results[i].design, designs[i / 4]);
        assert_int_equal(alone.results[i].seed, 7 + i % 4);
    }
    struct result_hash first = result_set_hash(&alone), second = result_set_hash(&together);
    assert_memory_equal(&first, &second, sizeof first);
    result_set_free(&alone);
    result_set_free(&together);
}

/* Each value sets its paths, and results tell it apart; the design's name is enough for designs. */
static void values_of_an_axis_are_coordinates(void **state)
{
    (void)state;
    struct result_set set;
    bool was_cancelled;
    char message[500];
    assert_true(run_axis(&rate_axis, SAMPLE, "run.warmup=1ms", 2, &set, &was_cancelled, message, sizeof message));
    assert_int_equal(set.count, 8);
    for (size_t i = 0; i < set.count; i++) {
        assert_string_equal(result_axis_value(&set.results[i], "rates"), i < 4 ? "slow" : "fast");
        assert_int_equal(strstr(set.results[i].resolved, "vcpus: 2") != NULL, i >= 4);
    }
    result_set_free(&set);
    assert_true(run_cells(SAMPLE, "run.warmup=1ms", 2, &set, &was_cancelled, message, sizeof message));
    assert_int_equal(set.results[0].axis_count, 0);
    result_set_free(&set);
}

static void a_refused_setup_is_told(void **state)
{
    (void)state;
    struct result_set set;
    bool was_cancelled;
    char message[500] = "";
    assert_false(
        run_cells("name: x\nguests: [ { name: refused } ]\n", NULL, 1, &set, &was_cancelled, message, sizeof message));
    assert_string_equal(message, "softirq-requeue: no such machine");
    result_set_free(&set);
}

/* In a child: the third cell to run interrupts the process. */
static void what_is_complete_is_kept(void **state)
{
    (void)state;
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct result_set set;
        bool was_cancelled;
        char message[500];
        bool is_good = run_cells("name: x\nguests: [ { name: interrupting } ]\n", "run.warmup=1000s", 2, &set,
                                 &was_cancelled, message, sizeof message);
        size_t partial = 0;
        for (size_t i = 0; i < set.count; i++)
            partial += set.results[i].is_partial;
        bool is_kept = is_good && was_cancelled && set.count < 12 && partial >= 1 && set.count - partial >= 2;
        _exit(is_kept ? 42 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_leave_no_trace),
        cmocka_unit_test(values_of_an_axis_are_coordinates),
        cmocka_unit_test(a_refused_setup_is_told),
        cmocka_unit_test(what_is_complete_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
