/* SPDX-License-Identifier: Apache-2.0
 *
 * The key `base`: what is joined and what is replaced, files beside their own file, origins, and bases that cannot be
 * had.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "models/registry.h"
#include "scenario_samples.h"
#include "temporary.h"

static char directory[] = "/tmp/irqpath-base-XXXXXX";

static const struct {
    const char *name, *text;
} files[] = {
    { "a.yaml", "name: a\nhypervisor: { design: softirq-masked }\nguests: [ { name: g, vcpus: 2 }, { name: h } ]\n"
                "devices: [ { name: nic, guest: g, arrivals: { process: replay, file: sub/t.times } } ]\n"
                "run: { seed: 3, duration: 2s }\nexpect: violation lost-interrupt\n" },
    { "b.yaml", "base: a.yaml\nname: b\nguests: [ { name: h, vcpus: 3 }, { name: i } ]\nrun: { seed: 4 }\n" },
    { "sub/t.times", "1ms\n2ms\n" },
    { "sub/c.yaml", "base: ../b.yaml\nhypervisor: { design: softirq-requeue }\n" },
    { "sub/d.yaml", "base: c.yaml\nexpect: clean\n" },
    { "own.yaml", "base: own.yaml\n" },
    { "left.yaml", "name: x\nbase: ./right.yaml\n" },
    { "right.yaml", "base: left.yaml\n" },
    { "gone.yaml", "name: x\nbase: nowhere.yaml\n" },
    { "typo.yaml", "base: one-msii\n" },
    { "list.yaml", "base: [ a.yaml ]\n" },
    { "stdin.yaml", "base: '-'\n" },
    { "bad.yaml", "base: a.yaml\nguests: [ { name: h, vcpu: 3 } ]\n" },
    { "flat.yaml", "base: text.yaml\n" },
    { "text.yaml", "text\n" },
    { "named.yaml", "base: one-msi\nname: named\n" },
};

static void write_files(void)
{
    char path[256];

    temporary_directory(directory);
    snprintf(path, sizeof(path), "%s/sub", directory);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        snprintf(path, sizeof(path), "%s/%s", directory, files[i].name);
        FILE *stream = fopen(path, "w");
        assert_non_null(stream);
        fputs(files[i].text, stream);
        fclose(stream);
    }
}

/* Returns the messages, without the directory's name. */
static char *load(struct scenario *scenario, const char *name, const char *set, enum scenario_status expected)
{
    char path[256], *messages, *at;
    struct diag diag;

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    diag_init(&diag);
    assert_int_equal(scenario_load(scenario, path, &set, set != NULL, &diag), expected);
    messages = sample_messages(&diag);
    diag_free(&diag);
    while ((at = strstr(messages, directory)) != NULL)
        memmove(at, at + strlen(directory) + 1, strlen(at + strlen(directory) + 1) + 1);
    return messages;
}

static void the_own_keys_go_on_top(void **state)
{
    struct scenario scenario, again;
    struct diag diag;

    (void)state;
    free(load(&scenario, "sub/c.yaml", NULL, SCENARIO_OK));
    assert_string_equal(scenario.name, "b");
    assert_string_equal(scenario.design->name, "softirq-requeue");
    assert_int_equal(scenario.setup.guest_count, 3);
    assert_string_equal(scenario.setup.guests[1].name, "h");
    assert_int_equal(scenario.setup.guests[0].vcpus, 2);
    assert_int_equal(scenario.setup.guests[1].vcpus, 3);
    assert_int_equal(scenario.setup.devices[0].arrivals.time_count, 2);
    assert_int_equal(scenario.setup.run.seed, 4);
    assert_int_equal(scenario.setup.run.duration_ns, 2000000000u);
    assert_non_null(strstr(scenario_origin(&scenario, "run.duration"), "/a.yaml:"));
    assert_non_null(strstr(scenario_origin(&scenario, "run.seed"), "/b.yaml:"));
    diag_init(&diag);
    assert_int_equal(scenario_design_load(&again, &scenario, "softirq-states", &diag), SCENARIO_OK);
    assert_int_equal(again.setup.guests[1].vcpus, 3);
    diag_free(&diag);
    scenario_free(&again);
    scenario_free(&scenario);
}

/* What a file expects, it expects of the design that it has itself, with its bases. */
static void expectations_keep_their_design(void **state)
{
    static const struct {
        const char *file, *set, *design;
    } rows[] = {
        { "b.yaml", NULL, "softirq-masked" },
        { "sub/c.yaml", NULL, "softirq-masked" },
        { "sub/d.yaml", NULL, "softirq-requeue" },
        { "sub/d.yaml", "hypervisor.design=softirq-states", "softirq-requeue" },
        { "sub/c.yaml", "expect=clean", "softirq-requeue" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct scenario scenario;

        free(load(&scenario, rows[i].file, rows[i].set, SCENARIO_OK));
        assert_string_equal(scenario.expected_design, rows[i].design);
        scenario_free(&scenario);
    }
}

/* A path that no file can have. */
static void a_base_that_is_too_long_is_refused(void **state)
{
    struct scenario scenario;
    char text[6000], *messages;

    (void)state;
    memset(text, 'a', sizeof text);
    memcpy(text, "base: ./", 8);
    strcpy(text + sizeof text - 7, ".yaml\n");
    assert_int_equal(sample_load(&scenario, text, NULL, 0, &messages), SCENARIO_INVALID);
    assert_string_equal(messages, "1:7: error: base: this is not a file name\n");
    free(messages);
}

static void errors_have_their_place(void **state)
{
    static const struct {
        const char *file, *set, *message;
    } rows[] = {
        { "own.yaml", NULL, "own.yaml:1:7: error: base: own.yaml is its own base, by way of this one\n" },
        { "left.yaml", NULL, "./right.yaml:1:7: error: base: ./left.yaml is its own base, by way of this one\n" },
        { "gone.yaml", NULL, "gone.yaml:2:7: error: cannot read nowhere.yaml: No such file or directory\n" },
        { "typo.yaml", NULL,
          "typo.yaml:1:7: error: base: there is no scenario with the name 'one-msii' (did you mean 'one-msi'?)\n" },
        { "list.yaml", NULL, "list.yaml:1:7: error: base: expected the file or the name of one scenario\n" },
        { "stdin.yaml", NULL, "stdin.yaml:1:7: error: base: expected the file or the name of a scenario\n" },
        { "flat.yaml", NULL, "text.yaml:1:1: error: a scenario must be a map of keys: name, guests, devices, ...\n" },
        { "bad.yaml", NULL, "bad.yaml:2:22: error: unknown key 'vcpu' at .guests[1].vcpu (did you mean 'vcpus'?)\n" },
        { "a.yaml", "base=b.yaml", "--set 1:1: error: 'base' can only stand in a file\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct scenario scenario;
        char *messages = load(&scenario, rows[i].file, rows[i].set, SCENARIO_INVALID);

        assert_string_equal(messages, rows[i].message);
        free(messages);
    }
}

static void shipped_scenarios_are_bases(void **state)
{
    struct scenario scenario;

    (void)state;
    free(load(&scenario, "named.yaml", NULL, SCENARIO_OK));
    assert_string_equal(scenario.name, "named");
    assert_string_equal(scenario.setup.guests[0].name, "guest");
    scenario_free(&scenario);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_own_keys_go_on_top),
        cmocka_unit_test(expectations_keep_their_design),
        cmocka_unit_test(a_base_that_is_too_long_is_refused),
        cmocka_unit_test(errors_have_their_place),
        cmocka_unit_test(shipped_scenarios_are_bases),
    };
    int status;

    write_files();
    status = cmocka_run_group_tests(tests, NULL, NULL);
    temporary_directory_remove(directory);
    return status;
}
