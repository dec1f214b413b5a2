/* SPDX-License-Identifier: Apache-2.0
 *
 * Litmus tests: which outcomes an exploration reaches under sc and tso, with and without fences, is exactly what the
 * axioms of the memory model allow (litmus_axioms.h), and the outcome that each shape is known for is allowed or
 * forbidden as the literature has it. Sources of the shapes: Sewell et al., CACM 53(7), 2010 (SB, MP, LB, IRIW, n5, n6,
 * SB+rfi); Alglave et al., TOPLAS 36(2), 2014 (R, S, 2+2W, WRC).
 */
#include "death.h"
#include "explore_fixture.h"
#include "litmus_axioms.h"

/* What stands between all accesses of a thread. */
enum between { NOTHING, FENCE, LOCKED, BETWEEN_COUNT };
static const char *const between_names[] = { "nothing", "a fence", "a locked operation" };

#define R(word) \
    { \
        LITMUS_READ, word, 0 \
    }
#define W(word, value) \
    { \
        LITMUS_WRITE, word, value \
    }
enum { X, Y };

/* `known`: the outcome that the shape is known for, what is read and then the words; 4 stands for any value. */
struct shape {
    const char *name;
    uint32_t threads;
    litmus_code code;
    const char *known;
    bool is_allowed, is_allowed_fenced; /* under tso; none of them is under sc */
};

static const struct shape shapes[] = {
    { "SB", 2, { { W(X, 1), R(Y) }, { W(Y, 1), R(X) } }, "0044", true, false },
    { "MP", 2, { { W(X, 1), W(Y, 1) }, { R(Y), R(X) } }, "1044", false, false },
    { "LB", 2, { { R(X), W(Y, 1) }, { R(Y), W(X, 1) } }, "1144", false, false },
    { "IRIW", 4, { { W(X, 1) }, { W(Y, 1) }, { R(X), R(Y) }, { R(Y), R(X) } }, "101044", false, false },
    { "R", 2, { { W(X, 1), W(Y, 1) }, { W(Y, 2), R(X) } }, "042", true, false },
    { "S", 2, { { W(X, 2), W(Y, 1) }, { R(Y), W(X, 1) } }, "124", false, false },
    { "2+2W", 2, { { W(X, 1), W(Y, 2) }, { W(Y, 1), W(X, 2) } }, "11", false, false },
    { "n6", 2, { { W(X, 1), R(X), R(Y) }, { W(Y, 2), W(X, 2) } }, "1014", true, false },
    { "n5", 2, { { W(X, 1), R(X) }, { W(X, 2), R(X) } }, "2144", false, false },
    { "SB+rfi", 2, { { W(X, 1), R(X), R(Y) }, { W(Y, 1), R(Y), R(X) } }, "101044", true, false },
    { "WRC", 3, { { W(X, 1) }, { R(X), W(Y, 1) }, { R(Y), R(X) } }, "11044", false, false },
    { "MP, twice", 2, { { W(X, 1), W(Y, 1), W(X, 2), W(Y, 2) }, { R(Y), R(X) } }, "2144", false, false },
    { "2+2W, and loads", 2, { { W(X, 1), W(Y, 2), R(X) }, { W(Y, 1), W(X, 2), R(Y) } }, "4411", false, false },
    { "SB, three threads", 3, { { W(X, 1), R(Y) }, { W(Y, 1), R(X) }, { R(X), R(Y) } }, "004444", true, false },
};

/* In the arena, being a part of the state. */
struct memory {
    struct line line;
    struct word words[LITMUS_WORDS], own[LITMUS_THREADS];
    uint8_t read[LITMUS_THREADS][LITMUS_OPERATIONS];
};

struct scene {
    struct fixture fixture;
    struct explored explored;
    struct memory *memory;
    const struct shape *shape;
    enum between between;
    struct litmus_outcomes reached;
};

static void run_thread(struct cpu *cpu, void *data)
{
    struct scene *scene = data;
    struct memory *memory = scene->memory;

    for (int i = 0; i < LITMUS_OPERATIONS && scene->shape->code[cpu->id][i].operation != LITMUS_END; i++) {
        const struct litmus_step *step = &scene->shape->code[cpu->id][i];
        if (i > 0 && scene->between == FENCE)
            cpu_fence(cpu);
        if (i > 0 && scene->between == LOCKED)
            word_fetch_or(cpu, &memory->own[cpu->id], 1);
        if (step->operation == LITMUS_WRITE)
            word_store(cpu, &memory->words[step->word], step->value);
        else
            memory->read[cpu->id][i] = (uint8_t)word_load(cpu, &memory->words[step->word]);
    }
}

/* No property: notes the outcome of an end. */
static bool note_outcome(const struct machine *machine, char *text, size_t text_bytes)
{
    struct scene *scene = ((struct fixture *)machine->hypervisor)->data;
    uint32_t outcome = 0;

    (void)text;
    (void)text_bytes;
    for (uint32_t thread = 0; thread < scene->shape->threads; thread++)
        for (uint32_t i = 0; i < LITMUS_OPERATIONS; i++)
            if (scene->shape->code[thread][i].operation == LITMUS_READ)
                outcome = outcome * 4 + scene->memory->read[thread][i];
    for (uint32_t word = 0; word < LITMUS_WORDS; word++)
        outcome = outcome * 4 + (uint32_t)word_peek(&scene->memory->words[word]);
    litmus_add(&scene->reached, outcome);
    return false;
}

static void memory_init(struct scene *scene)
{
    scene->memory = ARENA_NEW(&scene->fixture.arena, struct memory);
    line_init(&scene->fixture.machine, &scene->memory->line, LINE_PLAIN);
    for (uint32_t i = 0; i < LITMUS_WORDS; i++)
        word_init(&scene->memory->words[i], &scene->memory->line, 0);
    for (uint32_t i = 0; i < LITMUS_THREADS; i++)
        word_init(&scene->memory->own[i], &scene->memory->line, 0);
}

static void explore_shape(struct scene *scene, const struct shape *shape, enum policy policy, enum between between,
                          bool merges)
{
    static const struct property noted = { "outcome", VIOLATION_MODELLED_BUG, PROPERTY_AT_END, false, note_outcome };
    static const struct property *const properties[] = { &noted, NULL };
    struct explore_limits limits = explore_default_limits;
    struct explore_outcome outcome;

    *scene = (struct scene){ .shape = shape, .between = between };
    explore_open_as(&scene->fixture, &scene->explored, shape->threads, policy);
    scene->explored.merges = merges;
    scene->fixture.data = scene;
    scene->fixture.arena.records_excluded = true;
    memory_init(scene);
    for (uint32_t thread = 0; thread < shape->threads; thread++)
        fixture_program(&scene->fixture, thread, run_thread, scene);
    machine_start(&scene->fixture.machine);
    limits.jobs = 1;
    explore_search(&(struct explore_subject){ .engine = &scene->fixture.engine,
                                              .machine = &scene->fixture.machine,
                                              .explored = &scene->explored,
                                              .properties = properties },
                   &limits, &outcome);
    assert_int_equal(outcome.verdict, EXPLORE_CLEAN);
    explore_outcome_free(&outcome);
    explore_close(&scene->fixture);
}

static bool is_like(uint32_t outcome, const char *known)
{
    for (size_t i = strlen(known); i-- > 0; outcome /= 4)
        if (known[i] != '4' && (uint32_t)(known[i] - '0') != outcome % 4)
            return false;
    return true;
}

static bool has_known(const struct litmus_outcomes *outcomes, const char *known)
{
    for (size_t i = 0; i < outcomes->count; i++)
        if (is_like(outcomes->outcomes[i], known))
            return true;
    return false;
}

static void check_shape(const struct shape *shape, bool is_tso, enum between between, bool merges)
{
    static struct scene scene;
    struct litmus_outcomes allowed = { .count = 0 };
    litmus_code code;

    memcpy(code, shape->code, sizeof(code));
    litmus_allow(code, is_tso, between != NOTHING, &allowed);
    explore_shape(&scene, shape, is_tso ? POLICY_EXHAUSTIVE_TSO : POLICY_EXHAUSTIVE, between, merges);
    for (size_t i = 0; i < allowed.count; i++)
        if (!litmus_has(&scene.reached, allowed.outcomes[i]))
            fail_msg("%s with %s between, %s: %x is allowed and not reached", shape->name, between_names[between],
                     is_tso ? "tso" : "sc", allowed.outcomes[i]);
    for (size_t i = 0; i < scene.reached.count; i++)
        if (!litmus_has(&allowed, scene.reached.outcomes[i]))
            fail_msg("%s with %s between, %s: %x is reached and not allowed", shape->name, between_names[between],
                     is_tso ? "tso" : "sc", scene.reached.outcomes[i]);
    bool is_expected = is_tso && (between == NOTHING ? shape->is_allowed : shape->is_allowed_fenced);
    if (has_known(&scene.reached, shape->known) != is_expected)
        fail_msg("%s with %s between, %s: %s is %s", shape->name, between_names[between], is_tso ? "tso" : "sc",
                 shape->known, is_expected ? "not reached" : "reached");
}

static void shapes_have_their_outcomes(void **state)
{
    (void)state;
    EXPLORE_OR_SKIP();
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
        for (enum between between = NOTHING; between < BETWEEN_COUNT; between++)
            for (int choice = 0; choice < 4; choice++)
                check_shape(&shapes[i], choice & 1, between, choice & 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(shapes_have_their_outcomes) };

    return cmocka_run_group_tests_name("litmus", tests, NULL, NULL);
}
