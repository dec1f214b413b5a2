/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the import of recordings: what is read from them, the round trip through a scenario, and damaged files. The two
 * texts in this directory are parts of recordings of a real machine.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "formats/recordings.h"
#include "program.h"

#define FIRST "/tmp/irqpath-recordings-first"
#define SECOND "/tmp/irqpath-recordings-second"
#define BROKEN "/tmp/irqpath-recordings-broken"

static struct program program;
static char message[512];

static void write_file(const char *path, const void *bytes, size_t count)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static char *read_file(const char *path, size_t *count)
{
    FILE *file = fopen(path, "r");
    char *bytes = malloc(4 << 20);

    assert_non_null(file);
    assert_non_null(bytes);
    *count = fread(bytes, 1, 4 << 20, file);
    fclose(file);
    return bytes;
}

static void run(const char *arguments)
{
    program_run(&program, "", arguments);
    if (program.code != 0)
        fail_msg("%s: %s", arguments, program.errors);
}

static bool read_any(const char *path, const struct recording_choice *choice, struct recording *recording)
{
    recording_init(recording);
    return (recording_is_text(path) ? perf_read : xentrace_read)(path, choice, recording, message, sizeof message);
}

static void perf_text_is_read(void **state)
{
    struct recording recording;

    (void)state;
    assert_true(read_any(SOURCE_DIR "/tests/formats/kvm-irqfd.perf.txt", &(struct recording_choice){ 0 }, &recording));
    assert_int_equal(recording.stream_count, 1);
    assert_int_equal(recording.vcpu_count, 1);
    assert_string_equal(recording.streams[0].name, "msi48");
    assert_int_equal(recording.streams[0].count, 40);
    assert_int_equal(recording.streams[0].times_ns[0], 0);
    assert_int_equal(recording.streams[0].times_ns[1], 2306095529287 - 2306095146596);
    assert_int_equal(recording.vcpus[0].wake_count, 40);
    assert_int_equal(recording.vcpus[0].runs, 39);
    assert_int_equal(recording.notes[0].count, 40);
    recording_free(&recording);

    assert_true(read_any(SOURCE_DIR "/tests/formats/fio-disk.perf.txt", &(struct recording_choice){ 0 }, &recording));
    assert_string_equal(recording.streams[0].name, "irq36-virtio1-req-0");
    assert_string_equal(recording.vcpus[recording.streams[0].vcpu].name, "fio");
    assert_true(recording.streams[0].count > 10 && recording.vcpus[0].runs > 5);
    assert_in_range(recording.cpu_count, 1, 2);
    recording_free(&recording);
}

static void other_layouts_of_perf_are_read(void **state)
{
    static const char text[] =
        "# a comment\n"
        "\n"
        "  styles 23046 [001]  1284.265615: irq:irq_handler_entry: irq=36 name=virtio1-req.0\n"
        "  a [b] c-d 23046 [001]  1284.265627: sched:sched_waking: comm=fio pid=25163 prio=120 target_cpu=000\n"
        "<idle>-0     [000] d.h2  1284.268257: irq_handler_entry:    irq=85 name=i2c_geni\n";
    struct recording recording;

    (void)state;
    write_file(BROKEN, text, sizeof text - 1);
    assert_true(read_any(BROKEN, &(struct recording_choice){ 0 }, &recording));
    assert_int_equal(recording.stream_count, 1);
    assert_int_equal(recording.vcpus[0].wake_count, 1);
    assert_int_equal(recording.vcpus[0].wakes_ns[0], 12000);
    assert_int_equal(recording.note_count, 2); /* irq 85 wakes no task; no nanoseconds */
    recording_free(&recording);
}

/* The scenario's comments list what was ignored, including names of events with arbitrary characters. */
static void names_are_made_plain(void **state)
{
    static const char text[] = "a 1 [000] 1.000000001: kvm:kvm_msi_set_irq: dst 0 vec 48\n"
                               "a 1 [000] 1.000000002: odd\xff\x01: y\n"
                               "a 1 [000] 1.000000003: odd\xff\x01: y\n";
    struct recording recording;

    (void)state;
    write_file(BROKEN, text, sizeof text - 1);
    recording_init(&recording);
    assert_true(perf_read(BROKEN, &(struct recording_choice){ 0 }, &recording, message, sizeof message));
    assert_string_equal(recording.notes[0].what, "odd??");
    assert_int_equal(recording.notes[0].count, 2);
    recording_free(&recording);
}

static void damaged_text_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *error;
    } rows[] = {
        { "hello\n", "line 1: no pCPU in brackets: not a line of perf script" },
        { "a 1 [001] 1.5: x: y\nb 1 [001] nine: x: y\n", "line 2: no time as in 1284.265615366: after the pCPU" },
        { "a 1 [001] 1.5: x\n", "line 1: no event as in irq:irq_handler_entry: after the time" },
        { "a 1 [001] 1.5: irq:irq_handler_entry: name=x\n", "line 1: no irq=" },
        { "a 1 [001] 1.5: sched:sched_switch: prev_pid=1\n", "line 1: no prev_pid=, prev_state= or next_pid=" },
        { "a 1 [001] 1.5: kvm:kvm_msi_set_irq: dst\n", "line 1: no 'dst N vec N'" },
        { "a 1 [001] 2.5: x: y\na 1 [001] 1.5: x: y\n", "line 2: time goes back by 1000000000 ns" },
        { "a 1 [001] 1.5: x: y\na 1 [001] 2", "line 2: the file is cut off in the middle of a line" },
        { "a 1 [9999] 1.5: x: y\n", "line 1: pCPU 9999; there are at most 1024" },
        { "a 1 [001] 1.1234567891: x: y\n", "line 1: no time as in 1284.265615366: after the pCPU" },
        { "# nothing\n", "line 1: no line of perf script" },
        { "a 1 [001] 1.5: x: y\n", "the recording has no vCPU that is interrupted, wakes up or runs" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct recording recording;
        write_file(BROKEN, rows[i].text, strlen(rows[i].text));
        assert_false(read_any(BROKEN, &(struct recording_choice){ 0 }, &recording));
        assert_string_equal(message, rows[i].error);
        recording_free(&recording);
    }
}

static void damaged_xentrace_is_refused_with_its_byte(void **state)
{
#define WINDOW 0x2001f003, 0,
    static const struct {
        uint32_t words[16];
        size_t count;
        const char *error;
    } rows[] = {
        { { 0 }, 3, "byte 0: no window of a pCPU begins here (00000000): not an xentrace file, or damaged" },
        { { WINDOW 100 }, 3, "byte 0: a window of 100 bytes, but the file ends 0 bytes later: it is cut off" },
        { { WINDOW 0xffffffff },
          3,
          "byte 0: a window of 4294967295 bytes, but the file ends 0 bytes later: it is "
          "cut off" },
        { { 0x2001f003, 5000, 0 }, 3, "byte 0: pCPU 5000; there are at most 1024" },
        { { WINDOW 4, 0x90021011 }, 4, "byte 16: a record goes beyond its window, which ends at byte 16" },
        { { WINDOW 4, 0 }, 4, "byte 12: a record without an event: not an xentrace file, or damaged" },
        { { WINDOW 12, 0x80021002, 0, 0 }, 6, "byte 12: time 0" },
        { { WINDOW 24, 0x80081001, 9, 0, 0x80081001, 7, 0 },
          9,
          "byte 24: time goes back by 2 cycles on this pCPU: its clock is skewed" },
        { { WINDOW 16, 0x90021471, 9, 0, 65536 }, 7, "byte 12: a runstate that does not exist: 4 to 7" },
        { { WINDOW 12, 0x80021011, 9, 0 }, 6, "byte 12: event 00021011 has 0 words, not 1" },
        { { WINDOW 16, 0x9001f001, 9, 0, 17 },
          7,
          "byte 12: xentrace lost 17 records here (--allow-lost imports the file without them)" },
        { { WINDOW 16, 0x90021011, 9, 0, 65536 },
          7,
          "byte 0: the file does not give its clock's frequency: use --cpu-hz, as in --cpu-hz 2.4GHz" },
        { { WINDOW 0 }, 3, "byte 0: no record with a time" },
    };
#undef WINDOW

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct recording recording;
        write_file(BROKEN, rows[i].words, 4 * rows[i].count);
        assert_false(read_any(BROKEN, &(struct recording_choice){ 0 }, &recording));
        assert_string_equal(message, rows[i].error);
        recording_free(&recording);
    }
}

/* A sparse file of more than 4 GiB. */
static void a_huge_file_is_no_matter(void **state)
{
    struct recording recording;

    (void)state;
    write_file(BROKEN, "", 0);
    assert_false(read_any(BROKEN, &(struct recording_choice){ 0 }, &recording));
    assert_string_equal(message, "byte 0: the file is empty");
    assert_int_equal(truncate(BROKEN, INT64_C(5) << 30), 0);
    assert_false(read_any(BROKEN, &(struct recording_choice){ 0 }, &recording));
    assert_non_null(strstr(message, "byte 0: no window of a pCPU begins here"));
    recording_free(&recording);
    remove(BROKEN);
}

static const char two_guests[] =
    "# Two guests with random interrupts.\nname: two\n"
    "machine: { profile: westmere-ex-8s, topology: \"package:1 [numa] core:3 pu:1\" }\n"
    "xen: { costs: { software_cv_permille: 0 } }\n"
    "hypervisor: { design: pirq-tasklet }\n"
    "guests:\n  - { name: a, pin: \"pu:0\", timer: tickless }\n  - { name: b, pin: \"pu:2\", timer: tickless }\n"
    "devices:\n  - { name: x, guest: a, arrivals: { rate: 500Hz } }\n  - { name: y, guest: b, arrivals: { rate: 700Hz "
    "} }\n"
    "run: { warmup: 0s, duration: 400ms }\n";

/* Wake-ups may be a nanosecond apart. */
static void assert_same(const struct recording *a, const struct recording *b)
{
    assert_int_equal(a->stream_count, b->stream_count);
    assert_int_equal(a->vcpu_count, b->vcpu_count);
    for (size_t i = 0; i < a->stream_count; i++) {
        assert_int_equal(a->streams[i].count, b->streams[i].count);
        assert_memory_equal(a->streams[i].times_ns, b->streams[i].times_ns, 8 * a->streams[i].count);
    }
    for (size_t i = 0; i < a->vcpu_count; i++) {
        assert_int_equal(a->vcpus[i].wake_count, b->vcpus[i].wake_count);
        for (size_t wake = 0; wake < a->vcpus[i].wake_count; wake++)
            assert_in_range(b->vcpus[i].wakes_ns[wake] + 1 - a->vcpus[i].wakes_ns[wake], 0, 2);
        assert_int_equal(a->vcpus[i].runs, b->vcpus[i].runs);
    }
}

/* After export, import, run and export, the arrivals are the same to the nanosecond. Wake-ups may differ by a cycle,
 * because the time of an arrival is rounded to a nanosecond. */
static void round_trip(void **state)
{
    static const struct recording_choice all = { 0 };
    struct recording first, second;

    (void)state;
    write_file(FIRST ".in.yaml", two_guests, sizeof two_guests - 1);
    run("run " FIRST ".in.yaml -q --trace-window 0s,400ms --force --trace " FIRST ".xentrace");
    run("trace import " FIRST ".xentrace --force -o " SECOND ".yaml");
    assert_non_null(strstr(program.output, "recorded"));
    assert_non_null(strstr(program.output, "poisson"));
    run("run " SECOND ".yaml -q --design pirq-tasklet --set xen.costs.software_cv_permille=0 --trace-window 0s,400ms"
        " --force --trace " SECOND ".xentrace");
    assert_true(read_any(FIRST ".xentrace", &all, &first));
    assert_true(read_any(SECOND ".xentrace", &all, &second));
    assert_true(first.streams[0].count > 150 && first.vcpus[0].wake_count > 150);
    assert_same(&first, &second);
    recording_free(&first);
    recording_free(&second);
    run("trace import " FIRST ".xentrace --fit --force -o " SECOND ".yaml --trace-window 100ms,300ms");
    run("run -q " SECOND ".yaml --expect 'irq.delivered > 100'");
    assert_int_equal(system("rm -f " FIRST "* " SECOND "*"), 0);
}

/* A good file with bytes changed, removed or cut off is either read or rejected, and never crashes the reader. */
static void fuzz(const char *path, uint32_t entity, size_t rounds)
{
    size_t count;
    char *good = read_file(path, &count), *bad = malloc(count + 1);
    struct rng rng;

    assert_non_null(bad);
    rng_init(&rng, 1, entity, RNG_POLICY);
    for (size_t round = 0; round < rounds; round++) {
        struct recording recording;
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
        write_file(BROKEN, bad, bytes);
        message[0] = '\0';
        if (!read_any(BROKEN, &(struct recording_choice){ .frequency_hz = round % 2 == 0 ? 2000000000 : 0 },
                      &recording))
            assert_true(message[0] != '\0');
        recording_free(&recording);
    }
    free(good);
    free(bad);
}

static void damage_is_survived(void **state)
{
    (void)state;
    fuzz(SOURCE_DIR "/tests/formats/kvm-irqfd.perf.txt", 1, 300);
    fuzz(SOURCE_DIR "/tests/formats/fio-disk.perf.txt", 2, 300);
    run("run " SOURCE_DIR "/scenarios/one-msi.yaml -q --set run.warmup=0s --duration 30ms --force --trace " FIRST
        ".xentrace");
    fuzz(FIRST ".xentrace", 3, 1000);
    remove(FIRST ".xentrace");
    remove(BROKEN);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(perf_text_is_read),
        cmocka_unit_test(other_layouts_of_perf_are_read),
        cmocka_unit_test(names_are_made_plain),
        cmocka_unit_test(damaged_text_is_refused_with_its_line),
        cmocka_unit_test(damaged_xentrace_is_refused_with_its_byte),
        cmocka_unit_test(a_huge_file_is_no_matter),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(damage_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
