/* SPDX-License-Identifier: Apache-2.0
 *
 * What is written of records by hand, of every kind, in each format, by the sums of the files: a byte that changes is
 * seen. IRQPATH_WRITE_TRACES=DIR writes the files there, to be compared with those of another build, and prints the
 * sums.
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
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sha256.h"
#include "formats/perfetto.h"
#include "formats/tracedat.h"
#include "formats/xentrace.h"
#include "temporary.h"

/* The longest part of a file that pread reads. */
static size_t read_at_once = SIZE_MAX, short_reads;

/* In place of the C library's. */
ssize_t pread(int file, void *to, size_t bytes, off_t offset)
{
    short_reads += bytes > read_at_once;
    return syscall(SYS_pread64, file, to, bytes < read_at_once ? bytes : read_at_once, offset);
}

enum format { XENTRACE, TRACEDAT, PERFETTO };
enum host { XEN, LINUX };
enum { A0 = 0, A1 = 1, B0 = 1 << 16, VHOST = (int)(TRACE_THREADS << 16), IRQ_THREAD = VHOST + 1 };
enum { IDLE0 = (int)(TRACE_IDLE_DOMAIN << 16), IDLE1 = IDLE0 + 1, RUN = 0, READY = 1, ASLEEP = 2, OFF = 3 };

#define NOBODY TRACE_NOBODY

/* As a run writes them: vCPUs at boot, then an interrupt of a's vCPU 0 that is pended on cpu0 while a1 runs there,
 * taken over cpu1's lock, an event for b, and what a Linux host has besides. */
static const struct trace_record boot[] = {
    { .kind = TRACE_VCPU, .who = IDLE0, .a = RUN, .b = 0, .cpu = 0 },
    { .kind = TRACE_VCPU, .who = IDLE1, .a = RUN, .b = 1, .cpu = 1 },
    { .kind = TRACE_VCPU, .who = A0, .a = ASLEEP, .b = 1, .cpu = 1 },
    { .kind = TRACE_VCPU, .who = A1, .a = READY, .b = 0, .cpu = 0 },
    { .kind = TRACE_VCPU, .who = B0, .a = OFF, .b = 1, .cpu = 1 },
};

static const struct trace_record round_of[] = {
    { .time = 10, .kind = TRACE_IDLE_EXIT, .who = NOBODY, .cpu = 0 },
    { .time = 11, .kind = TRACE_RUNSTATE, .who = IDLE0, .a = RUN * 16 + READY, .b = 0, .cpu = 0 },
    { .time = 11, .kind = TRACE_RUNSTATE, .who = A1, .a = READY * 16 + RUN, .b = 0, .cpu = 0 },
    { .time = 12, .kind = TRACE_SWITCH, .who = A1, .b = IDLE0, .cpu = 0 },
    { .time = 20, .kind = TRACE_VMENTRY, .who = A1, .cpu = 0 },
    { .time = 35, .kind = TRACE_RAISE, .who = A0, .a = 0x131, .b = 30, .flow = 7, .cpu = 0 },
    { .time = 35, .kind = TRACE_ACCEPT, .who = NOBODY, .a = 0x31, .cpu = 0 },
    { .time = 36, .kind = TRACE_VMEXIT, .who = A1, .a = 1, .cpu = 0 },
    { .time = 40, .kind = TRACE_IRQ_ENTRY, .who = NOBODY, .a = 0x31, .cpu = 0 },
    { .time = 42, .kind = TRACE_DO_IRQ, .who = A0, .a = 0x31, .b = 1, .flow = 7, .cpu = 0 },
    { .time = 43, .kind = TRACE_LOCK_WAIT, .who = NOBODY, .a = 1, .b = UINT32_MAX, .cpu = 1 },
    { .time = 44, .kind = TRACE_LOCK_ACQUIRE, .who = NOBODY, .a = 1, .cpu = 1 },
    { .time = 45, .kind = TRACE_LOCK_WAIT, .who = NOBODY, .a = 1, .b = 1, .cpu = 0 },
    { .time = 60, .kind = TRACE_LOCK_RELEASE, .who = NOBODY, .a = 1, .cpu = 1 },
    { .time = 65, .kind = TRACE_LOCK_ACQUIRE, .who = NOBODY, .a = 1, .cpu = 0 },
    { .time = 66, .kind = TRACE_SOFTIRQ_RAISE, .who = NOBODY, .a = 1, .b = 0, .cpu = 0 },
    { .time = 67, .kind = TRACE_LOCK_RELEASE, .who = NOBODY, .a = 1, .cpu = 0 },
    { .time = 68, .kind = TRACE_IRQ_EXIT, .who = NOBODY, .a = 0x31, .cpu = 0 },
    { .time = 70, .kind = TRACE_SOFTIRQ_ENTRY, .who = NOBODY, .a = 1, .cpu = 0 },
    { .time = 71, .kind = TRACE_FOR, .who = A0, .cpu = 0 },
    { .time = 75, .kind = TRACE_PEND, .who = A0, .a = 0x41, .flow = 7, .cpu = 0 },
    { .time = 76, .kind = TRACE_WAKE, .who = A0, .cpu = 0 },
    { .time = 76, .kind = TRACE_RUNSTATE, .who = A0, .a = ASLEEP * 16 + READY, .b = 1, .cpu = 0 },
    { .time = 78, .kind = TRACE_IPI, .who = NOBODY, .a = 0xfb, .b = 1, .cpu = 0 },
    { .time = 80, .kind = TRACE_SOFTIRQ_EXIT, .who = NOBODY, .a = 1, .cpu = 0 },
    { .time = 85, .kind = TRACE_IRQ_ENTRY, .who = NOBODY, .a = 0xfb, .cpu = 1 },
    { .time = 86, .kind = TRACE_IRQ_EXIT, .who = NOBODY, .a = 0xfb, .cpu = 1 },
    { .time = 90, .kind = TRACE_RUNSTATE, .who = IDLE1, .a = RUN * 16 + READY, .b = 1, .cpu = 1 },
    { .time = 90, .kind = TRACE_RUNSTATE, .who = A0, .a = READY * 16 + RUN, .b = 1, .cpu = 1 },
    { .time = 90, .kind = TRACE_SWITCH, .who = A0, .b = IDLE1, .cpu = 1 },
    { .time = 95, .kind = TRACE_INJECT, .who = A0, .a = 0x41, .flow = 7, .cpu = 1 },
    { .time = 96, .kind = TRACE_VMENTRY, .who = A0, .cpu = 1 },
    { .time = 99, .kind = TRACE_HANDLER, .who = A0, .a = 0x41, .flow = 7, .cpu = 1 },
    { .time = 105, .kind = TRACE_HANDLER_END, .who = A0, .a = 0x41, .cpu = 1 },
    { .time = 106, .kind = TRACE_VMEXIT, .who = A0, .a = 0, .cpu = 1 },
    { .time = 107, .kind = TRACE_BLOCK, .who = A0, .cpu = 1 },
    { .time = 108, .kind = TRACE_RUNSTATE, .who = A0, .a = RUN * 16 + ASLEEP, .b = 1, .cpu = 1 },
    { .time = 108, .kind = TRACE_RUNSTATE, .who = IDLE1, .a = READY * 16 + RUN, .b = 1, .cpu = 1 },
    { .time = 109, .kind = TRACE_SWITCH, .who = IDLE1, .b = A0, .cpu = 1 },
    { .time = 110, .kind = TRACE_IDLE_ENTRY, .who = NOBODY, .cpu = 1 },
    { .time = 111, .kind = TRACE_PEND, .who = B0, .flow = 8, .cpu = 0 },
    { .time = 112, .kind = TRACE_RUNSTATE, .who = A1, .a = RUN * 16 + READY, .b = 0, .cpu = 0 },
    { .time = 112, .kind = TRACE_RUNSTATE, .who = IDLE0, .a = READY * 16 + RUN, .b = 0, .cpu = 0 },
    { .time = 113, .kind = TRACE_SWITCH, .who = IDLE0, .b = A1, .cpu = 0 },
    { .time = 114, .kind = TRACE_IDLE_ENTRY, .who = NOBODY, .cpu = 0 },
};

static const struct trace_record of_linux[] = {
    { .time = 120, .kind = TRACE_RUNSTATE, .who = VHOST, .a = ASLEEP * 16 + READY, .b = 1, .cpu = 0 },
    { .time = 121, .kind = TRACE_WAKE, .who = VHOST, .cpu = 0 },
    { .time = 125, .kind = TRACE_RUNSTATE, .who = IDLE1, .a = RUN * 16 + READY, .b = 1, .cpu = 1 },
    { .time = 125, .kind = TRACE_RUNSTATE, .who = VHOST, .a = READY * 16 + RUN, .b = 1, .cpu = 1 },
    { .time = 125, .kind = TRACE_SWITCH, .who = VHOST, .b = IDLE1, .cpu = 1 },
    { .time = 126, .kind = TRACE_IRQ_ENTRY, .who = NOBODY, .a = 1, .cpu = 1 },
    { .time = 127, .kind = TRACE_ACTION, .who = NOBODY, .a = 0, .b = 1, .cpu = 1 },
    { .time = 128, .kind = TRACE_ACTION, .who = NOBODY, .a = 1, .b = 0, .cpu = 1 },
    { .time = 129, .kind = TRACE_IRQ_EXIT, .who = NOBODY, .a = 1, .cpu = 1 },
    { .time = 130, .kind = TRACE_POLL, .who = A0, .a = 1, .b = 1500, .cpu = 1 },
    { .time = 131, .kind = TRACE_DROPPED, .who = NOBODY, .a = 3, .b = 130, .cpu = 1 },
    { .time = 140, .kind = TRACE_RUNSTATE, .who = VHOST, .a = RUN * 16 + ASLEEP, .b = 1, .cpu = 1 },
    { .time = 140, .kind = TRACE_RUNSTATE, .who = IDLE1, .a = READY * 16 + RUN, .b = 1, .cpu = 1 },
    { .time = 140, .kind = TRACE_SWITCH, .who = IDLE1, .b = VHOST, .cpu = 1 },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* So often, 150 cycles after each other. */
static void write_records(struct trace_sink *sink, enum host host, size_t rounds)
{
    sink->records(sink, boot, COUNT(boot));
    for (size_t n = 0; n < rounds; n++) {
        struct trace_record list[COUNT(round_of) + COUNT(of_linux)];
        size_t count = COUNT(round_of);

        memcpy(list, round_of, sizeof round_of);
        if (host == LINUX) {
            memcpy(list + count, of_linux, sizeof of_linux);
            count += COUNT(of_linux);
        }
        for (size_t i = 0; i < count; i++) {
            list[i].time += 150 * n;
            list[i].b += list[i].kind == TRACE_RAISE || list[i].kind == TRACE_DROPPED ? 150 * n : 0;
            list[i].flow += list[i].flow != 0 ? 2 * (uint32_t)n : 0;
        }
        sink->records(sink, list, count);
    }
}

/* `late`: what comes after them, or NULL. */
static void write_trace(struct trace_sink *sink, enum host host, size_t rounds, const struct trace_record *late)
{
    static const char *const softirqs[] = { "TIMER", "NET_RX" }, *const lines[] = { "timer", "nic" },
                             *const actions[] = { "nic", "disk" }, *const exits[] = { "hlt", "msr", "eoi" };
    static struct trace_lock locks[] = { { "event_lock", 0 }, { "tasklet_lock", 3 } };
    static struct trace_domain domains[] = { { .name = "a", .vcpu_count = 2 },
                                             { .name = "b", .group = 1, .vcpu_count = 1, .first_vcpu = 2 } };
    static struct trace_thread threads[] = { { .name = "vhost", .pid = 41 }, { .name = "irq/1-nic", .pid = 42 } };
    static struct setup setup;
    struct trace trace = { .locks = locks, .lock_count = 2, .softirq_names = softirqs, .softirq_count = 2 };
    struct trace_world world = { .setup = &setup,
                                 .trace = &trace,
                                 .frequency_hz = 2500000000,
                                 .cpu_count = 2,
                                 .domains = domains,
                                 .domain_count = 2,
                                 .vcpu_count = 3,
                                 .irq_names = lines,
                                 .irq_count = 2,
                                 .exit_names = host == XEN ? NULL : exits,
                                 .exit_count = host == XEN ? 0 : 3,
                                 .end = 150 * rounds };
    char message[300] = "";

    snprintf(setup.hypervisor.design, sizeof setup.hypervisor.design, "some-design");
    setup.guest_count = 2;
    setup.guests[0].pirqs = 3;
    if (host == LINUX) {
        world.threads = threads;
        world.thread_count = 2;
        world.has_lines = true;
        world.action_names = actions;
        world.action_count = 2;
    }
    if (!sink->begin(sink, &world, message, sizeof message))
        fail_msg("%s", message);
    write_records(sink, host, rounds);
    if (late != NULL)
        sink->records(sink, late, 1);
    sink->end(sink, NULL, world.end);
}

static void write_file(const char *path, enum format format, enum host host, size_t rounds,
                       const struct trace_record *late)
{
    union {
        struct xentrace_writer xentrace;
        struct tracedat_writer tracedat;
        struct perfetto_writer perfetto;
    } writer;
    struct output output;
    char message[300] = "";

    if (!output_open(&output, path, true, message, sizeof message))
        fail_msg("%s", message);
    if (format == XENTRACE) {
        xentrace_writer_init(&writer.xentrace, &output);
        write_trace(&writer.xentrace.sink, host, rounds, late);
        xentrace_writer_free(&writer.xentrace);
    } else if (format == TRACEDAT) {
        tracedat_writer_init(&writer.tracedat, &output);
        write_trace(&writer.tracedat.sink, host, rounds, late);
        tracedat_writer_free(&writer.tracedat);
    } else {
        perfetto_writer_init(&writer.perfetto, &output);
        write_trace(&writer.perfetto.sink, host, rounds, late);
        perfetto_writer_free(&writer.perfetto);
    }
    if (!output_commit(&output, message, sizeof message))
        fail_msg("%s", message);
}

static char *file_bytes(const char *path, size_t *count)
{
    char message[300] = "", *bytes = file_read_bytes(path, SIZE_MAX, count, message, sizeof message);

    if (bytes == NULL)
        fail_msg("%s", message);
    return bytes;
}

static void records_become_these_bytes(void **state)
{
    static const struct {
        enum format format;
        enum host host;
        size_t rounds;
        const char *sum;
    } rows[] = {
        { XENTRACE, XEN, 1, "d613230a0dad5526" },   { XENTRACE, XEN, 500, "ec866d5212b9e60e" },
        { XENTRACE, LINUX, 1, "149e6cf8e3df7230" }, { XENTRACE, LINUX, 500, "04b3c61453fa90e2" },
        { TRACEDAT, XEN, 1, "17b2a2b9314f41eb" },   { TRACEDAT, XEN, 500, "01a91e7f0c593836" },
        { TRACEDAT, LINUX, 1, "a0de5567e205e0eb" }, { TRACEDAT, LINUX, 500, "328dbc3dc881a690" },
        { PERFETTO, XEN, 1, "b7e5da2b7c0419f5" },   { PERFETTO, XEN, 500, "b8a88603f30ca4fd" },
        { PERFETTO, LINUX, 1, "eb8c7fc7e95e2510" }, { PERFETTO, LINUX, 500, "a03bd9a08055ac15" },
    };
    const char *kept = getenv("IRQPATH_WRITE_TRACES");

    (void)state;
    (void)temporary_path(""); /* makes the directory */
    for (size_t i = 0; i < COUNT(rows); i++) {
        char path[300], sum[SHA256_TEXT_BYTES];
        size_t count;

        snprintf(path, sizeof path, "%s/%02zu", kept != NULL ? kept : temporary_own(), i);
        write_file(path, rows[i].format, rows[i].host, rows[i].rounds, NULL);
        char *bytes = file_bytes(path, &count);
        sha256_text(bytes, count, sum);
        sum[16] = '\0';
        if (kept != NULL)
            printf("%s\n", sum);
        else if (strcmp(sum, rows[i].sum) != 0)
            fail_msg("row %zu has other bytes, %s: IRQPATH_WRITE_TRACES", i, sum);
        free(bytes);
    }
}

/* The system may read less than was asked for. */
static void what_is_read_in_parts_is_whole(void **state)
{
    size_t whole_count, parts_count;

    (void)state;
    write_file(temporary_path("whole"), TRACEDAT, XEN, 500, NULL);
    read_at_once = 1000;
    write_file(temporary_path("parts"), TRACEDAT, XEN, 500, NULL);
    assert_true(short_reads > 10);
    read_at_once = SIZE_MAX;
    char *whole = file_bytes(temporary_path("whole"), &whole_count);
    char *parts = file_bytes(temporary_path("parts"), &parts_count);
    assert_int_equal(whole_count, parts_count);
    assert_memory_equal(whole, parts, whole_count);
    free(whole);
    free(parts);
}

/* A text as long as there is room for it still ends with a zero. */
static void texts_end(void **state)
{
    static const struct trace_record late = { .time = 4000000, .kind = TRACE_RAISE, .a = 0x1ff, .b = 913583 };
    static const char text[24] = "vector-ff, 1234567ns ag";
    size_t count;

    (void)state;
    write_file(temporary_path("late"), TRACEDAT, LINUX, 1, &late);
    char *bytes = file_bytes(temporary_path("late"), &count);
    assert_non_null(memmem(bytes, count, text, sizeof text));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_become_these_bytes),
        cmocka_unit_test(what_is_read_in_parts_is_whole),
        cmocka_unit_test(texts_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
