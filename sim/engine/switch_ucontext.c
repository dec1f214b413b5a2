/* SPDX-License-Identifier: Apache-2.0
 *
 * The coroutine switch by swapcontext, for machines without an assembly version and for sanitizer builds, which notify
 * AddressSanitizer of every change of stack. The context of a parked coroutine is on its own stack.
 */
#include "engine/switch.h"

#ifdef SWITCH_UCONTEXT

#include <stdint.h>
#include <ucontext.h>

#include "base/check.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif

#ifdef HAS_ASAN
#include <sanitizer/common_interface_defs.h>
#define STACK_EXTRA 65536 /* frames with red zones, and the reports */
#else
#define STACK_EXTRA 8192 /* contexts, and swapcontext's own frames */
static inline void __sanitizer_start_switch_fiber(void **fake_stack, const void *bottom, size_t bytes)
{
    (void)fake_stack, (void)bottom, (void)bytes;
}
static inline void __sanitizer_finish_switch_fiber(void *fake_stack, const void **bottom, size_t *bytes)
{
    (void)fake_stack, (void)bottom, (void)bytes;
}
#endif

struct coroutine {
    ucontext_t context;
    const void *bottom; /* lowest byte of its stack; set by the coroutine that it switches to */
    size_t bytes;
    void *fake_stack;           /* AddressSanitizer's fake stack while it is parked */
    struct coroutine *previous; /* the coroutine that switched here */
    void (*main)(void *argument);
    void *argument;
};

/* `self` has control: completes the switch for AddressSanitizer, and stores the bounds of the previous stack. */
static void coroutine_arrive(struct coroutine *self)
{
    __sanitizer_finish_switch_fiber(self->fake_stack, &self->previous->bottom, &self->previous->bytes);
}

void switch_stack(void **from, void *to)
{
    struct coroutine self, *next = to;

    *from = &self;
    next->previous = &self;
    __sanitizer_start_switch_fiber(&self.fake_stack, next->bottom, next->bytes);
    CHECK(swapcontext(&self.context, &next->context) == 0);
    coroutine_arrive(&self);
}

/* The first frame of a coroutine. makecontext passes only ints, so that the pointer comes in two halves. */
static void start(unsigned int high, unsigned int low)
{
    uintptr_t address = (uintptr_t)high << 16 << 16 | low;
    struct coroutine *self = (struct coroutine *)address; /* NOLINT(performance-no-int-to-ptr) */

    coroutine_arrive(self);
    self->main(self->argument);
    CHECK(!"an actor's main returned");
}

void *switch_prepare(char *stack, size_t bytes, void (*main)(void *argument), void *argument)
{
    size_t reserved = (sizeof(struct coroutine) + 63) & ~(size_t)63;
    struct coroutine *self = (struct coroutine *)(stack + bytes - reserved);

    *self = (struct coroutine){ .bottom = stack, .bytes = bytes, .main = main, .argument = argument };
    CHECK(getcontext(&self->context) == 0);
    self->context.uc_stack.ss_sp = stack;
    self->context.uc_stack.ss_size = bytes - reserved;
    makecontext(&self->context, (void (*)(void))start, 2, (unsigned int)((uintptr_t)self >> 16 >> 16),
                (unsigned int)(uintptr_t)self);
    return self;
}

size_t switch_stack_extra(void) { return STACK_EXTRA; }

#endif
