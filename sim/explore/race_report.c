/* SPDX-License-Identifier: Apache-2.0
 *
 * Races as text and as JSON. Memory is named by a world that has just booted: what the code allocates later has no
 * name.
 */
#define _GNU_SOURCE
#include "explore/race_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "code/code.h"
#include "code/describe.h"
#include "code/races.h"
#include "code/source.h"
#include "explore/explore.h"
#include "machine/lock_order_record.h"
#include "scenario/scenario.h"

enum { TEXT_BYTES = 256, FRAMES = 16 };

static const char *const access_names[] = { [CODE_READ] = "read", [CODE_WRITE] = "write", [CODE_RMW] = "rmw" };

struct report {
    struct explore_world world;
    const struct code *code;
    struct code_source *source; /* NULL: no debug information */
};

static bool report_open(struct report *report, const struct scenario *scenario, const char *design, struct races *races)
{
    char message[TEXT_BYTES];

    if (races == NULL || races_count(races) == 0 ||
        !explore_world_open(&report->world, scenario, design, races, message, sizeof(message)))
        return false;
    report->code = code_current();
    report->source = describe_source(scenario->setup.code);
    return true;
}

static void memory_text(const struct report *report, const struct race *race, char *text, size_t text_bytes)
{
    describe_memory(report->code, report->world.arena.base + race->offset, text, text_bytes);
}

/* "event_lock, desc_lock"; "" for none. */
static void locks_text(const struct report *report, uint64_t locks, char *text, size_t text_bytes)
{
    uint32_t count = 0;

    for (size_t i = 0; i < report->world.explored.name_count; i++)
        count += report->world.explored.names[i].holder != NULL;
    text[0] = '\0';
    for (uint32_t lock = 0; lock < 64 && lock < count; lock++)
        if (locks >> lock & 1) {
            size_t length = strlen(text);
            char name[64];
            lock_order_name(&report->world.explored, lock, name, sizeof(name));
            (void)snprintf(text + length, text_bytes - length, "%s%s", length > 0 ? ", " : "", name);
        }
}

static const char *interrupts_text(const struct race_site *site)
{
    return site->in_interrupt ? "in an interrupt handler" : site->is_irq_on ? "interrupts on" : "interrupts off";
}

static size_t stack_count(const struct race_site *site)
{
    size_t count = 0;

    while (count < RACE_STACK_MAX && site->pcs[count] != 0)
        count++;
    return count;
}

/* The second half of 8 bytes that are always accessed together. */
static bool is_second_half(const struct races *races, size_t i)
{
    const struct race *race = races_get(races, i), *before = i > 0 ? races_get(races, i - 1) : NULL;

    if (before == NULL || race->offset % 8 == 0 || race->offset != before->offset + 4 ||
        race->site_count != before->site_count)
        return false;
    for (uint32_t j = 0; j < race->site_count; j++)
        if (race->sites[j].pcs[0] != before->sites[j].pcs[0])
            return false;
    return true;
}

/* --- text --- */

static void print_site(const struct report *report, const struct race_site *site, FILE *stream)
{
    char locks[TEXT_BYTES];

    locks_text(report, site->locks, locks, sizeof(locks));
    fprintf(stream, "  %s by", access_names[site->access]);
    for (uint32_t cpu = 0; cpu < 32; cpu++)
        if (site->cpus >> cpu & 1)
            fprintf(stream, " cpu%u", cpu);
    fprintf(stream, ", %s, %s%s\n", interrupts_text(site), locks[0] != '\0' ? "holds " : "no lock held", locks);
    code_print_stack(report->source, site->pcs, stack_count(site), stream);
}

void race_report_print(const struct scenario *scenario, const char *design, struct races *races, FILE *stream)
{
    struct report report;

    if (!report_open(&report, scenario, design, races))
        return;
    for (size_t i = 0; i < races_count(races); i++) {
        const struct race *race = races_get(races, i);
        char memory[TEXT_BYTES];
        if (is_second_half(races, i))
            continue;
        memory_text(&report, race, memory, sizeof(memory));
        fprintf(stream, "race on %s, %s%s\n", memory,
                race->is_interrupt ? "with an interrupt handler" : "between pCPUs",
                race->is_atomic_too ? ", some of whose accesses are atomic" : "");
        for (uint32_t j = 0; j < race->site_count; j++)
            print_site(&report, &race->sites[j], stream);
    }
    explore_world_close(&report.world);
}

/* --- JSON --- */

static json_t *stack_json(const struct report *report, const struct race_site *site)
{
    json_t *stack = json_array();
    struct code_frame frames[FRAMES];

    for (size_t i = 0; i < stack_count(site) && report->source != NULL; i++) {
        size_t count = code_source_frames(report->source, site->pcs[i] - 1, frames, FRAMES);
        for (size_t j = 0; j < count; j++)
            json_array_append_new(
                stack, json_sprintf("%s:%u %s", frames[j].place.file, frames[j].place.line, frames[j].place.function));
    }
    return stack;
}

static json_t *site_json(const struct report *report, const struct race_site *site)
{
    json_t *cpus = json_array();
    char locks[TEXT_BYTES];

    locks_text(report, site->locks, locks, sizeof(locks));
    for (uint32_t cpu = 0; cpu < 32; cpu++)
        if (site->cpus >> cpu & 1)
            json_array_append_new(cpus, json_integer(cpu));
    return json_pack("{s:s, s:o, s:s, s:s, s:o}", "access", access_names[site->access], "cpus", cpus, "interrupts",
                     interrupts_text(site), "locks", locks, "stack", stack_json(report, site));
}

json_t *race_report_json(const struct scenario *scenario, const char *design, struct races *races)
{
    json_t *rows = json_array();
    struct report report;

    if (!report_open(&report, scenario, design, races))
        return rows;
    for (size_t i = 0; i < races_count(races); i++) {
        const struct race *race = races_get(races, i);
        char memory[TEXT_BYTES];
        if (is_second_half(races, i))
            continue;
        json_t *sites = json_array();
        memory_text(&report, race, memory, sizeof(memory));
        for (uint32_t j = 0; j < race->site_count; j++)
            json_array_append_new(sites, site_json(&report, &race->sites[j]));
        json_array_append_new(rows, json_pack("{s:s, s:b, s:b, s:o}", "memory", memory, "interrupt", race->is_interrupt,
                                              "atomic", race->is_atomic_too, "sites", sites));
    }
    explore_world_close(&report.world);
    return rows;
}
