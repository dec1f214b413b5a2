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

enum { FROM_MS = 10, UNTIL_MS = 15, NS_TOLERANCE = 3000 };

/* Notes the time of the last record before the file's end, which is that of its last event. */
struct last {
    struct trace_sink sink;
    cycles time;
};

static bool last_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    (void)sink, (void)world, (void)message, (void)message_bytes;
    return true;
}

static void last_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (records[i].time > ((struct last *)sink)->time)
            ((struct last *)sink)->time = records[i].time;
}

static void last_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    (void)sink, (void)machine, (void)now;
}

/* Xentrace counts cycles. Interrupts that Xen does not hand to do_IRQ, such as IPIs, have no record there: their time
 * belongs to what they interrupt, and all that is in no interrupt of the run is compared exactly. trace.dat counts ns
 * from its first event: a time may differ by 1 ns for each change of state, and the part by what begins it. */
static const struct {
    const char *scenario, *set, *suffix;
    bool is_opened; /* the trace begins where the attribution does, and not at boot: it does not tell of interrupts and
                     * waits that are under way then, and these have none */
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
    { "qemu-contention", "run.seed=2", "xentrace", false },
    { "vfio-shared-line", "run.seed=2", "dat", false },
    { "qemu-contention", "run.seed=2", "dat", false },
    { "eight-socket-steal", "run.seed=2", "dat", false },
    { "events", "run.seed=2", "dat", false },
    { "posted-overcommit", "run.seed=2", "dat", false },
    { "vfio-shared-line", "run.seed=2", "xentrace", true },
    { "vfio-shared-line", "run.seed=2", "dat", true },
    { "vfio-halt-poll", "run.seed=2", "xentrace", true },
    { "vfio-halt-poll", "run.seed=2", "dat", true },
    { "qemu-contention", "run.seed=2", "xentrace", true },
    { "qemu-contention", "run.seed=2", "dat", true },
    { "one-msi", "devices.nic.arrivals.rate=2kHz", "xentrace", true },
    { "one-msi", "devices.nic.arrivals.rate=2kHz", "dat", true },
    { "posted-overcommit", "run.seed=2", "xentrace", true },
    { "posted-overcommit", "run.seed=2", "dat", true },
    { "events", "run.seed=2", "xentrace", true },
    { "events", "run.seed=2", "dat", true },
};

/* Runs the scenario with its trace going to the attribution and, from boot on, to the file. */
static void run(size_t row, const char *path, struct attribution *attribution, struct last *last)
{
    const char *const sets[] = { "run.warmup=10ms", "run.duration=6ms", rows[row].set };
    const struct trace_file_options options = { .window = rows[row].is_opened ? "10ms,16ms" : "0ms,16ms",
                                                .is_forced = true };
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
    attribution->from_ns = FROM_MS * 1000000;
    attribution->until_ns = UNTIL_MS * 1000000;
    trace_tee_init(&tee);
    trace_tee_add(&tee, &file->recorder->sink);
    trace_tee_add(&tee, &attribution->sink);
    *last = (struct last){ .sink = { TRACE_ALL_KINDS, last_begin, last_records, last_end } };
    trace_tee_add(&tee, &last->sink);
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

struct pair {
    size_t row;
    const struct attribution *run, *recorded;
    bool is_exact;
};

/* Ticks of the recording that so many cycles of the run are. */
static cycles ticks_of(const struct pair *pair, cycles time)
{
    return pair->is_exact ? time : cycles_to_ns(time, pair->run->world.frequency_hz);
}

/* Whether they differ by at most `more` and, of a clock that is not the run's, what begins its window. */
static bool is_like(const struct pair *pair, cycles of_run, cycles of_recording, cycles more)
{
    cycles run = ticks_of(pair, of_run), most = more + (pair->is_exact ? 0 : NS_TOLERANCE);

    return run < of_recording ? of_recording - run <= most : run - of_recording <= most;
}

static void check(const struct pair *pair, uint32_t task, const char *what, const char *which, cycles of_run,
                  cycles of_recording, cycles more)
{
    if (!is_like(pair, of_run, of_recording, more))
        fail_msg("%s %s %s: vCPU %u, %s, %s: %llu ticks of the run, %llu of the recording", rows[pair->row].scenario,
                 rows[pair->row].set, rows[pair->row].suffix, task, what, which,
                 (unsigned long long)ticks_of(pair, of_run), (unsigned long long)of_recording);
}

static void compare_loss(const struct pair *pair, uint32_t task, enum attribution_loss loss)
{
    cycles in_run = part_of(pair->run, task, loss, CAUSE_INTERRUPT);
    cycles in_recording = part_of(pair->recorded, task, loss, CAUSE_INTERRUPT), not_told = 0;

    if (pair->is_exact) {
        assert_true(in_run >= in_recording);
        not_told = in_run - in_recording;
    }
    check(pair, task, attribution_loss_names[loss], "all", attribution_task_loss(pair->run, task, loss),
          attribution_task_loss(pair->recorded, task, loss), 0);
    for (enum attribution_cause cause = 0; cause < ATTRIBUTION_CAUSES; cause++)
        check(pair, task, attribution_loss_names[loss], attribution_cause_names[cause],
              part_of(pair->run, task, loss, cause), part_of(pair->recorded, task, loss, cause), not_told);
}

static void compare_task(const struct pair *pair, uint32_t task)
{
    static const char *const states[ATTRIBUTION_STATES] = { "running", "runnable", "blocked", "offline", "unknown" };

    for (uint32_t state = 0; state < ATTRIBUTION_STATES; state++)
        check(pair, task, "state", states[state], attribution_state_time(pair->run, task, state),
              attribution_state_time(pair->recorded, task, state), 0);
    for (enum attribution_loss loss = LOSS_STEAL; loss < LOSS_COUNT; loss++)
        compare_loss(pair, task, loss);
}

/* The vCPU of that name; a trace.dat names only those that it has records of. */
static void compare(size_t row)
{
    const struct recording_choice choice = { 0 };
    struct attribution of_run;
    struct recorded recorded;
    struct answer answer;
    struct last last;
    char message[512] = "", path[64];

    snprintf(path, sizeof path, "/tmp/irqpath-answers-XXXXXX.%s", rows[row].suffix);
    temporary_file(path, strchr(path, '.'));
    run(row, path, &of_run, &last);
    bool is_good = recorded_read(path, &choice, &recorded, message, sizeof message);
    assert_int_equal(remove(path), 0);
    assert_string_equal(message, "");
    assert_true(is_good);
    uint64_t hz = recorded.world.frequency_hz, shift = rows[row].is_opened ? FROM_MS * 1000000 : 0;
    if (!rows[row].is_opened && !strcmp(rows[row].suffix, "dat"))
        shift = cycles_to_ns(last.time, of_run.world.frequency_hz) - recorded.world.end;
    if (!answer_make(&answer, &recorded, cycles_from_ns(FROM_MS * 1000000 - shift, hz),
                     cycles_from_ns(UNTIL_MS * 1000000 - shift, hz), message, sizeof message))
        fail_msg("%s %s: %s", rows[row].scenario, rows[row].suffix, message);
    const struct pair pair = { row, &of_run, &answer.attribution, hz == of_run.world.frequency_hz };
    for (uint32_t task = 0; task < of_run.world.vcpu_count; task++)
        compare_task(&pair, task);
    answer_free(&answer);
    recorded_free(&recorded);
    attribution_free(&of_run);
}

static void a_recording_has_the_attribution_of_its_run(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++)
        compare(row);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(a_recording_has_the_attribution_of_its_run) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
