/* SPDX-License-Identifier: Apache-2.0
 *
 * The file that debuggers get: its addresses, by libdw, and what gdb makes of it, where there is gdb.
 */
#define _GNU_SOURCE
#include "code/debugger.h"

#include <elfutils/libdw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "code/code_sample.h"

static const char *const text = "int total;\n"
                                "int helper(int x) { return x + 1; }\n"
                                "int run(int x)\n"
                                "{\n"
                                "    total += x;\n"
                                "    return helper(total);\n"
                                "}\n";

static struct code_object *open_sample(struct sample *sample, const struct sample_compiler *compiler)
{
    char message[256];

    sample_new(sample);
    sample_write(sample, "common/a.c", text);
    sample_compile(sample, compiler, "-O2 -Wl,--emit-relocs", "common/a.c", "files: a.c\n");
    struct code_object *object = code_object_open(sample->object, message, sizeof(message));
    assert_non_null(object);
    return object;
}

static int line_of(Dwarf *dwarf, uint64_t address)
{
    Dwarf_CU *unit = NULL;
    Dwarf_Die die, part;
    uint8_t kind;
    int number;

    while (dwarf_get_units(dwarf, unit, &unit, NULL, &kind, &die, &part) == 0) {
        Dwarf_Line *line = dwarf_getsrc_die(&die, address);
        if (line != NULL && dwarf_lineno(line, &number) == 0)
            return number;
    }
    return 0;
}

static void check_copy(const struct sample_compiler *compiler)
{
    const char *image = (const char *)0x7f1234560000;
    struct sample sample;
    struct code_object *object = open_sample(&sample, compiler);
    unsigned char *copy = debugger_move(object, image);
    uint64_t address = code_object_symbol(object, "run")->st_value;

    assert_int_not_equal(elf_version(EV_CURRENT), EV_NONE);
    Elf *elf = elf_memory((char *)copy, object->bytes);
    Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
    assert_non_null(dwarf);
    assert_int_equal(line_of(dwarf, address), 0);
    assert_int_equal(line_of(dwarf, (uintptr_t)image + address), 4);
    dwarf_end(dwarf);
    elf_end(elf);
    free(copy);
    code_object_close(object);
    sample_remove(&sample);
}

static void test_copy(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLE_COMPILERS; i++)
        if (sample_has(&sample_compilers[i]))
            check_copy(&sample_compilers[i]);
}

/* What gdb debugs: an object at two places, the second of which replaces the first one. */
static int inferior(const char *path)
{
    char message[256];
    struct code_object *object = code_object_open(path, message, sizeof(message));

    if (object == NULL)
        return 1;
    char *image = mmap(NULL, 2 * object->image_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (image == MAP_FAILED)
        return 1;
    for (int i = 0; i < 2; i++, image += 4096) {
        debugger_register(object, image);
        debugger_access(image + code_object_symbol(object, "run")->st_value);
    }
    debugger_step(3);
    return 0;
}

static void run_gdb(const struct sample *sample, char *printed, size_t bytes)
{
    char line[1024];

    snprintf(line, sizeof(line),
             "gdb -nx -q -batch -ex 'break *debugger_access' -ex 'break *debugger_step if $rdi == 3' -ex run "
             "-ex 'info symbol $rdi' -ex 'info line *$rdi' -ex 'set $old = $rdi' -ex continue -ex 'info line *$rdi' "
             "-ex 'info symbol $rdi - 4096' -ex continue -ex 'p $rdi' --args /proc/%d/exe %s 2>&1",
             (int)getpid(), sample->object);
    FILE *stream = popen(line, "r");
    assert_non_null(stream);
    printed[fread(printed, 1, bytes - 1, stream)] = '\0';
    pclose(stream);
}

static void test_gdb(void **state)
{
    static char printed[16384];
    struct sample sample;

    (void)state;
    if (system("command -v gdb >/dev/null") != 0 || !sample_has(&sample_compilers[0]))
        skip();
    code_object_close(open_sample(&sample, &sample_compilers[0]));
    run_gdb(&sample, printed, sizeof(printed));
    sample_remove(&sample);
    if (strstr(printed, "Breakpoint 1, ") == NULL) /* where a process must not be traced */
        skip();
    assert_non_null(strstr(printed, "run in section .text"));
    const char *first = strstr(printed, "of \"common/a.c\" starts at address");
    assert_non_null(first);
    assert_non_null(strstr(first + 1, "of \"common/a.c\" starts at address"));
    assert_non_null(strstr(printed, "No symbol matches $rdi - 4096"));
    assert_non_null(strstr(printed, "$1 = 3"));
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_gdb),
    };

    return count > 1 ? inferior(arguments[1]) : cmocka_run_group_tests(tests, NULL, NULL);
}
