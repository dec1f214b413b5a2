/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads YAML as the canonical writer indents it: two spaces a level, "- " before the first key of an element.
 */
#include "compare/difference.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"

#define LEVELS 16
#define PATH_BYTES 256
#define SHOWN_MAX 3

struct scan {
    size_t ends[LEVELS];    /* length of the path above the keys of each level */
    size_t numbers[LEVELS]; /* elements so far of the list at this level */
    char path[PATH_BYTES];
};

static void append_part(struct scan *scan, size_t end, const char *text, size_t bytes)
{
    (void)snprintf(scan->path + end, sizeof scan->path - end, "%s%.*s", end > 0 ? "." : "", (int)bytes, text);
}

/* Whether runs depend on a key beside their seed. */
static bool is_of_run(const char *path)
{
    static const char *const others[] = { "run.seed", "headline", "expect", "name" };

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        size_t bytes = strlen(others[i]);
        if (strncmp(path, others[i], bytes) == 0 && (path[bytes] == '\0' || path[bytes] == '.'))
            return false;
    }
    return true;
}

/* A key without a value has others below it. */
static void add_key(struct difference_keys *keys, const char *path, const char *value, size_t value_bytes)
{
    if (value_bytes == 0 || !is_of_run(path))
        return;
    keys->keys = realloc(keys->keys, (keys->count + 1) * sizeof *keys->keys);
    CHECK(keys->keys != NULL);
    keys->keys[keys->count++] = (struct difference_key){ text_copy(path), text_copy_bytes(value, value_bytes) };
}

/* Goes to an element of the list at this level, whose first line is `text`. */
static void enter_element(struct scan *scan, size_t level, const char *text, size_t bytes)
{
    static const char name[] = "name: ";
    char number[24];

    scan->numbers[level]++;
    if (bytes > sizeof name - 1 && strncmp(text, name, sizeof name - 1) == 0) {
        append_part(scan, scan->ends[level], text + sizeof name - 1, bytes - sizeof name + 1);
    } else {
        int digits = snprintf(number, sizeof number, "%zu", scan->numbers[level]);
        append_part(scan, scan->ends[level], number, (size_t)digits);
    }
    scan->ends[level + 1] = strlen(scan->path);
}

static void read_line(struct scan *scan, struct difference_keys *keys, const char *line, size_t bytes)
{
    size_t spaces = strspn(line, " "), level = spaces / 2;

    if (spaces >= bytes || line[spaces] == '#' || level + 2 >= LEVELS)
        return;
    const char *text = line + spaces;
    bytes -= spaces;
    if (bytes > 2 && strncmp(text, "- ", 2) == 0) {
        text += 2;
        bytes -= 2;
        enter_element(scan, level, text, bytes);
        level++;
    }
    const char *colon = memchr(text, ':', bytes);
    if (colon == NULL) { /* an element without keys */
        add_key(keys, scan->path, text, bytes);
        return;
    }
    append_part(scan, scan->ends[level], text, (size_t)(colon - text));
    scan->ends[level + 1] = strlen(scan->path);
    scan->numbers[level + 1] = 0;
    const char *value = colon + 1 + (colon + 1 < text + bytes && colon[1] == ' ');
    add_key(keys, scan->path, value, (size_t)(text + bytes - value));
}

static int path_compare(const void *left, const void *right)
{
    return strcmp(((const struct difference_key *)left)->path, ((const struct difference_key *)right)->path);
}

void difference_keys_read(struct difference_keys *keys, const char *resolved)
{
    struct scan scan = { .path = "" };

    *keys = (struct difference_keys){ .count = 0 };
    while (*resolved != '\0') {
        size_t bytes = strcspn(resolved, "\n");
        read_line(&scan, keys, resolved, bytes);
        resolved += bytes + (resolved[bytes] == '\n');
    }
    if (keys->count > 0)
        qsort(keys->keys, keys->count, sizeof *keys->keys, path_compare);
}

void difference_keys_free(struct difference_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        free(keys->keys[i].path);
        free(keys->keys[i].value);
    }
    free(keys->keys);
    *keys = (struct difference_keys){ .count = 0 };
}

static bool has_key(const struct difference_keys *keys, const struct difference_key *key)
{
    const struct difference_key *found =
        keys->count > 0 ? bsearch(key, keys->keys, keys->count, sizeof *keys->keys, path_compare) : NULL;
    return found != NULL && strcmp(found->value, key->value) == 0;
}

/* Finds the keys of all[self] that one of the others has not. */
static size_t find_differences(const struct difference_keys *all, size_t count, size_t self,
                               const struct difference_key **found)
{
    size_t found_count = 0;

    for (size_t i = 0; i < all[self].count; i++) {
        const struct difference_key *key = &all[self].keys[i];
        bool is_common = true;
        for (size_t j = 0; j < count && is_common; j++)
            is_common = j == self || has_key(&all[j], key);
        if (!is_common)
            found[found_count++] = key;
    }
    return found_count;
}

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL ? dot + 1 : path;
}

/* The last part of the path where no other key has the same, otherwise all of it. */
static const char *short_path(const struct difference_key *const *found, size_t count, size_t self)
{
    const char *part = last_part(found[self]->path);

    for (size_t i = 0; i < count; i++)
        if (i != self && strcmp(last_part(found[i]->path), part) == 0)
            return found[self]->path;
    return part;
}

size_t difference_text(const struct difference_keys *all, size_t count, size_t self, bool is_short, char *text,
                       size_t text_bytes)
{
    const struct difference_key **found = calloc(all[self].count + 1, sizeof *found);
    size_t used = 0;

    CHECK(found != NULL);
    text[0] = '\0';
    size_t found_count = find_differences(all, count, self, found);
    for (size_t i = 0; i < found_count && i < SHOWN_MAX && used < text_bytes; i++)
        used += (size_t)snprintf(text + used, text_bytes - used, "%s%s=%s", used > 0 ? ", " : "",
                                 is_short ? short_path(found, found_count, i) : found[i]->path, found[i]->value);
    if (found_count > SHOWN_MAX && used < text_bytes)
        (void)snprintf(text + used, text_bytes - used, ", and %zu more", found_count - SHOWN_MAX);
    free(found);
    return found_count;
}
