/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts about code and memory of an image in an arena, also from a small stack of a thread of its own.
 */
#define _GNU_SOURCE
#include "code/describe.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "code/code.h"
#include "code/code_sample.h"
#include "machine/machine.h"

static const char *const text = "struct list { struct list *next, *previous; };\n"
                                "struct dpci { unsigned state; struct list list; };\n"
                                "struct pirq { int number; struct dpci dpci; } *any;\n"
                                "#define PER_CPU __attribute__((section(\"irqpath_percpu\")))\n"
                                "PER_CPU struct list per_cpu__tasklet_list;\n"
                                "PER_CPU int per_cpu__depth[2] = { 1, 2 };\n"
                                "int tasklet_lock = 3;\n"
                                "void fail(int x)\n"
                                "{\n"
                                "    tasklet_lock = x;\n"
                                "    __builtin_trap();\n" /* line 11 */
                                "}\n"
                                "extern void outside(void);\n"
                                "void calls(void)\n"
                                "{\n"
                                "    outside();\n" /* line 16 */
                                "    tasklet_lock = 4;\n"
                                "}\n";

#define ARENA_BYTES ((size_t)1 << 20)
#define HEAP_BYTES 4096

struct fixture {
    struct sample sample;
    struct code_object *object;
    struct arena arena;
    struct machine machine;
    struct code code;
};

static void fixture_open(struct fixture *fixture, const char *options)
{
    char message[256];

    sample_new(&fixture->sample);
    sample_write(&fixture->sample, "common/a.c", text);
    sample_compile(&fixture->sample, &sample_compilers[0], options, "common/a.c", "files: common/a.c\n");
    fixture->object = code_object_open(fixture->sample.object, message, sizeof(message));
    assert_non_null(fixture->object);
    assert_true(arena_init(&fixture->arena, ARENA_BYTES));
    fixture->machine = (struct machine){ .arena = &fixture->arena };
    fixture->code = (struct code){ .object = fixture->object, .machine = &fixture->machine };
    fixture->code.image = arena_alloc(&fixture->arena, fixture->object->image_bytes + HEAP_BYTES, 4096);
    fixture->code.shared = fixture->code.image + fixture->object->text_bytes;
    fixture->code.names = ARENA_ARRAY(&fixture->arena, struct code_name, CODE_NAMES_MAX);
    for (size_t i = 0; i < fixture->object->segment_count; i++) {
        const Elf64_Phdr *segment = &fixture->object->segments[i];
        if (segment->p_type == PT_LOAD)
            memcpy(fixture->code.image + segment->p_vaddr, fixture->object->file + segment->p_offset,
                   segment->p_filesz);
    }
}

static void fixture_close(struct fixture *fixture)
{
    code_object_close(fixture->object);
    arena_drop(&fixture->arena);
    sample_remove(&fixture->sample);
}

static void check_memory(struct fixture *fixture, const void *address, const char *expected)
{
    char got[80];

    for (int i = 0; i < 2; i++) { /* the second time from the answers that are kept */
        describe_memory(&fixture->code, address, got, sizeof(got));
        assert_string_equal(got, expected);
    }
}

static void check_value(struct fixture *fixture, uint64_t value, const char *expected)
{
    char got[80];

    describe_value(&fixture->code, value, got, sizeof(got));
    assert_string_equal(got, expected);
}

static void test_memory(void **state)
{
    struct fixture fixture;
    size_t bytes;

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    fixture_open(&fixture, "-O2");
    struct code *code = &fixture.code;
    char *heap = code->image + fixture.object->image_bytes;
    code_section(code, "irqpath_percpu", &bytes);
    size_t list = code_object_symbol(fixture.object, "per_cpu__tasklet_list")->st_value -
                  code_object_section(fixture.object, "irqpath_percpu")->sh_addr;
    size_t depth = code_object_symbol(fixture.object, "per_cpu__depth")->st_value -
                   code_object_section(fixture.object, "irqpath_percpu")->sh_addr;
    code_name(code, heap, 40, "struct pirq", "%s", "");
    code_name(code, heap, 40, "struct pirq", "pirq%d", 7);
    code_name(code, heap + 64, 80, "struct pirq", "%s", "");
    code_name(code, heap + 256, bytes, NULL, "percpu%d", 1);
    code_name(code, heap + 512, 64, NULL, "buffer");
    code_name(code, heap + 640, 8, "struct absent", "odd");
    const struct {
        const char *address, *expected;
    } cases[] = {
        { heap, "pirq7->number" },
        { heap + 8, "pirq7->dpci.state" },
        { heap + 24, "pirq7->dpci.list.previous" },
        { heap + 4, "pirq7+4" },
        { heap + 64 + 8, "pirq1->dpci.state" },
        { heap + 64 + 32 + 8, "pirq1[1].dpci.state" },
        { heap + 256 + list, "cpu1.tasklet_list.next" },
        { heap + 256 + depth + 4, "cpu1.depth[1]" },
        { heap + 512 + 3, "buffer+3" },
        { heap + 640, "odd+0" },
        { code_symbol(code, "tasklet_lock"), "tasklet_lock" },
        { code_symbol(code, "any"), "any" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        check_memory(&fixture, cases[i].address, cases[i].expected);
    check_value(&fixture, (uintptr_t)heap, "&pirq7");
    check_value(&fixture, (uintptr_t)heap + 16, "&pirq7->dpci.list.next");
    check_value(&fixture, 0x2a, "2a");
    fixture_close(&fixture);
}

/* By the address behind a call, and by that of an instruction that faults. */
static const char *find(const struct fixture *fixture, const char *function, const char *bytes, size_t count)
{
    const Elf64_Sym *symbol = code_object_symbol(fixture->object, function);

    for (size_t i = 0; i + count <= symbol->st_size; i++)
        if (memcmp(fixture->code.image + symbol->st_value + i, bytes, count) == 0)
            return fixture->code.image + symbol->st_value + i;
    fail_msg("not found in %s", function);
    return NULL;
}

struct places {
    const struct code *code;
    const char *pcs[3];
    char texts[3][80];
};

static void *describe_places(void *argument)
{
    struct places *places = argument;

    for (size_t i = 0; i < 3; i++)
        describe_place(places->code, places->pcs[i], places->texts[i], sizeof(places->texts[i]));
    return NULL;
}

static void test_places(void **state)
{
    static const char *const expected[3] = { "a.c:11", "a.c:16", "code+0x1" };
    struct fixture fixture;
    pthread_attr_t attributes;
    pthread_t thread;

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    fixture_open(&fixture, "-O2");
    const char *call = find(&fixture, "calls", "\xe8", 1) + 5; /* of the coverage */
    while (call[0] != '\xe8')
        call++;
    struct places places = { &fixture.code,
                             { find(&fixture, "fail", "\x0f\x0b", 2), call + 5, fixture.code.image + 1 },
                             { "" } };
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstacksize(&attributes, (size_t)128 << 10), 0);
    assert_int_equal(pthread_create(&thread, &attributes, describe_places, &places), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(places.texts[i], expected[i]);
    assert_non_null(describe_source(fixture.object));
    fixture_close(&fixture);
}

static void test_without_debug_information(void **state)
{
    struct fixture fixture;
    char got[80];

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    fixture_open(&fixture, "-O2 -g0");
    assert_null(describe_source(fixture.object));
    describe_place(&fixture.code, code_symbol(&fixture.code, "fail"), got, sizeof(got));
    assert_memory_equal(got, "code+0x", 7);
    describe_memory(&fixture.code, fixture.code.shared + 16, got, sizeof(got));
    assert_string_equal(got, "memory+0x10");
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_without_debug_information),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
