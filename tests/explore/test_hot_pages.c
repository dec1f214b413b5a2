/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the watch of pages: a write to any page makes it hot, once, except to those said to be constant.
 */
#include "explore/hot_pages.h"

#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "death.h"
#include "explore/state.h"

enum { PAGES = 20 };

static char *pages_new(size_t *page_bytes)
{
    *page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, PAGES * *page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(pages != MAP_FAILED);
    return pages;
}

static void test_writes(void **state)
{
    static const uint32_t written[] = { 7, 0, 19, 7, 3, 0 }, hot_pages[] = { 5, 7, 0, 19, 3 };
    struct hot_pages hot;
    size_t page_bytes;
    char *pages = pages_new(&page_bytes);

    (void)state;
    if (!explore_state_is_supported())
        skip();
    hot_pages_watch(&hot, pages, PAGES * page_bytes, pages + 10 * page_bytes, 2 * page_bytes - 1);
    pages[10 * page_bytes] = pages[11 * page_bytes] = 1;
    hot_pages_add(&hot, pages + 5 * page_bytes + 8, 8);
    for (size_t i = 0; i < sizeof(written) / sizeof(*written); i++) {
        volatile char *byte = pages + written[i] * page_bytes + i;
        *byte = (char)(1 + i);
        assert_int_equal(*byte, 1 + i);
    }
    assert_int_equal(hot.count, sizeof(hot_pages) / sizeof(*hot_pages));
    for (size_t i = 0; i < sizeof(hot_pages) / sizeof(*hot_pages); i++)
        assert_int_equal(hot.pages[i], hot_pages[i]);
    hot_pages_release(&hot);
    for (size_t page = 0; page < PAGES; page++)
        pages[page * page_bytes] = 1;
    assert_int_equal(munmap(pages, PAGES * page_bytes), 0);
}

static ucontext_t outside, coroutine;
static volatile char *written;

static void write_from_coroutine(void) { *written = 1; }

/* The handler cannot use a stack that may not be written, and leaves nothing below what the coroutine needs. */
static void test_a_stack_may_be_watched(void **state)
{
    struct hot_pages hot;
    size_t page_bytes;
    char *pages = pages_new(&page_bytes);

    (void)state;
    if (!explore_state_is_supported())
        skip();
    written = pages + 3 * page_bytes;
    assert_int_equal(getcontext(&coroutine), 0);
    coroutine.uc_stack.ss_sp = pages + 4 * page_bytes;
    coroutine.uc_stack.ss_size = (PAGES - 4) * page_bytes;
    coroutine.uc_link = &outside;
    makecontext(&coroutine, write_from_coroutine, 0);
    hot_pages_watch(&hot, pages, PAGES * page_bytes, NULL, 0);
    assert_int_equal(swapcontext(&outside, &coroutine), 0);
    assert_int_equal(hot.count, 2);
    assert_int_equal(hot.pages[0], PAGES - 1);
    assert_int_equal(hot.pages[1], 3);
    hot_pages_release(&hot);
    assert_int_equal(munmap(pages, PAGES * page_bytes), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_writes), cmocka_unit_test(test_a_stack_may_be_watched) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
