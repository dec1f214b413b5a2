/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes the answer of a recording's attribution, and puts it into words.
 */
#define _GNU_SOURCE
#include "trace/answer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"
#include "base/control.h"

enum { RUNNING, RUNNABLE, BLOCKED, OFFLINE };
enum { VERDICT_PARTS = 3 };

#define KIND(kind) (UINT64_C(1) << (kind))
#define SMALL 0.05 /* percent: what is less is not worth a word in the verdict */

/* --- rows --- */

static int by_time(const void *a, const void *b)
{
    const struct answer_row *first = a, *second = b;

    if (first->time != second->time)
        return first->time < second->time ? 1 : -1;
    if (first->loss != second->loss)
        return first->loss < second->loss ? -1 : 1;
    if (first->cause != second->cause)
        return first->cause < second->cause ? -1 : 1;
    if (first->culprit != second->culprit)
        return first->culprit < second->culprit ? -1 : 1;
    return first->what == second->what ? 0 : first->what < second->what ? -1 : 1;
}

static void add_row(struct answer_task *task, const struct attribution_part *part)
{
    for (size_t i = 0; i < task->row_count; i++) {
        struct answer_row *row = &task->rows[i];
        if (row->loss == part->loss && row->cause == part->cause && row->culprit == part->culprit &&
            row->what == part->what) {
            row->time += part->time;
            return;
        }
    }
    task->rows = array_grown(task->rows, task->row_count, sizeof *task->rows);
    task->rows[task->row_count++] =
        (struct answer_row){ part->time, part->culprit, part->what, part->loss, part->cause };
}

static int by_waiting(const void *a, const void *b)
{
    const struct answer_task *first = a, *second = b;

    if (first->waiting != second->waiting)
        return first->waiting < second->waiting ? 1 : -1;
    if (first->running != second->running)
        return first->running < second->running ? 1 : -1;
    return first->task < second->task ? -1 : 1;
}

static struct answer_task task_of(const struct attribution *attribution, uint32_t number)
{
    return (struct answer_task){
        .task = number,
        .who = attribution_who(attribution, number),
        .running = attribution_state_time(attribution, number, RUNNING),
        .own = attribution_own_time(attribution, number),
        .waiting = attribution_task_loss(attribution, number, LOSS_STEAL),
        .blocked = attribution_state_time(attribution, number, BLOCKED),
        .unknown = attribution_state_time(attribution, number, ATTRIBUTION_UNKNOWN),
    };
}

static void check_sums(const struct answer *answer, const struct answer_task *task)
{
    cycles lost = 0;

    for (size_t i = 0; i < task->row_count; i++)
        lost += task->rows[i].time;
    CHECK(lost == task->waiting + task->running - task->own);
    CHECK(task->running + task->waiting + task->blocked + task->unknown == answer->elapsed);
}

static void make_tasks(struct answer *answer)
{
    const struct attribution *attribution = &answer->attribution;
    uint32_t count = answer->is_of_threads ? attribution->task_count : attribution->world.vcpu_count;
    struct answer_task *all = calloc(count + 1, sizeof *all);

    CHECK(all != NULL);
    for (uint32_t i = 0; i < count; i++)
        all[i] = task_of(attribution, i);
    for (size_t i = 0; i < attribution->part_capacity; i++)
        if (attribution->parts[i].time > 0 && attribution->parts[i].victim < count)
            add_row(&all[attribution->parts[i].victim], &attribution->parts[i]);
    for (uint32_t i = 0; i < count; i++) {
        check_sums(answer, &all[i]);
        if (all[i].row_count > 0)
            qsort(all[i].rows, all[i].row_count, sizeof *all[i].rows, by_time);
        if (all[i].unknown < answer->elapsed)
            all[answer->count++] = all[i];
        else
            free(all[i].rows);
    }
    qsort(all, answer->count, sizeof *all, by_waiting);
    answer->tasks = all;
}

bool answer_make(struct answer *answer, struct recorded *recorded, cycles from, cycles until, char *message,
                 size_t message_bytes)
{
    *answer = (struct answer){ .recorded = recorded,
                               .frequency_hz = recorded->world.frequency_hz,
                               .is_of_threads = recorded->world.vcpu_count == 0 };
    attribution_init(&answer->attribution);
    answer->attribution.hides_guest_mode = (recorded->kinds & KIND(TRACE_VMENTRY)) == 0;
    answer->attribution.first_modes = answer->first_modes = recorded_first_modes(recorded);
    answer->attribution.wants_threads = answer->is_of_threads;
    answer->attribution.is_linux = recorded->host == RECORDED_HOST_LINUX;
    if (!recorded_play(recorded, from, until, &answer->attribution.sink, message, message_bytes))
        return false;
    if (answer->attribution.until > answer->attribution.from)
        answer->elapsed = answer->attribution.until - answer->attribution.from;
    if (!answer->attribution.has_vcpus) {
        snprintf(message, message_bytes, "the recording does not say when a vCPU or thread runs: record %s",
                 recorded->host == RECORDED_HOST_XEN ? "Xen's scheduler, xentrace -e 0x0002f000"
                                                     : "sched:sched_switch and sched:sched_waking");
        return false;
    }
    make_tasks(answer);
    if (answer->count > 0)
        return true;
    snprintf(message, message_bytes, "this part of the recording does not say what any vCPU or thread does");
    return false;
}

void answer_free(struct answer *answer)
{
    for (size_t i = 0; i < answer->count; i++)
        free(answer->tasks[i].rows);
    free(answer->tasks);
    free(answer->first_modes);
    attribution_free(&answer->attribution);
}

bool answer_tells_mode(const struct answer *answer, const struct answer_task *task)
{
    return trace_is_thread(task->who) ||
           (!answer->attribution.hides_guest_mode && answer->first_modes[task->task] != 0);
}

double answer_percent(const struct answer *answer, cycles time)
{
    return answer->elapsed == 0 ? 0 : 100.0 * (double)time / (double)answer->elapsed;
}

/* --- words --- */

void answer_clean(char *text)
{
    const char *end = text + strlen(text);
    json_t *valid = json_string(text);

    for (char *at = text; *at != '\0'; at++)
        if (control_bytes(at, end) > 0 || (valid == NULL && (uint8_t)*at >= 0x80))
            *at = '?';
    json_decref(valid);
}

/* With its number where another thread has the same name. */
static void thread_name(const struct trace_thread *named, char text[ANSWER_TEXT_BYTES])
{
    if (!named->has_namesake || named->pid <= 0)
        snprintf(text, ANSWER_TEXT_BYTES, "%s", named->name);
    else
        snprintf(text, ANSWER_TEXT_BYTES, "%s-%d", named->name, named->pid);
}

const char *answer_who_of(const struct trace_world *world, uint32_t who, char text[ANSWER_TEXT_BYTES])
{
    const struct trace_thread *thread = trace_world_thread(world, who);
    char name[TRACE_TEXT_BYTES];

    if (thread != NULL)
        thread_name(thread, text);
    else
        snprintf(text, ANSWER_TEXT_BYTES, "%s", trace_who_text(world, who, name));
    answer_clean(text);
    return text;
}

const char *answer_who(const struct answer *answer, uint32_t who, char text[ANSWER_TEXT_BYTES])
{
    return answer_who_of(&answer->attribution.world, who, text);
}

static const char *what_of(const struct answer *answer, const struct answer_row *row, char text[ANSWER_TEXT_BYTES])
{
    char name[TRACE_TEXT_BYTES];

    snprintf(text, ANSWER_TEXT_BYTES, "%s", attribution_what(&answer->attribution, row->cause, row->what, name));
    answer_clean(text);
    return text;
}

/* The process after which the thread is named; 0: none. */
static int32_t process_of(const struct trace_world *world, uint32_t who)
{
    static const char *const formats[] = { "vhost-%d", "kvm-pit/%d", "kvm-nx-lpage-re-%d" };
    const struct trace_thread *thread = trace_world_thread(world, who);
    int process = 0;

    if (thread == NULL)
        return 0;
    for (size_t i = 0; i < sizeof formats / sizeof *formats && process <= 0; i++)
        if (sscanf(thread->name, formats[i], &process) != 1)
            process = 0;
    return process > 0 ? process : 0;
}

/* A guest is named after its process, and "NAME-PID" where another one has that name; TRACE_NOBODY: not known. */
static uint32_t guest_of_process(const struct trace_world *world, int32_t process)
{
    char number[16];

    snprintf(number, sizeof number, "-%d", process);
    for (uint32_t d = 0; d < world->domain_count; d++) {
        const char *end = strrchr(world->domains[d].name, '-');
        if (end != NULL && !strcmp(end, number))
            return trace_who(d, TRACE_WHOLE_DOMAIN);
    }
    for (uint32_t t = 0; t < world->thread_count; t++)
        for (uint32_t d = 0; world->threads[t].pid == process && d < world->domain_count; d++)
            if (!strcmp(world->threads[t].name, world->domains[d].name))
                return trace_who(d, TRACE_WHOLE_DOMAIN);
    return TRACE_NOBODY;
}

const char *answer_for(const struct answer *answer, const struct answer_row *row, char text[ANSWER_TEXT_BYTES])
{
    const struct trace_world *world = &answer->attribution.world;
    uint32_t who = row->culprit;

    if (who == TRACE_NOBODY)
        return NULL;
    if (trace_is_thread(who)) {
        int32_t process = process_of(world, who);
        who = process != 0 ? guest_of_process(world, process) : TRACE_NOBODY;
    }
    return who == TRACE_NOBODY ? NULL : answer_who(answer, trace_who(trace_domain(who), TRACE_WHOLE_DOMAIN), text);
}

static void by_hypervisor(const struct answer *answer, const struct answer_row *row, char text[ANSWER_TEXT_BYTES])
{
    const char *host = answer->recorded->host == RECORDED_HOST_XEN ? "hypervisor" : "host";
    char who[ANSWER_TEXT_BYTES], what[ANSWER_TEXT_BYTES];
    bool is_other = row->loss == LOSS_STEAL && row->culprit != TRACE_NOBODY;

    if (is_other && row->what > 0)
        snprintf(text, ANSWER_TEXT_BYTES, "%.80s, VM exit %.80s", answer_who(answer, row->culprit, who),
                 what_of(answer, row, what));
    else if (is_other)
        snprintf(text, ANSWER_TEXT_BYTES, "%.80s, in the %s", answer_who(answer, row->culprit, who), host);
    else if (row->what > 0)
        snprintf(text, ANSWER_TEXT_BYTES, "VM exit %.80s", what_of(answer, row, what));
    else
        snprintf(text, ANSWER_TEXT_BYTES, "the %s, no VM exit", host);
}

/* Without the guest for which it is. */
static void by_alone(const struct answer *answer, const struct answer_row *row, char text[ANSWER_TEXT_BYTES])
{
    char name[ANSWER_TEXT_BYTES];

    switch (row->cause) {
    case CAUSE_THREAD:
        snprintf(text, ANSWER_TEXT_BYTES, "thread %.80s", answer_who(answer, row->culprit, name));
        break;
    case CAUSE_GUEST:
        snprintf(text, ANSWER_TEXT_BYTES, "%.80s",
                 row->culprit != TRACE_NOBODY ? answer_who(answer, row->culprit, name) : "a vCPU, unknown which");
        break;
    case CAUSE_HYPERVISOR:
        by_hypervisor(answer, row, text);
        break;
    case CAUSE_INTERRUPT:
        snprintf(text, ANSWER_TEXT_BYTES, "interrupt%s%.80s", row->what > 0 ? " " : "s",
                 row->what > 0 ? what_of(answer, row, name) : "");
        break;
    case CAUSE_SOFTIRQ:
        what_of(answer, row, name);
        snprintf(text, ANSWER_TEXT_BYTES, "%s%.80s", strncmp(name, "softirq ", 8) != 0 ? "softirq " : "", name);
        break;
    case CAUSE_WAKE_UP:
        snprintf(text, ANSWER_TEXT_BYTES, "the idle pCPU's wake-up");
        break;
    case CAUSE_THROTTLED:
        snprintf(text, ANSWER_TEXT_BYTES, "an idle pCPU: throttled (cpu.max)");
        break;
    case CAUSE_UNKNOWN:
        snprintf(text, ANSWER_TEXT_BYTES, "unknown");
        break;
    default:
        what_of(answer, row, name);
        snprintf(text, ANSWER_TEXT_BYTES, "lock%s%.80s%s", strcmp(name, "lock") != 0 ? " " : "",
                 strcmp(name, "lock") != 0 ? name : "",
                 row->cause == CAUSE_LOCK_HELD       ? ", held"
                 : row->cause == CAUSE_LOCK_HANDOVER ? ", handed over"
                                                     : ", free");
        break;
    }
}

const char *answer_by(const struct answer *answer, const struct answer_row *row, char text[ANSWER_TEXT_BYTES])
{
    char guest[ANSWER_TEXT_BYTES];
    bool names_guest = row->cause != CAUSE_GUEST && row->cause != CAUSE_HYPERVISOR;

    by_alone(answer, row, text);
    if (names_guest && answer_for(answer, row, guest) != NULL) {
        size_t bytes = strlen(text);
        snprintf(text + bytes, ANSWER_TEXT_BYTES - bytes, " (for %.70s)", guest);
    }
    return text;
}

/* --- the verdict --- */

/* The rows of one loss, those of the same vCPU in and outside of its guest together. */
static size_t verdict_rows(const struct answer_task *task, enum attribution_loss loss, struct answer_row *rows)
{
    size_t count = 0;

    for (size_t i = 0; i < task->row_count; i++) {
        struct answer_row row = task->rows[i];
        size_t at = 0;
        if (row.loss != loss)
            continue;
        if (loss == LOSS_STEAL && row.cause == CAUSE_HYPERVISOR && row.culprit != TRACE_NOBODY) {
            row.cause = CAUSE_GUEST;
            row.what = 0;
        }
        while (at < count &&
               (rows[at].cause != row.cause || rows[at].culprit != row.culprit || rows[at].what != row.what))
            at++;
        if (at == count)
            rows[count++] = row;
        else
            rows[at].time += row.time;
    }
    if (count > 0)
        qsort(rows, count, sizeof *rows, by_time);
    return count;
}

static void print_parts(const struct answer *answer, const struct answer_task *task, enum attribution_loss loss,
                        FILE *out)
{
    struct answer_row *rows = calloc(task->row_count + 1, sizeof *rows);
    char text[ANSWER_TEXT_BYTES];
    cycles told = 0, all = 0;

    CHECK(rows != NULL);
    size_t count = verdict_rows(task, loss, rows), i = 0;
    for (size_t j = 0; j < count; j++)
        all += rows[j].time;
    for (; i < count && i < VERDICT_PARTS && (i == 0 || answer_percent(answer, rows[i].time) >= SMALL); i++) {
        const struct answer_row *row = &rows[i];
        const char *before = loss == LOSS_RUNNING || row->cause == CAUSE_UNKNOWN ? "" : "behind ";
        fprintf(out, "%s %.1f %% %s%s", i == 0 ? "" : ",", answer_percent(answer, row->time), before,
                answer_by(answer, row, text));
        told += row->time;
    }
    if (answer_percent(answer, all - told) >= SMALL)
        fprintf(out, ", %.1f %% by %zu other%s", answer_percent(answer, all - told), count - i,
                count - i == 1 ? "" : "s");
    free(rows);
}

static void time_text(const struct answer *answer, char text[32])
{
    double ns = (double)answer->elapsed * 1e9 / (double)answer->frequency_hz;

    if (ns >= 1e9)
        snprintf(text, 32, "%.1f s", ns / 1e9);
    else if (ns >= 1e6)
        snprintf(text, 32, "%.1f ms", ns / 1e6);
    else
        snprintf(text, 32, "%.1f us", ns / 1e3);
}

char *answer_verdict(const struct answer *answer)
{
    const struct answer_task *task = &answer->tasks[0];
    char who[ANSWER_TEXT_BYTES], length[32], *text = NULL;
    cycles outside = task->running - task->own;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    CHECK(out != NULL);
    time_text(answer, length);
    answer_who(answer, task->who, who);
    if (answer_percent(answer, task->waiting) < SMALL)
        fprintf(out, "No %s waited for long: at most %.2f %% of %s (%s).", answer->is_of_threads ? "thread" : "vCPU",
                answer_percent(answer, task->waiting), length, who);
    else {
        fprintf(out, "%s waited %.1f %% of %s:", who, answer_percent(answer, task->waiting), length);
        print_parts(answer, task, LOSS_STEAL, out);
        fputc('.', out);
    }
    if (answer_percent(answer, outside) >= SMALL) {
        fprintf(out, " %s ran %.1f %%, of which it lost %.1f %%:",
                answer_percent(answer, task->waiting) < SMALL ? who : "It", answer_percent(answer, task->running),
                answer_percent(answer, outside));
        print_parts(answer, task, LOSS_RUNNING, out);
        fputc('.', out);
    }
    if (answer_percent(answer, task->unknown) >= SMALL)
        fprintf(out, " Of %.1f %% it is unknown what it did.", answer_percent(answer, task->unknown));
    CHECK(fclose(out) == 0);
    return text;
}
