/* SPDX-License-Identifier: Apache-2.0
 *
 * Both coroutine switches: the one that this build links (assembly, as a rule) and the ucontext one, compiled in here
 * under other names.
 */
#include "engine/switch.h"

#define SWITCH_UCONTEXT 1
#define switch_stack portable_stack
#define switch_prepare portable_prepare
#define switch_stack_extra portable_stack_extra
void switch_stack(void **from, void *to);
void *switch_prepare(char *stack, size_t bytes, void (*main)(void *argument), void *argument);
size_t switch_stack_extra(void);
#include "engine/switch_ucontext.c" /* NOLINT(bugprone-suspicious-include) */
#undef switch_stack
#undef switch_prepare
#undef switch_stack_extra

#ifdef HAS_ASAN
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

#include <stdbool.h>
#include <stdlib.h>

#include "death.h"

#define STACK_BYTES 16384u

static const struct way {
    void (*stack)(void **from, void *to);
    void *(*prepare)(char *stack, size_t bytes, void (*main)(void *argument), void *argument);
    size_t (*extra)(void);
} ways[] = { { switch_stack, switch_prepare, switch_stack_extra },
             { portable_stack, portable_prepare, portable_stack_extra } };
#define WAYS (sizeof(ways) / sizeof(ways[0]))

struct ring {
    const struct way *way;
    void *parked[3]; /* two coroutines, and the test itself */
    uint32_t visits[2];
    uintptr_t misaligned;
};

struct member {
    struct ring *ring;
    uint32_t index;
};

/* Holds more values than there are callee-saved registers across every switch. */
static void member_main(void *argument)
{
    struct member *member = argument;
    struct ring *ring = member->ring;
    uint64_t v[12], expected = member->index + 1;
    _Alignas(16) char probe[16];

    for (uint32_t i = 0; i < 12; i++)
        v[i] = (member->index + 1) * 0x0101010101010101u * (i + 1);
    ring->misaligned |= (uintptr_t)probe % 16;
    for (;;) {
        uint64_t a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7];

        ring->visits[member->index]++;
        ring->way->stack(&ring->parked[member->index], ring->parked[member->index + 1]);
        expected = (expected * 0x0101010101010101u) * 36;
        assert_true(a + b + c + d + e + f + g + h == expected);
        expected = member->index + 1;
    }
}

static void *zero_stack(size_t bytes)
{
    void *stack = aligned_alloc(64, bytes);

    assert_non_null(stack);
    return memset(stack, 0, bytes);
}

static void control_goes_round_and_registers_survive(void **state)
{
    (void)state;
    for (size_t w = 0; w < WAYS; w++) {
        size_t bytes = STACK_BYTES + ways[w].extra();
        struct ring ring = { .way = &ways[w] };
        struct member members[2] = { { &ring, 0 }, { &ring, 1 } };
        char *stacks[2];
        volatile double held = 0.5;

        for (uint32_t i = 0; i < 2; i++) {
            stacks[i] = zero_stack(bytes);
            ring.parked[i] = ways[w].prepare(stacks[i], bytes, member_main, &members[i]);
            assert_true((char *)ring.parked[i] >= stacks[i] && (char *)ring.parked[i] < stacks[i] + bytes);
        }
        for (uint32_t round = 0; round < 1000; round++) {
            ways[w].stack(&ring.parked[2], ring.parked[0]);
            assert_int_equal(ring.visits[0], round + 1);
            assert_int_equal(ring.visits[1], round + 1);
        }
        assert_int_equal(ring.misaligned, 0);
        assert_true(held == 0.5);
        for (uint32_t i = 0; i < 2; i++)
            free(stacks[i]);
    }
}

/* The state of a parked coroutine is the memory of its stack: restored from a copy, it continues from there again. */
struct counter {
    const struct way *way;
    void *parked, *home;
    uint32_t seen;
};

static void counter_main(void *argument)
{
    struct counter *counter = argument;

    for (volatile uint32_t count = 1;; count++) {
        counter->seen = count;
        counter->way->stack(&counter->parked, counter->home);
    }
}

static void restored_stack_continues_from_its_copy(void **state)
{
    size_t bytes = STACK_BYTES + ways[0].extra();
    struct counter counter = { .way = &ways[0] };
    char *stack, *copy;
    void *parked;

    (void)state;
    if (IS_SANITIZED)
        skip(); /* copying another coroutine's frames is what AddressSanitizer forbids */
    stack = zero_stack(bytes);
    copy = zero_stack(bytes);
    counter.parked = ways[0].prepare(stack, bytes, counter_main, &counter);
    for (uint32_t i = 0; i < 3; i++)
        ways[0].stack(&counter.home, counter.parked);
    memcpy(copy, stack, bytes);
    parked = counter.parked;
    for (uint32_t i = 0; i < 5; i++)
        ways[0].stack(&counter.home, counter.parked);
    assert_int_equal(counter.seen, 8);
    memcpy(stack, copy, bytes);
    counter.parked = parked;
    ways[0].stack(&counter.home, counter.parked);
    assert_int_equal(counter.seen, 4);
    free(stack);
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_goes_round_and_registers_survive),
        cmocka_unit_test(restored_stack_continues_from_its_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
