/* SPDX-License-Identifier: Apache-2.0
 *
 * The answer of a recording as JSON and as CSV.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/check.h"
#include "trace/answer.h"

#define KIND(kind) (UINT64_C(1) << (kind))

static const char *const host_names[] = { "unknown", "linux", "xen" };
static const char *const lost_names[LOSS_COUNT] = { "waiting", "running" };

static const char *what_of(const struct answer *answer, const struct answer_row *row, char text[TRACE_TEXT_BYTES])
{
    return attribution_what(&answer->attribution, row->cause, row->what, text);
}

/* Bytes that are not UTF-8 make it null. */
static json_t *text_json(const char *text)
{
    json_t *json = text == NULL ? NULL : json_string(text);

    return json != NULL ? json : json_null();
}

static json_t *parts_json(const struct answer *answer, const struct answer_task *task)
{
    char by[ANSWER_TEXT_BYTES], guest[ANSWER_TEXT_BYTES], what[TRACE_TEXT_BYTES];
    json_t *parts = json_array();

    for (size_t i = 0; i < task->row_count; i++) {
        const struct answer_row *row = &task->rows[i];
        json_t *part = json_pack("{s:s, s:s, s:o, s:o, s:o, s:I}", "lost", lost_names[row->loss], "cause",
                                 attribution_cause_names[row->cause], "what", text_json(what_of(answer, row, what)),
                                 "by", text_json(answer_by(answer, row, by)), "for",
                                 text_json(answer_for(answer, row, guest)), "ticks", (json_int_t)row->time);
        CHECK(part != NULL);
        json_array_append_new(parts, part);
    }
    return parts;
}

static json_t *task_json(const struct answer *answer, const struct answer_task *task)
{
    char name[ANSWER_TEXT_BYTES], guest[ANSWER_TEXT_BYTES];
    bool is_vcpu = !trace_is_thread(task->who);
    json_t *json = json_pack(
        "{s:o, s:o, s:I, s:o, s:I, s:I, s:I, s:o}", "name", text_json(answer_who(answer, task->who, name)), "guest",
        is_vcpu ? text_json(answer_who(answer, trace_who(trace_domain(task->who), TRACE_WHOLE_DOMAIN), guest))
                : json_null(),
        "running", (json_int_t)task->running, "own",
        answer_tells_mode(answer, task) ? json_integer((json_int_t)task->own) : json_null(), "waiting",
        (json_int_t)task->waiting, "blocked", (json_int_t)task->blocked, "unknown", (json_int_t)task->unknown, "parts",
        parts_json(answer, task));

    CHECK(json != NULL);
    return json;
}

static json_t *ignored_json(const struct recorded *recorded)
{
    json_t *list = json_array();

    for (size_t i = 0; i < recorded->ignored_count; i++)
        json_array_append_new(list,
                              json_pack("{s:o, s:s, s:I}", "what", text_json(recorded->ignored[i].what), "why",
                                        recorded->ignored[i].why, "count", (json_int_t)recorded->ignored[i].count));
    return list;
}

static json_t *missing_json(const struct answer *answer)
{
    char sentences[ANSWER_MISSING_MAX][ANSWER_MISSING_BYTES];
    size_t count = answer_missing(answer, sentences, ANSWER_MISSING_MAX);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(sentences[i]));
    return list;
}

json_t *answer_json(const struct answer *answer)
{
    const struct recorded *recorded = answer->recorded;
    uint64_t kinds = recorded->kinds;
    json_t *tasks = json_array();
    char *verdict = answer_verdict(answer);

    for (size_t i = 0; i < answer->count; i++)
        json_array_append_new(tasks, task_json(answer, &answer->tasks[i]));
    json_t *has = json_pack("{s:b, s:b, s:b, s:b, s:b}", "wake_ups", (kinds & KIND(TRACE_WAKE)) != 0, "interrupts",
                            (kinds & KIND(TRACE_IRQ_ENTRY)) != 0, "softirqs", (kinds & KIND(TRACE_SOFTIRQ_ENTRY)) != 0,
                            "guest_mode", (kinds & KIND(TRACE_VMENTRY)) != 0, "locks",
                            (kinds & (KIND(TRACE_LOCK_WAIT) | KIND(TRACE_LOCK_ACQUIRE))) != 0);
    json_t *json = json_pack("{s:o, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "verdict",
                             text_json(verdict), "host", host_names[recorded->host], "design",
                             text_json(recorded->design[0] != '\0' ? recorded->design : NULL), "frequency_hz",
                             (json_int_t)answer->frequency_hz, "from_ticks", (json_int_t)answer->attribution.from,
                             "ticks", (json_int_t)answer->elapsed, "pcpus", (json_int_t)recorded->world.cpu_count,
                             "lost_events", (json_int_t)recorded->lost, "recorded", has, "missing",
                             missing_json(answer), "ignored", ignored_json(recorded), "tasks", tasks);
    CHECK(json != NULL);
    free(verdict);
    return json;
}

/* --- CSV --- */

static void print_quoted(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text != '\0'; text++)
        fputs(*text == '"' ? "\"\"" : (char[]){ *text, '\0' }, out);
    fputc('"', out);
}

static void print_line(const char *name, const char *time, const char *const fields[4], cycles ticks, FILE *out)
{
    print_quoted(name, out);
    fprintf(out, ",%s", time);
    for (size_t i = 0; i < 4; i++) {
        fputc(',', out);
        print_quoted(fields[i], out);
    }
    fprintf(out, ",%" PRIu64 "\n", ticks);
}

static void print_task_csv(const struct answer *answer, const struct answer_task *task, FILE *out)
{
    static const char *const none[4] = { "-", "-", "-", "-" };
    char name[ANSWER_TEXT_BYTES], by[ANSWER_TEXT_BYTES], guest[ANSWER_TEXT_BYTES], what[TRACE_TEXT_BYTES];

    answer_who(answer, task->who, name);
    print_line(name, "own", none, task->own, out);
    print_line(name, "blocked", none, task->blocked, out);
    print_line(name, "unknown", none, task->unknown, out);
    for (size_t i = 0; i < task->row_count; i++) {
        const struct answer_row *row = &task->rows[i];
        const char *whom = answer_for(answer, row, guest);
        print_line(name, lost_names[row->loss],
                   (const char *const[4]){ attribution_cause_names[row->cause], what_of(answer, row, what),
                                           answer_by(answer, row, by), whom != NULL ? whom : "-" },
                   row->time, out);
    }
}

void answer_print_csv(const struct answer *answer, FILE *out)
{
    fputs("task,time,cause,what,by,for,ticks\n", out);
    for (size_t i = 0; i < answer->count; i++)
        print_task_csv(answer, &answer->tasks[i], out);
}
