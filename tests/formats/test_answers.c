/* SPDX-License-Identifier: Apache-2.0
 *
 * A run's trace, written to a file and read again as a recording, has the run's own attribution: the states of every
 * vCPU and what kept it, to the cycle, in all that the format carries.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "formats/recordings.h"
#include "formats/trace_file.h"
#include "scenario/scenario.h"
#include "simulation/run.h"
#include "temporary.h"
#include "trace/answer.h"
#include "trace/tee.h"

enum { STATES = 4, FROM_MS = 10, UNTIL_MS = 16 };

/* Interrupts that Xen does not hand to do_IRQ, such as IPIs, have no record in xentrace: their time belongs to what
 * they interrupt. All that is in no interrupt of the run is compared exactly. */
static const struct {
    const char *scenario, *set, *suffix;
    bool has_all_interrupts;
} rows[] = {
    { "one-msi", "run.seed=2", "xentrace", false },
    { "events", "run.seed=2", "xentrace", false },
    { "radix-walk", "hypervisor.lock=mcs", "xentrace", false },
    { "eight-socket-steal", "hypervisor.design=domain-tasklet", "xentrace", false },
    { "eight-socket-steal", "hypervisor.design=softirq-requeue", "xentrace", false },
    { "eight-socket-steal", "hypervisor.design=pirq-tasklet", "xentrace", false },
    { "eight-socket-steal", "guests.idle.placement=floating", "xentrace", false },
    { "posted-overcommit", "run.seed=2", "xentrace", false },
    { "posted-states", "run.seed=2", "xentrace", false },
    { "posted-eight-socket", "run.seed=2", "xentrace", false },
};

/* Runs the scenario with its trace going to the attribution and, from boot on, to the file. */
static void run(size_t row, const char *path, struct attribution *attribution)
{
    const char *const sets[] = { "run.warmup=10ms", "run.duration=6ms", rows[row].set };
    const struct trace_file_options options = { .window = "0ms,16ms", .is_forced = true };
    struct trace_file *file = malloc(sizeof *file);
    struct trace_file_summary summary;
    struct scenario scenario;
    struct trace_tee tee;
    struct result result;
    struct diag diag;
    char message[720] = "", source[256];

    assert_non_null(file);
    snprintf(source, sizeof source, SOURCE_DIR "/scenarios/%s.yaml", rows[row].scenario);
    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, source, sets, 3, &diag), SCENARIO_OK);
    diag_free(&diag);
    assert_int_equal(trace_file_open(file, &options, path, message, sizeof message), TRACE_FILE_OK);
    attribution_init(attribution);
    trace_tee_init(&tee);
    trace_tee_add(&tee, &file->recorder->sink);
    trace_tee_add(&tee, &attribution->sink);
    assert_true(run_scenario_traced(&scenario, &tee.sink, 1 << 21, NULL, &result, message, sizeof message));
    assert_int_equal(trace_file_close(file, &summary, message, sizeof message), TRACE_FILE_OK);
    assert_int_equal(summary.dropped, 0);
    result_free(&result);
    scenario_free(&scenario);
    free(file);
}

static cycles part_of(const struct attribution *attribution, uint32_t task, enum attribution_loss loss,
                      enum attribution_cause cause)
{
    cycles sum = 0;

    for (size_t i = 0; i < attribution->part_capacity; i++) {
        const struct attribution_part *part = &attribution->parts[i];
        if (part->time > 0 && part->victim == task && part->loss == loss && part->cause == cause)
            sum += part->time;
    }
    return sum;
}

static void compare_task(size_t row, const struct attribution *run, const struct attribution *recorded, uint32_t task)
{
    for (uint32_t state = 0; state < ATTRIBUTION_STATES; state++)
        if (attribution_state_time(run, task, state) != attribution_state_time(recorded, task, state))
            fail_msg("%s %s: vCPU %u, state %u: %llu of the run, %llu of the recording", rows[row].scenario,
                     rows[row].set, task, state, (unsigned long long)attribution_state_time(run, task, state),
                     (unsigned long long)attribution_state_time(recorded, task, state));
    for (enum attribution_loss loss = LOSS_STEAL; loss < LOSS_COUNT; loss++) {
        cycles not_told = part_of(run, task, loss, CAUSE_INTERRUPT) - part_of(recorded, task, loss, CAUSE_INTERRUPT);
        assert_int_equal(attribution_task_loss(run, task, loss), attribution_task_loss(recorded, task, loss));
        assert_int_equal(part_of(recorded, task, loss, CAUSE_UNKNOWN), 0);
        assert_true(part_of(run, task, loss, CAUSE_INTERRUPT) >= part_of(recorded, task, loss, CAUSE_INTERRUPT));
        assert_true(!rows[row].has_all_interrupts || not_told == 0);
        for (enum attribution_cause cause = 0; cause < ATTRIBUTION_CAUSES; cause++) {
            cycles of_run = part_of(run, task, loss, cause), of_recording = part_of(recorded, task, loss, cause);
            if (cause != CAUSE_INTERRUPT && (of_recording < of_run || of_recording - of_run > not_told) &&
                (of_run < of_recording || of_run - of_recording > not_told))
                fail_msg("%s %s: vCPU %u, %s, %s: %llu of the run, %llu of the recording, %llu in interrupts that are "
                         "not recorded",
                         rows[row].scenario, rows[row].set, task, attribution_loss_names[loss],
                         attribution_cause_names[cause], (unsigned long long)of_run, (unsigned long long)of_recording,
                         (unsigned long long)not_told);
        }
    }
}

static void a_recording_has_the_attribution_of_its_run(void **state)
{
    const struct recording_choice choice = { 0 };

    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct attribution of_run;
        struct recorded recorded;
        struct answer answer;
        char message[512] = "", path[] = "/tmp/irqpath-answers-XXXXXX.xentrace";

        temporary_file(path, ".xentrace");
        run(row, path, &of_run);
        bool is_good = recorded_read(path, &choice, &recorded, message, sizeof message);
        assert_int_equal(remove(path), 0);
        assert_string_equal(message, "");
        assert_true(is_good);
        uint64_t hz = recorded.world.frequency_hz;
        assert_true(answer_make(&answer, &recorded, cycles_from_ns(FROM_MS * 1000000, hz),
                                cycles_from_ns(UNTIL_MS * 1000000, hz), message, sizeof message));
        assert_int_equal(answer.attribution.task_count, of_run.task_count);
        for (uint32_t task = 0; task < of_run.world.vcpu_count; task++)
            compare_task(row, &of_run, &answer.attribution, task);
        answer_free(&answer);
        recorded_free(&recorded);
        attribution_free(&of_run);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(a_recording_has_the_attribution_of_its_run) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
