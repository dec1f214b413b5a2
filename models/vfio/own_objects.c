/* SPDX-License-Identifier: Apache-2.0
 *
 * The model's objects behind the kernel's: a table by address.
 */
#include "models/vfio/own_objects.h"

#include <stdio.h>
#include <string.h>

#include "code/describe.h"
#include "machine/names.h"
#include "models/locks/code_locks.h"

enum { UNIT_BYTES = 64, NAME_BYTES = 32 };

static bool is_booting(const struct own *own) { return !own->vfio->machine->arena->is_sealed; }

/* --- names --- */

/* Of a wait queue's lock Linux only knows that it is one. */
static const char *const renamed[][2] = { { "wq_head->lock", "wqh" }, { "x->wait.lock", "wqh" } };

/* "&vdev->irqlock" is "irqlock", as in the model. */
const char *own_name_of(const char *text)
{
    text += text[0] == '&';
    for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++)
        if (strcmp(text, renamed[i][0]) == 0)
            return renamed[i][1];
    const char *arrow = strstr(text, "->");
    return arrow != NULL ? arrow + 2 : text;
}

static const char *name_keep(const struct own *own, const char *name)
{
    char *copy = arena_alloc(own->vfio->machine->arena, NAME_BYTES, 1);

    (void)snprintf(copy, NAME_BYTES, "%s", name);
    return copy;
}

/* --- making --- */

static void work_run(struct cpu *cpu, struct work *work)
{
    const struct own_object *object = work->context;
    struct own *own = own_of(vfio_of(cpu));

    code_enter(own->code, cpu);
    own->calls.work(object->key);
}

static struct own_srcu *srcu_new(const struct own *own)
{
    struct machine *machine = own->vfio->machine;
    struct own_srcu *srcu = ARENA_NEW(machine->arena, struct own_srcu);

    srcu->lines = ARENA_ARRAY(machine->arena, struct line, machine->cpu_count);
    srcu->readers = ARENA_ARRAY(machine->arena, struct word, machine->cpu_count);
    for (uint32_t i = 0; i < machine->cpu_count; i++) {
        line_init(machine, &srcu->lines[i], LINE_WAITED);
        word_init(&srcu->readers[i], &srcu->lines[i], 0);
        names_add(machine, &srcu->readers[i], "SRCU readers", NULL);
    }
    return srcu;
}

static struct own_object *make(struct own *own, enum own_kind kind, const char *name)
{
    struct own_object *object = &own->objects[own->object_count++];
    struct arena *arena = own->vfio->machine->arena;

    CHECK(own->object_count <= own->object_max);
    object->kind = kind;
    switch (kind) {
    case OWN_MUTEX:
        object->object = ARENA_NEW(arena, struct mutex);
        mutex_init(own->vfio->host, object->object, name_keep(own, name), strcmp(name, "igate") == 0 ? 2 : 0);
        break;
    case OWN_SRCU:
        object->object = srcu_new(own);
        break;
    default:
        object->object = ARENA_NEW(arena, struct own_work);
        work_init(own->vfio->host, object->object, work_run, object);
        break;
    }
    return object;
}

/* A work item that its own function frees is in use until that returns. */
static bool is_free(const struct own_object *object)
{
    const struct own_work *work = object->object;

    return object->key == NULL &&
           (object->kind != OWN_WORK || (work->work.executes == NULL && work->work.entry.queue == NULL));
}

static struct own_object *take_reserved(struct own *own, enum own_kind kind)
{
    for (uint32_t i = 0; i < own->object_count; i++)
        if (own->objects[i].kind == kind && is_free(&own->objects[i]))
            return &own->objects[i];
    code_bug(NULL, VIOLATION_MODELLED_BUG, "the code uses more mutexes or work items than irqpath has set aside");
}

/* --- the table --- */

static uint16_t *slot_of(const struct own *own, const void *key)
{
    size_t offset = (size_t)((const char *)key - own->code->shared);

    if (offset >= own->code->shared_bytes)
        code_bug(NULL, VIOLATION_MODELLED_BUG, "a lock or work item is on a stack or at a wild address");
    return &own->first[offset / UNIT_BYTES];
}

static void check_live(const struct own *own, const void *object)
{
    size_t offset = (size_t)((const char *)object - own->code->shared);

    if (offset < own->code->shared_bytes && own->code->freed[offset / UNIT_BYTES])
        code_bug(NULL, VIOLATION_USE_AFTER_FREE, "a mutex or work item is used after its object has been freed");
}

static struct own_object *find(const struct own *own, enum own_kind kind, const void *key)
{
    for (uint32_t i = *slot_of(own, key); i != 0; i = own->objects[i - 1].next)
        if (own->objects[i - 1].key == key && own->objects[i - 1].kind == kind)
            return &own->objects[i - 1];
    return NULL;
}

void *own_object_find(const struct own *own, enum own_kind kind, const void *key)
{
    const struct own_object *found = find(own, kind, key);

    return found != NULL ? found->object : NULL;
}

void *own_object(struct own *own, enum own_kind kind, void *key, const char *name)
{
    struct own_object *object = find(own, kind, key);
    uint16_t *slot = slot_of(own, key);
    char variable[NAME_BYTES] = "";

    check_live(own, key);
    if (object != NULL)
        return object->object;
    if (name == NULL && kind == OWN_MUTEX)
        describe_memory(own->code, key, variable, sizeof(variable));
    name = name != NULL ? own_name_of(name) : variable;
    object = is_booting(own) ? make(own, kind, name) : take_reserved(own, kind);
    object->key = key;
    object->next = *slot;
    *slot = (uint16_t)(object - own->objects + 1);
    return object->object;
}

static void forget(const struct own_object *object)
{
    const struct own_work *work = object->object;
    const struct mutex *mutex = object->object;

    if (object->kind == OWN_WORK && (work->work.entry.queue != NULL || word_peek(&work->work.pending) != 0))
        code_bug(NULL, VIOLATION_USE_AFTER_FREE, "a work item is freed while it is queued");
    if (object->kind == OWN_MUTEX && mutex->owner != NULL)
        code_bug(NULL, VIOLATION_USE_AFTER_FREE, "a mutex is freed while it is held");
}

void own_objects_forget(struct own *own, const void *memory, size_t bytes)
{
    uint16_t *slot = slot_of(own, memory);

    code_locks_forget(own->code, memory, bytes);
    for (size_t unit = 0; unit < bytes / UNIT_BYTES; unit++) {
        for (uint32_t i = slot[unit]; i != 0; i = own->objects[i - 1].next) {
            forget(&own->objects[i - 1]);
            own->objects[i - 1].key = NULL;
        }
        slot[unit] = 0;
    }
}

/* --- boot --- */

void own_objects_boot(struct own *own, uint32_t count)
{
    struct arena *arena = own->vfio->machine->arena;

    CHECK(count < UINT16_MAX);
    own->object_max = count;
    own->objects = ARENA_ARRAY(arena, struct own_object, own->object_max);
    own->first = ARENA_ARRAY(arena, uint16_t, own->code->shared_bytes / UNIT_BYTES + 1);
}

void own_objects_reserve(struct own *own, const uint32_t counts[OWN_KINDS])
{
    for (uint32_t kind = 0; kind < OWN_KINDS; kind++)
        for (uint32_t i = 0; i < counts[kind]; i++)
            (void)make(own, (enum own_kind)kind, "kernel");
}
