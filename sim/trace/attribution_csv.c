/* SPDX-License-Identifier: Apache-2.0
 *
 * An attribution as CSV: one line for each part, those of one guest's vCPUs together.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/check.h"
#include "trace/attribution.h"

/* The part as it is printed: of whole domains, without the exits. */
static struct attribution_part printed(const struct attribution *attribution, const struct attribution_part *part)
{
    struct attribution_part row = *part;

    row.victim = trace_domain(attribution_who(attribution, part->victim));
    if (row.cause == CAUSE_HYPERVISOR)
        row.what = 0;
    if (row.culprit != TRACE_NOBODY && !trace_is_thread(row.culprit))
        row.culprit = trace_who(trace_domain(row.culprit), TRACE_WHOLE_DOMAIN);
    return row;
}

static int by_number(uint64_t first, uint64_t second) { return first == second ? 0 : first < second ? -1 : 1; }

static int by_key(const void *a, const void *b)
{
    const struct attribution_part *first = a, *second = b;
    int order = by_number(first->victim, second->victim);

    order = order != 0 ? order : by_number(first->loss, second->loss);
    order = order != 0 ? order : by_number(first->cause, second->cause);
    order = order != 0 ? order : by_number(first->culprit, second->culprit);
    order = order != 0 ? order : by_number(first->cpu, second->cpu);
    return order != 0 ? order : by_number(first->what, second->what);
}

static int by_time(const void *a, const void *b)
{
    const struct attribution_part *first = a, *second = b;
    int order = by_number(first->victim, second->victim);

    order = order != 0 ? order : by_number(first->loss, second->loss);
    order = order != 0 ? order : by_number(second->time, first->time);
    return order != 0 ? order : by_key(a, b);
}

static struct attribution_part *lines_of(const struct attribution *attribution, size_t *count)
{
    struct attribution_part *lines = calloc(attribution->part_count + 1, sizeof *lines);
    size_t all = 0;

    CHECK(lines != NULL);
    for (size_t i = 0; i < attribution->part_capacity; i++)
        if (attribution->parts[i].time > 0 && attribution->parts[i].victim < attribution->world.vcpu_count)
            lines[all++] = printed(attribution, &attribution->parts[i]);
    qsort(lines, all, sizeof *lines, by_key);
    *count = 0;
    for (size_t i = 0; i < all; i++) {
        if (*count > 0 && by_key(&lines[*count - 1], &lines[i]) == 0)
            lines[*count - 1].time += lines[i].time;
        else
            lines[(*count)++] = lines[i];
    }
    qsort(lines, *count, sizeof *lines, by_time);
    return lines;
}

void attribution_print_csv(const struct attribution *attribution, FILE *out)
{
    char text[TRACE_TEXT_BYTES];
    size_t count;
    struct attribution_part *lines = lines_of(attribution, &count);

    fputs("guest,loss,cause,what,cpu,culprit,cycles\n", out);
    for (size_t i = 0; i < count; i++) {
        const struct attribution_part *part = &lines[i];
        fprintf(out, "%s,%s,\"%s\",%s,", attribution->world.domains[part->victim].name,
                attribution_loss_names[part->loss], attribution_cause_names[part->cause],
                attribution_what(attribution, part->cause, part->what, text));
        if (part->cpu != ATTRIBUTION_NONE)
            fprintf(out, "%u", part->cpu);
        fprintf(out, ",%s,%" PRIu64 "\n",
                part->culprit == TRACE_NOBODY ? "" : trace_who_text(&attribution->world, part->culprit, text),
                part->time);
    }
    free(lines);
}
