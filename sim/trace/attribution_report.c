/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints an attribution as tables by kind of guest.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "result/table.h"
#include "trace/attribution.h"

enum { TOLD_PER_MILLE = 995, ROWS_MAX = 12 };

/* Of a culprit. */
static uint32_t kind_of(const struct attribution *attribution, uint32_t who)
{
    if (trace_is_thread(who))
        return ATTRIBUTION_THREADS + trace_vcpu(who);
    return who == TRACE_NOBODY ? ATTRIBUTION_NONE : attribution->world.domains[trace_domain(who)].group;
}

static uint32_t kind_of_task(const struct attribution *attribution, uint32_t task)
{
    return kind_of(attribution, attribution_who(attribution, task));
}

/* The exits are told by the answer of a recording alone. */
static uint32_t what_of(const struct attribution_part *part)
{
    return part->cause == CAUSE_HYPERVISOR ? 0 : part->what;
}

const char *attribution_kind_name(const struct attribution *attribution, uint32_t kind, char name[TRACE_TEXT_BYTES])
{
    if (kind == ATTRIBUTION_NONE)
        return "-";
    if (kind >= ATTRIBUTION_THREADS)
        return trace_who_text(&attribution->world, trace_who(TRACE_THREADS, kind - ATTRIBUTION_THREADS), name);
    for (uint32_t d = 0; d < attribution->world.domain_count; d++)
        if (attribution->world.domains[d].group == kind) {
            snprintf(name, TRACE_TEXT_BYTES, "%s", attribution->world.domains[d].name);
            char *number = strrchr(name, '.');
            if (number != NULL && number[1] == '0' && number[2] == '\0')
                *number = '\0';
            return name;
        }
    return "-";
}

uint32_t attribution_kinds(const struct attribution *attribution)
{
    uint32_t count = 0;

    for (uint32_t d = 0; d < attribution->world.domain_count; d++)
        if (attribution->world.domains[d].group >= count)
            count = attribution->world.domains[d].group + 1;
    return count;
}

static const char *name_at(char *const *names, uint32_t count, uint32_t number)
{
    return number < count && names[number] != NULL ? names[number] : "?";
}

const char *attribution_what(const struct attribution *attribution, uint8_t cause, uint32_t what,
                             char text[TRACE_TEXT_BYTES])
{
    const struct trace_world *world = &attribution->world;

    if (cause <= CAUSE_LOCK_FREE)
        return attribution->class_names[what];
    if (cause == CAUSE_SOFTIRQ && what < 64)
        return attribution->softirq_names[what];
    if (cause == CAUSE_INTERRUPT && what > 0)
        snprintf(text, TRACE_TEXT_BYTES, "%u %.56s", what - 1,
                 name_at(attribution->irq_names, world->irq_count, what - 1));
    else if (cause == CAUSE_HYPERVISOR && what > 0)
        snprintf(text, TRACE_TEXT_BYTES, "%.64s", name_at(attribution->exit_names, world->exit_count, what - 1));
    else
        snprintf(text, TRACE_TEXT_BYTES, "-");
    return text;
}

/* --- rows --- */

static int by_time(const void *a, const void *b)
{
    const struct attribution_row *first = a, *second = b;

    if (first->time != second->time)
        return first->time < second->time ? 1 : -1;
    return memcmp(&first->victim, &second->victim, sizeof *first - offsetof(struct attribution_row, victim));
}

struct attribution_row *attribution_rows(const struct attribution *attribution, uint32_t victim,
                                         enum attribution_loss loss, size_t *count)
{
    struct attribution_row *rows = calloc(attribution->part_count + 1, sizeof *rows);

    CHECK(rows != NULL);
    *count = 0;
    for (size_t i = 0; i < attribution->part_capacity; i++) {
        const struct attribution_part *part = &attribution->parts[i];
        size_t at = 0;
        if (part->time == 0 || part->loss != loss || kind_of_task(attribution, part->victim) != victim)
            continue;
        uint32_t culprit = kind_of(attribution, part->culprit);
        while (at < *count &&
               (rows[at].culprit != culprit || rows[at].cause != part->cause || rows[at].what != what_of(part)))
            at++;
        if (at == *count) {
            memset(&rows[at], 0, sizeof rows[at]);
            rows[at].victim = victim;
            rows[at].culprit = culprit;
            rows[at].loss = part->loss;
            rows[at].cause = part->cause;
            rows[at].what = what_of(part);
            ++*count;
        }
        rows[at].time += part->time;
    }
    qsort(rows, *count, sizeof *rows, by_time);
    return rows;
}

cycles attribution_elapsed(const struct attribution *attribution, uint32_t kind)
{
    cycles elapsed = 0;

    for (uint32_t d = 0; d < attribution->world.domain_count; d++)
        if (attribution->world.domains[d].group == kind)
            elapsed += (attribution->until - attribution->from) * attribution->world.domains[d].vcpu_count;
    return elapsed;
}

cycles attribution_loss_of(const struct attribution *attribution, uint32_t kind, enum attribution_loss loss)
{
    cycles whole = 0;

    for (uint32_t d = 0; d < attribution->world.domain_count; d++)
        if (attribution->world.domains[d].group == kind)
            whole += attribution_whole(attribution, d, loss);
    return whole;
}

static double percent(cycles part, cycles whole) { return whole == 0 ? 0 : 100.0 * (double)part / (double)whole; }

struct attribution_holders attribution_holders_of(const struct attribution *attribution,
                                                  const struct attribution_row *row)
{
    struct attribution_holders holders = { .most = ATTRIBUTION_NONE };
    cycles times[1024] = { 0 };

    if (row->cause > CAUSE_LOCK_HANDOVER)
        return holders;
    for (size_t i = 0; i < attribution->part_capacity; i++) {
        const struct attribution_part *part = &attribution->parts[i];
        if (part->time == 0 || part->loss != row->loss || part->cause != row->cause || what_of(part) != row->what ||
            kind_of_task(attribution, part->victim) != row->victim ||
            kind_of(attribution, part->culprit) != row->culprit || part->cpu >= sizeof times / sizeof *times)
            continue;
        holders.count += times[part->cpu] == 0;
        times[part->cpu] += part->time;
        if (times[part->cpu] > holders.most_time) {
            holders.most = part->cpu;
            holders.most_time = times[part->cpu];
        }
    }
    return holders;
}

/* "20, most cpu7 9.1 %". */
static void holders_text(const struct attribution *attribution, const struct attribution_row *row, char *text,
                         size_t text_bytes)
{
    struct attribution_holders holders = attribution_holders_of(attribution, row);

    snprintf(text, text_bytes, "-");
    if (holders.most != ATTRIBUTION_NONE)
        snprintf(text, text_bytes, "%u, most cpu%u %.1f %%", holders.count, holders.most,
                 percent(holders.most_time, row->time));
}

static void table_rows(const struct attribution *attribution, struct table *table, uint32_t victim,
                       enum attribution_loss loss)
{
    cycles whole = attribution_loss_of(attribution, victim, loss), elapsed = attribution_elapsed(attribution, victim),
           told = 0;
    char name[TRACE_TEXT_BYTES], culprit[TRACE_TEXT_BYTES], what[TRACE_TEXT_BYTES], cpus[64];
    size_t count, i;
    struct attribution_row *rows = attribution_rows(attribution, victim, loss, &count);

    for (i = 0; i < count && i < ROWS_MAX && told * 1000 < whole * TOLD_PER_MILLE; i++) {
        const struct attribution_row *row = &rows[i];
        holders_text(attribution, row, cpus, sizeof cpus);
        table_cell(table, "%s", attribution_kind_name(attribution, victim, name));
        table_cell(table, "%s", attribution_loss_names[loss]);
        table_cell(table, "%s", attribution_cause_names[row->cause]);
        table_cell(table, "%s", attribution_what(attribution, row->cause, row->what, what));
        table_cell(table, "%s", attribution_kind_name(attribution, row->culprit, culprit));
        table_cell(table, "%s", cpus);
        table_cell(table, "%" PRIu64, row->time);
        table_cell(table, "%.3f", percent(row->time, elapsed));
        table_cell(table, "%.1f", percent(row->time, whole));
        told += row->time;
    }
    cycles sum = told;
    for (size_t j = i; j < count; j++)
        sum += rows[j].time;
    CHECK(sum == whole);
    for (int is_sum = i == count; is_sum < 2; is_sum++) {
        table_cell(table, "%s", attribution_kind_name(attribution, victim, name));
        table_cell(table, "%s", attribution_loss_names[loss]);
        if (is_sum)
            table_cell(table, "all");
        else
            table_cell(table, "%zu smaller", count - i);
        for (int blank = 0; blank < 3; blank++)
            table_cell(table, "%s", "");
        table_cell(table, "%" PRIu64, is_sum ? whole : whole - told);
        table_cell(table, "%.3f", percent(is_sum ? whole : whole - told, elapsed));
        table_cell(table, "%.1f", percent(is_sum ? whole : whole - told, whole));
    }
    free(rows);
}

/* --- the matrix --- */

static void matrix(const struct attribution *attribution, struct table *table, uint32_t victim)
{
    uint32_t kinds = attribution_kinds(attribution);
    uint32_t columns = kinds + 1 + (attribution->world.thread_count > 0);
    cycles *times = calloc(columns, sizeof *times), elapsed = attribution_elapsed(attribution, victim);
    char name[TRACE_TEXT_BYTES];

    CHECK(times != NULL);
    for (size_t i = 0; i < attribution->part_capacity; i++) {
        const struct attribution_part *part = &attribution->parts[i];
        uint32_t culprit = kind_of(attribution, part->culprit);
        if (part->time > 0 && kind_of_task(attribution, part->victim) == victim)
            times[culprit < kinds ? culprit : culprit == ATTRIBUTION_NONE ? kinds : kinds + 1] += part->time;
    }
    table_cell(table, "%s", attribution_kind_name(attribution, victim, name));
    for (uint32_t kind = 0; kind < columns; kind++)
        table_cell(table, "%.3f", percent(times[kind], elapsed));
    free(times);
}

void attribution_print(const struct attribution *attribution, FILE *out, bool use_colour)
{
    static const char *const heads[] = { "guest",    "loses as", "while its pCPU", "what",         "for",
                                         "on pCPUs", "cycles",   "% of its time",  "% of the loss" };
    uint32_t kinds = attribution_kinds(attribution);
    struct table table;
    char name[TRACE_TEXT_BYTES];

    table_init(&table, 9, 6);
    for (size_t i = 0; i < 9; i++)
        table_cell(&table, "%s", heads[i]);
    for (uint32_t kind = 0; kind < kinds; kind++)
        for (enum attribution_loss loss = LOSS_STEAL; loss < LOSS_COUNT; loss++)
            if (attribution_loss_of(attribution, kind, loss) > 0)
                table_rows(attribution, &table, kind, loss);
    table_print(&table, out, 0, use_colour);
    table_free(&table);
    fputs("\nBoth losses together, in % of the guest's time, by the guest that the pCPU, or the holder of the lock it\n"
          "waited for, was working for:\n",
          out);
    bool has_threads = attribution->world.thread_count > 0;
    table_init(&table, kinds + 2 + has_threads, 1);
    table_cell(&table, "guest");
    for (uint32_t kind = 0; kind < kinds; kind++)
        table_cell(&table, "%s", attribution_kind_name(attribution, kind, name));
    table_cell(&table, "nobody");
    if (has_threads)
        table_cell(&table, "host threads");
    for (uint32_t kind = 0; kind < kinds; kind++)
        matrix(attribution, &table, kind);
    table_print(&table, out, 0, use_colour);
    table_free(&table);
}
