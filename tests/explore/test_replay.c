/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests the output of one interleaving as columns, brief lines, JSON and a diagram, and the rejection of bad files.
 */
#define _GNU_SOURCE
#include "explore/replay.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "death.h"
#include "explore/state.h"
#include "scenario/scenario.h"

struct played {
    struct scenario scenario;
    struct explore_outcome outcome;
    struct replay replay;
};

static void explore(struct played *played, const char *file, const char *design)
{
    char path[512], message[256];
    struct diag diag;

    diag_init(&diag);
    (void)snprintf(path, sizeof(path), SOURCE_DIR "/%s", file);
    assert_int_equal(scenario_load(&played->scenario, path, NULL, 0, &diag), SCENARIO_OK);
    diag_free(&diag);
    assert_true(explore_scenario(&played->scenario, design, &explore_default_limits, NULL, &played->outcome, message,
                                 sizeof(message)));
    played->replay = (struct replay){
        .design = (char *)design,
        .kind = (char *)violation_name(played->outcome.violation.kind),
        .text = played->outcome.violation.text,
        .trace = played->outcome.trace,
        .trace_count = played->outcome.trace_count,
    };
}

static void played_free(struct played *played)
{
    explore_outcome_free(&played->outcome);
    scenario_free(&played->scenario);
}

/* Replays the trace in a world of this design. */
static bool record(const struct played *played, const char *design, size_t count, struct replay_log *log,
                   bool *is_confirmed)
{
    struct explore_world world;
    char message[256];

    assert_true(explore_world_open(&world, &played->scenario, design, NULL, message, sizeof(message)));
    bool is_good = replay_record(&world, played->outcome.trace, count, log);
    *is_confirmed = replay_is_confirmed(&world, played->replay.kind);
    explore_world_close(&world);
    return is_good;
}

static void print_svg(const struct replay *replay, const struct replay_log *log, FILE *stream)
{
    replay_print_svg(replay, log, stream);
}

static void print_columns(const struct replay *replay, const struct replay_log *log, FILE *stream)
{
    (void)replay;
    replay_print_columns(log, stream);
}

static void print_brief(const struct replay *replay, const struct replay_log *log, FILE *stream)
{
    (void)replay;
    replay_print_brief(log, stream);
}

static char *printed(void (*print)(const struct replay *replay, const struct replay_log *log, FILE *stream),
                     const struct replay *replay, const struct replay_log *log)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);

    print(replay, log, stream);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void print_json(const struct replay *replay, const struct replay_log *log, FILE *stream)
{
    replay_print_json(replay, log, NULL, stream);
}

static size_t occurrences(const char *text, const char *what)
{
    size_t count = 0;

    for (; (text = strstr(text, what)) != NULL; text++)
        count++;
    return count;
}

/* One violation for each way in which violations are detected. */
static const struct row {
    const char *file, *design, *kind;
} rows[] = {
    { "scenarios/explore-steady.yaml", "softirq-masked", "lost-interrupt" },   /* in the end */
    { "scenarios/explore-steady.yaml", "softirq-gated", "modelled-bug" },      /* in a step */
    { "tests/explore/i4-v7-before.yaml", "softirq-masked", "use-after-free" }, /* in a state */
    { "tests/explore/i5-f6dd295381-before.yaml", "pirq-tasklet", "endless-wait" },
};

static void test_confirmation(void **state)
{
    (void)state;
    if (!explore_state_is_supported())
        skip();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct played *played = malloc(sizeof(*played));
        struct replay_log log;
        bool is_confirmed;

        assert_non_null(played);
        explore(played, rows[i].file, rows[i].design);
        assert_string_equal(played->replay.kind, rows[i].kind);
        assert_true(record(played, rows[i].design, played->outcome.trace_count, &log, &is_confirmed));
        assert_true(is_confirmed);
        assert_int_equal(log.step_count, played->outcome.trace_count);
        replay_log_free(&log);
        /* In another design a step is not pending, or the violation does not occur. */
        assert_false(record(played, "softirq-requeue", played->outcome.trace_count, &log, &is_confirmed) &&
                     is_confirmed && strcmp(rows[i].kind, "endless-wait") != 0);
        replay_log_free(&log);
        if (strcmp(rows[i].kind, "endless-wait") != 0) {
            assert_true(record(played, rows[i].design, played->outcome.trace_count / 2, &log, &is_confirmed));
            assert_false(is_confirmed);
            replay_log_free(&log);
        }
        played_free(played);
        free(played);
    }
}

static void test_documents(void **state)
{
    static struct played played;
    struct replay_log log;
    bool is_confirmed;

    (void)state;
    if (!explore_state_is_supported())
        skip();
    explore(&played, rows[0].file, rows[0].design);
    assert_true(record(&played, rows[0].design, played.outcome.trace_count, &log, &is_confirmed));

    char *text = printed(print_brief, &played.replay, &log);
    assert_non_null(strstr(text, "        1  -     device raises 30 at cpu"));
    assert_non_null(strstr(text, "; c9 load masked = 1; "));
    assert_true(occurrences(text, "\n") < log.step_count / 3);
    free(text);

    text = printed(print_json, &played.replay, &log);
    json_t *document = json_loads(text, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(document, "kind")), "lost-interrupt");
    assert_int_equal(json_array_size(json_object_get(document, "steps")), log.step_count);
    assert_int_equal(json_array_size(json_object_get(document, "locks")), log.hold_count);
    assert_true(log.hold_count >= 1);
    json_decref(document);
    free(text);

    text = printed(print_svg, &played.replay, &log);
    assert_int_equal(occurrences(text, "<svg "), 1);
    assert_int_equal(occurrences(text, "</svg>"), 1);
    assert_int_equal(occurrences(text, "class=\"turn\""), occurrences(text, "class=\"number\""));
    assert_true(occurrences(text, "class=\"turn\"") > 3);
    assert_int_equal(occurrences(text, "<text "), occurrences(text, "</text>"));
    assert_int_equal(occurrences(text, "class=\"message\""), 4); /* two MSIs, an IPI, an injection */
    assert_int_equal(occurrences(text, "class=\"bad\""), 1);
    assert_non_null(strstr(text, ">cpu1</text>"));
    assert_non_null(strstr(text, "masked: 0 -&gt; 1</text>"));
    free(text);
    replay_log_free(&log);
    played_free(&played);
}

/* Escaped and cut texts, more locks than colours and bars, and a lock held to the end. */
static void test_diagram_of_anything(void **state)
{
    struct replay replay = { .design = "a<b", .kind = "deadlock", .text = "\"x\" & y" };
    uint32_t actors[] = { 0, REPLAY_DEVICES };
    struct replay_note notes[] = {
        { 0, 0,
          "a very long note that does not fit into the lane of a pCPU when there are as many lanes as this <here>" },
        { 0, 0, "second\tline" },
        { 1, REPLAY_DEVICES, "IPI fb to cpu9" },
    };
    struct replay_hold holds[30];
    char names[30][16];
    struct replay_log log = { .cpu_count = 8,
                              .actors = actors,
                              .step_count = 2,
                              .notes = notes,
                              .note_count = 3,
                              .holds = holds,
                              .hold_count = 30 };

    (void)state;
    for (size_t i = 0; i < 30; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "lock%zu", i);
        holds[i] = (struct replay_hold){ .lock = names[i], .cpu = 0, .from = 0, .to = 2 };
    }
    char *text = printed(print_svg, &replay, &log);
    assert_non_null(strstr(text, "a&lt;b: deadlock"));
    assert_non_null(strstr(text, "&quot;x&quot; &amp; y"));
    assert_non_null(strstr(text, "…<title>a very long note"));
    assert_non_null(strstr(text, "&lt;here&gt;</title>"));
    assert_non_null(strstr(text, "second line"));
    assert_null(strstr(text, "class=\"message\""));
    free(text);
}

/* Texts of any kind, and the numbers of steps, which count from 1. */
static void test_json_of_anything(void **state)
{
    struct replay replay = { .design = "</script>", .kind = "deadlock", .text = "\"x\"\n" };
    uint32_t actors[] = { 1, REPLAY_DEVICES };
    struct replay_note notes[] = { { 0, 1, "cut within \xc3" }, { 1, REPLAY_DEVICES, "\x01" } };
    struct replay_hold holds[] = { { "a", 1, 0, 2 } }, waits[] = { { "a", 0, 1, 2 } };
    struct replay_word words[] = { { "<b>", "0" }, { "b", NULL } };
    struct replay_change changes[] = { { 1, 1, "&pirq0" } };
    struct replay_store stores[] = { { 0, 1, "<b>", "7" } };
    struct replay_place places[] = { { .step = 0, .cpu = 1, .file = "a.c", .line = 3, .function = "f" } };
    struct replay_log log = { .cpu_count = 2,
                              .actors = actors,
                              .step_count = 2,
                              .notes = notes,
                              .note_count = 2,
                              .holds = holds,
                              .hold_count = 1,
                              .waits = waits,
                              .wait_count = 1,
                              .words = words,
                              .word_count = 2,
                              .changes = changes,
                              .change_count = 1,
                              .stores = stores,
                              .store_count = 1,
                              .places = places,
                              .place_count = 1,
                              .has_store_buffers = true };

    (void)state;
    json_t *document = replay_to_json(&replay, &log, NULL);
    char *text = json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(
        text,
        "{\"cpus\":2,\"design\":\"</script>\",\"kind\":\"deadlock\","
        "\"locks\":[{\"from\":1,\"holder\":\"cpu1\",\"lock\":\"a\",\"to\":3}],\"memory\":\"tso\",\"steps\":["
        "{\"actor\":\"cpu1\",\"notes\":[{\"place\":\"cpu1\",\"text\":\"cut within ?\"}],\"places\":[{\"cpu\":\"cpu1\","
        "\"file\":\"a.c\",\"function\":\"f\",\"line\":3}],\"step\":1,\"stores\":[{\"cpu\":\"cpu1\",\"value\":\"7\","
        "\"word\":\"<b>\"}],\"words\":[]},"
        "{\"actor\":\"-\",\"notes\":[{\"place\":\"-\",\"text\":\"\\u0001\"}],\"step\":2,\"words\":[{\"value\":\"&"
        "pirq0\","
        "\"word\":1}]}],\"text\":\"\\\"x\\\"\\n\",\"waits\":[{\"from\":2,\"lock\":\"a\",\"to\":3,\"waiter\":\"cpu0\"}],"
        "\"words\":[{\"name\":\"<b>\",\"value\":\"0\"},{\"name\":\"b\",\"value\":null}]}");
    free(text);
    json_decref(document);
}

/* A file of a gigabyte is refused before anything of it is read. */
static void test_large_file(void **state)
{
    char path[] = "/tmp/irqpath-replay-XXXXXX", message[256] = "";
    struct replay replay;
    int file = mkstemp(path);

    (void)state;
    assert_return_code(file, 0);
    assert_return_code(ftruncate(file, 1 << 30), 0);
    close(file);
    assert_false(replay_read(&replay, path, message, sizeof(message)));
    assert_non_null(strstr(message, ": has 1073741824 bytes, more than 67108864"));
    unlink(path);
}

/* A long text is cut only where another one follows in its row. */
static void test_long_texts(void **state)
{
#define LONG "hvm.c:1033 write pirq0->arch.hvm.dpci.softirq_list.next"
    uint32_t actors[] = { 0, 0 };
    struct replay_note notes[] = { { 0, 0, LONG " = 1" }, { 1, 0, LONG }, { 1, 1, "short" } };
    struct replay_log log = { .cpu_count = 3, .actors = actors, .step_count = 2, .notes = notes, .note_count = 3 };

    (void)state;
    char *text = printed(print_columns, NULL, &log);
    assert_non_null(strstr(text, LONG " = 1\n"));
    assert_non_null(strstr(text, "hvm.c:1033 write pirq0->arch.hvm.dpci.soft  short\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_of_anything),    cmocka_unit_test(test_large_file),
        cmocka_unit_test(test_confirmation),        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_diagram_of_anything), cmocka_unit_test(test_long_texts),
    };

    return cmocka_run_group_tests_name("explore_replay", tests, NULL, NULL);
}
