/* SPDX-License-Identifier: Apache-2.0
 *
 * Places, variables and members as the debug information of small files gives them, for each compiler and level of
 * optimisation.
 */
#define _GNU_SOURCE
#include "code/source.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "code/code_sample.h"

static const char *const header = "struct node { struct node *next, *previous; };\n"
                                  "static inline __attribute__((always_inline)) int twice(int x)\n"
                                  "{\n"
                                  "    extern int outside(int);\n"
                                  "    return outside(x) * 2;\n"
                                  "}\n";

static const char *const text = "#include \"../include/list.h\"\n"
                                "struct dpci { unsigned state; unsigned a:3, b:7; struct node list; };\n"
                                "struct pirq {\n"
                                "    int number; char gap;\n"
                                "    union {\n"
                                "        struct { struct { struct dpci dpci; int emuirq; } hvm; } arch;\n"
                                "        long all[16];\n"
                                "    };\n"
                                "    struct { short x, y; };\n"
                                "    unsigned char grid[3][4];\n"
                                "    struct node rest[];\n"
                                "};\n"
                                "typedef struct { int raw; } lock_t;\n"
                                "struct node lists[4];\n"
                                "lock_t lock;\n"
                                "int plain = 3;\n"
                                "struct pirq *keeps;\n"
                                "static int hidden;\n"
                                "int first(int x)\n"
                                "{\n"
                                "    static int calls;\n"
                                "    calls++;\n"
                                "    hidden += x;\n"
                                "    return twice(x);\n" /* line 24 */
                                "}\n"
                                "__attribute__((noinline)) int second(int x)\n"
                                "{\n"
                                "    int y = first(x);\n" /* line 28 */
                                "    lists[2].next = 0;\n"
                                "    return y + 1;\n"
                                "}\n";

struct opened {
    struct sample sample;
    struct code_object *object;
    struct code_source *source;
};

static void open_sample(struct opened *opened, const struct sample_compiler *compiler, const char *options)
{
    char message[256];

    sample_new(&opened->sample);
    sample_write(&opened->sample, "include/list.h", header);
    sample_write(&opened->sample, "common/a.c", text);
    sample_compile(&opened->sample, compiler, options, "common/a.c", "files: common/a.c\n");
    opened->object = code_object_open(opened->sample.object, message, sizeof(message));
    assert_non_null(opened->object);
    opened->source = code_source_open(opened->object);
}

static void close_sample(struct opened *opened)
{
    code_source_close(opened->source);
    code_object_close(opened->object);
    sample_remove(&opened->sample);
}

static void check_members(struct opened *opened)
{
    static const struct {
        const char *type;
        size_t offset;
        const char *path; /* NULL: none */
    } cases[] = {
        { "struct pirq", 0, "number" },
        { "struct pirq", 2, "number+2" },
        { "struct pirq", 4, "gap" },
        { "struct pirq", 5, NULL },
        { "struct pirq", 8, "arch.hvm.dpci.state" },
        { "struct pirq", 12, "arch.hvm.dpci.a" },
        { "struct pirq", 13, "arch.hvm.dpci.b" },
        { "struct pirq", 16, "arch.hvm.dpci.list.next" },
        { "struct pirq", 24, "arch.hvm.dpci.list.previous" },
        { "struct pirq", 32, "arch.hvm.emuirq" },
        { "struct pirq", 48, "all[5]" },
        { "struct pirq", 136, "x" },
        { "struct pirq", 138, "y" },
        { "struct pirq", 147, "grid[1][3]" },
        { "struct pirq", 152 + 40, "rest[2].previous" },
        { "lock_t", 0, "raw" },
        { "lock_t", 4, "[1].raw" },
        { "struct dpci", 32, "[1].list.next" },
        { "int", 0, "" },
        { "struct absent", 0, NULL },
    };
    char got[64];

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        bool found = code_source_member(opened->source, cases[i].type, cases[i].offset, got, sizeof(got));
        assert_int_equal(found, cases[i].path != NULL);
        if (found)
            assert_string_equal(got, cases[i].path);
    }
}

static void check_variables(struct opened *opened)
{
    static const struct {
        const char *symbol;
        size_t offset;
        const char *text;
    } cases[] = {
        { "lists", 0, "lists[0].next" }, { "lists", 40, "lists[2].previous" },
        { "lock", 0, "lock.raw" },       { "plain", 0, "plain" },
        { "plain", 1, "plain+1" },       { "keeps", 0, "keeps" },
    };
    char got[64];

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const Elf64_Sym *symbol = code_object_symbol(opened->object, cases[i].symbol);
        assert_non_null(symbol);
        assert_true(code_source_variable(opened->source, symbol->st_value + cases[i].offset, got, sizeof(got)));
        assert_string_equal(got, cases[i].text);
    }
    assert_false(code_source_variable(opened->source, 0, got, sizeof(got)));
}

/* Of what the linker has sorted, by symbol, any address of the function that lies on the line. */
static size_t address_of(struct opened *opened, const char *symbol, const char *file, unsigned line)
{
    const Elf64_Sym *found = code_object_symbol(opened->object, symbol);
    struct code_place place;

    assert_non_null(found);
    for (size_t i = found->st_value; i < found->st_value + found->st_size; i++)
        if (code_source_place(opened->source, i, &place) && place.line == line && strcmp(place.file, file) == 0)
            return i;
    fail_msg("no code of %s:%u in %s", file, line, symbol);
    return 0;
}

static void check_places(struct opened *opened)
{
    struct code_place place;
    struct code_frame frames[4];
    char *printed;
    size_t bytes, at = address_of(opened, "second", "common/a.c", 29);
    uint32_t pcs[2];

    assert_true(code_source_place(opened->source, at, &place));
    assert_string_equal(place.function, "second");
    assert_int_equal(code_source_frames(opened->source, at, frames, 4), 1);

    at = address_of(opened, "first", "include/list.h", 5);
    assert_int_equal(code_source_frames(opened->source, at, frames, 4), 2);
    assert_string_equal(frames[0].place.function, "twice");
    assert_true(frames[0].is_inlined);
    assert_string_equal(frames[1].place.function, "first");
    assert_string_equal(frames[1].place.file, "common/a.c");
    assert_int_equal(frames[1].place.line, 24);
    assert_false(frames[1].is_inlined);
    frames[1].place.line = 0;
    assert_int_equal(code_source_frames(opened->source, at, frames, 1), 1);
    assert_string_equal(frames[0].place.function, "twice");
    assert_int_equal(frames[1].place.line, 0);
    assert_int_equal(code_source_frames(opened->source, at, frames, 0), 0);
    assert_int_equal(code_source_frames(opened->source, 0, frames, 4), 0);
    assert_false(code_source_place(opened->source, 0, &place));

    pcs[0] = (uint32_t)at + 1;
    pcs[1] = 1;
    FILE *stream = open_memstream(&printed, &bytes);
    code_print_stack(opened->source, pcs, 2, stream);
    fclose(stream);
    assert_string_equal(printed, "    include/list.h:5 twice [inlined]\n    common/a.c:24 first\n    +0x1\n");
    free(printed);
}

static void test_compilers(void **state)
{
    static const char *const options[] = { "-O1", "-O2", "-O3", "-O2 -gdwarf-4", "-O0" };

    (void)state;
    for (size_t i = 0; i < SAMPLE_COMPILERS; i++)
        for (size_t j = 0; sample_has(&sample_compilers[i]) && j < sizeof(options) / sizeof(*options); j++) {
            struct opened opened;
            open_sample(&opened, &sample_compilers[i], options[j]);
            assert_non_null(opened.source);
            check_members(&opened);
            check_variables(&opened);
            check_places(&opened);
            close_sample(&opened);
        }
}

static void test_without_debug_information(void **state)
{
    struct opened opened;

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    open_sample(&opened, &sample_compilers[0], "-O1 -g0");
    assert_null(opened.source);
    close_sample(&opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compilers),
        cmocka_unit_test(test_without_debug_information),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
