/* SPDX-License-Identifier: Apache-2.0
 *
 * Explores a small C file, compiled as a code object, whose functions cpu0, cpu1, ... are the programs of the pCPUs.
 */
#ifndef TESTS_EXPLORE_CODE_H
#define TESTS_EXPLORE_CODE_H

#include "code/code.h"
#include "code/code_sample.h"
#include "code/races.h"
#include "explore_fixture.h"
#include "models/locks/code_locks.h"
#include "models/locks/lock.h"

struct code_world {
    struct fixture fixture;
    struct explored explored;
    struct code *code;
};

static inline const struct code_object *code_world_compile(struct sample *sample, const char *text)
{
    char message[256] = "";

    sample_new(sample);
    sample_write(sample, "a.c", text);
    sample_compile(sample, &sample_compilers[0], "-O1 -w -I" SOURCE_DIR "/sim/code/abi", "a.c", "files: a.c\n");
    struct code_object *object = code_object_open(sample->object, message, sizeof(message));
    if (object == NULL)
        fail_msg("%s", message);
    return object;
}

static inline void code_world_program(struct cpu *cpu, void *data)
{
    struct code *code = data;
    char name[16];
    void (*function)(void);

    (void)snprintf(name, sizeof(name), "cpu%u", cpu->id);
    void *found = code_symbol(code, name);
    memcpy(&function, &found, sizeof(found));
    cpu_irq_on(cpu);
    code_enter(code, cpu);
    if (function != NULL)
        function();
    code_settle(code, cpu);
}

static inline void code_world_open_as(struct code_world *world, const struct code_object *object, struct races *races,
                                      uint32_t cpus, enum policy policy)
{
    const struct code_import *const imports[] = { code_lock_imports, NULL };

    explore_open_as(&world->fixture, &world->explored, cpus, policy);
    world->explored.races = races;
    world->explored.merges = true;
    world->code = code_boot(&world->fixture.machine, object,
                            &(struct code_config){ .imports = imports, .heap_bytes = 256, .volatile_is_step = true });
    code_locks_boot(world->code, lock_system_new(&world->fixture.machine, lock_find("ticket")), 4);
    for (uint32_t id = 0; id < cpus; id++)
        fixture_program(&world->fixture, id, code_world_program, world->code);
}

static inline void code_world_open(struct code_world *world, const struct code_object *object, struct races *races,
                                   uint32_t cpus)
{
    code_world_open_as(world, object, races, cpus, POLICY_EXHAUSTIVE);
}

static inline void code_world_close(struct code_world *world) { explore_close(&world->fixture); }

/* Searches until no race is news, as explore_scenario does. */
static inline void code_world_explore(const struct code_object *object, struct races *races, uint32_t cpus,
                                      struct explore_outcome *outcome)
{
    struct code_world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    for (bool is_first = true; is_first || races_have_news(races); is_first = false) {
        if (!is_first)
            explore_outcome_free(outcome);
        races_promote(races);
        code_world_open(world, object, races, cpus);
        explore_run(&world->fixture, &explore_default_limits, outcome);
        code_world_close(world);
    }
    free(world);
}

#endif
