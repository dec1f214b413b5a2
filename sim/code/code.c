/* SPDX-License-Identifier: Apache-2.0
 *
 * Boots a code object into a simulation: stubs, read-only image, writable image and heap lie behind each other in the
 * arena.
 */
#include "code/code.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "code/access.h"
#include "code/buffered.h"
#include "code/debugger.h"
#include "code/describe.h"
#include "code/faults.h"
#include "code/image.h"
#include "code/running.h"
#include "code/verbs.h"
#include "machine/explored.h"

#define PAGE_BYTES 4096
#define UNIT_BYTES ((size_t)64) /* of the heap: a cache line */

_Thread_local struct running code_running;

static void lines_boot(struct code *code)
{
    size_t count = code->shared_bytes / UNIT_BYTES + 1;

    if (machine_is_explored(code->machine))
        return;
    code->lines = ARENA_ARRAY(code->machine->arena, struct line, count);
    for (size_t i = 0; i < count; i++)
        line_init(code->machine, &code->lines[i], LINE_PLAIN);
}

struct code *code_boot(struct machine *machine, const struct code_object *object, const struct code_config *config)
{
    struct arena *arena = machine->arena;
    struct code *code = ARENA_NEW(arena, struct code);
    size_t heap_bytes = (config->heap_bytes + UNIT_BYTES - 1) / UNIT_BYTES * UNIT_BYTES;
    char message[300];
    char *memory;

    memory = arena_alloc(arena, IMAGE_STUB_BYTES + object->image_bytes + heap_bytes, PAGE_BYTES);
    *code = (struct code){
        .object = object,
        .machine = machine,
        .image = memory + IMAGE_STUB_BYTES,
        .volatile_is_step = config->volatile_is_step,
    };
    code->shared = code->image + object->text_bytes;
    code->heap_from = code->heap_used = object->image_bytes - object->text_bytes;
    code->shared_bytes = code->heap_from + heap_bytes;
    code->freed = ARENA_ARRAY(arena, uint8_t, code->shared_bytes / UNIT_BYTES + 1);
    code->sizes = ARENA_ARRAY(arena, uint16_t, code->shared_bytes / UNIT_BYTES + 1);
    code->names = ARENA_ARRAY(arena, struct code_name, CODE_NAMES_MAX);
    arena_exclude(arena, memory, IMAGE_STUB_BYTES + object->text_bytes);
    arena_exclude(arena, code->names, CODE_NAMES_MAX * sizeof(*code->names));
    ARENA_EXCLUDE(arena, code->name_count);
    lines_boot(code);
    const struct code_import *const *tables = config->imports;
    const struct code_import *all[8] = { access_imports, verb_imports };
    for (size_t i = 0; tables[i] != NULL; i++) {
        CHECK(i + 3 < sizeof(all) / sizeof(all[0]));
        all[i + 2] = tables[i];
    }
    if (!image_load(code, all, message, sizeof(message))) {
        (void)fprintf(stderr, "irqpath: %s\n", message);
        CHECK(!"the code object can be loaded");
    }
    if (machine_is_explored(machine)) {
        machine->engine->explored->code = code;
        machine->engine->explored->describe_memory = describe_memory;
    }
    debugger_register(object, code->image);
    faults_catch();
    code_running.code = NULL; /* of an earlier machine, which may have lain at the same address */
    code_enter(code, NULL);
    return code;
}

bool code_is_implemented(const char *name, const struct code_import *const *imports)
{
    static const struct code_import *const own[] = { access_imports, verb_imports, NULL };

    return image_find_import(own, name) != NULL || (imports != NULL && image_find_import(imports, name) != NULL);
}

void *code_symbol(const struct code *code, const char *name)
{
    const Elf64_Sym *symbol = code_object_symbol(code->object, name);

    return symbol == NULL ? NULL : code->image + symbol->st_value;
}

void *code_way_in(struct code *code, void *function) { return image_way_in(code, function); }

void *code_function(struct code *code, const char *name) { return code_way_in(code, code_symbol(code, name)); }

void *code_section(const struct code *code, const char *name, size_t *bytes)
{
    const Elf64_Shdr *section = code_object_section(code->object, name);

    *bytes = 0;
    if (section == NULL || !(section->sh_flags & SHF_ALLOC) || section->sh_addr > code->object->image_bytes ||
        section->sh_size > code->object->image_bytes - section->sh_addr)
        return NULL;
    *bytes = section->sh_size;
    return code->image + section->sh_addr;
}

/* --- what runs --- */

void code_enter(struct code *code, struct cpu *cpu)
{
    struct running *running = &code_running;

    running->cpu = cpu;
    running->blocks = 0;
    running->round++;
    if (running->code == code && running->image == code->image && running->shared_bytes == code->shared_bytes)
        return;
    running->code = code;
    running->shared = code->shared;
    running->shared_bytes = code->shared_bytes;
    running->covered = code->object->covered;
    running->image = code->image;
    running->text_bytes = code->object->text_bytes;
}

struct cpu *code_cpu(void) { return code_running.cpu; }
struct code *code_current(void) { return code_running.code; }

void code_settle(struct code *code, struct cpu *cpu)
{
    uint64_t blocks = code_running.blocks;

    buffered_end();

    code_running.blocks = 0;
    if (cpu == NULL || code->lines == NULL || blocks == 0)
        return;
    cpu_spend(cpu, blocks * cpu->costs->code_block);
}

/* --- the heap --- */

void *code_alloc(struct code *code, size_t bytes, const char *type)
{
    size_t units = (bytes + UNIT_BYTES - 1) / UNIT_BYTES, at = code->heap_used;

    if (units == 0 || units > UINT16_MAX || code->shared_bytes - at < units * UNIT_BYTES)
        return NULL;
    code->heap_used += units * UNIT_BYTES;
    code->sizes[at / UNIT_BYTES] = (uint16_t)units;
    if (type != NULL)
        code_name(code, code->shared + at, bytes, type, "%s", "");
    return code->shared + at;
}

/* Whatever other CPUs do with the object without a lock in common must be tried before and after it is freed. */
static void see_free(const struct code *code, const void *object, size_t bytes)
{
    const struct cpu *cpu = code_running.cpu;

    if (cpu != NULL && code->lines == NULL)
        races_see(cpu->engine->explored->races, cpu, (size_t)((const char *)object - code->machine->arena->base), bytes,
                  CODE_WRITE, false, NULL, NULL);
}

void code_free_at(struct code *code, void *object, const void *pc)
{
    size_t at = (size_t)((char *)object - code->shared);

    if (object == NULL)
        return;
    if (at >= code->shared_bytes || at % UNIT_BYTES != 0 || code->sizes[at / UNIT_BYTES] == 0)
        code_bug(pc, VIOLATION_USE_AFTER_FREE, "memory is freed that was not allocated");
    if (code->freed[at / UNIT_BYTES])
        code_bug(pc, VIOLATION_USE_AFTER_FREE, "memory is freed a second time");
    see_free(code, object, code->sizes[at / UNIT_BYTES] * UNIT_BYTES);
    memset(code->freed + at / UNIT_BYTES, CODE_FREED, code->sizes[at / UNIT_BYTES]);
    code_running.round++;
}

void code_hide(struct code *code, const void *from, size_t bytes)
{
    size_t offset = (size_t)((const char *)from - code->shared);
    size_t first = (offset + UNIT_BYTES - 1) / UNIT_BYTES, end = (offset + bytes) / UNIT_BYTES;

    if (first >= end)
        return;
    CHECK(end <= code->shared_bytes / UNIT_BYTES);
    memset(code->freed + first, CODE_HIDDEN, end - first);
    arena_exclude(code->machine->arena, code->shared + first * UNIT_BYTES, (end - first) * UNIT_BYTES);
}

void code_trim(struct code *code, size_t spare_bytes)
{
    struct arena *arena = code->machine->arena;
    size_t end = (code->heap_used + spare_bytes + UNIT_BYTES - 1) / UNIT_BYTES, units = code->shared_bytes / UNIT_BYTES;

    if (end >= units)
        return;
    arena_exclude(arena, code->shared + end * UNIT_BYTES, (units - end) * UNIT_BYTES);
    arena_exclude(arena, code->freed + end, (units - end) * sizeof(*code->freed));
    arena_exclude(arena, code->sizes + end, (units - end) * sizeof(*code->sizes));
    code->shared_bytes = end * UNIT_BYTES;
    code_enter(code, NULL);
}

void code_name(struct code *code, const void *object, size_t bytes, const char *type, const char *format, ...)
{
    struct code_name *name;
    va_list arguments;

    if (code->name_count == CODE_NAMES_MAX)
        return;
    name = &code->names[code->name_count++];
    name->offset = (size_t)((const char *)object - code->machine->arena->base);
    name->bytes = bytes;
    name->type = type;
    va_start(arguments, format);
    (void)vsnprintf(name->name, sizeof(name->name), format, arguments);
    va_end(arguments);
}
