/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes one interleaving of an exploration and writes down what the models say of its steps: the pCPU that takes each,
 * its notes, how many places it reads and writes, and which properties the state after it breaks.
 */
#ifndef TESTS_EXPLORE_NOTED_H
#define TESTS_EXPLORE_NOTED_H

#include "explore/explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "code/races.h"
#include "machine/cpu.h"
#include "machine/footprint.h"
#include "properties/properties.h"
#include "same_text.h"
#include "scenario/scenario.h"

enum { NOTED_STEPS_MAX = 400 };

/* Which of the pending slots takes the next step. */
enum noted_order {
    NOTED_LOWEST,   /* a pCPU gets as far as it can before devices, actions and other pCPUs */
    NOTED_HIGHEST,  /* the other way round */
    NOTED_IN_TURNS, /* the slots take turns */
};

struct noted {
    struct explore_world world;
    struct footprint footprint;
    FILE *text;
};

static inline void noted_add(void *context, const struct cpu *cpu, const char *text)
{
    struct noted *noted = context;

    if (cpu != NULL)
        (void)fprintf(noted->text, " cpu%u %s;", cpu->id, text);
    else
        (void)fprintf(noted->text, " %s;", text);
}

/* How many places it reads and writes. */
static inline void noted_print_footprint(const struct noted *noted)
{
    unsigned counts[2] = { 0, 0 };

    for (uint32_t i = 0; i < noted->footprint.count; i++)
        counts[noted->footprint.places[i].is_written]++;
    if (noted->footprint.is_everything)
        (void)fputs(" {everything}", noted->text);
    else
        (void)fprintf(noted->text, " {%u, %u}", counts[0], counts[1]);
}

/* The names of all words, of which locks are marked; several of one name and owner have numbers. */
static inline void noted_print_names(const struct noted *noted)
{
    const struct explored *explored = &noted->world.explored;
    char text[NAMES_TEXT_BYTES];

    for (size_t i = 0; i < explored->name_count; i++)
        (void)fprintf(noted->text, "%s%s\n", names_text(explored, &explored->names[i], text),
                      explored->names[i].holder != NULL ? " (lock)" : "");
}

static inline uint32_t noted_next_of(const struct engine *engine, enum noted_order order, uint32_t last)
{
    uint32_t count = engine->slot_count;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t slot = order == NOTED_LOWEST ? i : order == NOTED_HIGHEST ? count - 1 - i : (last + 1 + i) % count;
        if (engine_is_pending(engine, slot))
            return slot;
    }
    return count;
}

/* Prints which of these properties the state breaks; of those of the end only where it is one. */
static inline void noted_print_broken(struct noted *noted, const struct property *const *properties, bool is_end)
{
    char text[512];

    for (; properties != NULL && *properties != NULL; properties++)
        if ((is_end || (*properties)->at == PROPERTY_AT_STATE) &&
            (*properties)->is_broken(&noted->world.machine, text, sizeof(text)))
            (void)fprintf(noted->text, "  %s: %s\n", violation_name((*properties)->kind), text);
}

static inline void noted_walk(struct noted *noted, enum noted_order order)
{
    struct engine *engine = &noted->world.engine;
    uint32_t slot = 0;

    for (unsigned steps = 1; steps <= NOTED_STEPS_MAX; steps++) {
        slot = noted_next_of(engine, order, slot);
        if (slot == engine->slot_count)
            break;
        noted->footprint.is_everything = true;
        noted->footprint.count = 0;
        (void)fprintf(noted->text, "%u:", steps);
        engine_step(engine, slot);
        noted_print_footprint(noted);
        (void)fputc('\n', noted->text);
        if (noted->world.explored.violation.kind != VIOLATION_NONE) {
            (void)fprintf(noted->text, "%s: %s\n", violation_name(noted->world.explored.violation.kind),
                          noted->world.explored.violation.text);
            break;
        }
        noted_print_broken(noted, noted->world.design->family->invariants, engine_is_over(engine));
        noted_print_broken(noted, properties_all, engine_is_over(engine));
    }
}

/* Of the scenario in this file under this design (NULL: its own), in this memory model. `code`: what runs in place of a
 * part of it; or NULL. The caller frees the text. */
static inline char *noted_walk_of(const char *file, const char *design, enum memory_model memory,
                                  const struct code_object *code, enum noted_order order)
{
    static struct noted noted;
    char path[512], message[256] = "", *text = NULL;
    struct scenario scenario;
    size_t bytes = 0;
    struct diag diag;

    diag_init(&diag);
    (void)snprintf(path, sizeof(path), SOURCE_DIR "/%s", file);
    assert_int_equal(scenario_load(&scenario, path, NULL, 0, &diag), SCENARIO_OK);
    diag_free(&diag);
    scenario.setup.code = code;
    scenario.setup.run.memory = memory;
    struct races *races = explore_races_new(&scenario, false);
    if (!explore_world_open(&noted.world, &scenario, design != NULL ? design : scenario.setup.hypervisor.design, races,
                            message, sizeof(message)))
        fail_msg("%s: %s", file, message);
    noted.text = open_memstream(&text, &bytes);
    assert_non_null(noted.text);
    noted.world.explored.note = noted_add;
    noted.world.explored.context = &noted;
    noted.world.explored.footprint = &noted.footprint;
    noted_print_names(&noted);
    noted_walk(&noted, order);
    assert_int_equal(fclose(noted.text), 0);
    explore_world_close(&noted.world);
    races_free(races);
    scenario.setup.code = NULL;
    scenario_free(&scenario);
    return text;
}

/* Compares with, or writes, noted/NAME.txt. Frees the text. */
static inline void noted_check(const char *name, char *text, bool is_writing)
{
    char path[512];

    (void)snprintf(path, sizeof(path), SOURCE_DIR "/tests/explore/noted/%s.txt", name);
    if (is_writing)
        same_text_write(path, text);
    else
        same_text_assert(path, text);
    free(text);
}

#endif
