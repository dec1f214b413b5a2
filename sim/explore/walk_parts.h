/* SPDX-License-Identifier: Apache-2.0
 *
 * Random walks taken in parts, by several processes or machines: reads what `irqpath explore --random N --json` printed
 * for each part, and says what one process would have found that takes all of them.
 */
#ifndef EXPLORE_WALK_PARTS_H
#define EXPLORE_WALK_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The walks of one design from `from` to `to` - 1. If `is_broken`, the last one has a violation, and only it. */
struct walk_part {
    char *hash, *design; /* hash: of all that walks depend on, besides the design; owned */
    uint64_t from, to, ends, steps, depth;
    double seconds;
    bool is_broken;
};

struct walk_parts {
    struct walk_part *parts;
    size_t count;
};

/* Reads every file NAME.json of the directory. False with a message that names the file when one cannot be read or was
 * not printed by explore --random --json. The caller calls walk_parts_free in either case. */
bool walk_parts_read(struct walk_parts *parts, const char *directory, char *message, size_t message_bytes);
void walk_parts_free(struct walk_parts *parts);

/* Adds up the parts of a design from walk 0 to walk `walks` - 1, or to the first one with a violation; seconds are
 * added up, too. The strings of `whole` stay NULL. False with a message when walks before that one are missing. */
bool walk_parts_merge(const struct walk_parts *parts, const char *hash, const char *design, uint64_t walks,
                      struct walk_part *whole, char *message, size_t message_bytes);

#endif
