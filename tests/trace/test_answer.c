/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the answer of a recording: of hand-made ones with known parts.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

#include "recorded_builder.h"
#include "trace/answer.h"

static const char *const threads[] = { "vhost-2340", "kworker/0:1" };

/* vm1 v0 on pCPU 0, with vm2 v0 and vhost-2340. Of 1000 ns: waits from 100 behind vhost until 300, whose time an
 * interrupt takes from 150 to 160 and a softirq to 170; runs, in its guest from 310 to 400; an exit "ept" to 420, in
 * the guest to 500, an exit "hlt" to 550, where it blocks; is woken at 700 behind vm2 v0, which is in its guest from
 * 600 to 800; runs from 800. */
static void make_example(struct recorded *recorded)
{
    uint32_t vm1 = trace_who(0, 0), vm2 = trace_who(1, 0), vhost = builder_thread(0);

    builder_init(recorded, 1, 2, 1, threads, 2);
    builder_name(recorded);
    builder_switch(recorded, 100, 0, vm1, STATE_RUNNABLE, vhost);
    builder_add(recorded, 150, 0, TRACE_IRQ_ENTRY, TRACE_NOBODY, 1, 0);
    builder_add(recorded, 150, 0, TRACE_DO_IRQ, TRACE_NOBODY, 1, 1);
    builder_add(recorded, 160, 0, TRACE_IRQ_EXIT, TRACE_NOBODY, 1, 0);
    builder_add(recorded, 160, 0, TRACE_SOFTIRQ_ENTRY, TRACE_NOBODY, 3, 0);
    builder_add(recorded, 170, 0, TRACE_SOFTIRQ_EXIT, TRACE_NOBODY, 3, 0);
    builder_switch(recorded, 300, 0, vhost, STATE_BLOCKED, vm1);
    builder_add(recorded, 310, 0, TRACE_VMENTRY, vm1, 0, 0);
    builder_add(recorded, 400, 0, TRACE_VMEXIT, vm1, 1, 0);
    builder_add(recorded, 420, 0, TRACE_VMENTRY, vm1, 0, 0);
    builder_add(recorded, 500, 0, TRACE_VMEXIT, vm1, 0, 0);
    builder_wake(recorded, 550, 0, vm2, 0);
    builder_switch(recorded, 550, 0, vm1, STATE_BLOCKED, vm2);
    builder_add(recorded, 600, 0, TRACE_VMENTRY, vm2, 0, 0);
    builder_wake(recorded, 700, 0, vm1, 0);
    builder_add(recorded, 800, 0, TRACE_VMEXIT, vm2, 1, 0);
    builder_switch(recorded, 800, 0, vm2, STATE_BLOCKED, vm1);
    recorded->world.end = 1000;
    recorded_finish(recorded);
}

static void make(struct answer *answer, struct recorded *recorded)
{
    char message[256] = "";

    assert_true(answer_make(answer, recorded, 0, CYCLES_NEVER, message, sizeof message));
}

static char *text_of(const struct answer *answer, size_t width)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    assert_non_null(out);
    answer_print(answer, width, out, false);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void the_parts_of_a_hand_made_recording_are_known(void **state)
{
    static const struct {
        enum attribution_loss loss;
        const char *by;
        cycles time;
    } rows[] = {
        { LOSS_STEAL, "thread vhost-2340", 180 },      { LOSS_STEAL, "interrupt 1 virtio0", 10 },
        { LOSS_STEAL, "softirq NET_RX", 10 },          { LOSS_STEAL, "vm2 v0", 100 },
        { LOSS_RUNNING, "the host, no VM exit", 110 }, { LOSS_RUNNING, "VM exit ept", 20 },
        { LOSS_RUNNING, "VM exit hlt", 50 + 200 },
    };
    struct recorded recorded;
    struct answer answer;
    char text[ANSWER_TEXT_BYTES];

    (void)state;
    make_example(&recorded);
    make(&answer, &recorded);
    const struct answer_task *task = &answer.tasks[0];
    assert_int_equal(task->who, trace_who(0, 0));
    assert_int_equal(task->waiting, 300);
    assert_int_equal(task->running, 550);
    assert_int_equal(task->own, 170);
    assert_int_equal(task->blocked, 150);
    assert_int_equal(task->unknown, 0);
    assert_int_equal(task->row_count, sizeof rows / sizeof *rows);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t at = 0;
        while (at < task->row_count && (task->rows[at].loss != rows[i].loss ||
                                        strcmp(answer_by(&answer, &task->rows[at], text), rows[i].by) != 0))
            at++;
        assert_true(at < task->row_count);
        assert_int_equal(task->rows[at].time, rows[i].time);
    }
    answer_free(&answer);
    recorded_free(&recorded);
}

/* vm2 v0 never leaves its guest: the recording, which has vm1's entries and exits, has none of it, and begins as if it
 * were switched in. What it runs is its own, and vm1 v0 waits behind it; that nobody tells when it was in its guest is
 * said. */
static void a_vcpu_that_never_exits_has_its_time_to_itself(void **state)
{
    static const enum recorded_host hosts[] = { RECORDED_HOST_LINUX, RECORDED_HOST_XEN };
    uint32_t vm1 = trace_who(0, 0), vm2 = trace_who(1, 0);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct recorded recorded;
        struct answer answer;
        builder_init(&recorded, 1, 2, 1, threads, hosts[i] == RECORDED_HOST_LINUX ? 2 : 0);
        recorded.host = hosts[i];
        builder_name(&recorded);
        builder_add(&recorded, 10, 0, TRACE_VMENTRY, vm1, 0, 0);
        builder_add(&recorded, 100, 0, TRACE_VMEXIT, vm1, 1, 0);
        builder_switch(&recorded, 110, 0, vm1, STATE_RUNNABLE, vm2);
        builder_add(&recorded, 200, 0, TRACE_IRQ_ENTRY, TRACE_NOBODY, 1, 0);
        builder_add(&recorded, 230, 0, TRACE_IRQ_EXIT, TRACE_NOBODY, 1, 0);
        recorded.world.end = 1000;
        recorded_finish(&recorded);
        make(&answer, &recorded);
        const struct answer_task *waiter = &answer.tasks[0], *other = &answer.tasks[1];
        assert_int_equal(waiter->who, vm1);
        assert_int_equal(waiter->rows[0].time, 860);
        assert_int_equal(waiter->rows[0].cause, CAUSE_GUEST);
        assert_int_equal(waiter->rows[0].culprit, vm2);
        assert_int_equal(other->running, 890);
        assert_int_equal(other->own, 860);
        for (size_t row = 0; row < other->row_count; row++)
            assert_true(other->rows[row].loss == LOSS_STEAL || other->rows[row].cause == CAUSE_INTERRUPT);
        char *text = text_of(&answer, SIZE_MAX);
        assert_non_null(strstr(text, "- VM entries and exits of vm2 v0: what the "));
        free(text);
        json_t *json = answer_json(&answer), *tasks = json_object_get(json, "tasks");
        assert_true(json_is_integer(json_object_get(json_array_get(tasks, 0), "own")));
        assert_true(json_is_null(json_object_get(json_array_get(tasks, 1), "own")));
        json_decref(json);
        answer_free(&answer);
        recorded_free(&recorded);
    }
}

static void the_machine_is_named(void **state)
{
    struct recorded recorded;
    struct answer answer;

    (void)state;
    make_example(&recorded);
    make(&answer, &recorded);
    char *text = text_of(&answer, SIZE_MAX);
    assert_non_null(strstr(text, "\n2 guests with 2 vCPUs on 1 pCPU of Linux.\n"));
    free(text);
    answer_free(&answer);
    recorded_free(&recorded);
    builder_init(&recorded, 1, 0, 0, threads, 2);
    builder_switch(&recorded, 100, 0, builder_thread(0), STATE_RUNNABLE, builder_thread(1));
    recorded.world.end = 1000;
    recorded_finish(&recorded);
    make(&answer, &recorded);
    text = text_of(&answer, SIZE_MAX);
    assert_non_null(strstr(text, "\nNo vCPU is in the recording: these are threads of Linux with 1 pCPU.\n"));
    free(text);
    answer_free(&answer);
    recorded_free(&recorded);
}

static void the_verdict_names_the_largest_first(void **state)
{
    struct recorded recorded;
    struct answer answer;

    (void)state;
    make_example(&recorded);
    make(&answer, &recorded);
    char *text = answer_verdict(&answer);
    assert_string_equal(text,
                        "vm1 v0 waited 30.0 % of 1.0 us: 18.0 % behind thread vhost-2340, 10.0 % behind vm2 v0, "
                        "1.0 % behind interrupt 1 virtio0, 1.0 % by 1 other. It ran 55.0 %, of which it lost 38.0 "
                        "%: 25.0 % VM exit hlt, 11.0 % the host, no VM exit, 2.0 % VM exit ept.");
    free(text);
    answer_free(&answer);
    recorded_free(&recorded);
}

static size_t characters(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += ((uint8_t)*text & 0xC0) != 0x80;
    return count;
}

/* No line is longer than the width. */
static void narrow_terminals_are_kept_to(void **state)
{
    static const size_t widths[] = { 60, 80, 100 };

    (void)state;
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        struct recorded recorded;
        struct answer answer;
        make_example(&recorded);
        make(&answer, &recorded);
        char *text = text_of(&answer, widths[i]), *rest = text, *line;
        while ((line = strsep(&rest, "\n")) != NULL)
            if (characters(line) > widths[i])
                fail_msg("%zu: %s", widths[i], line);
        free(text);
        answer_free(&answer);
        recorded_free(&recorded);
    }
}

/* What the recorder did not write is said, and is never a zero. */
static void what_is_missing_is_said(void **state)
{
    static const struct {
        uint64_t kinds;
        const char *says;
    } rows[] = {
        { UINT64_C(1) << TRACE_IRQ_ENTRY | UINT64_C(1) << TRACE_IRQ_EXIT, "interrupts (irq:irq_handler_entry" },
        { UINT64_C(1) << TRACE_SOFTIRQ_ENTRY | UINT64_C(1) << TRACE_SOFTIRQ_EXIT, "softirqs (irq:softirq_entry" },
        { UINT64_C(1) << TRACE_VMENTRY | UINT64_C(1) << TRACE_VMEXIT, "guest mode (kvm:kvm_entry" },
        { UINT64_C(1) << TRACE_WAKE, "wake-ups (sched:sched_waking)" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct recorded recorded;
        struct answer answer;
        size_t kept = 0;
        make_example(&recorded);
        for (size_t j = 0; j < recorded.count; j++)
            if ((rows[i].kinds >> recorded.records[j].kind & 1) == 0)
                recorded.records[kept++] = recorded.records[j];
        recorded.count = kept;
        recorded_finish(&recorded);
        make(&answer, &recorded);
        char *text = text_of(&answer, SIZE_MAX);
        assert_non_null(strstr(text, rows[i].says));
        if (rows[i].kinds >> TRACE_VMENTRY & 1)
            assert_int_equal(answer.tasks[0].own, answer.tasks[0].running);
        free(text);
        answer_free(&answer);
        recorded_free(&recorded);
    }
}

static void a_recording_without_states_is_refused(void **state)
{
    struct recorded recorded;
    struct answer answer;
    char message[256];

    (void)state;
    builder_init(&recorded, 1, 1, 1, threads, 2);
    builder_add(&recorded, 5, 0, TRACE_WAKE, trace_who(0, 0), 0, 0);
    recorded_finish(&recorded);
    assert_false(answer_make(&answer, &recorded, 0, CYCLES_NEVER, message, sizeof message));
    assert_non_null(strstr(message, "sched:sched_switch"));
    answer_free(&answer);
    recorded_free(&recorded);
}

static void json_and_csv_sum_to_the_recording(void **state)
{
    struct recorded recorded;
    struct answer answer;
    json_t *task, *part;
    size_t i, j, bytes;
    char *text = NULL, *line;

    (void)state;
    make_example(&recorded);
    make(&answer, &recorded);
    json_t *json = answer_json(&answer);
    assert_int_equal(json_integer_value(json_object_get(json, "ticks")), 1000);
    json_array_foreach(json_object_get(json, "tasks"), i, task)
    {
        json_int_t sum = 0;
        json_array_foreach(json_object_get(task, "parts"), j, part) sum +=
            json_integer_value(json_object_get(part, "ticks"));
        static const char *const keys[] = { "own", "blocked", "unknown" };
        for (size_t key = 0; key < 3; key++)
            sum += json_integer_value(json_object_get(task, keys[key]));
        assert_int_equal(sum, 1000);
    }
    json_decref(json);
    FILE *out = open_memstream(&text, &bytes);
    answer_print_csv(&answer, out);
    fclose(out);
    char *rest = text;
    assert_string_equal(strsep(&rest, "\n"), "task,time,cause,what,by,for,ticks");
    uint64_t sum = 0;
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0')
        sum += strtoull(strrchr(line, ',') + 1, NULL, 10);
    assert_int_equal(sum, 2000);
    free(text);
    answer_free(&answer);
    recorded_free(&recorded);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_of_a_hand_made_recording_are_known),
        cmocka_unit_test(a_vcpu_that_never_exits_has_its_time_to_itself),
        cmocka_unit_test(the_machine_is_named),
        cmocka_unit_test(the_verdict_names_the_largest_first),
        cmocka_unit_test(narrow_terminals_are_kept_to),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(a_recording_without_states_is_refused),
        cmocka_unit_test(json_and_csv_sum_to_the_recording),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
