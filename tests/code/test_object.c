/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that are no code object, or a damaged one: each is refused with a message that begins with its path, or opened.
 */
#define _GNU_SOURCE
#include "code/object.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/rng.h"
#include "code/code_sample.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *const text = "int word, words[9];\n"
                                "void outside(int);\n"
                                "int run(int x) { word += x; outside(x); return words[x]; }\n";
static const char *const info = "family: xen\ncompiler: gcc (Debian) 12: the second one\nfiles: common/a.c b.c\n";

struct file {
    unsigned char *bytes;
    size_t count;
};

static struct file file_read(const char *path)
{
    struct file file = { NULL, 0 };
    FILE *stream = fopen(path, "rb");

    assert_non_null(stream);
    assert_int_equal(fseek(stream, 0, SEEK_END), 0);
    file.count = (size_t)ftell(stream);
    rewind(stream);
    file.bytes = malloc(file.count);
    assert_non_null(file.bytes);
    assert_int_equal(fread(file.bytes, 1, file.count, stream), file.count);
    fclose(stream);
    return file;
}

static void file_write(const char *path, const void *bytes, size_t count)
{
    FILE *stream = fopen(path, "wb");

    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, count, stream), count);
    fclose(stream);
}

/* Opens and closes it. The message of a refusal, "" if there is none; it is valid until the next call. */
static const char *refusal(const char *path)
{
    static char message[512];
    struct code_object *object;

    memset(message, '?', sizeof(message));
    object = code_object_open(path, message, sizeof(message));
    if (object != NULL) {
        code_object_close(object);
        return "";
    }
    assert_non_null(memchr(message, '\0', sizeof(message)));
    assert_int_equal(strncmp(message, path, strlen(path)), 0);
    return message + strlen(path);
}

static const char *refusal_of(const struct sample *sample, const void *bytes, size_t count)
{
    char path[96];

    snprintf(path, sizeof(path), "%s/damaged.so", sample->directory);
    file_write(path, bytes, count);
    return refusal(path);
}

static void sample_open(struct sample *sample)
{
    sample_new(sample);
    sample_write(sample, "common/a.c", text);
    sample_compile(sample, &sample_compilers[0], "", "common/a.c", info);
}

/* --- what is no code object --- */

static void test_other_files(void **state)
{
    static const struct {
        const char *command; /* makes the file `f` */
        const char *expected;
    } rows[] = {
        { "true", ": No such file or directory" },
        { ": >f", ": not a code object (irqpath build makes them)" },
        { "mkdir f", ": not a file" },
        { "mkfifo f", ": not a file" },
        { "echo 'int run(void);' >f", ": not a code object (irqpath build makes them)" },
        { "yes 'a long text without any meaning' | head -99 >f", ": not a code object (irqpath build makes them)" },
        { "cp /bin/sh f", ": " },
        { "gcc -fPIC -c -o f common/a.c", ": not a code object (irqpath build makes them)" },
        { "gcc -fPIC -shared -nostdlib -Wl,--build-id=sha1 -o f common/a.c",
          ": not a code object (irqpath build makes them)" },
        { "gcc -fPIC -shared -nostdlib -Wl,--build-id=none -o f common/a.c rows.S", ": it has no build ID" },
        { "gcc -fPIC -shared -nostdlib -Wl,--build-id=md5 -o f common/a.c rows.S", ": it has no build ID" },
        { "gcc -fPIC -shared -nostdlib -Wl,--build-id=sha1 -Wl,--omagic -o f common/a.c rows.S",
          ": it has no read-only code" },
    };
    struct sample sample;
    char line[256], path[96];

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    sample_open(&sample);
    snprintf(path, sizeof(path), "%s/f", sample.directory);
    for (size_t i = 0; i < COUNT(rows); i++) {
        snprintf(line, sizeof(line), "cd %s && rm -rf f && { %s; } 2>/dev/null", sample.directory, rows[i].command);
        assert_int_equal(system(line), 0);
        const char *got = refusal(path);
        if (strncmp(got, rows[i].expected, strlen(rows[i].expected)) != 0)
            fail_msg("%s: '%s' instead of '%s'", rows[i].command, got, rows[i].expected);
    }
    sample_remove(&sample);
}

/* --- a damaged one --- */

static Elf64_Shdr *section_of(const struct file *file, const char *name)
{
    Elf64_Ehdr *header = (void *)file->bytes;
    Elf64_Shdr *sections = (void *)(file->bytes + header->e_shoff);
    const char *names = (const char *)file->bytes + sections[header->e_shstrndx].sh_offset;

    for (size_t i = 0; i < header->e_shnum; i++)
        if (strcmp(names + sections[i].sh_name, name) == 0)
            return &sections[i];
    fail_msg("no section %s", name);
    return NULL;
}

static void make_writable(const struct file *file)
{
    const Elf64_Ehdr *header = (const void *)file->bytes;
    Elf64_Phdr *segments = (void *)(file->bytes + header->e_phoff);

    for (size_t i = 0; i < header->e_phnum; i++)
        segments[i].p_flags |= PF_W;
}

static void make_huge(const struct file *file)
{
    const Elf64_Ehdr *header = (const void *)file->bytes;
    Elf64_Phdr *segments = (void *)(file->bytes + header->e_phoff);

    for (size_t i = 0; i < header->e_phnum; i++)
        segments[i].p_memsz = UINT64_MAX - 4096;
}

static void rename_info(const struct file *file)
{
    Elf64_Shdr *rows = section_of(file, ".irqpath");

    rows->sh_name++;
}

static void hide_info(const struct file *file) { section_of(file, ".irqpath")->sh_type = SHT_NOBITS; }

static void change_abi(const struct file *file) { file->bytes[section_of(file, ".irqpath")->sh_offset + 5] = '9'; }

static void forget_abi(const struct file *file) { file->bytes[section_of(file, ".irqpath")->sh_offset] = 'x'; }

/* A section without bytes in the file may say anything about its place there. */
static void lose_hash(const struct file *file)
{
    Elf64_Shdr *hash = section_of(file, ".note.gnu.build-id");

    hash->sh_type = SHT_NOBITS;
    hash->sh_offset = (uint64_t)1 << 40;
}

static void move_hash(const struct file *file) { section_of(file, ".note.gnu.build-id")->sh_offset++; }

static void unterminate_names(const struct file *file)
{
    const Elf64_Shdr *names = section_of(file, ".dynstr");

    file->bytes[names->sh_offset + names->sh_size - 1] = 'x';
}

static void lose_symbols(const struct file *file) { section_of(file, ".dynsym")->sh_type = SHT_PROGBITS; }

static void far_symbol(const struct file *file)
{
    Elf64_Sym *symbols = (void *)(file->bytes + section_of(file, ".dynsym")->sh_offset);

    for (size_t i = 1; i < section_of(file, ".dynsym")->sh_size / sizeof(*symbols); i++)
        symbols[i].st_value = symbols[i].st_shndx == SHN_UNDEF ? 0 : 1u << 30;
}

static void other_machine(const struct file *file) { ((Elf64_Ehdr *)(void *)file->bytes)->e_machine = EM_AARCH64; }

static void test_damage(void **state)
{
    static const struct {
        void (*damage)(const struct file *file);
        const char *expected;
    } rows[] = {
        { make_writable, ": it has no read-only code" },
        { make_huge, ": a segment lies beyond its end, or is too large" },
        { rename_info, ": not a code object (irqpath build makes them)" },
        { hide_info, ": not a code object (irqpath build makes them)" },
        { change_abi, ": it was built for version '9' of the interface; this irqpath has version 1: build it again" },
        { forget_abi, ": it was built for version '' of the interface" },
        { lose_hash, ": it has no build ID" },
        { move_hash, ": it has no build ID" },
        { unterminate_names, ": it has no dynamic symbols" },
        { lose_symbols, ": it has no dynamic symbols" },
        { far_symbol, ": symbol " },
        { other_machine, ": a code object for another architecture than x86-64" },
    };
    struct sample sample;

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    sample_open(&sample);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct file file = file_read(sample.object);

        rows[i].damage(&file);
        const char *got = refusal_of(&sample, file.bytes, file.count);
        if (strncmp(got, rows[i].expected, strlen(rows[i].expected)) != 0)
            fail_msg("row %zu: '%s' instead of '%s'", i, got, rows[i].expected);
        free(file.bytes);
    }
    sample_remove(&sample);
}

/* The section headers are at the end of the file, so that none can be read of a shorter one. */
static void test_truncated(void **state)
{
    struct sample sample;
    struct file file;

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    sample_open(&sample);
    file = file_read(sample.object);
    for (size_t i = 0; i < 64; i++) {
        size_t count = i < 32 ? i * 4 : file.count - (64 - i) * (64 - i);

        assert_string_equal(refusal_of(&sample, file.bytes, count), ": not a code object (irqpath build makes them)");
    }
    assert_string_equal(refusal_of(&sample, file.bytes, file.count), "");
    free(file.bytes);
    sample_remove(&sample);
}

/* One byte of a header or a table becomes another one. */
static void test_flipped(void **state)
{
    struct sample sample;
    struct file file;
    struct rng rng;
    size_t refused = 0;

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    rng_init(&rng, 15, 0, RNG_TEST);
    sample_open(&sample);
    file = file_read(sample.object);
    const Elf64_Ehdr *header = (const void *)file.bytes;
    const struct {
        size_t from, bytes;
    } parts[] = {
        { EI_CLASS, sizeof(*header) - EI_CLASS },
        { header->e_phoff, header->e_phnum * sizeof(Elf64_Phdr) },
        { header->e_shoff, header->e_shnum * sizeof(Elf64_Shdr) },
        { section_of(&file, ".note.gnu.build-id")->sh_offset, 36 },
        { section_of(&file, ".dynsym")->sh_offset, section_of(&file, ".dynsym")->sh_size },
        { section_of(&file, ".irqpath")->sh_offset, section_of(&file, ".irqpath")->sh_size },
    };
    for (size_t i = 0; i < 600; i++) {
        size_t part = i % COUNT(parts), at = parts[part].from + rng_below(&rng, parts[part].bytes);
        unsigned char old = file.bytes[at];

        file.bytes[at] ^= (unsigned char)(1 + rng_below(&rng, 255));
        refused += refusal_of(&sample, file.bytes, file.count)[0] != '\0';
        file.bytes[at] = old;
    }
    assert_in_range(refused, 100, 500);
    free(file.bytes);
    sample_remove(&sample);
}

/* --- what a good one says --- */

static void test_rows(void **state)
{
    static const struct {
        const char *name;
        bool is_file;
    } files[] = {
        { "common/a.c", true }, { "a.c", true },     { "b.c", true },           { "c", false },
        { "mon/a.c", false },   { "common", false }, { "common/a", false },     { "common/a.c b.c", true },
        { "/a.c", false },      { "a.c b", false },  { "x/common/a.c", false }, { ".c", false },
    };
    struct sample sample;
    struct code_object *object;
    char message[256];

    (void)state;
    if (!sample_has(&sample_compilers[0]))
        skip();
    sample_open(&sample);
    object = code_object_open(sample.object, message, sizeof(message));
    assert_non_null(object);
    assert_string_equal(object->path, sample.object);
    assert_int_equal(strspn(object->hash, "0123456789abcdef"), 40);
    assert_string_equal(code_object_info(object, "abi"), "1");
    assert_string_equal(code_object_info(object, "tree"), sample.directory);
    assert_string_equal(code_object_info(object, "compiler"), "gcc (Debian) 12: the second one");
    assert_string_equal(code_object_info(object, "commit"), "");
    for (size_t i = 0; i < COUNT(files); i++)
        if (code_object_has_file(object, files[i].name) != files[i].is_file)
            fail_msg("%s", files[i].name);
    assert_non_null(code_object_symbol(object, "run"));
    assert_null(code_object_symbol(object, "outside"));
    assert_null(code_object_symbol(object, ""));
    assert_int_equal(code_object_symbol(object, "words")->st_size, 36);
    assert_non_null(code_object_section(object, ".text"));
    assert_null(code_object_section(object, ".nothing"));
    code_object_close(object);
    code_object_close(NULL);
    sample_remove(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_files), cmocka_unit_test(test_damage), cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_flipped),     cmocka_unit_test(test_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
