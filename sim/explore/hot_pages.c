/* SPDX-License-Identifier: Apache-2.0
 *
 * Write protection by mprotect. A fault elsewhere goes to whoever handled it before.
 */
#define _GNU_SOURCE
#include "explore/hot_pages.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"

/* What this thread watches, and what handled the signal before: signals belong to the whole program. */
static _Thread_local struct hot_pages *watched; /* NULL: nothing */

static struct sigaction *previous_action(void)
{
    static struct sigaction action;

    return &action;
}

static bool is_watched(const struct hot_pages *hot, const char *address)
{
    return hot != NULL && address >= hot->base && address < hot->base + hot->page_count * hot->page_bytes;
}

/* Called in the signal handler, too. */
static bool make_hot(struct hot_pages *hot, uint32_t page)
{
    if (hot->is_hot[page] || (page >= hot->constant_first && page < hot->constant_end))
        return false;
    hot->is_hot[page] = true;
    hot->pages[hot->count] = page;
    hot->count = hot->count + 1;
    return mprotect(hot->base + page * hot->page_bytes, hot->page_bytes, PROT_READ | PROT_WRITE) == 0;
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    struct hot_pages *hot = watched;
    const char *address = info->si_addr;

    if (is_watched(hot, address) && make_hot(hot, (uint32_t)((size_t)(address - hot->base) / hot->page_bytes)))
        return;
    if ((previous_action()->sa_flags & SA_SIGINFO) != 0)
        previous_action()->sa_sigaction(number, info, context);
    else
        (void)sigaction(number, previous_action(), NULL);
}

/* The handler must not run on the stack of a coroutine: what it leaves there would become part of a state. */
static void stack_set(void)
{
    static _Thread_local _Alignas(16) char memory[32768];
    stack_t stack = { .ss_sp = memory, .ss_size = sizeof(memory) }, present;

    CHECK(sigaltstack(NULL, &present) == 0);
    if ((present.ss_flags & SS_DISABLE) != 0)
        CHECK(sigaltstack(&stack, NULL) == 0);
}

static void handler_install(void)
{
    struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };

    sigemptyset(&action.sa_mask);
    CHECK(sigaction(SIGSEGV, &action, previous_action()) == 0);
}

static void protect(const struct hot_pages *hot, uint32_t first, uint32_t end, int protection)
{
    if (first < end)
        CHECK_SYSTEM(mprotect(hot->base + first * hot->page_bytes, (end - first) * hot->page_bytes, protection) == 0,
                     "pages of the explored state cannot be protected");
}

/* All pages but the constant ones. */
static void protect_all(const struct hot_pages *hot, int protection)
{
    protect(hot, 0, hot->constant_first, protection);
    protect(hot, hot->constant_end, hot->page_count, protection);
}

void hot_pages_watch(struct hot_pages *hot, void *base, size_t bytes, const void *constant, size_t constant_bytes)
{
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE), count = (bytes + page_bytes - 1) / page_bytes;

    CHECK((uintptr_t)base % page_bytes == 0 && watched == NULL);
    *hot = (struct hot_pages){ .base = base, .page_bytes = page_bytes, .page_count = (uint32_t)count };
    hot->pages = calloc(count, sizeof(*hot->pages));
    hot->is_hot = calloc(count, sizeof(*hot->is_hot));
    CHECK(hot->pages != NULL && hot->is_hot != NULL);
    if (constant != NULL) {
        hot->constant_first = (uint32_t)((size_t)((const char *)constant - hot->base) / page_bytes);
        hot->constant_end = hot->constant_first + (uint32_t)((constant_bytes + page_bytes - 1) / page_bytes);
    }
    stack_set();
    handler_install();
    watched = hot;
    protect_all(hot, PROT_READ);
}

void hot_pages_add(struct hot_pages *hot, const void *from, size_t bytes)
{
    size_t start = (size_t)((const char *)from - hot->base), end = start + bytes;

    for (size_t page = start / hot->page_bytes; page * hot->page_bytes < end; page++)
        if (!hot->is_hot[page])
            CHECK(make_hot(hot, (uint32_t)page));
}

void hot_pages_release(struct hot_pages *hot)
{
    if (hot->base == NULL)
        return;
    protect_all(hot, PROT_READ | PROT_WRITE);
    free(hot->pages);
    free(hot->is_hot);
    CHECK(sigaction(SIGSEGV, previous_action(), NULL) == 0);
    watched = NULL;
    *hot = (struct hot_pages){ .base = NULL };
}
