/* SPDX-License-Identifier: Apache-2.0
 *
 * Picks the two sites of each race that conflict, and merges races of the same two lines.
 */
#include "code/race_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "code/code.h"
#include "code/describe.h"
#include "code/source.h"
#include "machine/lock_order_record.h"
#include "machine/machine.h"

/* Frames printed of a site; the outer ones are irqpath's glue. */
#define STACK_PRINTED 5

struct builder {
    const struct explored *explored;
    const struct code *code;
    struct race_list *list;
};

/* --- which two sites --- */

enum conflict { CONFLICT_NONE, CONFLICT_INTERRUPT, CONFLICT_CPUS };

static bool are_interruptible(const struct race_site *a, const struct race_site *b)
{
    return a->in_interrupt && b->is_irq_on;
}

/* The free of the object (code_free), whose place is not known. */
static bool is_free(const struct race_site *site) { return site->pcs[0] == 0; }

static enum conflict conflict_of(const struct race_site *a, const struct race_site *b)
{
    uint32_t cpus = a->cpus | b->cpus;

    if ((a->access == CODE_READ && b->access == CODE_READ) || (a->is_atomic && b->is_atomic))
        return CONFLICT_NONE;
    if ((cpus & (cpus - 1)) != 0 && (a->locks & b->locks) == 0)
        return CONFLICT_CPUS;
    return are_interruptible(a, b) || are_interruptible(b, a) ? CONFLICT_INTERRUPT : CONFLICT_NONE;
}

/* Prefers two CPUs to an interrupt, and two lines to one. False: no two sites conflict. */
static bool pick(const struct race *race, uint32_t *first, uint32_t *second, bool *is_interrupt)
{
    int best = 0;

    for (uint32_t i = 0; i < race->site_count; i++) {
        for (uint32_t j = i; j < race->site_count; j++) {
            enum conflict conflict = conflict_of(&race->sites[i], &race->sites[j]);
            int rank = conflict == CONFLICT_NONE ? 0 : 2 * (int)conflict + (i != j);
            if (rank <= best || is_free(&race->sites[i]) || is_free(&race->sites[j]))
                continue;
            best = rank;
            *first = i;
            *second = j;
            *is_interrupt = conflict == CONFLICT_INTERRUPT;
        }
    }
    return best > 0;
}

/* --- texts --- */

static void place_text(const struct builder *builder, uint32_t pc, char *text, size_t text_bytes)
{
    struct code_place place;

    if (builder->list->source == NULL || !code_source_user_place(builder->list->source, pc - 1, &place)) {
        (void)snprintf(text, text_bytes, "code+0x%x", pc);
        return;
    }
    const char *slash = strrchr(place.file, '/');
    (void)snprintf(text, text_bytes, "%s:%u %s", slash != NULL ? slash + 1 : place.file, place.line, place.function);
}

static void side_fill(const struct builder *builder, const struct race_site *site, struct race_side *side)
{
    *side = (struct race_side){ .site = *site };
    place_text(builder, site->pcs[0], side->place, sizeof(side->place));
    for (uint32_t lock = 0; lock < 64; lock++) {
        if (!(site->locks & 1ull << lock))
            continue;
        if (side->lock_count == RACE_LOCKS_MAX)
            side->locks_left_out++;
        else
            lock_order_name(builder->explored, lock, side->locks[side->lock_count++], sizeof(side->locks[0]));
    }
}

/* The length of the text without the "+4" of the second half of 8 bytes. */
static size_t stem_of(const char *text)
{
    const char *plus = strrchr(text, '+');

    return plus != NULL && plus[1 + strspn(plus + 1, "0123456789")] == '\0' ? (size_t)(plus - text) : strlen(text);
}

static void memory_add(struct race_entry *entry, const char *text)
{
    size_t stem = stem_of(text);

    if (stem_of(entry->last_memory) == stem && strncmp(entry->last_memory, text, stem) == 0)
        return;
    (void)snprintf(entry->last_memory, sizeof(entry->last_memory), "%s", text);
    if (entry->memory_count == RACE_MEMORY_MAX)
        entry->memory_left_out++;
    else
        (void)snprintf(entry->memory[entry->memory_count++], sizeof(entry->memory[0]), "%s", text);
}

/* --- entries --- */

static bool is_same_side(const struct race_side *a, const struct race_side *b)
{
    return a->site.access == b->site.access && a->site.is_atomic == b->site.is_atomic &&
           strcmp(a->place, b->place) == 0;
}

static struct race_entry *entry_of(struct race_list *list, const struct race_entry *wanted)
{
    for (size_t i = 0; i < list->count; i++)
        if (is_same_side(&list->entries[i].sides[0], &wanted->sides[0]) &&
            is_same_side(&list->entries[i].sides[1], &wanted->sides[1]))
            return &list->entries[i];
    list->entries = realloc(list->entries, (list->count + 1) * sizeof(*list->entries));
    CHECK(list->entries != NULL);
    list->entries[list->count] = *wanted;
    return &list->entries[list->count++];
}

static void side_merge(struct race_side *side, const struct race_side *other)
{
    side->site.cpus |= other->site.cpus;
    side->site.in_interrupt |= other->site.in_interrupt;
    side->site.is_irq_on |= other->site.is_irq_on;
}

static void race_add(struct builder *builder, const struct race *race)
{
    struct race_entry wanted = { .memory_count = 0 }, *entry;
    uint32_t first = 0, second = 0;
    char text[96];

    if (!pick(race, &first, &second, &wanted.is_interrupt)) {
        if (race->site_count > 0 && is_free(&race->sites[0]))
            builder->list->freed++;
        else
            builder->list->unpaired++;
        return;
    }
    side_fill(builder, &race->sites[first], &wanted.sides[0]);
    side_fill(builder, &race->sites[second], &wanted.sides[1]);
    entry = entry_of(builder->list, &wanted);
    side_merge(&entry->sides[0], &wanted.sides[0]);
    side_merge(&entry->sides[1], &wanted.sides[1]);
    describe_memory(builder->code, builder->code->machine->arena->base + race->offset, text, sizeof(text));
    memory_add(entry, text);
}

static int race_compare(const void *left, const void *right)
{
    size_t a = (*(const struct race *const *)left)->offset, b = (*(const struct race *const *)right)->offset;

    return a < b ? -1 : a > b;
}

struct race_list *race_list_new(const struct explored *explored)
{
    struct race_list *list = calloc(1, sizeof(*list));
    struct builder builder = { explored, explored->code, list };
    size_t count = races_count(explored->races);
    const struct race **races = calloc(count + 1, sizeof(struct race *));

    CHECK(list != NULL && races != NULL && explored->code != NULL);
    list->source = describe_source(explored->code->object);
    for (size_t i = 0; i < count; i++)
        races[i] = races_get(explored->races, i);
    qsort(races, count, sizeof(struct race *), race_compare);
    for (size_t i = 0; i < count; i++)
        race_add(&builder, races[i]);
    free(races);
    return list;
}

void race_list_free(struct race_list *list)
{
    if (list != NULL)
        free(list->entries);
    free(list);
}

/* --- printing --- */

const char *race_side_access(const struct race_side *side)
{
    static const char *const names[2][3] = {
        { [CODE_READ] = "read", [CODE_WRITE] = "write", [CODE_RMW] = "rmw" },
        { [CODE_READ] = "atomic read", [CODE_WRITE] = "atomic write", [CODE_RMW] = "atomic rmw" },
    };

    return names[side->site.is_atomic][side->site.access];
}

static void print_side(const struct race_list *list, const struct race_side *side, FILE *stream)
{
    const struct race_site *site = &side->site;
    const char *separator = " on cpu";
    size_t depth = 0;

    fprintf(stream, "  %s by %s", race_side_access(side), side->place);
    for (uint32_t cpu = 0; cpu < 32; cpu++)
        if (site->cpus & 1u << cpu) {
            fprintf(stream, "%s%u", separator, cpu);
            separator = ",";
        }
    fprintf(stream, ", %sinterrupts %s, ", site->in_interrupt ? "in an interrupt handler, " : "",
            site->is_irq_on ? "on" : "off");
    fputs(side->lock_count > 0         ? "holding "
          : side->site.some_locks != 0 ? "not always with the same lock"
                                       : "no lock held",
          stream);
    for (size_t i = 0; i < side->lock_count; i++)
        fprintf(stream, "%s%s", i > 0 ? ", " : "", side->locks[i]);
    if (side->locks_left_out > 0)
        fprintf(stream, " and %zu more", side->locks_left_out);
    fputc('\n', stream);
    while (depth < STACK_PRINTED && site->pcs[depth] != 0)
        depth++;
    code_print_stack(list->source, site->pcs, depth, stream);
}

void race_list_print(const struct race_list *list, FILE *stream)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct race_entry *entry = &list->entries[i];
        fprintf(stream, "race %zu of %zu, %s: ", i + 1, list->count,
                entry->is_interrupt ? "between a handler and what it interrupts" : "between CPUs");
        for (size_t j = 0; j < entry->memory_count; j++)
            fprintf(stream, "%s%s", j > 0 ? ", " : "", entry->memory[j]);
        if (entry->memory_left_out > 0)
            fprintf(stream, " and %zu more", entry->memory_left_out);
        fputc('\n', stream);
        print_side(list, &entry->sides[0], stream);
        if (!is_same_side(&entry->sides[0], &entry->sides[1]))
            print_side(list, &entry->sides[1], stream);
    }
    if (list->freed > 0)
        fprintf(stream, "%zu more with nothing but the free of the object: a use after it is a violation\n",
                list->freed);
    if (list->unpaired > 0)
        fprintf(stream, "%zu more, of each of which any two known accesses share a lock or are atomic\n",
                list->unpaired);
}
