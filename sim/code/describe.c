/* SPDX-License-Identifier: Apache-2.0
 *
 * Look-ups run in a thread of their own: libdw needs a larger stack than simulated CPUs have, whose stacks are part of
 * an explored state besides. The last answers are kept.
 */
#include "code/describe.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "code/code.h"
#include "code/source.h"
#include "code/stack.h"
#include "machine/machine.h"

#define ANSWERS 4096
#define ANSWER_BYTES 112
#define CALLERS_MAX 4

enum question_kind { PLACE, USER_PLACE, VARIABLE, MEMBER };

struct question {
    enum question_kind kind;
    size_t offset;    /* in the image, or in the type */
    const char *type; /* MEMBER */
};

struct answer {
    bool is_valid, is_known;
    enum question_kind kind;
    size_t offset;
    char type[48];
    char text[ANSWER_BYTES];
};

struct describer {
    const struct code_object *object;
    pthread_mutex_t mutex;
    struct code_source *source;
    bool is_open;
    struct answer answers[ANSWERS];
};

struct describer *describer_new(const struct code_object *object)
{
    struct describer *describer = calloc(1, sizeof(*describer));

    CHECK(describer != NULL && pthread_mutex_init(&describer->mutex, NULL) == 0);
    describer->object = object;
    return describer;
}

void describer_free(struct describer *describer)
{
    if (describer == NULL)
        return;
    code_source_close(describer->source);
    pthread_mutex_destroy(&describer->mutex);
    free(describer);
}

static struct code_source *source_of(struct describer *describer)
{
    if (!describer->is_open)
        describer->source = code_source_open(describer->object);
    describer->is_open = true;
    return describer->source;
}

struct code_source *describe_source(const struct code_object *object)
{
    struct describer *describer = object->describer;

    pthread_mutex_lock(&describer->mutex);
    struct code_source *source = source_of(describer);
    pthread_mutex_unlock(&describer->mutex);
    return source;
}

/* --- look-ups --- */

struct look_up {
    struct describer *describer;
    struct answer *answer;
};

static bool place_text(const struct describer *describer, enum question_kind kind, size_t offset, char *text,
                       size_t text_bytes)
{
    struct code_place place;

    if (!code_source_user_place(describer->source, offset, &place) ||
        (kind == USER_PLACE && !code_source_is_user_file(describer->source, place.file)))
        return false;
    const char *slash = strrchr(place.file, '/');
    (void)snprintf(text, text_bytes, "%s:%u", slash != NULL ? slash + 1 : place.file, place.line);
    return true;
}

static void *look_up(void *argument)
{
    const struct look_up *work = argument;
    struct answer *answer = work->answer;
    struct code_source *source = source_of(work->describer);
    char *text = answer->text;

    if (source == NULL)
        answer->is_known = false;
    else if (answer->kind == PLACE || answer->kind == USER_PLACE)
        answer->is_known = place_text(work->describer, answer->kind, answer->offset, text, ANSWER_BYTES);
    else if (answer->kind == VARIABLE)
        answer->is_known = code_source_variable(source, answer->offset, text, ANSWER_BYTES);
    else
        answer->is_known = code_source_member(source, answer->type, answer->offset, text, ANSWER_BYTES);
    return NULL;
}

static size_t slot_of(const struct question *question)
{
    size_t hash = question->offset * 4 + question->kind;

    for (const char *at = question->type; at != NULL && *at != '\0'; at++)
        hash = hash * 31 + (unsigned char)*at;
    return hash % ANSWERS;
}

/* Whether the debug information knows; writes the text. */
static bool ask(const struct code *code, struct question question, char *text, size_t text_bytes)
{
    struct describer *describer = code->object->describer;
    struct answer *answer = &describer->answers[slot_of(&question)];
    const char *type = question.type != NULL ? question.type : "";
    struct look_up work = { describer, answer };
    pthread_t thread;

    if (strlen(type) >= sizeof(answer->type))
        return false;
    pthread_mutex_lock(&describer->mutex);
    if (!answer->is_valid || answer->kind != question.kind || answer->offset != question.offset ||
        strcmp(answer->type, type) != 0) {
        answer->kind = question.kind;
        answer->offset = question.offset;
        strcpy(answer->type, type);
        answer->is_valid = pthread_create(&thread, NULL, look_up, &work) == 0;
        if (answer->is_valid)
            pthread_join(thread, NULL);
    }
    bool is_known = answer->is_valid && answer->is_known;
    if (is_known)
        (void)snprintf(text, text_bytes, "%s", answer->text);
    pthread_mutex_unlock(&describer->mutex);
    return is_known;
}

/* --- code --- */

/* Whether the instruction before `offset` is a call: `offset` is a return address, which may belong to the next line.
 */
static bool is_behind_call(const struct code *code, size_t offset)
{
    const unsigned char *bytes = (const unsigned char *)code->image + offset;
    int32_t distance;

    if (offset < 8 || offset > code->object->text_bytes)
        return false;
    memcpy(&distance, bytes - 4, sizeof(distance));
    return (bytes[-5] == 0xe8 && offset + (size_t)(ptrdiff_t)distance < code->object->text_bytes) ||
           (bytes[-6] == 0xff && bytes[-5] == 0x15) || (bytes[-2] == 0xff && (bytes[-1] & 0xf8) == 0xd0) ||
           (bytes[-3] == 0xff && (bytes[-2] & 0xf8) == 0x50) || (bytes[-6] == 0xff && (bytes[-5] & 0xf8) == 0x90);
}

size_t describe_offset(const struct code *code, const void *pc)
{
    size_t offset = (size_t)((const char *)pc - code->image);

    return is_behind_call(code, offset) ? offset - 1 : offset;
}

void describe_place(const struct code *code, const void *pc, char *text, size_t text_bytes)
{
    size_t offset = (size_t)((const char *)pc - code->image);
    struct question question = { PLACE, describe_offset(code, pc), NULL };

    if (offset >= code->object->text_bytes || !ask(code, question, text, text_bytes))
        (void)snprintf(text, text_bytes, "code+0x%zx", offset);
}

const void *describe_caller(const struct code *code, const void *pc, const void *frame, char *text, size_t text_bytes)
{
    uint32_t pcs[CALLERS_MAX];

    code_stack(pc, frame, pcs, CALLERS_MAX);
    for (size_t i = 0; i < CALLERS_MAX && pcs[i] != 0; i++)
        if (ask(code, (struct question){ USER_PLACE, pcs[i] - 1, NULL }, text, text_bytes))
            return code->image + pcs[i] - 1;
    return NULL;
}

/* --- memory --- */

/* Of names of the same memory the last one with a text, otherwise of the smallest memory. */
static const struct code_name *name_at(const struct code *code, size_t offset, const char **type)
{
    const struct code_name *best = NULL;

    *type = NULL;
    for (size_t i = 0; i < code->name_count; i++) {
        const struct code_name *name = &code->names[i];
        if (offset - name->offset >= name->bytes || (best != NULL && name->bytes > best->bytes))
            continue;
        if (best == NULL || name->bytes < best->bytes)
            *type = NULL;
        if (best == NULL || name->bytes < best->bytes || name->name[0] != '\0')
            best = name;
        *type = name->type != NULL ? name->type : *type;
    }
    return best;
}

/* The section of per-CPU data that is so long. */
static const Elf64_Shdr *section_of(const struct code *code, size_t bytes)
{
    const struct code_object *object = code->object;

    for (size_t i = 0; i < object->section_count; i++)
        if (object->sections[i].sh_size == bytes && (object->sections[i].sh_flags & SHF_ALLOC) &&
            strstr(object->section_names + object->sections[i].sh_name, "percpu") != NULL)
            return &object->sections[i];
    return NULL;
}

/* Xen's DEFINE_PER_CPU puts a prefix before the name. */
static const char *without(const char *prefix, const char *text)
{
    return strncmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : text;
}

/* The name; otherwise the type, of several objects of this type with the object's number, in the order of allocation.
 */
static void owner_text(const struct code *code, const struct code_name *name, const char *type, char *text,
                       size_t text_bytes)
{
    size_t count = 0, number = 0;

    for (size_t i = 0; i < code->name_count && name->name[0] == '\0' && type != NULL; i++) {
        const struct code_name *other = &code->names[i];
        if (other->name[0] != '\0' || other->type == NULL || strcmp(other->type, type) != 0)
            continue;
        number += other < name;
        count++;
    }
    if (count > 1)
        (void)snprintf(text, text_bytes, "%s%zu", without("struct ", type), number);
    else
        (void)snprintf(text, text_bytes, "%s",
                       name->name[0] != '\0' ? name->name
                       : type != NULL        ? without("struct ", type)
                                             : "memory");
}

static void describe_named(const struct code *code, const struct code_name *name, const char *type, size_t offset,
                           char *text, size_t text_bytes)
{
    const Elf64_Shdr *section = type == NULL ? section_of(code, name->bytes) : NULL;
    char path[ANSWER_BYTES], owner[64];

    owner_text(code, name, type, owner, sizeof(owner));
    if (section != NULL &&
        ask(code, (struct question){ VARIABLE, section->sh_addr + offset, NULL }, path, sizeof(path)))
        (void)snprintf(text, text_bytes, "%s.%s", without("per", owner), without("per_cpu__", path));
    else if (type == NULL || !ask(code, (struct question){ MEMBER, offset, type }, path, sizeof(path)))
        (void)snprintf(text, text_bytes, "%s+%zu", owner, offset);
    else
        (void)snprintf(text, text_bytes, "%s%s%s", owner, strchr("[+", path[0]) != NULL ? "" : "->", path);
}

static const struct cpu *stack_owner(const struct code *code, const volatile char *address)
{
    const struct machine *machine = code->machine;

    for (uint32_t id = 0; id < machine->cpu_count; id++)
        if ((size_t)(address - machine->cpus[id].actor.stack) < machine->cpus[id].actor.stack_bytes)
            return &machine->cpus[id];
    return NULL;
}

void describe_memory(const struct code *code, const volatile void *address, char *text, size_t text_bytes)
{
    size_t at = (size_t)((const volatile char *)address - code->machine->arena->base);
    size_t in_image = (size_t)((const volatile char *)address - code->image);
    const struct cpu *cpu;
    const char *type;
    const struct code_name *name = name_at(code, at, &type);

    if (name != NULL)
        describe_named(code, name, type, at - name->offset, text, text_bytes);
    else if (in_image < code->object->image_bytes &&
             ask(code, (struct question){ VARIABLE, in_image, NULL }, text, text_bytes))
        return;
    else if ((cpu = stack_owner(code, address)) != NULL)
        (void)snprintf(text, text_bytes, "stack of cpu%u, %zu bytes below its end", cpu->id,
                       (size_t)(cpu->actor.stack + cpu->actor.stack_bytes - (const volatile char *)address));
    else
        (void)snprintf(text, text_bytes, "memory+0x%zx", (size_t)((const volatile char *)address - code->shared));
}

void describe_value(const struct code *code, uint64_t value, char *text, size_t text_bytes)
{
    const struct arena *arena = code->machine->arena;
    size_t offset = value - (uintptr_t)arena->base;
    const struct code_name *name;
    const struct cpu *cpu;
    const char *type;

    if (offset >= arena->used) {
        (void)snprintf(text, text_bytes, "%llx", (unsigned long long)value);
        return;
    }
    name = name_at(code, offset, &type);
    (void)snprintf(text, text_bytes, "&");
    if (name != NULL && offset == name->offset)
        owner_text(code, name, type, text + 1, text_bytes - 1);
    else if (name == NULL && (cpu = stack_owner(code, arena->base + offset)) != NULL)
        (void)snprintf(text + 1, text_bytes - 1, "stack of cpu%u", cpu->id);
    else
        describe_memory(code, arena->base + offset, text + 1, text_bytes - 1);
}
