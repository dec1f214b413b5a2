/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests how the format of a recording is recognised, and what damage to one does.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "formats/recordings.h"
#include "program.h"
#include "temporary.h"

#define BROKEN temporary_path("recording")

static char message[512];

static void write_broken(const void *bytes, size_t count)
{
    FILE *file = fopen(BROKEN, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static void files_that_are_no_recordings_are_refused(void **state)
{
    static const struct {
        const char *path, *error;
    } rows[] = {
        { "/", "is a directory" },
        { "/nowhere/to/be/found", "No such file or directory" },
        { "/dev/null", "byte 0: the file is empty" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct recorded recorded;
        assert_false(recorded_read(rows[i].path, &(struct recording_choice){ 0 }, &recorded, message, sizeof message));
        assert_string_equal(message, rows[i].error);
        recorded_free(&recorded);
    }
}

/* Other kinds of files are known by their first bytes. */
static void other_kinds_are_named(void **state)
{
    static const char tar[512] = { 't', 'r', 'a', 'c', 'e', [257] = 'u', 's', 't', 'a', 'r' };
    static const struct {
        const char *bytes;
        size_t count;
        const char *error;
    } rows[] = {
        { tar, sizeof tar, "a tar archive: unpack it first" },
        { "\x7f"
          "ELF\2\1\1\0",
          8, "an ELF file: a program, not a recording" },
        { "\xc1\x1f\xfc\xc1", 4, "a part of a CTF trace (LTTng)" },
        { "\x07\x41\x61\x65", 4, "a blktrace file" },
        { "\x0a\x91\x01\x0a\x02\x08\x03", 7, "a trace of Perfetto, which is not read here" },
        { "{ \"traceEvents\": [] }\n", 22, "a JSON document" },
        { "\x1f\x8b\x08\0\0", 5, "gzip cannot read it to its end" },
        { "PERFILE2\x68\0\0\0", 12, "perf cannot read it to its end" },
        { "\x17\x08\x44tracing6\0\0\0", 14, "cannot read it to its end" },
        { "\0\0\0\0\0\0\0\0\0\0\0\0", 12, "byte 0: no window of a pCPU begins here" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct recorded recorded;
        write_broken(rows[i].bytes, rows[i].count);
        assert_false(recorded_read(BROKEN, &(struct recording_choice){ 0 }, &recorded, message, sizeof message));
        if (strstr(message, rows[i].error) == NULL && strstr(message, "is not installed") == NULL)
            fail_msg("'%s' where '%s' is expected", message, rows[i].error);
        recorded_free(&recorded);
    }
    remove(BROKEN);
}

/* --- packed --- */

/* What gzip and its like have packed is read through them; a pipe as a file is. */
static void packed_files_are_read(void **state)
{
    static const struct {
        const char *program, *command;
    } rows[] = {
        { "gzip", "gzip -c" },   { "xz", "xz -c" }, { "zstd", "zstd -qc" },          { "iconv", "iconv -t UTF-16" },
        { "bzip2", "bzip2 -c" }, { "cat", "cat" },  { "gzip", "gzip -c | gzip -c" },
    };
    const char *plain = SOURCE_DIR "/tests/formats/fio-disk.perf.txt";
    struct recorded first, second;

    (void)state;
    assert_true(recorded_read(plain, &(struct recording_choice){ 0 }, &first, message, sizeof message));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char command[512];
        snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", rows[i].program);
        if (system(command) != 0)
            continue;
        snprintf(command, sizeof command, "cat '%s' | %s >%s", plain, rows[i].command, BROKEN);
        assert_int_equal(system(command), 0);
        if (!recorded_read(BROKEN, &(struct recording_choice){ 0 }, &second, message, sizeof message))
            fail_msg("%s: %s", rows[i].command, message);
        assert_int_equal(second.count, first.count);
        assert_memory_equal(second.records, first.records, first.count * sizeof *first.records);
        recorded_free(&second);
    }
    recorded_free(&first);
    remove(BROKEN);
}

/* "-" is standard input, here a pipe. */
static void standard_input_is_read(void **state)
{
    struct recorded recorded;
    int kept = dup(STDIN_FILENO);
    FILE *pipe = popen("cat " SOURCE_DIR "/tests/formats/fio-disk.perf.txt", "r");

    (void)state;
    assert_non_null(pipe);
    assert_true(kept >= 0 && dup2(fileno(pipe), STDIN_FILENO) >= 0);
    bool is_good = recorded_read("-", &(struct recording_choice){ 0 }, &recorded, message, sizeof message);
    assert_true(dup2(kept, STDIN_FILENO) >= 0);
    close(kept);
    pclose(pipe);
    assert_true(is_good);
    assert_true(recorded.count > 100);
    recorded_free(&recorded);
}

/* --- damage --- */

static char *read_file(const char *path, size_t *count)
{
    FILE *file = fopen(path, "r");
    char *bytes = malloc(1 << 20);

    assert_non_null(file);
    assert_non_null(bytes);
    *count = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

/* Takes all that the analyses get of a recording. */
static bool sink_begin(struct trace_sink *sink, const struct trace_world *world, char *text, size_t bytes)
{
    (void)sink, (void)world, (void)text, (void)bytes;
    return true;
}

static void sink_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    (void)sink;
    for (size_t i = 0; i < count; i++)
        assert_in_range(records[i].kind, 0, TRACE_KIND_COUNT - 1);
}

static void sink_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    (void)sink, (void)machine, (void)now;
}

/* A good file with bytes changed, removed or cut off is either read or rejected, and never crashes the reader. */
static void fuzz(const char *path, uint32_t entity, size_t rounds)
{
    struct trace_sink sink = { TRACE_ALL_KINDS, sink_begin, sink_records, sink_end };
    size_t count;
    char *good = read_file(path, &count), *bad = malloc(count + 1);
    struct rng rng;

    assert_non_null(bad);
    rng_init(&rng, 1, entity, RNG_POLICY);
    for (size_t round = 0; round < rounds; round++) {
        struct recording_choice choice = { .frequency_hz = round % 2 == 0 ? 2000000000 : 0,
                                           .allows_lost = round % 3 == 0,
                                           .from_ns = round % 5 == 0 ? 1000000 : 0 };
        struct recorded recorded;
        size_t bytes = count;
        memcpy(bad, good, count);
        for (uint64_t change = rng_below(&rng, 8); change > 0; change--)
            bad[rng_below(&rng, count)] = (char)rng_u64(&rng);
        if (rng_below(&rng, 3) == 0)
            bytes = rng_below(&rng, count);
        if (rng_below(&rng, 3) == 0 && bytes > 64) {
            size_t hole = rng_below(&rng, 32) + 1, at = rng_below(&rng, bytes - hole);
            memmove(bad + at, bad + at + hole, bytes - at - hole);
            bytes -= hole;
        }
        write_broken(bad, bytes);
        message[0] = '\0';
        if (!recorded_read(BROKEN, &choice, &recorded, message, sizeof message))
            assert_true(message[0] != '\0');
        else
            assert_true(recorded_play(&recorded, 0, CYCLES_NEVER, &sink, message, sizeof message));
        recorded_free(&recorded);
    }
    free(good);
    free(bad);
    remove(BROKEN);
}

static void damage_is_survived(void **state)
{
    static struct program program;

    (void)state;
    fuzz(SOURCE_DIR "/tests/formats/kvm-irqfd.perf.txt", 1, 300);
    fuzz(SOURCE_DIR "/tests/formats/fio-disk.perf.txt", 2, 300);
    for (int i = 0; i < 2; i++) {
        const char *suffix = i == 0 ? ".xentrace" : ".dat";
        char arguments[512], path[128];
        snprintf(path, sizeof path, "%s-run%s", BROKEN, suffix);
        snprintf(arguments, sizeof arguments,
                 "run " SOURCE_DIR "/scenarios/one-msi.yaml -q --set run.warmup=0s --duration 30ms --force --trace %s",
                 path);
        program_run(&program, "", arguments);
        assert_int_equal(program.code, 0);
        fuzz(path, 3 + (uint32_t)i, i == 0 ? 1000 : 60);
        remove(path);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_are_no_recordings_are_refused),
        cmocka_unit_test(other_kinds_are_named),
        cmocka_unit_test(packed_files_are_read),
        cmocka_unit_test(standard_input_is_read),
        cmocka_unit_test(damage_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
