/* SPDX-License-Identifier: Apache-2.0
 *
 * The locks as threads of this machine run them: one holder at a time, and a release that meets a successor which has
 * taken the tail and not yet linked itself.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "models/locks/list.h"
#include "models/locks/lock.h"

enum { THREADS = 3, TURNS = 300 };

struct counted {
    const struct lock_operations *operations;
    struct native_lock lock;
    uint64_t count; /* protected by the lock */
    bool is_held;
};

static void *count_up(void *argument)
{
    struct counted *counted = argument;
    struct native_node node = { 0 };
    uintptr_t overlaps = 0;

    for (int i = 0; i < TURNS; i++) {
        counted->operations->native_acquire(&counted->lock, &node);
        overlaps += counted->is_held;
        counted->is_held = true;
        counted->count++;
        counted->is_held = false;
        counted->operations->native_release(&counted->lock, &node);
    }
    return (void *)overlaps;
}

static void one_thread_holds_it(void **state)
{
    uint32_t found = 0;

    (void)state;
    for (uint32_t kind = 0; kind < lock_kind_count; kind++) {
        struct counted counted = { .operations = lock_kinds[kind].operations };
        pthread_t threads[THREADS];

        if (counted.operations->native_acquire == NULL)
            continue;
        found++;
        for (int i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, count_up, &counted), 0);
        for (int i = 0; i < THREADS; i++) {
            void *overlaps;
            assert_int_equal(pthread_join(threads[i], &overlaps), 0);
            assert_null(overlaps);
        }
        assert_int_equal(counted.count, THREADS * TURNS);
    }
    assert_true(found >= 2);
}

struct successor {
    struct native_node *before, node;
};

/* Links itself late, which only decides how long the release has to wait. */
static void *link_late(void *argument)
{
    struct successor *successor = argument;

    nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
    __atomic_store_n(&successor->before->next, &successor->node, __ATOMIC_RELEASE);
    while (__atomic_load_n(&successor->node.is_waiting, __ATOMIC_ACQUIRE) != 0)
        native_pause();
    return NULL;
}

static void mcs_waits_for_its_successor(void **state)
{
    const struct lock_operations *mcs = lock_kinds[lock_find("mcs")].operations;
    struct native_lock lock = { 0 };
    struct native_node first = { 0 };
    struct successor second = { .before = &first, .node = { .is_waiting = 1 } };
    pthread_t thread;

    (void)state;
    mcs->native_acquire(&lock, &first);
    assert_ptr_equal(lock.last, &first);
    lock.last = &second.node;
    assert_int_equal(pthread_create(&thread, NULL, link_late, &second), 0);
    mcs->native_release(&lock, &first);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_ptr_equal(lock.last, &second.node);
    mcs->native_release(&lock, &second.node);
    assert_null(lock.last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_thread_holds_it),
        cmocka_unit_test(mcs_waits_for_its_successor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
