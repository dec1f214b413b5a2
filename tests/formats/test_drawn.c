/* SPDX-License-Identifier: Apache-2.0
 *
 * Recordings of Linux hosts drawn at random, with the sums of drawn.sums: of the records that they become, of the
 * figures that show prints of them, and of those in the scenarios that import makes. The hosts do what a kernel does
 * most of the time; now and then an event is missing, or one comes that cannot be. test_formats_drawn --write makes the
 * file, test_formats_drawn --show NUMBER prints what a line is about.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "recorded_text.h"
#include "scenarios/trace_views.h"
#include "trace/answer.h"
#include "trace/import.h"
#include "trace/wakeups.h"

#define SUMS SOURCE_DIR "/tests/formats/drawn.sums"

enum { DRAWN = 400, CPUS = 3, THREADS = 9, EVENTS_MAX = 260, TEXT_BYTES = 1 << 17 };

static FILE *sums;
static bool sums_are_written;
static uint64_t shown; /* 0: none */
static char in_memory[] = "/dev/shm/irqpath-drawn-XXXXXX", on_disk[] = "/tmp/irqpath-drawn-XXXXXX";
static char *directory; /* of the imports, which are synchronised: in memory where that can be */

/* --- the host --- */

static const struct thread {
    const char *comm;
    int tgid, tid;
    int vcpu; /* -1: none */
} threads[THREADS] = {
    { "CPU 0/KVM", 900, 902, 0 },        { "CPU 1/KVM", 900, 903, 1 },  { "CPU 0/KVM", 950, 952, 0 },
    { "qemu-system-x86", 900, 900, -1 }, { "vhost-900", 990, 990, -1 }, { "kworker/1:2", 57, 57, -1 },
    { "irq/41-nic", 300, 300, -1 },      { "a b:c", 10, 11, -1 },       { "sleep", 12, 12, -1 },
};

static const struct {
    int irq;
    const char *name;
} lines[] = { { 16, "ehci_hcd:usb1" },
              { 16, "vfio-intx(0000:06:00.0)" },
              { 40, "vfio-msix[0](0000:01:00.0)" },
              { 41, "nic-rx-0" },
              { 42, "virtio0-input.0" } };

struct host {
    struct rng rng;
    uint64_t ns;
    int current[CPUS];             /* -1: idle */
    int line[CPUS], softirq[CPUS]; /* -1: none */
    int cpu_of[THREADS];
    bool is_asleep[THREADS], is_woken[THREADS], is_in_guest[THREADS];
    bool is_by_perf;
    uint32_t wakes, kinds; /* how often what happens */
    char text[TEXT_BYTES];
    size_t used;
};

static uint32_t below(struct host *host, uint32_t bound) { return (uint32_t)rng_below(&host->rng, bound); }

__attribute__((format(printf, 4, 5))) static void event(struct host *host, int cpu, const char *name,
                                                        const char *format, ...)
{
    const struct thread *current = host->current[cpu] >= 0 ? &threads[host->current[cpu]] : NULL;
    const char *comm = current != NULL ? current->comm : host->is_by_perf ? "swapper" : "<idle>";
    int tid = current != NULL ? current->tid : 0, tgid = current != NULL ? current->tgid : 0;
    const char *system = strncmp(name, "sched", 5) == 0 ? "sched" : strncmp(name, "kvm", 3) == 0 ? "kvm" : "irq";
    char *at = host->text + host->used;
    va_list list;

    assert_true(host->used + 1024 < TEXT_BYTES);
    if (host->is_by_perf)
        at += sprintf(at, "%16s %d/%d [%03d] %" PRIu64 ".%09" PRIu64 ": %s:%s: ", comm, tgid, tid, cpu,
                      host->ns / 1000000000, host->ns % 1000000000, system, name);
    else
        at += sprintf(at, "%16s-%d [%03d] %" PRIu64 ".%09" PRIu64 ": %s: ", comm, tid, cpu, host->ns / 1000000000,
                      host->ns % 1000000000, name);
    va_start(list, format);
    at += vsprintf(at, format, list);
    va_end(list);
    *at++ = '\n';
    *at = '\0';
    host->used = (size_t)(at - host->text);
}

/* --- what happens --- */

static const char *name_of(int thread, int cpu, char text[32])
{
    (void)snprintf(text, 32, "swapper/%d", cpu);
    return thread >= 0 ? threads[thread].comm : text;
}

/* The present thread leaves the CPU, and another that is runnable there, or none, takes it. */
static void take_cpu(struct host *host, int cpu)
{
    static const char *const states[] = { "S", "S", "S", "R", "R+", "D", "S|K", "X" };
    int from = host->current[cpu], to = -1;
    const char *state = from >= 0 ? states[below(host, 8)] : "R";
    char names[2][32];

    for (int n = 0, first = (int)below(host, THREADS); n < THREADS; n++) {
        int thread = (first + n) % THREADS;
        if (!host->is_asleep[thread] && host->cpu_of[thread] == cpu && thread != from &&
            (to < 0 || threads[to].vcpu < 0)) /* a vCPU rather than another */
            to = thread;
    }
    if (to == from || (to < 0 && state[0] == 'R' && from >= 0))
        return;
    event(host, cpu, "sched_switch",
          "prev_comm=%s prev_pid=%d prev_prio=120 prev_state=%s ==> next_comm=%s next_pid=%d next_prio=120",
          name_of(from, cpu, names[0]), from >= 0 ? threads[from].tid : 0, state, name_of(to, cpu, names[1]),
          to >= 0 ? threads[to].tid : 0);
    if (from >= 0 && state[0] != 'R')
        host->is_asleep[from] = true;
    host->current[cpu] = to;
}

static void wake(struct host *host, int cpu)
{
    int thread = (int)below(host, THREADS), target = (int)below(host, CPUS);

    if (!host->is_asleep[thread])
        return;
    event(host, cpu, "sched_waking", "comm=%s pid=%d prio=120 target_cpu=%03d", threads[thread].comm,
          threads[thread].tid, host->cpu_of[thread]);
    host->is_woken[thread] = true;
    if (below(host, 4) == 0) {
        event(host, target, "sched_wakeup", "comm=%s pid=%d prio=120 target_cpu=%03d", threads[thread].comm,
              threads[thread].tid, target);
        host->cpu_of[thread] = target;
    }
    host->is_asleep[thread] = false;
}

static void migrate(struct host *host, int cpu)
{
    int thread = (int)below(host, THREADS), target = (int)below(host, CPUS);

    for (int other = 0; other < CPUS; other++)
        if (host->current[other] == thread)
            return;
    event(host, cpu, "sched_migrate_task", "comm=%s pid=%d prio=120 orig_cpu=%d dest_cpu=%d", threads[thread].comm,
          threads[thread].tid, host->cpu_of[thread], target);
    host->cpu_of[thread] = target;
}

static void interrupt(struct host *host, int cpu)
{
    int line = host->line[cpu];

    if (line >= 0) {
        event(host, cpu, "irq_handler_exit", "irq=%d ret=%s", lines[line].irq,
              below(host, 3) == 0 ? "unhandled" : "handled");
        host->line[cpu] = line == 0 && below(host, 2) == 0 ? 1 : -1;
        if (host->line[cpu] < 0)
            return;
        host->ns += 200;
    } else {
        host->line[cpu] = (int)below(host, 5);
    }
    event(host, cpu, "irq_handler_entry", "irq=%d name=%s", lines[host->line[cpu]].irq, lines[host->line[cpu]].name);
}

static void softirq(struct host *host, int cpu)
{
    static const char *const names[] = { "HI", "TIMER", "NET_TX", "NET_RX" };
    int vector = host->softirq[cpu];

    if (vector >= 0) {
        event(host, cpu, "softirq_exit", "vec=%d [action=%s]", vector, names[vector]);
        host->softirq[cpu] = -1;
        return;
    }
    vector = (int)below(host, 4);
    if (below(host, 3) == 0) {
        event(host, cpu, "softirq_raise", "vec=%d [action=%s]", vector, names[vector]);
        return;
    }
    event(host, cpu, "softirq_entry", "vec=%d [action=%s]", vector, names[vector]);
    host->softirq[cpu] = vector;
}

static void message_to_guest(struct host *host, int cpu)
{
    uint32_t apic = below(host, 2), vector = 34 + below(host, 3);

    event(host, cpu, "kvm_msi_set_irq", "dst %x vec %u (Fixed|physical|edge)", apic, vector);
    if (below(host, 2) == 0)
        event(host, cpu, "kvm_apic_accept_irq", "apicid %x vec %u (Fixed|edge)", apic, vector);
}

static void guest(struct host *host, int cpu)
{
    static const char *const reasons[] = { "EXTERNAL_INTERRUPT", "HLT", "EPT_MISCONFIG", "MSR_WRITE" };
    int thread = host->current[cpu];

    if (thread < 0 || threads[thread].vcpu < 0)
        return;
    if (host->is_in_guest[thread]) {
        event(host, cpu, "kvm_exit", "vcpu %d reason %s rip 0xffffffff81 info1 0x0", threads[thread].vcpu,
              reasons[below(host, 4)]);
        host->is_in_guest[thread] = false;
    } else if (below(host, 5) == 0) {
        uint32_t ns = 100 + below(host, 30000);
        event(host, cpu, "kvm_vcpu_wakeup", "%s time %u ns, polling valid", below(host, 2) ? "wait" : "poll", ns);
    } else {
        if (below(host, 2) == 0)
            event(host, cpu, "kvm_inj_virq", "IRQ 0x%x", 34 + below(host, 3));
        event(host, cpu, "kvm_entry", "vcpu %d, rip 0xffffffff81", threads[thread].vcpu);
        host->is_in_guest[thread] = true;
    }
}

/* What cannot be, is lost or is of no interest. */
static void surprise(struct host *host, int cpu)
{
    switch (below(host, 6)) {
    case 0:
        host->current[cpu] = (int)below(host, THREADS + 1) - 1; /* a switch is missing */
        break;
    case 1:
        host->line[cpu] = host->softirq[cpu] = -1; /* ends are missing */
        break;
    case 2:
        event(host, cpu, "kvm_page_fault", "address 1000 error_code 4");
        break;
    case 3:
        event(host, cpu, "irq_handler_exit", "irq=40 ret=handled");
        break;
    case 4:
        host->used +=
            (size_t)sprintf(host->text + host->used,
                            host->is_by_perf ? "perf 1/1 [%03d] %" PRIu64 ".%09" PRIu64 ": PERF_RECORD_LOST lost 3\n"
                                             : "CPU:%d [LOST 3 EVENTS]\n",
                            cpu, host->ns / 1000000000, host->ns % 1000000000);
        break;
    default:
        event(host, cpu, "sched_wakeup_new", "comm=new pid=4711 prio=120 target_cpu=%03d", cpu);
        break;
    }
}

static void step(struct host *host)
{
    static void (*const events[])(struct host * host, int cpu) = { take_cpu, take_cpu,         wake,      wake,
                                                                   wake,     interrupt,        interrupt, softirq,
                                                                   softirq,  message_to_guest, guest,     guest };
    int cpu = (int)below(host, CPUS);

    host->ns += 50 + below(host, below(host, 4) == 0 ? 100000 : 3000);
    uint32_t chance = below(host, 40);
    if (chance == 0)
        surprise(host, cpu);
    else if (chance == 1)
        migrate(host, cpu);
    else
        events[(below(host, 12) * (1 + host->kinds % 3)) % 12](host, cpu);
}

static void draw(struct host *host, uint64_t number)
{
    memset(host, 0, sizeof(*host));
    rng_init(&host->rng, number, 0, RNG_TEST);
    host->ns = 700000000000 + below(host, 1000000000);
    host->is_by_perf = below(host, 2) == 0;
    host->kinds = below(host, 3);
    for (int cpu = 0; cpu < CPUS; cpu++)
        host->current[cpu] = host->line[cpu] = host->softirq[cpu] = -1;
    for (int thread = 0; thread < THREADS; thread++) {
        host->cpu_of[thread] = (int)below(host, CPUS);
        host->is_asleep[thread] = below(host, 3) != 0;
    }
    for (uint32_t i = 0, count = 20 + below(host, EVENTS_MAX - 20); i < count; i++)
        step(host);
}

/* --- what becomes of it --- */

/* A sum of what is printed, which is shown where it is asked for. */
struct printed {
    char *text;
    size_t bytes;
    FILE *out;
};

static void printed_open(struct printed *printed)
{
    printed->out = open_memstream(&printed->text, &printed->bytes);
    assert_non_null(printed->out);
}

static uint64_t printed_close(struct printed *printed, uint64_t number)
{
    assert_int_equal(fclose(printed->out), 0);
    uint64_t sum = figures_sum(printed->text);
    if (number == shown)
        fputs(printed->text, stdout);
    free(printed->text);
    return sum;
}

static uint64_t sum_records(const struct recorded *recorded, uint64_t number)
{
    static char text[1 << 18];
    char *at = text;

    text[0] = '\0';
    for (size_t i = 0; i < recorded->count; i++)
        put_record(&at, recorded, &recorded->records[i]);
    for (size_t i = 0; i < recorded->ignored_count; i++)
        put(&at, "%s: %s, %d\n", recorded->ignored[i].what, recorded->ignored[i].why, (int)recorded->ignored[i].count);
    if (number == shown)
        fputs(text, stdout);
    return hash_add(0, text, strlen(text));
}

static void play(struct recorded *recorded, struct trace_sink *sink)
{
    char why[512];

    if (!recorded_play(recorded, 0, CYCLES_NEVER, sink, why, sizeof(why)))
        fail_msg("%s", why);
}

static uint64_t sum_views(struct recorded *recorded, uint64_t number)
{
    static struct trace_views views;
    struct printed printed;
    struct answer answer;
    struct slowest slowest;
    char why[512];

    printed_open(&printed);
    views_init(&views, 100000, 900000);
    play(recorded, &views.tee.sink);
    views_print(&views, printed.out);
    views_free(&views);
    slowest_init(&slowest, 3, SLOWEST_HISTORY);
    wakeups_slowest(recorded, 0, CYCLES_NEVER, &slowest);
    slowest_print(&slowest, printed.out);
    slowest_free(&slowest);
    if (answer_make(&answer, recorded, number % 3 * 100000, CYCLES_NEVER, why, sizeof(why))) {
        answer_print(&answer, 100, printed.out, false);
        answer_print_csv(&answer, printed.out);
        json_write(answer_json(&answer), printed.out);
    } else {
        fputs(why, printed.out);
    }
    answer_free(&answer);
    return printed_close(&printed, number);
}

static void print_file(const char *path, FILE *out)
{
    FILE *in = fopen(path, "r");
    int c;

    assert_non_null(in);
    while ((c = fgetc(in)) != EOF)
        fputc(c, out);
    fclose(in);
    unlink(path);
}

/* The scenario, and the times that it replays. */
static void print_import(struct recorded *recorded, bool is_fitted, FILE *out)
{
    struct import_choice choice = {
        .source = "drawn", .profile = "westmere-ex-8s", .is_fitted = is_fitted, .is_forced = true
    };
    char why[512] = "", note[IMPORT_NOTE_BYTES], path[128];
    struct workload workload;
    glob_t files;

    workload_init(&workload);
    workload.is_linux = true;
    play(recorded, &workload.sink);
    choice.design = import_design(recorded, &workload, NULL, note);
    if (choice.design == NULL || !import_prepare(&workload, choice.design, why, sizeof(why))) {
        fprintf(out, "%s%s\n", choice.design == NULL ? note : "", why);
        workload_free(&workload);
        return;
    }
    (void)snprintf(path, sizeof(path), "%s/imported.yaml", directory);
    if (!import_write(&workload, recorded, &choice, note, path, why, sizeof(why)))
        fail_msg("%s", why);
    import_report(&workload, recorded, is_fitted, out, false);
    workload_free(&workload);
    print_file(path, out);
    (void)snprintf(path, sizeof(path), "%s/imported.*", directory);
    if (glob(path, 0, NULL, &files) != 0)
        return;
    for (size_t i = 0; i < files.gl_pathc; i++)
        print_file(files.gl_pathv[i], out);
    globfree(&files);
}

static uint64_t sum_imports(struct recorded *recorded, uint64_t number)
{
    struct printed printed;

    printed_open(&printed);
    print_import(recorded, false, printed.out);
    print_import(recorded, true, printed.out);
    return printed_close(&printed, number);
}

static void check(struct host *host, uint64_t number)
{
    struct recorded recorded;
    char line[120], expected[120] = "";

    draw(host, number);
    if (number == shown)
        fputs(host->text, stdout);
    if (!read_text(host->text, &(struct recording_choice){ .allows_lost = true }, &recorded))
        fail_msg("recording %" PRIu64 ": %s", number, message);
    uint64_t records = sum_records(&recorded, number), views = sum_views(&recorded, number);
    (void)snprintf(line, sizeof(line), "%" PRIu64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64 "\n", number, records,
                   views, sum_imports(&recorded, number));
    recorded_free(&recorded);
    if (sums_are_written)
        assert_true(fputs(line, sums) >= 0);
    else if (fgets(expected, sizeof(expected), sums) == NULL || strcmp(line, expected) != 0)
        fail_msg("other sums of a recording than those of drawn.sums, where this is expected:\n%sfound:\n%s", expected,
                 line);
}

static void drawn_recordings_have_their_sums(void **state)
{
    static struct host host;

    (void)state;
    directory = access("/dev/shm", W_OK) == 0 ? in_memory : on_disk;
    temporary_directory(directory);
    sums = fopen(SUMS, sums_are_written ? "w" : "r");
    assert_non_null(sums);
    for (uint64_t number = 1; number <= DRAWN; number++)
        check(&host, number);
    assert_true(sums_are_written || fgetc(sums) == EOF);
    assert_int_equal(fclose(sums), 0);
    temporary_directory_remove(directory);
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(drawn_recordings_have_their_sums) };

    sums_are_written = argc == 2 && strcmp(argv[1], "--write") == 0;
    shown = argc == 3 && strcmp(argv[1], "--show") == 0 ? strtoull(argv[2], NULL, 10) : 0;
    return cmocka_run_group_tests_name("formats_drawn", tests, NULL, NULL);
}
