/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of trace-cmd with several buffers, and with a clock that counts ticks: each is made of a file that the writer
 * has made, and must be read as that one is.
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

#include "formats/recordings.h"
#include "formats/tracedat.h"
#include "program.h"
#include "temporary.h"

enum { OPTION_BUFFER = 3, OPTION_CLOCK = 4, CPUS = 2, TABLE_BYTES = 16 * CPUS };

/* The parts of a file of the writer. */
struct file {
    uint8_t *bytes;
    size_t count;
    size_t options; /* where "options  " is, which ends with an option 0 */
    size_t table;   /* where the offsets and sizes of the CPUs' data are */
};

static struct file plain;
static char message[512];

static int make_plain(void **state)
{
    static struct program program;

    (void)state;
    program_run_with(
        &program, "run " SOURCE_DIR "/scenarios/vfio-halt-poll.yaml -q --set run.warmup=0s --duration 2ms --trace %s",
        temporary_path("plain.dat"));
    FILE *file = fopen(temporary_path("plain.dat"), "r");
    assert_non_null(file);
    plain.bytes = malloc(1 << 22);
    assert_non_null(plain.bytes);
    plain.count = fread(plain.bytes, 1, 1 << 22, file);
    assert_int_equal(fclose(file), 0);
    const uint8_t *options = memmem(plain.bytes, plain.count, "options  ", 10);
    assert_non_null(options);
    plain.options = (size_t)(options - plain.bytes);
    assert_memory_equal(options + 12, "flyrecord", 10);
    plain.table = plain.options + 22;
    return 0;
}

static int free_plain(void **state)
{
    (void)state;
    free(plain.bytes);
    return 0;
}

static uint64_t number_at(size_t offset)
{
    uint64_t value;

    memcpy(&value, plain.bytes + offset, sizeof value);
    return value;
}

/* Writes the file with one option, and `after` between the CPUs' table and their data, which stay where they are;
 * without the data of CPUs that `main_cpus` does not have. `end` is appended. */
static void write_file(const char *path, const struct bytes *option, const struct bytes *after, unsigned main_cpus,
                       const struct bytes *end)
{
    struct bytes all = { 0 };
    size_t data = (size_t)number_at(plain.table);

    bytes_put(&all, plain.bytes, plain.options + 10);
    bytes_put(&all, option->data, option->count);
    bytes_put_u16(&all, 0);
    bytes_put(&all, "flyrecord", 10);
    for (size_t cpu = 0; cpu < CPUS; cpu++) {
        bytes_put_u64(&all, number_at(plain.table + 16 * cpu));
        bytes_put_u64(&all, (main_cpus >> cpu & 1) != 0 ? number_at(plain.table + 16 * cpu + 8) : 0);
    }
    bytes_put(&all, after->data, after->count);
    assert_true(all.count <= data);
    bytes_pad(&all, data);
    bytes_put(&all, plain.bytes + data, plain.count - data);
    bytes_put(&all, end->data, end->count);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(all.data, 1, all.count, file), all.count);
    assert_int_equal(fclose(file), 0);
    bytes_free(&all);
}

/* The records of two files are the same. */
static void assert_same(const char *path, const struct recording_choice *choice, struct recorded *second)
{
    struct recorded first;

    assert_true(
        recorded_read(temporary_path("plain.dat"), &(struct recording_choice){ 0 }, &first, message, sizeof message));
    if (!recorded_read(path, choice, second, message, sizeof message))
        fail_msg("%s", message);
    assert_true(first.count > 300);
    assert_int_equal(second->count, first.count);
    assert_memory_equal(second->records, first.records, first.count * sizeof *first.records);
    assert_string_equal(second->world.domains[0].name, "a");
    recorded_free(&first);
}

/* The second CPU's events are in the buffer of an instance; those of the first one are there, too, or not. */
static void buffers_are_one_recording(void **state)
{
    (void)state;
    for (int has_both = 0; has_both < 2; has_both++) {
        struct bytes option = { 0 }, nothing = { 0 }, section = { 0 };
        struct recorded recorded;
        bytes_put_u16(&option, OPTION_BUFFER);
        bytes_put_u32(&option, 8 + 4);
        bytes_put_u64(&option, plain.count);
        bytes_put(&option, "web", 4);
        bytes_put(&section, "flyrecord", 10);
        for (size_t cpu = 0; cpu < CPUS; cpu++) {
            bytes_put_u64(&section, number_at(plain.table + 16 * cpu));
            bytes_put_u64(&section, cpu == 1 || has_both ? number_at(plain.table + 16 * cpu + 8) : 0);
        }
        write_file(temporary_path("buffers.dat"), &option, &nothing, 1, &section);
        assert_same(temporary_path("buffers.dat"), &(struct recording_choice){ 0 }, &recorded);
        bool is_told = false;
        for (size_t i = 0; i < recorded.ignored_count; i++)
            is_told |= !strcmp(recorded.ignored[i].why, "another buffer of the recording has it, too");
        assert_int_equal(is_told, has_both);
        recorded_free(&recorded);
        bytes_free(&option);
        bytes_free(&section);
    }
}

/* Ticks at 1 GHz are the ns of the file. */
static void ticks_take_a_frequency(void **state)
{
    static const char clocks[] = "local global counter [x86-tsc] mono\n";
    struct bytes option = { 0 }, text = { 0 }, nothing = { 0 };
    struct recorded recorded;

    (void)state;
    bytes_put_u16(&option, OPTION_CLOCK);
    bytes_put_u32(&option, 0);
    bytes_put_u64(&text, sizeof clocks);
    bytes_put(&text, clocks, sizeof clocks);
    write_file(temporary_path("ticks.dat"), &option, &text, 3, &nothing);
    assert_false(recorded_read(temporary_path("ticks.dat"), &(struct recording_choice){ 0 }, &recorded, message,
                               sizeof message));
    if (strstr(message, "the clock counts cycles; --cpu-hz gives its frequency") == NULL)
        fail_msg("%s", message);
    recorded_free(&recorded);
    assert_same(temporary_path("ticks.dat"), &(struct recording_choice){ .frequency_hz = 1000000000 }, &recorded);
    recorded_free(&recorded);
    bytes_free(&option);
    bytes_free(&text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers_are_one_recording),
        cmocka_unit_test(ticks_take_a_frequency),
    };
    return cmocka_run_group_tests(tests, make_plain, free_plain);
}
