/* SPDX-License-Identifier: Apache-2.0
 *
 * What resolved scenarios differ in, as a command line would set it: "hypervisor.ratelimit=off". Seeds, headlines and
 * expectations, which no run depends on otherwise, are left out.
 */
#ifndef COMPARE_DIFFERENCE_H
#define COMPARE_DIFFERENCE_H

#include <stdbool.h>
#include <stddef.h>

/* A resolved scenario as a list of paths with values. */
struct difference_keys {
    struct difference_key {
        char *path;  /* "guests.idle.vcpus"; elements of lists without a name have their number in place of it */
        char *value;
    } * keys;        /* ascending by path */
    size_t count;
};

/* Reads the canonical YAML of a resolved scenario. */
void difference_keys_read(struct difference_keys *keys, const char *resolved);
void difference_keys_free(struct difference_keys *keys);

/* Writes the keys of all[self] that one of the others has with another value or not at all: "run.drain=1s", with commas
 * between them, after the third ", and N more"; if `is_short` without what stands before the last dot, where the last
 * parts of the keys tell them apart. Returns their number; `text` is "" when there are none. */
size_t difference_text(const struct difference_keys *all, size_t count, size_t self, bool is_short, char *text,
                       size_t text_bytes);

#endif
