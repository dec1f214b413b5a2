/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads exported traces with the real xenalyze: there are no warnings, and its running, runnable and blocked times of
 * every vCPU equal the model's.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "formats/keeper.h"
#include "formats/recordings.h"
#include "formats/xenalyze.h"
#include "temporary.h"

#define TRACE_FILE temporary_path("trace.xentrace")
#define BACK_FILE temporary_path("back.xentrace")

static struct xenalyze_run *run_new(void)
{
    struct xenalyze_run *run = malloc(sizeof *run);

    assert_non_null(run);
    return run;
}

static void totals_are_xenalyze_s(void **state)
{
    static const struct {
        const char *scenario, *sets[3];
        unsigned compared;
    } rows[] = {
        { "one-msi", { "run.warmup=10ms", "run.duration=30ms", "run.seed=1" }, 3 },
        { "radix-walk", { "run.warmup=10ms", "run.duration=10ms", "run.seed=2" }, 2 },
        { "eight-socket-steal", { "run.warmup=5ms", "run.duration=10ms", "run.seed=3" }, 250 },
        { "eight-socket-steal", { "guests.idle.placement=floating", "run.warmup=5ms", "run.duration=10ms" }, 250 },
    };
    static const struct trace_choice all = { 0 };

    (void)state;
    if (!xenalyze_is_there())
        skip();
    struct xenalyze_run *run = run_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[256];
        snprintf(path, sizeof path, SOURCE_DIR "/scenarios/%s.yaml", rows[i].scenario);
        xenalyze_export(run, path, rows[i].sets, 3, &all, TRACE_FILE);
        assert_true(xenalyze_check(run, TRACE_FILE) >= rows[i].compared);
        remove(TRACE_FILE);
    }
    free(run);
}

/* --- what Xen itself writes --- */

struct xen_row {
    const char *name;
    uint32_t words[12]; /* a record, of which the second and third word are its time */
    size_t count;
    struct trace_record records[3];
    const char *exit; /* the name of the exit */
};

/* Layouts as in Xen 4.4 to 4.20: xen/include/public/trace.h and who writes the records, at RELEASE-4.4.0 and
 * c447b7308b. Domain 1's vCPU 2 runs on pCPU 0. */
static const struct xen_row xen_rows[] = {
    { "a wake-up", { 0xa0028004, 2000, 0, 1, 2 }, 5, { { .kind = TRACE_WAKE, .who = 2 } }, NULL },
    { "a block", { 0xa0028006, 2000, 0, 1, 2 }, 5, { { .kind = TRACE_BLOCK, .who = 2 } }, NULL },
    { "a switch",
      { 0xc002800a, 2000, 0, 1, 2, 0x7fff, 0 },
      7,
      { { .kind = TRACE_SWITCH, .who = 0x7fff0000, .b = 2 } },
      NULL },
    { "an entry", { 0x80081001, 2000, 0 }, 3, { { .kind = TRACE_VMENTRY, .who = 2 } }, NULL },
    { "a nested entry", { 0x80081401, 2000, 0 }, 3, { { .kind = TRACE_VMENTRY, .who = 2 } }, NULL },
    { "an exit of 32 bits", { 0xa0081002, 2000, 0, 12, 7 }, 5, { { .kind = TRACE_VMEXIT, .who = 2 } }, "HLT" },
    { "an exit of 64 bits",
      { 0xb0081102, 2000, 0, 48, 7, 0 },
      6,
      { { .kind = TRACE_VMEXIT, .who = 2 } },
      "EPT_VIOLATION" },
    { "an exit of AMD, to 4.18",
      { 0xb0081102, 2000, 0, 0x400, 7, 0 },
      6,
      { { .kind = TRACE_VMEXIT, .who = 2 } },
      "NPF" },
    { "an exit of AMD, from 4.19",
      { 0xb0081103, 2000, 0, 0x78, 7, 0 },
      6,
      { { .kind = TRACE_VMEXIT, .who = 2 } },
      "HLT" },
    { "an injection", { 0xa0082004, 2000, 0, 0x31, 0 }, 5, { { .kind = TRACE_INJECT, .who = 2, .a = 0x31 } }, NULL },
    { "an interrupt",
      { 0xb0802008, 2000, 0, 34, 1500, 1900 },
      6,
      { { .kind = TRACE_IRQ_ENTRY, .who = TRACE_NOBODY, .a = 34, .time = 600 },
        { .kind = TRACE_DO_IRQ, .who = TRACE_NOBODY, .a = 34, .b = 34, .time = 600 },
        { .kind = TRACE_IRQ_EXIT, .who = TRACE_NOBODY, .a = 34 } },
      NULL },
    { "idle", { 0xb0801002, 2000, 0, 2, 1, 1 }, 6, { { .kind = TRACE_IDLE_ENTRY, .who = TRACE_NOBODY } }, NULL },
    { "no idea", { 0xb0028011, 2000, 0, 1, 2, 3 }, 6, { { .kind = TRACE_RUNSTATE } }, NULL },
};

static void write_words(const uint32_t *words, size_t count)
{
    uint32_t begin[] = { 0x2001f003, 0, (uint32_t)(16 + 4 * count), 0x90021101, 1000, 0, 0x10002 };
    FILE *file = fopen(BACK_FILE, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(begin, 4, 7, file), 7);
    assert_int_equal(fwrite(words, 4, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static void what_xen_writes_is_read(void **state)
{
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof xen_rows / sizeof *xen_rows; i++) {
        const struct xen_row *row = &xen_rows[i];
        struct recorded recorded;
        size_t count = 1;
        write_words(row->words, row->count);
        if (!recorded_read(BACK_FILE, &(struct recording_choice){ .frequency_hz = 1000000000 }, &recorded, text,
                           sizeof text))
            fail_msg("%s: %s", row->name, text);
        assert_int_equal(recorded.records[0].kind, TRACE_RUNSTATE);
        assert_string_equal(recorded.world.domains[0].name, "d1");
        for (; count < recorded.count; count++) {
            const struct trace_record *made = &recorded.records[count], *wanted = &row->records[count - 1];
            if (made->kind != wanted->kind || made->who != wanted->who || made->a != wanted->a ||
                made->b != wanted->b || made->time != (wanted->time != 0 ? wanted->time : 1000))
                fail_msg("%s: kind %u who %x a %u b %lu at %lu", row->name, made->kind, made->who, made->a, made->b,
                         made->time);
        }
        assert_int_equal(count, row->records[1].kind != 0 ? 4 : recorded.ignored_count == 0 ? 2 : 1);
        if (row->exit != NULL)
            assert_string_equal(recorded.world.exit_names[0], row->exit);
        recorded_free(&recorded);
    }
    assert_int_equal(unlink(BACK_FILE), 0);
}

/* A recording of Xen's own has no list of domains: each record that names a vCPU, and a switch both, makes its domain.
 */
static void records_make_the_domains(void **state)
{
    static const uint32_t words[] = {
        0xa0028004, 2000, 0, 1,      0,            /* a wake-up of d1v0 */
        0xa0028004, 2100, 0, 9,      3,            /* of d9v3 */
        0xc002800a, 2200, 0, 7,      1, 0x7fff, 0, /* a switch from d7v1 to the idle vCPU */
        0xc002800a, 2300, 0, 0x7fff, 0, 9,      5, /* and from there to d9v5 */
    };
    static const struct {
        const char *name;
        uint32_t vcpus, first;
    } expected[] = { { "d1", 3, 0 }, { "d7", 2, 3 }, { "d9", 6, 5 } }; /* d1v2 is the vCPU of the beginning */
    struct recorded recorded;
    char text[512];

    (void)state;
    write_words(words, sizeof words / sizeof *words);
    if (!recorded_read(BACK_FILE, &(struct recording_choice){ .frequency_hz = 1000000000 }, &recorded, text,
                       sizeof text))
        fail_msg("%s", text);
    assert_int_equal(recorded.world.domain_count, 3);
    assert_int_equal(recorded.world.vcpu_count, 11);
    for (uint32_t i = 0; i < 3; i++) {
        assert_string_equal(recorded.world.domains[i].name, expected[i].name);
        assert_int_equal(recorded.world.domains[i].vcpu_count, expected[i].vcpus);
        assert_int_equal(recorded.world.domains[i].first_vcpu, expected[i].first);
    }
    recorded_free(&recorded);
    assert_int_equal(unlink(BACK_FILE), 0);
}

/* --- back --- */

/* The next record of the pCPU, from *at on. */
static const struct trace_record *next_of(const struct recorded *recorded, uint32_t cpu, size_t *at)
{
    while (*at < recorded->count && recorded->records[*at].cpu != cpu)
        ++*at;
    return *at < recorded->count ? &recorded->records[(*at)++] : NULL;
}

/* Times of the second are from the first record on. */
static void assert_same_records(const struct recorded *first, const struct recorded *second)
{
    cycles from = first->records[0].time;

    assert_int_equal(first->world.end, second->world.end + from);
    assert_int_equal(first->count, second->count);
    for (uint32_t cpu = 0; cpu < first->world.cpu_count; cpu++) {
        const struct trace_record *a, *b;
        size_t at = 0, other_at = 0;
        while ((a = next_of(first, cpu, &at)) != NULL) {
            b = next_of(second, cpu, &other_at);
            assert_non_null(b);
            bool is_time = a->kind == TRACE_RAISE || a->kind == TRACE_DROPPED;
            uint64_t wanted = !is_time ? a->b : a->b > from ? a->b - from : 0;
            if (a->time != b->time + from || a->kind != b->kind || a->who != b->who || a->flow != b->flow ||
                a->a != b->a || b->b != wanted)
                fail_msg("cpu %u: %u: %lu %x %u %u %lu, and back %u: %lu %x %u %u %lu", cpu, a->kind, a->time, a->who,
                         a->flow, a->a, a->b, b->kind, b->time, b->who, b->flow, b->a, b->b);
        }
    }
}

static void assert_same_names(const struct trace_world *first, const struct trace_world *second)
{
    assert_int_equal(first->domain_count, second->domain_count);
    assert_int_equal(first->vcpu_count, second->vcpu_count);
    assert_int_equal(first->thread_count, second->thread_count);
    for (uint32_t d = 0; d < first->domain_count; d++) {
        assert_string_equal(first->domains[d].name, second->domains[d].name);
        assert_int_equal(first->domains[d].vcpu_count, second->domains[d].vcpu_count);
    }
}

/* A run's trace is read back as it was, cycle for cycle. */
static void the_trace_comes_back(void **state)
{
    static const struct {
        const char *scenario, *sets[3];
        enum recorded_host host;
    } rows[] = {
        { "one-msi", { "run.warmup=0s", "run.duration=30ms" }, RECORDED_HOST_XEN },
        { "radix-walk", { "run.warmup=5ms", "run.duration=5ms" }, RECORDED_HOST_XEN },
        { "eight-socket-steal",
          { "run.warmup=2ms", "run.duration=3ms", "guests.idle.placement=floating" },
          RECORDED_HOST_XEN },
        { "vfio-shared-line", { "run.warmup=1ms", "run.duration=20ms" }, RECORDED_HOST_LINUX },
        { "qemu-contention", { "run.warmup=1ms", "run.duration=20ms" }, RECORDED_HOST_LINUX },
        { "nvme-drives", { "run.warmup=1ms", "run.duration=5ms" }, RECORDED_HOST_LINUX },
        { "posted-states", { "run.warmup=1ms", "run.duration=5ms" }, RECORDED_HOST_XEN },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static struct keeper keeper;
        struct xentrace_writer writer;
        struct output output;
        struct recorded back;
        char text[512];
        size_t sets = 0;
        while (sets < 3 && rows[i].sets[sets] != NULL)
            sets++;
        assert_true(output_open(&output, BACK_FILE, true, text, sizeof text));
        xentrace_writer_init(&writer, &output);
        keeper_run(&keeper, rows[i].scenario, rows[i].sets, sets, &writer.sink, &output);
        xentrace_writer_free(&writer);
        if (!recorded_read(BACK_FILE, &(struct recording_choice){ 0 }, &back, text, sizeof text))
            fail_msg("%s: %s", rows[i].scenario, text);
        assert_same_records(&keeper.recorded, &back);
        assert_same_names(&keeper.recorded.world, &back.world);
        assert_int_equal(back.host, rows[i].host);
        recorded_free(&keeper.recorded);
        recorded_free(&back);
    }
    remove(BACK_FILE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_are_xenalyze_s),
        cmocka_unit_test(what_xen_writes_is_read),
        cmocka_unit_test(records_make_the_domains),
        cmocka_unit_test(the_trace_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
