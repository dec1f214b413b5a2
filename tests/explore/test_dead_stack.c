/* SPDX-License-Identifier: Apache-2.0
 *
 * Parks coroutines that hold a secret which they will not read again, and a value that they will: dead_stack_clear
 * removes the first from the stack, whatever compiled this, and leaves the second. To fill the place of the first with
 * something else makes no difference.
 */
#include "explore/dead_stack.h"

#include <string.h>

#include "death.h"
#include "engine/actor.h"
#include "engine/engine.h"
#include "engine/switch.h"

#define SECRET UINT64_C(0x5ec4e7a11ce00d1e)
#define MASK UINT64_C(0x0123456789abcdef)

struct fixture {
    struct arena arena;
    struct engine engine;
    struct actor actor;
    uint64_t (*body)(struct engine *engine, uint64_t secret);
    bool is_hidden; /* the body gets the value that it returns, since its whole frame is live */
    uint64_t result;
};

static volatile uint64_t source = SECRET;
static volatile uint64_t sink;

__attribute__((noinline)) static uint64_t hidden(uint64_t value) { return value ^ MASK; }

/* The argument is dead at the park, what was computed of it is not. */
__attribute__((noinline)) static uint64_t argument_dies(struct engine *engine, uint64_t secret)
{
    uint64_t kept = hidden(secret);

    engine_park(engine);
    return kept;
}

/* A variable is dead between its two lives. */
__attribute__((noinline)) static uint64_t variable_dies(struct engine *engine, uint64_t secret)
{
    uint64_t variable = secret, kept = hidden(variable);

    sink = variable;
    engine_park(engine);
    variable = hidden(kept) + 1;
    sink = variable;
    return variable - 1 == SECRET ? kept : 0;
}

/* Registers that this frame needs are saved by the frames that it calls. */
__attribute__((noinline)) static uint64_t many_live(struct engine *engine, uint64_t secret)
{
    uint64_t values[6];
    uint64_t a = hidden(secret), b = hidden(a + 1), c = hidden(b + 2), d = hidden(c + 3), e = hidden(d + 4), f;

    engine_park(engine);
    f = a ^ b ^ c ^ d ^ e;
    f ^= b ^ c ^ d ^ e;
    values[0] = f;
    return values[0];
}

/* The same from a frame further in. */
__attribute__((noinline)) static uint64_t nested(struct engine *engine, uint64_t secret)
{
    uint64_t outer = hidden(secret), inner = many_live(engine, secret);

    return outer == inner ? outer : 0;
}

enum { BUFFER_WORDS = 24 };

static uint64_t *volatile shown;

__attribute__((noinline)) static void leave(uint64_t value)
{
    volatile uint64_t words[4 * BUFFER_WORDS];

    for (int i = 0; i < 4 * BUFFER_WORDS; i++)
        words[i] = value;
    sink = words[0];
}

__attribute__((noinline)) static void fill(uint64_t *words, uint64_t value)
{
    shown = words;
    for (int i = 0; i < BUFFER_WORDS; i++)
        words[i] = value;
}

__attribute__((noinline)) static uint64_t park_and_fill(struct engine *engine, uint64_t kept)
{
    uint64_t words[BUFFER_WORDS];

    engine_park(engine);
    fill(words, kept);
    return words[BUFFER_WORDS / 2];
}

/* The buffer has no contents before the park; an earlier callee's frame was where it is. */
__attribute__((noinline)) static uint64_t residue(struct engine *engine, uint64_t secret)
{
    leave(secret);
    return park_and_fill(engine, hidden(secret));
}

/* What others have written is read after the park. */
__attribute__((noinline)) static uint64_t fill_and_park(struct engine *engine, uint64_t kept)
{
    uint64_t words[BUFFER_WORDS];

    fill(words, kept);
    engine_park(engine);
    return shown[0] == shown[BUFFER_WORDS - 1] ? shown[1] : 0;
}

/* The same where the park comes first in the code. */
__attribute__((noinline)) static uint64_t park_and_fill_and_park(struct engine *engine, uint64_t kept)
{
    uint64_t words[BUFFER_WORDS];

    for (int round = 0; round < 2; round++) {
        engine_park(engine);
        if (round == 0)
            fill(words, kept);
    }
    return shown[0] == shown[BUFFER_WORDS - 1] ? shown[1] : 0;
}

/* What this frame has written before the park is read by others after it. */
__attribute__((noinline)) static uint64_t show_late(struct engine *engine, uint64_t kept)
{
    volatile uint64_t words[2];

    words[0] = kept;
    words[1] = ~kept;
    engine_park(engine);
    shown = (uint64_t *)words;
    return hidden(shown[0]) == hidden(~shown[1]) ? shown[0] : 0;
}

static void body_main(void *argument)
{
    struct fixture *fixture = argument;

    fixture->result = fixture->body(&fixture->engine, fixture->is_hidden ? hidden(source) : source);
    for (;;)
        engine_park(&fixture->engine);
}

static bool has_secret(const struct fixture *fixture)
{
    const char *from = fixture->engine.slots[fixture->actor.slot].stack_pointer;
    uint64_t secret = SECRET;

    for (; from < fixture->actor.stack + fixture->actor.stack_bytes; from += sizeof(secret))
        if (memcmp(from, &secret, sizeof(secret)) == 0)
            return true;
    return false;
}

/* Some word of the parked stack is dead altogether. */
static bool has_pattern(const struct fixture *fixture)
{
    const char *from = fixture->engine.slots[fixture->actor.slot].stack_pointer;

    for (; from < fixture->actor.stack + fixture->actor.stack_bytes; from += sizeof(uint64_t)) {
        uint64_t pattern = dead_stack_pattern(from);
        if (memcmp(from, &pattern, sizeof(pattern)) == 0)
            return true;
    }
    return false;
}

static void start(struct fixture *fixture)
{
    assert_true(arena_init(&fixture->arena, (size_t)1 << 20));
    engine_init(&fixture->engine, &fixture->arena, 4, &engine_policy_exhaustive, 1);
    engine_actor(&fixture->engine, &fixture->actor, 16384, body_main, fixture);
}

static void step(struct fixture *fixture)
{
    uint32_t slot = fixture->actor.slot;
    const char *end = fixture->actor.stack + fixture->actor.stack_bytes;

    engine_at(&fixture->engine, slot, 0);
    engine_step(&fixture->engine, slot);
    dead_stack_clear(fixture->engine.slots[slot].stack_pointer, end);
    assert_false(has_secret(fixture));
    dead_stack_fill(fixture->engine.slots[slot].stack_pointer, end);
    assert_true(has_pattern(fixture));
}

static void test_dead(void **state)
{
    static const struct {
        uint64_t (*body)(struct engine *, uint64_t);
        bool is_hidden;
    } rows[] = {
        { argument_dies, false }, { variable_dies, false }, { many_live, false }, { nested, false },
        { residue, false },       { fill_and_park, true },  { show_late, true },  { park_and_fill_and_park, true },
    };

    (void)state;
    if (switch_stack_extra() != 0)
        skip();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture fixture = { .body = rows[i].body, .is_hidden = rows[i].is_hidden };
        start(&fixture);
        const char *end = fixture.actor.stack + fixture.actor.stack_bytes;
        dead_stack_clear(fixture.engine.slots[fixture.actor.slot].stack_pointer, end); /* before it has run */
        for (int steps = 0; steps < 3; steps++)
            step(&fixture);
        assert_int_equal(fixture.result, SECRET ^ MASK);
        arena_drop(&fixture.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_dead) };

    return cmocka_run_group_tests_name("dead_stack", tests, NULL, NULL);
}
