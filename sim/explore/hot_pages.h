/* SPDX-License-Identifier: Apache-2.0
 *
 * The pages of an arena that were ever written since the watch began. All others are write-protected, so that a write
 * to one is always noticed: the fault makes the page writable and adds it to the list. Of some 300,000 words of a
 * machine fewer than 300 ever change, so that most pages need no comparison.
 *
 * Each process has a list of its own; a fork inherits the list. One watch a thread at a time.
 */
#ifndef EXPLORE_HOT_PAGES_H
#define EXPLORE_HOT_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hot_pages {
    char *base;
    size_t page_bytes;
    uint32_t page_count;
    uint32_t *pages; /* numbers from base on */
    volatile uint32_t count;
    bool *is_hot; /* [page_count] */
    uint32_t constant_first, constant_end;
};

/* Watches the pages of [base, base + bytes), but for those of [constant, constant + constant_bytes), whose protection
 * stays as it is: nothing can write to them. base and constant are aligned to a page; constant may be NULL. */
void hot_pages_watch(struct hot_pages *hot, void *base, size_t bytes, const void *constant, size_t constant_bytes);

/* Makes the pages of a range hot at once. */
void hot_pages_add(struct hot_pages *hot, const void *from, size_t bytes);

/* Makes all pages writable again. */
void hot_pages_release(struct hot_pages *hot);

#endif
