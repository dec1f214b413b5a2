/* SPDX-License-Identifier: Apache-2.0
 *
 * Machine files: the shipped ones load, and copies with one changed line give the expected message.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "scenario/profile.h"
#include "scenario_samples.h"
#include "models/registry.h"
#include "scenario/text_file.h"

#define WESTMERE SOURCE_DIR "/scenarios/machines/westmere-ex-8s.yaml"

static void check_costs(const struct profile *file)
{
    assert_true(file->cost_count > 0);
    for (size_t i = 0; i < file->cost_count; i++) {
        const struct profile_cost *cost = &file->costs[i];

        if (cost->option->default_text != NULL) /* may be left out */
            continue;
        assert_true(cost->source && *cost->source);
        assert_true(cost->has_range || cost->option->type == OPTION_INTEGER);
        for (uint32_t j = 0; cost->has_range && j < cost->option->count; j++)
            assert_true(option_value(cost->option, profile_record(file->low, cost->table), j) <=
                        option_value(cost->option, profile_record(file->high, cost->table), j));
    }
}

/* Each piece of software of each family has a profile for each machine that is not like another. */
static void every_software_has_a_profile_of_each_machine(void **state)
{
    static const char *const machines[] = { "westmere-ex-8s", "skylake-sp-8s", "epyc-2s" };

    (void)state;
    for (size_t f = 0; f < family_count; f++)
        for (const struct software *const *software = families[f]->software; software && *software; software++)
            for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
                struct profile_kind kind = software_profile(*software);
                struct profile profile;
                struct diag diag;

                diag_init(&diag);
                if (!profile_load(&profile, &kind, machines[i], &diag))
                    fail_msg("%s %s: %s", kind.directory, machines[i], diag.messages[0].text);
                assert_string_equal(profile.head.name, machines[i]);
                check_costs(&profile);
                profile_free(&profile);
                diag_free(&diag);
            }
}

static void shipped_machine_is_read(void **state)
{
    struct profile *file = malloc(sizeof(*file));
    struct diag diag;

    (void)state;
    assert_non_null(file);
    diag_init(&diag);
    assert_true(profile_load(file, &machine_profile, "westmere-ex-8s", &diag));
    assert_string_equal(file->head.name, "westmere-ex-8s");
    assert_string_equal(file->value->machine.topology, "package:8 [numa] core:10 pu:2");
    assert_true(file->value->machine.costs.frequency_hz == 2130000000);
    check_costs(file);
    profile_free(file);
    free(file);
    diag_free(&diag);
}

struct change {
    const char *line;        /* begins so */
    const char *replacement; /* "" removes it */
    const char *message;     /* without the place */
};

static const struct change changes[] = {
    { "name:", "", "missing key 'name': name of the profile" },
    { "name:", "nam: x", "unknown key 'nam' at .nam (did you mean 'name'?)" },
    { "frequency:", "frequency: 2.13", "'2.13' has no unit: expected a frequency (Hz, kHz, MHz, GHz) at .frequency" },
    { "interconnect:", "interconnect: glue",
      "unknown interconnect 'glue': expected one of full, glueless, chiplet at "
      ".interconnect (did you mean 'glueless'?)" },
    { "topology:", "", "missing key 'topology': hwloc synthetic string or lstopo XML file; default: the profile's" },
    { "costs:", "costs: 5\nx:", "expected a map of costs, not a value at .costs" },
    { "  load_hit:", "  load_hits: { value: 5cy, tag: seen,", "missing cost 'load_hit' at .costs" },
    { "  load_hit:", "  load_hit: { value: 5, tag: seen,",
      "'5' has no unit: expected a number of cycles (cy) at .costs.load_hit.value" },
    { "  load_hit:", "  load_hit: { tag: seen,", "missing key 'value' at .costs.load_hit" },
    { "  load_hit:", "  load_hit: { value: 5cy,", "missing key 'tag' at .costs.load_hit: how well the value is known" },
    { "  load_hit:", "  load_hit: { value: 5cy, tag: guess,",
      "unknown tag 'guess': expected one of measured, seen, derived, recalled, "
      "estimate at .costs.load_hit.tag" },
    { "  load_hit:", "  load_hit: { value: 5cy, tag: seen, low: 6cy, high: 7cy,",
      "the value is not between low and high at .costs.load_hit.value" },
    { "  load_hit:", "  load_hit: { value: 5cy, tag: seen, low: 4cy,",
      "a range needs both low and high at .costs.load_hit" },
    { "  load_hit:", "  load_hit: { value: 5cy, tag: seen, lo: 4cy,",
      "unknown key 'lo' at .costs.load_hit.lo (did you mean 'low'?)" },
    { "  load_modified:", "  load_modified: { value: 5cy, tag: seen,",
      "expected a list of 3: [near, middle, far] at .costs.load_modified.value" },
    { "  load_modified:", "  load_modified: { value: [ 5cy, 6cy ], tag: seen,",
      "expected a list of 3: [near, middle, far] at .costs.load_modified.value" },
    { "  reads_per_socket:", "  reads_per_socket: { value: 2, tag: seen,",
      "'2' is above the maximum 1 at .costs.reads_per_socket.value" },
    { "  msi_flight_ns:", "  msi_flight_ns: { value: 800cy, tag: seen,",
      "unknown unit 'cy' in '800cy': expected a duration (ns, us, ms, s) at .costs.msi_flight_ns.value" },
};

/* The shipped file with the line replaced, at a path of its own. */
static void write_changed(const char *text, const struct change *change, const char *path)
{
    char pattern[64];
    const char *line, *end;
    FILE *stream = fopen(path, "w");

    assert_non_null(stream);
    snprintf(pattern, sizeof(pattern), "\n%s", change->line);
    line = strstr(text, pattern);
    assert_non_null(line);
    end = strchr(line + 1, '\n');
    fprintf(stream, "%.*s%s%s%s", (int)(line + 1 - text), text, change->replacement, *change->replacement ? "" : "#",
            end);
    fclose(stream);
}

static void changed_machines_are_refused(void **state)
{
    char path[] = "/tmp/irqpath-machine-XXXXXX.yaml", *text;
    struct profile *file = malloc(sizeof(*file));
    struct diag diag;
    size_t bytes;

    (void)state;
    close(mkstemps(path, 5));
    diag_init(&diag);
    assert_int_equal(text_file_read(WESTMERE, "w", (struct place){ 0, 0, 0 }, &diag, &text, &bytes), TEXT_FILE_OK);
    diag_free(&diag);
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        bool is_found = false;

        write_changed(text, &changes[i], path);
        diag_init(&diag);
        assert_false(profile_load(file, &machine_profile, path, &diag));
        for (size_t j = 0; j < diag.message_count; j++)
            is_found |= !strcmp(diag.messages[j].text, changes[i].message);
        if (!is_found)
            fail_msg("%s: %s", changes[i].replacement, diag.messages[0].text);
        profile_free(file);
        diag_free(&diag);
    }
    unlink(path);
    free(file);
    free(text);
}

/* A machine of the user's: beside the scenario, costs as times, the scenario's own overrides on top. */
static void own_machine_stands_beside_the_scenario(void **state)
{
    static const struct change in_time = {
        "  load_hit:",
        "  load_hit: { value: 3ns, tag: seen, low: 2ns, high: 4ns,",
        NULL,
    };
    char directory[] = "/tmp/irqpath-machine-XXXXXX", path[64], scenario_path[64], *machine;
    static const char text[] = "name: x\nmachine: { profile: ./m.yaml }\nguests: [ { name: g } ]\n";
    struct scenario scenario;
    struct diag diag;
    size_t bytes;

    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/m.yaml", directory);
    snprintf(scenario_path, sizeof(scenario_path), "%s/s.yaml", directory);
    diag_init(&diag);
    assert_int_equal(text_file_read(WESTMERE, "w", (struct place){ 0, 0, 0 }, &diag, &machine, &bytes), TEXT_FILE_OK);
    write_changed(machine, &in_time, path);
    assert_int_equal(scenario_load_text(&scenario, scenario_path, text, strlen(text), NULL, 0, &diag), SCENARIO_OK);
    assert_true(scenario.setup.machine.costs.load_hit == 6);
    assert_non_null(strstr(scenario_origin(&scenario, "machine.costs.load_hit"), "m.yaml:"));
    assert_non_null(strstr(scenario_origin(&scenario, "machine.costs.load_hit"), "(seen)"));
    scenario_free(&scenario);
    diag_free(&diag);
    free(machine);
    unlink(path);
    rmdir(directory);
}

static const struct {
    const char *like, *costs, *message; /* NULL: it loads */
} likes[] = {
    { "westmere-ex-8s", "load_hit: { value: 7cy, tag: measured, source: here }", NULL },
    { "westmere-ex-8s", "", "missing key 'value' at .costs.load_hit" },
    { "westmere-ex-8", "load_hit: { value: 7cy, tag: measured, source: here }",
      "unknown machine 'westmere-ex-8' at .like (did you mean 'westmere-ex-8s'?)" },
    { SOURCE_DIR "/scenarios/machines/haswell-ex-4s.yaml", "load_hit: { value: 7cy, tag: measured, source: here }",
      "the machine that `like` names must not have `like` itself at .like" },
};

/* What a machine does not say is that of another, and an estimate. */
static void a_machine_may_be_like_another(void **state)
{
    char path[] = "/tmp/irqpath-machine-XXXXXX.yaml";
    struct profile *file = malloc(sizeof(*file));

    (void)state;
    close(mkstemps(path, 5));
    for (size_t i = 0; i < sizeof(likes) / sizeof(*likes); i++) {
        FILE *stream = fopen(path, "w");
        struct diag diag;
        bool is_loaded;

        assert_non_null(stream);
        fprintf(stream,
                "name: mine\nsummary: mine\nfrequency: 1GHz\ntopology: \"package:1 core:2 pu:1\"\ninterconnect: full\n"
                "like: %s\ncosts:\n  %s\n",
                likes[i].like, *likes[i].costs ? likes[i].costs : "load_hit: { tag: measured, source: here }");
        fclose(stream);
        diag_init(&diag);
        is_loaded = profile_load(file, &machine_profile, path, &diag);
        assert_int_equal(is_loaded, likes[i].message == NULL);
        if (likes[i].message != NULL) {
            assert_string_equal(diag.messages[0].text, likes[i].message);
        } else {
            assert_string_equal(file->head.name, "mine");
            assert_int_equal(file->value->machine.costs.frequency_hz, 1000000000);
            assert_int_equal(file->value->machine.costs.load_hit, 7);
            assert_int_equal(file->costs[0].tag, COST_MEASURED);
            assert_int_equal(file->value->machine.costs.load_modified[0], 109);
            for (size_t cost = 1; cost < file->cost_count; cost++)
                assert_true(file->costs[cost].tag == COST_ESTIMATE || file->costs[cost].option->default_text != NULL);
        }
        profile_free(file);
        diag_free(&diag);
    }
    unlink(path);
    free(file);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_machine_is_read),
        cmocka_unit_test(every_software_has_a_profile_of_each_machine),
        cmocka_unit_test(changed_machines_are_refused),
        cmocka_unit_test(a_machine_may_be_like_another),
        cmocka_unit_test(own_machine_stands_beside_the_scenario),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
