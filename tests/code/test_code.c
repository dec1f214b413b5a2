/* SPDX-License-Identifier: Apache-2.0
 *
 * Code objects in timed runs: how each mistake of the code ends the run, the heap, and ways into the code.
 */
#define _GNU_SOURCE
#include "code/code.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "code/code_sample.h"
#include "code/describe.h"
#include "death.h"
#include "machine/violation.h"
#include "machine_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define HEAP_BYTES ((size_t)4096)

/* One line for each function, whose number is part of what is expected. */
static const char *const text =
    "#include \"irqpath.h\"\n"
    "struct list { long first; struct list *next; };\n"
    "struct list *head, *spare; long word; volatile long number; void nobody_has_this(int); void nor_this(void);\n"
    "static struct list *make(void) { return irqpath_alloc(sizeof(*head), \"struct list\"); }\n"
    "__attribute__((noinline)) static struct list *gone(void) { head = make(); irqpath_free(head); return head; }\n"
    "long read_freed(void) { return gone()->first; }\n" /* line 6 */
    "long write_freed(void) { gone()->first = 1; return 0; }\n"
    "long rmw_freed(void) { return __atomic_fetch_add(&gone()->first, 1, 5); }\n"
    "long verb_freed(void) { return (long)irqpath_rmw(&gone()->first, 8, IRQPATH_ADD, 1, 0); }\n"
    "long free_twice(void) { irqpath_free(gone()); return 1; }\n" /* line 10 */
    "long free_middle(void) { head = make(); irqpath_free(&head->next); return 1; }\n"
    "long free_inside(void) { head = irqpath_alloc(200, 0); irqpath_free((char *)head + 64); return 1; }\n"
    "long free_static(void) { irqpath_free(&word); return 1; }\n"
    "long free_stack(void) { long own = number; irqpath_free(&own); return own; }\n"
    "long heap_full(void) { for (;;) irqpath_alloc(64, 0); }\n" /* line 15 */
    "long too_large(void) { return (long)irqpath_alloc(1ul << 40, 0); }\n"
    "long read_null(void) { return spare->first; }\n"
    "long write_null(void) { spare->next = head; return 0; }\n"
    "long atomic_null(void) { return __atomic_load_n(&spare->first, 5); }\n"
    "long verb_null(void) { return (long)irqpath_rmw(&spare->next, 8, IRQPATH_XCHG, 1, 0); }\n" /* line 20 */
    "long wild(void) { struct list *p = (struct list *)(0x123456789000 + number); return p->first; }\n"
    "long write_code(void) { long *p = (long *)(void *)&wild; *p = number; return 0; }\n"
    "long ud2(void) { if (number == 0) __asm__ volatile(\"ud2\"); return 0; }\n"
    "long division(void) { return 7 / number; }\n"
    "long endless(void) { for (;;) __asm__ volatile(\"\"); }\n" /* line 25 */
    "long stub(void) { nobody_has_this(3); return 1; }\n"
    "long stub_behind(void) { nor_this(); return 1; }\n"
    "long bug(void) { irqpath_bug(\"BUG_ON(word)\"); return word; }\n"
    "long good(void) { head = make(); head->first = 3; head->next = head; word = head->next->first;\n"
    "    irqpath_free(0); irqpath_free(head); return word + make()->first; }\n"
    "long arguments(long a, long b, long c, long d, long e, long f)\n"
    "{ return ((((a * 10 + b) * 10 + c) * 10 + d) * 10 + e) * 10 + f; }\n"
    "long (*given(void))(long, long, long, long, long, long) { return arguments; }\n"
    "int weak_is_null(void) { extern void weak(void) __attribute__((weak)); return weak == 0; }\n";

struct run {
    struct fixture fixture;
    struct crash crash;
    struct code *code;
    const char *function;
    long result;
    bool has_returned;
};

static void call(struct cpu *cpu, void *data)
{
    struct run *run = data;
    void *found = code_function(run->code, run->function);
    long (*function)(void);

    assert_non_null(found);
    memcpy(&function, &found, sizeof(found));
    code_enter(run->code, cpu);
    run->result = function();
    run->has_returned = true;
}

static void run_open(struct run *run, const struct code_object *object)
{
    static const struct code_import *const imports[] = { NULL };
    static const struct code_config config = { .imports = imports, .heap_bytes = HEAP_BYTES };

    *run = (struct run){ .function = NULL };
    fixture_open(&run->fixture, "package:1 [numa] core:2 pu:1", &costs_westmere, POLICY_TIMED, 1);
    run->fixture.machine.crash = &run->crash;
    run->code = code_boot(&run->fixture.machine, object, &config);
}

/* Runs the function on CPU 1. */
static void run_call(struct run *run, const struct code_object *object, const char *function)
{
    run_open(run, object);
    run->function = function;
    fixture_program(&run->fixture, 1, call, run);
    fixture_run(&run->fixture, CYCLES_NEVER);
    fixture_close(&run->fixture);
}

static struct code_object *sample_open(struct sample *sample, size_t compiler, const char *options)
{
    char message[256] = "", line[256];
    struct code_object *object;

    sample_new(sample);
    sample_write(sample, "a.c", text);
    snprintf(line, sizeof(line), "-I%s/sim/code/abi %s", SOURCE_DIR, options);
    sample_compile(sample, &sample_compilers[compiler], line, "a.c", "files: a.c\n");
    object = code_object_open(sample->object, message, sizeof(message));
    if (object == NULL)
        fail_msg("%s", message);
    return object;
}

/* --- mistakes --- */

static const struct {
    const char *function;
    enum violation_kind kind;
    const char *text;
} mistakes[] = {
    { "read_freed", VIOLATION_USE_AFTER_FREE, "a.c:6: read of list->first, which is freed" },
    { "write_freed", VIOLATION_USE_AFTER_FREE, "a.c:7: write of list->first, which is freed" },
    { "rmw_freed", VIOLATION_USE_AFTER_FREE, "a.c:8: rmw of list->first, which is freed" },
    { "verb_freed", VIOLATION_USE_AFTER_FREE, "a.c:9: rmw of list->first, which is freed" },
    { "free_twice", VIOLATION_USE_AFTER_FREE, "a.c:10: memory is freed a second time" },
    { "free_middle", VIOLATION_USE_AFTER_FREE, "a.c:11: memory is freed that was not allocated" },
    { "free_inside", VIOLATION_USE_AFTER_FREE, "a.c:12: memory is freed that was not allocated" },
    { "free_static", VIOLATION_USE_AFTER_FREE, "a.c:13: memory is freed that was not allocated" },
    { "free_stack", VIOLATION_USE_AFTER_FREE, "a.c:14: memory is freed that was not allocated" },
    { "heap_full", VIOLATION_MODELLED_BUG, "a.c:15: irqpath's memory for the code's objects is used up" },
    { "too_large", VIOLATION_MODELLED_BUG, "a.c:16: irqpath's memory for the code's objects is used up" },
    { "read_null", VIOLATION_NULL_DOMAIN, "a.c:17: a NULL pointer is dereferenced (member at offset 0)" },
    { "write_null", VIOLATION_NULL_DOMAIN, "a.c:18: a NULL pointer is dereferenced (member at offset 8)" },
    { "atomic_null", VIOLATION_NULL_DOMAIN, "a.c:19: a NULL pointer is dereferenced (member at offset 0)" },
    { "verb_null", VIOLATION_NULL_DOMAIN, "a.c:20: a NULL pointer is dereferenced (member at offset 8)" },
    { "wild", VIOLATION_MODELLED_BUG, "a.c:21: page fault at memory+0x" },
    { "write_code", VIOLATION_MODELLED_BUG, "a.c:22: page fault at " },
    { "ud2", VIOLATION_MODELLED_BUG, "a.c:23: BUG()" },
    { "division", VIOLATION_MODELLED_BUG, "a.c:24: division by zero" },
    { "endless", VIOLATION_ENDLESS_WAIT,
      "a.c:25: an endless loop, in which nothing is read that another pCPU changes" },
    { "stub", VIOLATION_MODELLED_BUG,
      "a.c:26: the code uses 'nobody_has_this', which irqpath does not have: it stops here" },
    { "stub_behind", VIOLATION_MODELLED_BUG,
      "a.c:27: the code uses 'nor_this', which irqpath does not have: it stops here" },
    { "bug", VIOLATION_MODELLED_BUG, "a.c:28: BUG_ON(word)" },
};

static void mistakes_check(const struct code_object *object, const char *compiler)
{
    static struct run run;

    for (size_t i = 0; i < COUNT(mistakes); i++) {
        run_call(&run, object, mistakes[i].function);
        const struct violation *got = &run.crash.violation;
        if (run.has_returned || got->kind != mistakes[i].kind || run.crash.cpu != 1 ||
            strncmp(got->text, mistakes[i].text, strlen(mistakes[i].text)) != 0)
            fail_msg("%s %s: %s '%s'", compiler, mistakes[i].function, violation_name(got->kind), got->text);
    }
    run_call(&run, object, "good");
    assert_int_equal(run.crash.violation.kind, VIOLATION_NONE);
    assert_int_equal(run.result, 3);
}

static void test_mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLE_COMPILERS; i++) {
        struct sample sample;

        if (!sample_has(&sample_compilers[i]))
            continue;
        struct code_object *object = sample_open(&sample, i, "-O1 -fno-optimize-sibling-calls");
        mistakes_check(object, sample_compilers[i].name);
        code_object_close(object);
        sample_remove(&sample);
    }
}

/* --- at boot --- */

struct boot {
    const struct code_object *object;
    const char *function;
};

static void call_at_boot(void *argument)
{
    const struct boot *boot = argument;
    static struct run run;
    long (*function)(void);

    run_open(&run, boot->object);
    void *found = code_function(run.code, boot->function);
    memcpy(&function, &found, sizeof(found));
    code_enter(run.code, NULL);
    exit(function() == 3 ? 0 : 1);
}

static void test_boot(void **state)
{
    static const struct {
        const char *function, *text;
        int code;
    } rows[] = {
        { "good", "", 0 },
        { "free_twice", " stops at boot: a.c:10: memory is freed a second time\n", 2 },
        { "read_null", " stops at boot: a.c:17: a NULL pointer is dereferenced (member at offset 0)\n", 2 },
        { "stub", " stops at boot: a.c:26: the code uses 'nobody_has_this', which irqpath does not have", 2 },
    };
    struct sample sample;

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    struct code_object *object = sample_open(&sample, 0, "-O1 -fno-optimize-sibling-calls");
    for (size_t i = 0; i < COUNT(rows); i++) {
        char got[1024];
        int code = death_run(call_at_boot, &(struct boot){ object, rows[i].function }, got, sizeof(got));

        if (code != rows[i].code || strstr(got, rows[i].text) == NULL)
            fail_msg("%s: %d '%s'", rows[i].function, code, got);
    }
    code_object_close(object);
    sample_remove(&sample);
}

/* A relocation of the file that is of no kind that the loader knows, or outside of the writable memory. */
static void test_relocations(void **state)
{
    struct sample sample;

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    struct code_object *object = sample_open(&sample, 0, "-O1");
    const Elf64_Shdr *section = code_object_section(object, ".rela.plt");
    assert_non_null(section);
    Elf64_Rela *entry = (void *)(object->file + section->sh_offset), good = *entry;
    const Elf64_Rela bad[] = {
        { good.r_offset, ELF64_R_INFO(ELF64_R_SYM(good.r_info), R_X86_64_PC32), 0 },
        { good.r_offset, ELF64_R_INFO(object->symbol_count, R_X86_64_JUMP_SLOT), 0 },
        { object->text_bytes - 1, good.r_info, 0 },
        { object->image_bytes - 7, good.r_info, 0 },
        { UINT64_MAX, good.r_info, 0 },
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        *entry = bad[i];
        assert_check_fails(call_at_boot, &(struct boot){ object, "good" }, "x.so: relocation 0 of section ");
    }
    *entry = good;
    code_object_close(object);
    sample_remove(&sample);
}

/* --- ways in, the heap --- */

typedef long six(long, long, long, long, long, long);

static void ways_check(struct run *run)
{
    struct code *code = run->code;
    six *function;
    six *(*given)(void);

    void *found = code_function(code, "arguments");
    memcpy(&function, &found, sizeof(found));
    assert_int_equal(function(1, 2, 3, 4, 5, 6), 123456);
    assert_int_equal(function(-1, 0, 0, 0, 0, 1), -99999);
    assert_ptr_not_equal(found, code_symbol(code, "arguments"));
    found = code_function(code, "given");
    memcpy(&given, &found, sizeof(found));
    function = given();
    memcpy(&found, &function, sizeof(found));
    assert_ptr_equal(found, code_symbol(code, "arguments"));
    found = code_way_in(code, found);
    memcpy(&function, &found, sizeof(found));
    assert_int_equal(function(6, 5, 4, 3, 2, 1), 654321);
    assert_null(code_function(code, "nobody_has_this"));
    assert_null(code_way_in(code, NULL));
}

static void heap_check(struct run *run)
{
    struct code *code = run->code;
    char *last = NULL;
    size_t count = 0;
    char name[80];

    assert_null(code_alloc(code, 0, NULL));
    assert_null(code_alloc(code, HEAP_BYTES + 1, NULL));
    for (char *object; (object = code_alloc(code, 65, "struct list")) != NULL; count++, last = object) {
        assert_int_equal((uintptr_t)object % 64, 0);
        assert_true(last == NULL || object == last + 128);
        for (size_t i = 0; i < 128; i++)
            assert_int_equal(object[i], 0);
    }
    assert_int_equal(count, HEAP_BYTES / 128);
    describe_memory(code, last + 8, name, sizeof(name));
    assert_string_equal(name, "list31->next");
    code_free(code, last);
    assert_null(code_alloc(code, 65, NULL)); /* never used again */
}

static void test_calls(void **state)
{
    struct sample sample;
    static struct run run;

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    struct code_object *object = sample_open(&sample, 0, "-O1");
    run_open(&run, object);
    ways_check(&run);
    heap_check(&run);
    fixture_close(&run.fixture);
    run_call(&run, object, "weak_is_null");
    assert_int_equal(run.result & 1, 1);
    assert_true(code_is_implemented("irqpath_alloc", NULL));
    assert_true(code_is_implemented("__tsan_read8", NULL));
    assert_false(code_is_implemented("nobody_has_this", NULL));
    code_object_close(object);
    sample_remove(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boot), /* first: CMocka takes the signals back before each test */
        cmocka_unit_test(test_relocations),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
