/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads and adds up parts of random walks.
 */
#define _GNU_SOURCE
#include "explore/walk_parts.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"

#define PART_BYTES_MAX ((size_t)1 << 26)

/* --- reading --- */

static bool read_count(const json_t *verdict, const char *key, uint64_t *value)
{
    const json_t *number = json_object_get(verdict, key);

    if (!json_is_integer(number) || json_integer_value(number) < 0)
        return false;
    *value = (uint64_t)json_integer_value(number);
    return true;
}

/* Appends a part. False when the verdict is not one of random walks. */
static bool read_verdict(struct walk_parts *parts, const json_t *verdict)
{
    const char *hash = json_string_value(json_object_get(verdict, "walks_hash"));
    const char *design = json_string_value(json_object_get(verdict, "design"));
    struct walk_part part = { .is_broken = json_object_get(verdict, "kind") != NULL,
                              .seconds = json_number_value(json_object_get(verdict, "seconds")) };
    uint64_t count;

    if (hash == NULL || design == NULL || !read_count(verdict, "walks_from", &part.from) ||
        !read_count(verdict, "walks", &count) || !read_count(verdict, "ends", &part.ends) ||
        !read_count(verdict, "transitions", &part.steps) || !read_count(verdict, "depth", &part.depth))
        return false;
    part.to = part.from + count;
    part.hash = strdup(hash);
    part.design = strdup(design);
    parts->parts = realloc(parts->parts, (parts->count + 1) * sizeof(*parts->parts));
    CHECK(part.hash != NULL && part.design != NULL && parts->parts != NULL);
    parts->parts[parts->count++] = part;
    return true;
}

/* Reads {"scenario", "verdicts"}, or an array of these. */
static bool read_document(struct walk_parts *parts, const json_t *document)
{
    const json_t *verdicts = json_object_get(document, "verdicts"), *each;
    size_t i;

    json_array_foreach(document, i, each) if (!read_document(parts, each)) return false;
    if (json_is_array(document))
        return true;
    json_array_foreach(verdicts, i, each) if (!read_verdict(parts, each)) return false;
    return json_array_size(verdicts) > 0;
}

static bool read_file(struct walk_parts *parts, const char *directory, const char *name, char *message,
                      size_t message_bytes)
{
    char *path, *bytes;
    json_error_t error;
    size_t count;

    CHECK(asprintf(&path, "%s/%s", directory, name) >= 0);
    bytes = file_read_bytes(path, PART_BYTES_MAX, &count, message, message_bytes);
    free(path);
    if (bytes == NULL)
        return false;
    json_t *document = json_loadb(bytes, count, 0, &error);
    bool is_good = document != NULL && read_document(parts, document);
    free(bytes);
    if (!is_good)
        (void)snprintf(message, message_bytes, "%s/%s: not printed by irqpath explore --random N --json", directory,
                       name);
    json_decref(document);
    return is_good;
}

static bool is_json(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0;
}

bool walk_parts_read(struct walk_parts *parts, const char *directory, char *message, size_t message_bytes)
{
    DIR *stream = opendir(directory);
    const struct dirent *entry;
    bool is_good = true;

    *parts = (struct walk_parts){ .count = 0 };
    if (stream == NULL) {
        (void)snprintf(message, message_bytes, "%s: %s", directory, strerror(errno));
        return false;
    }
    while (is_good && (entry = readdir(stream)) != NULL) /* NOLINT(concurrency-mt-unsafe): the stream is our own */
        if (is_json(entry))
            is_good = read_file(parts, directory, entry->d_name, message, message_bytes);
    CHECK(closedir(stream) == 0);
    return is_good;
}

void walk_parts_free(struct walk_parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        free(parts->parts[i].hash);
        free(parts->parts[i].design);
    }
    free(parts->parts);
    *parts = (struct walk_parts){ .count = 0 };
}

/* --- adding up --- */

/* The part that begins with this walk; the one with a violation, or else the longest, where a part was repeated. */
static const struct walk_part *find(const struct walk_parts *parts, const char *hash, const char *design, uint64_t from)
{
    const struct walk_part *best = NULL;

    for (size_t i = 0; i < parts->count; i++) {
        const struct walk_part *part = &parts->parts[i];
        if (part->from != from || part->to == from || strcmp(part->hash, hash) != 0 ||
            strcmp(part->design, design) != 0)
            continue;
        if (best == NULL || (!best->is_broken && (part->is_broken || part->to > best->to)))
            best = part;
    }
    return best;
}

static void add(struct walk_part *whole, const struct walk_part *part)
{
    whole->to = part->to;
    whole->ends += part->ends;
    whole->steps += part->steps;
    whole->depth = part->depth > whole->depth ? part->depth : whole->depth;
    whole->seconds += part->seconds;
    whole->is_broken = part->is_broken;
}

bool walk_parts_merge(const struct walk_parts *parts, const char *hash, const char *design, uint64_t walks,
                      struct walk_part *whole, char *message, size_t message_bytes)
{
    *whole = (struct walk_part){ .from = 0 };
    while (whole->to < walks && !whole->is_broken) {
        const struct walk_part *part = find(parts, hash, design, whole->to);
        if (part == NULL) {
            (void)snprintf(message, message_bytes,
                           "no part has the walks of %s from %" PRIu64
                           " on (of this scenario and version of irqpath, with this --max-depth)",
                           design, whole->to);
            return false;
        }
        add(whole, part);
    }
    if (whole->to <= walks)
        return true;
    (void)snprintf(message, message_bytes, "the parts have %" PRIu64 " walks of %s, more than --random %" PRIu64,
                   whole->to, design, walks);
    return false;
}
