/* SPDX-License-Identifier: Apache-2.0
 *
 * A handler has nothing of what the thread that it interrupts has.
 */
#include "plain/host_owned.h"

#include "models/host/host.h"
#include "models/host/mutex.h"
#include "models/host/thread.h"

enum { MUTEXES_MAX = 64, HANDLERS_FROM = 28 };

/* Numbers mutexes in the order in which they are met. */
static uint32_t number_of(const struct mutex *mutex)
{
    static const struct mutex *mutexes[MUTEXES_MAX];
    uint32_t number = 0;

    while (number < MUTEXES_MAX - 1 && mutexes[number] != NULL && mutexes[number] != mutex)
        number++;
    mutexes[number] = mutex;
    return number;
}

uint64_t host_mutexes(const struct cpu *cpu)
{
    uint64_t bits = 0;

    if (cpu->interrupt_depth > 0)
        return 0;
    for (const struct mutex *held = thread_current(cpu)->held; held != NULL; held = held->next_held)
        bits |= 1ull << number_of(held);
    return bits;
}

uint32_t host_runner(const struct cpu *cpu)
{
    return cpu->interrupt_depth > 0 ? HANDLERS_FROM + cpu->id : thread_current(cpu)->id;
}
