/* SPDX-License-Identifier: Apache-2.0
 *
 * Text and JSON of races and coverage.
 */
#include "explore/code_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "code/describe.h"
#include "code/object.h"

struct code_report *code_report_new(const struct code_object *object, struct race_list *races,
                                    const struct patch *patch)
{
    struct code_report *report = calloc(1, sizeof(*report));
    struct code_source *source = describe_source(object);

    CHECK(report != NULL);
    *report = (struct code_report){ .object = object, .races = races, .patch = patch };
    report->coverage = coverage_new(object, source, false);
    if (patch != NULL)
        report->with_headers = coverage_new(object, source, true);
    return report;
}

void code_report_free(struct code_report *report)
{
    if (report == NULL)
        return;
    race_list_free(report->races);
    coverage_free(report->coverage);
    if (report->with_headers != NULL)
        coverage_free(report->with_headers);
    free(report);
}

bool code_report_misses_patch(const struct code_report *report)
{
    return report->patch != NULL && patch_coverage(report->patch, report->with_headers).reached == 0;
}

/* --- text --- */

/* Files that are named in one line. */
#define FILES_NAMED 3

static void print_total(const struct coverage *coverage, FILE *stream)
{
    size_t lines = 0, lines_reached = 0, blocks = 0, blocks_reached = 0;

    for (size_t i = 0; i < coverage->file_count; i++) {
        lines += coverage->files[i].line_count;
        lines_reached += coverage->files[i].lines_reached;
        blocks += coverage->files[i].blocks;
        blocks_reached += coverage->files[i].blocks_reached;
    }
    fprintf(stream, "  reached: %zu of %zu lines, %zu of %zu blocks of %zu files: --coverage lists them\n",
            lines_reached, lines, blocks_reached, blocks, coverage->file_count);
}

static void print_coverage(const struct coverage *coverage, FILE *stream)
{
    const char *separator = "  reached: ";

    if (coverage->file_count > FILES_NAMED) {
        print_total(coverage, stream);
        return;
    }
    for (size_t i = 0; i < coverage->file_count; i++) {
        const struct coverage_file *file = &coverage->files[i];
        const char *slash = strrchr(file->name, '/');
        fprintf(stream, "%s%s %zu of %zu lines, %u of %u blocks", separator, slash != NULL ? slash + 1 : file->name,
                file->lines_reached, file->line_count, file->blocks_reached, file->blocks);
        separator = "; ";
    }
    if (coverage->file_count > 0)
        fputc('\n', stream);
}

static void print_races(const struct race_list *races, bool is_full, FILE *stream)
{
    if (races->count == 0)
        fputs("  no memory is accessed without a common lock, but by atomics\n", stream);
    else if (!is_full)
        fprintf(stream, "  %zu pair%s of lines access%s memory without a common lock: --races prints them\n",
                races->count, races->count == 1 ? "" : "s", races->count == 1 ? "es" : "");
    if (is_full)
        race_list_print(races, stream);
}

void code_report_print(const struct code_report *report, const struct code_report_parts *parts, FILE *stream)
{
    if (parts->coverage)
        coverage_print_functions(report->coverage, stream);
    else
        print_coverage(report->coverage, stream);
    if (report->patch != NULL) {
        fputs("  ", stream);
        patch_print(report->patch, report->with_headers, stream);
    }
    if (report->races != NULL)
        print_races(report->races, parts->races, stream);
}

/* --- JSON --- */

static json_t *place_to_json(const struct code_frame *frame)
{
    return json_pack("{s:s, s:i, s:s, s:b}", "file", frame->place.file, "line", (int)frame->place.line, "function",
                     frame->place.function, "inlined", frame->is_inlined);
}

static json_t *stack_to_json(struct code_source *source, const uint32_t *pcs)
{
    json_t *stack = json_array();
    struct code_frame frames[16];

    for (size_t i = 0; i < RACE_STACK_MAX && pcs[i] != 0; i++) {
        size_t count =
            source == NULL ? 0 : code_source_frames(source, pcs[i] - 1, frames, sizeof(frames) / sizeof(*frames));
        for (size_t j = 0; j < count; j++)
            json_array_append_new(stack, place_to_json(&frames[j]));
        if (count == 0)
            json_array_append_new(stack, json_pack("{s:I}", "offset", (json_int_t)pcs[i]));
    }
    return stack;
}

static json_t *side_to_json(const struct race_list *list, const struct race_side *side)
{
    json_t *locks = json_array(), *cpus = json_array();

    for (size_t i = 0; i < side->lock_count; i++)
        json_array_append_new(locks, json_string(side->locks[i]));
    for (int cpu = 0; cpu < 32; cpu++)
        if (side->site.cpus & 1u << cpu)
            json_array_append_new(cpus, json_integer(cpu));
    return json_pack("{s:s, s:s, s:o, s:b, s:s, s:o, s:o}", "access", race_side_access(side), "place", side->place,
                     "cpus", cpus, "handler", side->site.in_interrupt, "interrupts",
                     side->site.is_irq_on ? "on" : "off", "locks", locks, "stack",
                     stack_to_json(list->source, side->site.pcs));
}

static json_t *races_to_json(const struct race_list *list)
{
    json_t *races = json_array();

    for (size_t i = 0; i < list->count; i++) {
        const struct race_entry *entry = &list->entries[i];
        json_t *memory = json_array();
        for (size_t j = 0; j < entry->memory_count; j++)
            json_array_append_new(memory, json_string(entry->memory[j]));
        json_array_append_new(
            races, json_pack("{s:o, s:I, s:s, s:[o,o]}", "memory", memory, "memory_left_out",
                             (json_int_t)entry->memory_left_out, "between", entry->is_interrupt ? "handler" : "cpus",
                             "sides", side_to_json(list, &entry->sides[0]), side_to_json(list, &entry->sides[1])));
    }
    return races;
}

static json_t *lines_to_json(const struct coverage_file *file)
{
    json_t *lines = json_array();

    for (size_t i = 0; i < file->line_count; i++)
        if (!file->lines[i].is_reached)
            json_array_append_new(lines, json_integer(file->lines[i].line));
    return lines;
}

static json_t *coverage_to_json(const struct coverage *coverage)
{
    json_t *files = json_array();

    for (size_t i = 0; i < coverage->file_count; i++) {
        const struct coverage_file *file = &coverage->files[i];
        json_t *functions = json_array();
        for (size_t j = 0; j < file->function_count; j++) {
            const struct coverage_function *function = &file->functions[j];
            json_array_append_new(functions,
                                  json_pack("{s:s, s:i, s:i, s:i, s:b}", "name", function->name, "line",
                                            (int)function->line, "blocks", (int)function->blocks, "blocks_reached",
                                            (int)function->blocks_reached, "reached", function->is_reached));
        }
        json_array_append_new(files,
                              json_pack("{s:s, s:I, s:I, s:i, s:i, s:o, s:o}", "file", file->name, "lines",
                                        (json_int_t)file->line_count, "lines_reached", (json_int_t)file->lines_reached,
                                        "blocks", (int)file->blocks, "blocks_reached", (int)file->blocks_reached,
                                        "functions", functions, "lines_unreached", lines_to_json(file)));
    }
    return files;
}

void code_report_to_json(const struct code_report *report, json_t *document)
{
    json_object_set_new(document, "object",
                        json_pack("{s:s, s:s, s:s, s:s}", "path", report->object->path, "hash", report->object->hash,
                                  "compiler", code_object_info(report->object, "compiler"), "commit",
                                  code_object_info(report->object, "commit")));
    if (report->races != NULL) {
        json_object_set_new(document, "races", races_to_json(report->races));
        json_object_set_new(document, "races_freed", json_integer((json_int_t)report->races->freed));
        json_object_set_new(document, "races_unpaired", json_integer((json_int_t)report->races->unpaired));
    }
    json_object_set_new(document, "coverage", coverage_to_json(report->coverage));
    if (report->patch != NULL) {
        struct patch_coverage patch = patch_coverage(report->patch, report->with_headers);
        json_object_set_new(document, "patch",
                            json_pack("{s:I, s:I, s:I, s:I}", "lines", (json_int_t)patch.lines, "with_code",
                                      (json_int_t)patch.with_code, "reached", (json_int_t)patch.reached, "unknown",
                                      (json_int_t)patch.unknown));
    }
}
