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

enum { FROM_MS = 4, UNTIL_MS = 8, NS_TOLERANCE = 3000, BLOCKED = 2 };

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

/* Xentrace counts cycles, and all is compared exactly. trace.dat counts ns
 * from its first event: a time may differ by 1 ns for each change of state, and the part by what begins it. */
static const struct {
    const char *scenario, *set, *suffix;
    uint32_t opened_us; /* the trace and the attribution begin then, whatever is under way; 0: at boot, and FROM_MS */
    bool is_part;       /* the trace begins at boot, and from then on is read */
} rows[] = {
    { "one-msi", "run.seed=2", "xentrace", 0, false },
    { "events", "run.seed=2", "xentrace", 0, false },
    { "radix-walk", "hypervisor.lock=mcs", "xentrace", 0, false },
    { "eight-socket-steal", "hypervisor.design=domain-tasklet", "xentrace", 0, false },
    { "eight-socket-steal", "hypervisor.design=softirq-requeue", "xentrace", 0, false },
    { "eight-socket-steal", "hypervisor.design=pirq-tasklet", "xentrace", 0, false },
    { "eight-socket-steal", "guests.idle.placement=floating", "xentrace", 0, false },
    { "posted-overcommit", "run.seed=2", "xentrace", 0, false },
    { "posted-states", "run.seed=2", "xentrace", 0, false },
    { "posted-eight-socket", "run.seed=2", "xentrace", 0, false },
    { "qemu-contention", "run.seed=2", "xentrace", 0, false },
    { "vfio-shared-line", "run.seed=2", "dat", 0, false },
    { "qemu-contention", "run.seed=2", "dat", 0, false },
    { "eight-socket-steal", "run.seed=2", "dat", 0, false },
    { "events", "run.seed=2", "dat", 0, false },
    { "posted-overcommit", "run.seed=2", "dat", 0, false },
    { "vfio-shared-line", "run.seed=2", "xentrace", 4000, false },
    { "vfio-shared-line", "run.seed=2", "dat", 4000, false },
    { "vfio-halt-poll", "run.seed=2", "xentrace", 4000, false },
    { "vfio-halt-poll", "run.seed=2", "dat", 4000, false },
    { "qemu-contention", "run.seed=2", "xentrace", 4000, false },
    { "qemu-contention", "run.seed=2", "dat", 4000, false },
    { "one-msi", "devices.nic.arrivals.rate=2kHz", "xentrace", 4000, false },
    { "one-msi", "devices.nic.arrivals.rate=2kHz", "dat", 4000, false },
    { "posted-overcommit", "run.seed=2", "xentrace", 4000, false },
    { "posted-overcommit", "run.seed=2", "dat", 4000, false },
    { "events", "run.seed=2", "xentrace", 4000, false },
    { "events", "run.seed=2", "dat", 4000, false },
    { "eight-socket-steal", "hypervisor.design=domain-tasklet", "xentrace", 5300, false },
    { "eight-socket-steal", "hypervisor.design=softirq-requeue", "xentrace", 6010, false },
    { "eight-socket-steal", "hypervisor.design=pirq-tasklet", "xentrace", 7345, false },
    { "eight-socket-steal", "guests.idle.placement=floating", "xentrace", 5777, false },
    { "eight-socket-steal", "run.seed=2", "dat", 6333, false },
    { "posted-eight-socket", "run.seed=2", "xentrace", 5450, false },
    { "posted-eight-socket", "run.seed=2", "dat", 7450, false },
    { "posted-states", "run.seed=2", "xentrace", 6111, false },
    { "radix-walk", "hypervisor.lock=mcs", "xentrace", 7006, false },
    { "radix-walk", "hypervisor.lock=mcs", "dat", 7012, false },
    { "qemu-contention", "run.seed=2", "xentrace", 5123, false },
    { "qemu-contention", "run.seed=2", "dat", 6717, false },
    { "eight-socket-steal", "hypervisor.design=domain-tasklet", "xentrace", 6400, true },
    { "eight-socket-steal", "hypervisor.design=domain-tasklet", "dat", 5450, true },
    { "vfio-shared-line", "run.seed=2", "xentrace", 5008, true },
    { "vfio-shared-line", "run.seed=2", "dat", 5008, true },
};

static uint64_t from_ns(size_t row)
{
    return rows[row].opened_us != 0 ? UINT64_C(1000) * rows[row].opened_us : UINT64_C(1000000) * FROM_MS;
}

/* Runs the scenario with its trace going to the attribution and, from boot on, to the file. */
static void run(size_t row, const char *path, struct attribution *attribution, struct last *last)
{
    const char *const sets[] = { "run.warmup=4ms", "run.duration=7ms", rows[row].set };
    char window[32];
    const struct trace_file_options options = { .window = window, .is_forced = true };
    struct trace_file *file = malloc(sizeof *file);
    struct trace_file_summary summary;
    struct scenario scenario;
    struct trace_tee tee;
    struct result result;
    struct diag diag;
    char message[720] = "", source[256];

    assert_non_null(file);
    snprintf(source, sizeof source, SOURCE_DIR "/scenarios/%s.yaml", rows[row].scenario);
    snprintf(window, sizeof window, "%uus,11ms", rows[row].is_part ? 0 : rows[row].opened_us);
    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, source, sets, 3, &diag), SCENARIO_OK);
    diag_free(&diag);
    assert_int_equal(trace_file_open(file, &options, path, message, sizeof message), TRACE_FILE_OK);
    attribution_init(attribution);
    attribution->from_ns = from_ns(row);
    attribution->until_ns = UNTIL_MS * 1000000;
    trace_tee_init(&tee);
    trace_tee_add(&tee, &file->recorder->sink);
    trace_tee_add(&tee, &attribution->sink);
    *last = (struct last){ .sink = { file->recorder->next->kinds, last_begin, last_records, last_end } };
    trace_tee_add(&tee, &last->sink);
    assert_true(run_scenario_traced(&scenario, &tee.sink, 1 << 21, NULL, &result, message, sizeof message));
    assert_int_equal(trace_file_close(file, &summary, message, sizeof message), TRACE_FILE_OK);
    assert_int_equal(summary.dropped, 0);
    result_free(&result);
    scenario_free(&scenario);
    free(file);
}

/* [vCPU][loss][cause] */
typedef cycles loss_sums[LOSS_COUNT][ATTRIBUTION_CAUSES];

static loss_sums *sums_of(const struct attribution *attribution, uint32_t vcpu_count)
{
    loss_sums *sums = calloc(vcpu_count + 1, sizeof *sums);

    assert_non_null(sums);
    for (size_t i = 0; i < attribution->part_capacity; i++) {
        const struct attribution_part *part = &attribution->parts[i];
        if (part->victim < vcpu_count)
            sums[part->victim][part->loss][part->cause] += part->time;
    }
    return sums;
}

struct pair {
    size_t row;
    const struct attribution *run, *recorded;
    loss_sums *run_sums, *recorded_sums;
    bool is_exact;
};

/* Ticks of the recording that so many cycles of the run are. */
static cycles ticks_of(const struct pair *pair, cycles time)
{
    return pair->is_exact ? time : cycles_to_ns(time, pair->run->world.frequency_hz);
}

/* Whether they are equal or, of a clock that is not the run's, differ by at most what begins its window. */
static bool is_like(const struct pair *pair, cycles of_run, cycles of_recording)
{
    cycles run = ticks_of(pair, of_run), most = pair->is_exact ? 0 : NS_TOLERANCE;

    return run < of_recording ? of_recording - run <= most : run - of_recording <= most;
}

static void check(const struct pair *pair, uint32_t task, const char *what, const char *which, cycles of_run,
                  cycles of_recording)
{
    if (!is_like(pair, of_run, of_recording))
        fail_msg("%s %s %s: from %u us, vCPU %u, %s, %s: %llu ticks of the run, %llu of the recording",
                 rows[pair->row].scenario, rows[pair->row].set, rows[pair->row].suffix, rows[pair->row].opened_us, task,
                 what, which, (unsigned long long)ticks_of(pair, of_run), (unsigned long long)of_recording);
}

static void compare_loss(const struct pair *pair, uint32_t task, enum attribution_loss loss)
{
    check(pair, task, attribution_loss_names[loss], "all", attribution_task_loss(pair->run, task, loss),
          attribution_task_loss(pair->recorded, task, loss));
    for (enum attribution_cause cause = 0; cause < ATTRIBUTION_CAUSES; cause++)
        check(pair, task, attribution_loss_names[loss], attribution_cause_names[cause],
              pair->run_sums[task][loss][cause], pair->recorded_sums[task][loss][cause]);
}

static int by_culprit(const void *left, const void *right)
{
    const struct attribution_part *a = left, *b = right;
    const uint32_t keys[][2] = { { a->victim, b->victim },
                                 { a->loss, b->loss },
                                 { a->cause, b->cause },
                                 { a->culprit, b->culprit },
                                 { a->cpu, b->cpu } };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    return 0;
}

/* The parts in the order of victims and culprits, one for each pair of them, whatever the lock or interrupt was. The
 * caller frees them. */
static struct attribution_part *culprits_of(const struct attribution *attribution, size_t *count)
{
    struct attribution_part *parts = calloc(attribution->part_capacity + 1, sizeof *parts);
    size_t all = 0;

    assert_non_null(parts);
    for (size_t i = 0; i < attribution->part_capacity; i++)
        if (attribution->parts[i].time > 0)
            parts[all++] = attribution->parts[i];
    qsort(parts, all, sizeof *parts, by_culprit);
    *count = 0;
    for (size_t i = 0; i < all; i++)
        if (*count > 0 && by_culprit(&parts[*count - 1], &parts[i]) == 0)
            parts[*count - 1].time += parts[i].time;
        else
            parts[(*count)++] = parts[i];
    return parts;
}

/* In cycles, for whom each part was, too. */
static void compare_culprits(const struct pair *pair)
{
    size_t run_count, recorded_count;

    if (!pair->is_exact)
        return;
    struct attribution_part *of_run = culprits_of(pair->run, &run_count);
    struct attribution_part *of_recording = culprits_of(pair->recorded, &recorded_count);
    assert_int_equal(run_count, recorded_count);
    for (size_t i = 0; i < run_count; i++) {
        char culprit[40];

        assert_int_equal(by_culprit(&of_run[i], &of_recording[i]), 0);
        snprintf(culprit, sizeof culprit, "for %x, pCPU %u", of_run[i].culprit, of_run[i].cpu);
        check(pair, of_run[i].victim, attribution_cause_names[of_run[i].cause], culprit, of_run[i].time,
              of_recording[i].time);
    }
    free(of_run);
    free(of_recording);
}

/* The events of Linux's scheduler have nothing of a vCPU that sleeps all the time. */
static bool is_asleep_and_untold(const struct pair *pair, uint32_t task)
{
    cycles unknown = attribution_state_time(pair->recorded, task, ATTRIBUTION_UNKNOWN);

    return !pair->is_exact && unknown == pair->recorded->until - pair->recorded->from &&
           attribution_state_time(pair->run, task, BLOCKED) == pair->run->until - pair->run->from;
}

static void compare_task(const struct pair *pair, uint32_t task)
{
    static const char *const states[ATTRIBUTION_STATES] = { "running", "runnable", "blocked", "offline", "unknown" };

    if (is_asleep_and_untold(pair, task))
        return;
    for (uint32_t state = 0; state < ATTRIBUTION_STATES; state++)
        check(pair, task, "state", states[state], attribution_state_time(pair->run, task, state),
              attribution_state_time(pair->recorded, task, state));
    for (enum attribution_loss loss = LOSS_STEAL; loss < LOSS_COUNT; loss++)
        compare_loss(pair, task, loss);
}

/* The vCPU of that name; a trace.dat names only those that it has records of. */
static void compare(size_t row)
{
    const struct recording_choice choice = { .from_ns = rows[row].is_part ? from_ns(row) : 0 };
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
    if (!strcmp(rows[row].suffix, "dat"))
        assert_int_equal(recorded.machine_hz, of_run.world.frequency_hz);
    uint64_t hz = recorded.world.frequency_hz, shift = rows[row].opened_us != 0 ? from_ns(row) : 0;
    if (rows[row].opened_us == 0 && !strcmp(rows[row].suffix, "dat"))
        shift = cycles_to_ns(last.time, of_run.world.frequency_hz) - recorded.world.end;
    if (!answer_make(&answer, &recorded, cycles_from_ns(from_ns(row) - shift, hz),
                     cycles_from_ns(UNTIL_MS * 1000000 - shift, hz), message, sizeof message))
        fail_msg("%s %s: %s", rows[row].scenario, rows[row].suffix, message);
    const uint32_t vcpus = of_run.world.vcpu_count;
    const struct pair pair = { row,
                               &of_run,
                               &answer.attribution,
                               sums_of(&of_run, vcpus),
                               sums_of(&answer.attribution, vcpus),
                               hz == of_run.world.frequency_hz };
    for (uint32_t task = 0; task < vcpus; task++)
        compare_task(&pair, task);
    compare_culprits(&pair);
    free(pair.run_sums);
    free(pair.recorded_sums);
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
