/* SPDX-License-Identifier: Apache-2.0
 *
 * A file begins with MAGIC and ends with the hash of all before it. Numbers have seven bits in each byte, the lowest
 * first, and the top bit where more follow.
 */
#include "explore/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "explore/visited.h"

#define MAGIC "irqpath checkpoint 2\n"

#define NUMBER_BYTES_MAX 10

/* --- writing --- */

struct writer {
    uint8_t *bytes;
    size_t count, max;
};

static void put(struct writer *writer, const void *bytes, size_t count)
{
    if (writer->max - writer->count < count) {
        writer->max = 2 * writer->max + count + 65536;
        writer->bytes = realloc(writer->bytes, writer->max);
        CHECK(writer->bytes != NULL);
    }
    memcpy(writer->bytes + writer->count, bytes, count);
    writer->count += count;
}

static void put_number(struct writer *writer, uint64_t number)
{
    uint8_t bytes[NUMBER_BYTES_MAX];
    size_t count = 0;

    for (; number >= 0x80; number >>= 7)
        bytes[count++] = (uint8_t)(number | 0x80);
    bytes[count++] = (uint8_t)number;
    put(writer, bytes, count);
}

static void put_text(struct writer *writer, const char *text)
{
    put_number(writer, strlen(text));
    put(writer, text, strlen(text));
}

static void put_order(struct writer *writer, const struct lock_order *order)
{
    put_number(writer, order->is_truncated);
    put_number(writer, order->count);
    for (uint32_t i = 0; i < order->count; i++) {
        put_number(writer, order->edges[i].from);
        put_number(writer, order->edges[i].to);
        for (size_t word = 0; word < LOCK_ORDER_LOCKS / 64; word++)
            put_number(writer, order->edges[i].held[word]);
    }
}

/* A state's parent is written as the distance from that of the state before. */
static void put_tree(struct writer *writer, const struct checkpoint *checkpoint)
{
    uint32_t parent = 0;

    for (uint64_t rank = 1; rank < checkpoint->states; rank++) {
        put_number(writer, checkpoint->parents[rank] - parent);
        put_number(writer, checkpoint->slots[rank]);
        parent = checkpoint->parents[rank];
    }
}

/* Advances *child to the first state whose parent is `rank` or later. Returns whether `rank` is its parent. */
static bool is_parent(const struct checkpoint *checkpoint, uint64_t rank, uint64_t *child)
{
    while (*child < checkpoint->states && checkpoint->parents[*child] < rank)
        ++*child;
    return *child < checkpoint->states && checkpoint->parents[*child] == rank;
}

static void put_onward(struct writer *writer, const struct checkpoint *checkpoint)
{
    uint64_t child = 1;

    for (uint64_t rank = 0; rank < checkpoint->expanded; rank++)
        if (!is_parent(checkpoint, rank, &child))
            put_number(writer,
                       checkpoint->onward[rank] == VISITED_NO_RANK ? 0 : checkpoint->onward[rank] - (uint32_t)rank);
}

static void put_sleeps(struct writer *writer, const struct checkpoint *checkpoint)
{
    put_number(writer, checkpoint->sets.count);
    put_number(writer, checkpoint->sets.word_count);
    for (uint64_t i = 0; i < checkpoint->sets.word_count; i++)
        put_number(writer, checkpoint->sets.words[i]);
    for (uint64_t i = 0; checkpoint->expanded + i < checkpoint->states; i++)
        put_number(writer, checkpoint->sleeps[i]);
}

size_t checkpoint_encode(const struct checkpoint *checkpoint, uint8_t **bytes)
{
    struct writer writer = { .count = 0 };

    put(&writer, MAGIC, strlen(MAGIC));
    put_text(&writer, checkpoint->key.program);
    put_text(&writer, checkpoint->key.scenario);
    put_text(&writer, checkpoint->key.design);
    put_number(&writer, checkpoint->states);
    put_number(&writer, checkpoint->expanded);
    put_number(&writer, checkpoint->transitions);
    put_number(&writer, checkpoint->store_buffer_was_full);
    put_order(&writer, &checkpoint->order);
    put_tree(&writer, checkpoint);
    put_onward(&writer, checkpoint);
    put_sleeps(&writer, checkpoint);
    struct result_hash hash = result_hash_bytes(writer.bytes, writer.count);
    put(&writer, hash.bytes, sizeof(hash.bytes));
    *bytes = writer.bytes;
    return writer.count;
}

/* --- reading --- */

/* After the first error, nothing more is read. */
struct reader {
    const uint8_t *bytes;
    size_t count, at;
    size_t bad; /* place of the first error */
    const char *error;
};

static void fail(struct reader *reader, size_t place, const char *error)
{
    if (reader->error != NULL)
        return;
    reader->bad = place;
    reader->error = error;
}

/* A number from 0 to `max`; 0 after an error. */
static uint64_t get_number(struct reader *reader, uint64_t max)
{
    uint64_t number = 0;
    size_t start = reader->at;

    for (uint32_t shift = 0; reader->error == NULL; shift += 7) {
        if (reader->at == reader->count) {
            fail(reader, reader->at, "the file is cut off");
            break;
        }
        uint8_t byte = reader->bytes[reader->at++];
        if (shift > 63 || (shift == 63 && byte > 1)) {
            fail(reader, start, "a number is too large");
            break;
        }
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            break;
    }
    if (number > max)
        fail(reader, start, "a number is too large");
    return reader->error == NULL ? number : 0;
}

static void get_text(struct reader *reader, char *text, size_t text_bytes)
{
    size_t length = get_number(reader, text_bytes - 1);

    if (length > reader->count - reader->at)
        fail(reader, reader->count, "the file is cut off");
    if (reader->error != NULL)
        length = 0;
    memcpy(text, reader->bytes + reader->at, length);
    text[length] = '\0';
    reader->at += length;
}

static void get_order(struct reader *reader, struct lock_order *order)
{
    order->is_truncated = get_number(reader, 1) != 0;
    order->count = (uint32_t)get_number(reader, LOCK_ORDER_EDGES);
    for (uint32_t i = 0; i < order->count; i++) {
        order->edges[i].from = (uint8_t)get_number(reader, LOCK_ORDER_LOCKS - 1);
        order->edges[i].to = (uint8_t)get_number(reader, LOCK_ORDER_LOCKS - 1);
        for (size_t word = 0; word < LOCK_ORDER_LOCKS / 64; word++)
            order->edges[i].held[word] = get_number(reader, UINT64_MAX);
    }
}

/* Each state takes two bytes or more, so that a damaged number of states does not make the program run out of memory.
 */
static void get_counts(struct reader *reader, struct checkpoint *checkpoint)
{
    size_t start = reader->at;

    checkpoint->states = get_number(reader, VISITED_STATES_MAX);
    if (reader->error == NULL && (checkpoint->states == 0 || checkpoint->states > reader->count))
        fail(reader, start, "the number of states is wrong");
    checkpoint->expanded = get_number(reader, checkpoint->states);
    checkpoint->transitions = get_number(reader, UINT64_MAX);
    checkpoint->store_buffer_was_full = get_number(reader, 1) != 0;
}

static void get_tree(struct reader *reader, struct checkpoint *checkpoint)
{
    uint64_t before = 0; /* the last origin, plus one */

    for (uint64_t rank = 1; rank < checkpoint->states && reader->error == NULL; rank++) {
        size_t start = reader->at;
        uint64_t parent = checkpoint->parents[rank - 1] + get_number(reader, checkpoint->states);
        uint32_t slot = (uint32_t)get_number(reader, EVENTQ_SLOTS_MAX - 1);
        if (parent >= rank || parent >= checkpoint->expanded || visited_origin((uint32_t)parent, slot) + 1 <= before) {
            fail(reader, start, "a state is out of order");
            return;
        }
        checkpoint->parents[rank] = (uint32_t)parent;
        checkpoint->slots[rank] = (uint16_t)slot;
        before = visited_origin((uint32_t)parent, slot) + 1;
    }
}

static void get_onward(struct reader *reader, struct checkpoint *checkpoint)
{
    uint64_t child = 1;

    for (uint64_t rank = 0; rank < checkpoint->expanded && reader->error == NULL; rank++) {
        uint64_t distance = is_parent(checkpoint, rank, &child) ? 0 : get_number(reader, checkpoint->states - 1 - rank);
        checkpoint->onward[rank] = distance == 0 ? VISITED_NO_RANK : (uint32_t)(rank + distance);
    }
}

static void get_sets(struct reader *reader, struct checkpoint_sets *sets)
{
    size_t start = reader->at;

    sets->count = get_number(reader, UINT32_MAX);
    sets->word_count = get_number(reader, reader->count); /* each takes a byte or more */
    sets->words = calloc(sets->word_count + 1, sizeof(*sets->words));
    CHECK(sets->words != NULL);
    for (uint64_t i = 0; i < sets->word_count && reader->error == NULL; i++)
        sets->words[i] = get_number(reader, UINT64_MAX);
    for (uint64_t at = 0, set = 0; (at < sets->word_count || set < sets->count) && reader->error == NULL; set++) {
        uint64_t count = at < sets->word_count ? sets->words[at++] : UINT64_MAX;
        if (count > sets->word_count - at || !sleep_is_export(&sets->words[at], count) || set == sets->count)
            fail(reader, start, "a sleep set is wrong");
        else
            at += count;
    }
}

static void get_sleeps(struct reader *reader, struct checkpoint *checkpoint)
{
    get_sets(reader, &checkpoint->sets);
    for (uint64_t i = 0; i < checkpoint->states - checkpoint->expanded && reader->error == NULL; i++)
        checkpoint->sleeps[i] = (uint32_t)get_number(reader, checkpoint->sets.count);
}

static void get_all(struct reader *reader, struct checkpoint *checkpoint)
{
    reader->at = strlen(MAGIC);
    get_text(reader, checkpoint->key.program, sizeof(checkpoint->key.program));
    get_text(reader, checkpoint->key.scenario, sizeof(checkpoint->key.scenario));
    get_text(reader, checkpoint->key.design, sizeof(checkpoint->key.design));
    get_counts(reader, checkpoint);
    get_order(reader, &checkpoint->order);
    if (reader->error != NULL)
        return;
    checkpoint->parents = calloc(checkpoint->states + 1, sizeof(*checkpoint->parents));
    checkpoint->slots = calloc(checkpoint->states + 1, sizeof(*checkpoint->slots));
    checkpoint->onward = calloc(checkpoint->expanded + 1, sizeof(*checkpoint->onward));
    checkpoint->sleeps = calloc(checkpoint->states - checkpoint->expanded + 1, sizeof(*checkpoint->sleeps));
    CHECK(checkpoint->parents && checkpoint->slots && checkpoint->onward && checkpoint->sleeps);
    get_tree(reader, checkpoint);
    get_onward(reader, checkpoint);
    get_sleeps(reader, checkpoint);
    if (reader->at != reader->count)
        fail(reader, reader->at, "there is more than a checkpoint");
}

bool checkpoint_decode(struct checkpoint *checkpoint, const uint8_t *bytes, size_t count, char *message,
                       size_t message_bytes)
{
    struct result_hash hash;
    struct reader reader = { .bytes = bytes };

    *checkpoint = (struct checkpoint){ .states = 0 };
    if (count < strlen(MAGIC) + sizeof(hash.bytes) || memcmp(bytes, MAGIC, strlen(MAGIC)) != 0) {
        (void)snprintf(message, message_bytes, "not a checkpoint of irqpath explore of this version");
        return false;
    }
    reader.count = count - sizeof(hash.bytes);
    get_all(&reader, checkpoint);
    hash = result_hash_bytes(bytes, reader.count);
    if (memcmp(hash.bytes, bytes + reader.count, sizeof(hash.bytes)) != 0)
        fail(&reader, reader.count, "the checksum is not that of the contents");
    if (reader.error == NULL)
        return true;
    (void)snprintf(message, message_bytes, "damaged checkpoint: byte %zu: %s", reader.bad, reader.error);
    checkpoint_free(checkpoint);
    return false;
}

/* --- files --- */

bool checkpoint_write(const struct checkpoint *checkpoint, const char *path, char *message, size_t message_bytes)
{
    uint8_t *bytes;
    size_t count = checkpoint_encode(checkpoint, &bytes);
    bool is_good = file_write(path, bytes, count, true, message, message_bytes);

    free(bytes);
    return is_good;
}

bool checkpoint_read(struct checkpoint *checkpoint, const char *path, char *message, size_t message_bytes)
{
    char why[200];
    size_t count;
    char *bytes = file_read_bytes(path, SIZE_MAX, &count, message, message_bytes);

    if (bytes == NULL)
        return false;
    bool is_good = checkpoint_decode(checkpoint, (const uint8_t *)bytes, count, why, sizeof(why));
    free(bytes);
    if (!is_good)
        (void)snprintf(message, message_bytes, "%s: %s", path, why);
    return is_good;
}

void checkpoint_free_arrays(struct checkpoint *checkpoint)
{
    free(checkpoint->parents);
    free(checkpoint->slots);
    free(checkpoint->onward);
    free(checkpoint->sleeps);
    free(checkpoint->sets.words);
    checkpoint->parents = checkpoint->onward = checkpoint->sleeps = NULL;
    checkpoint->sets.words = NULL;
    checkpoint->slots = NULL;
}

void checkpoint_free(struct checkpoint *checkpoint)
{
    checkpoint_free_arrays(checkpoint);
    *checkpoint = (struct checkpoint){ .states = 0 };
}

bool checkpoint_is_of(const struct checkpoint *checkpoint, const struct checkpoint_key *key, char *message,
                      size_t message_bytes)
{
    const struct checkpoint_key *own = &checkpoint->key;

    if (strcmp(own->design, key->design) != 0)
        (void)snprintf(message, message_bytes, "the checkpoint is of the design %s, not of %s", own->design,
                       key->design);
    else if (strcmp(own->scenario, key->scenario) != 0)
        (void)snprintf(message, message_bytes, "the checkpoint is of another scenario, or of one with other --set");
    else if (strcmp(own->program, key->program) != 0)
        (void)snprintf(message, message_bytes, "the checkpoint was written by another build of irqpath");
    else
        return true;
    return false;
}
