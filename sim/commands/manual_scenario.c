/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes irqpath-scenario(5): the sections of a scenario, and every key as `irqpath list keys` has it.
 */
#define _GNU_SOURCE
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "commands/list_rows.h"
#include "commands/manual.h"

static const char *const introduction =
    "A scenario is a YAML file that asks one question: a machine, a hypervisor with its design, guests, devices, what "
    "the control domain does, and how long the run is. The comment at its beginning is the question.\n\n"
    "Numbers have their unit (1kHz, 250us, 300cy); a number without the unit that it needs is an error, as is an "
    "unknown key. Guests, devices and actions are lists of maps with a name. `defaults` gives keys of all guests and "
    "of "
    "all devices. irqpath validate checks a file, irqpath explain prints every value and where it comes from, irqpath "
    "init writes a file to begin with.";

static const char *const example = "  # How often does a guest that computes wait for its pCPU?\n"
                                   "  name: mine\n"
                                   "  machine: { topology: \"package:1 [numa] core:2 pu:1\" }\n"
                                   "  hypervisor: { design: softirq-requeue }\n"
                                   "  guests:\n"
                                   "    - { name: web, vcpus: 2, timer: 250Hz, load: compute }\n"
                                   "  devices:\n"
                                   "    - { name: nic, guest: web, arrivals: { process: poisson, rate: 5kHz } }\n"
                                   "  run: { warmup: 20ms, duration: 500ms, seed: 1 }\n"
                                   "  headline: [ guests.web.steal.percent ]\n"
                                   "  expect: [ 'irq.lost == 0' ]";

static const char *const base =
    "base: FILE, relative to the file that says it, or base: NAME, from irqpath list scenarios. The scenario begins "
    "with that one, and its own keys go on top: maps are joined key by key; guests, devices and actions with the same "
    "name are joined, others are added; everything else, a list or a value, is replaced. A base may have a base. What "
    "`expect` says of irqpath explore is about the design of the file in which it stands.";

static const char *const matrix =
    "matrix: KEY: [A, B] is an axis for irqpath sweep: every value of a key. A name without a dot is an axis whose "
    "values set several keys together:\n"
    "  matrix:\n"
    "    hypervisor.design: [ domain-tasklet, softirq-requeue ]\n"
    "    load:\n"
    "      - { label: low, devices.nic.arrivals.rate: 1kHz, guests.web.timer: 100Hz }\n"
    "      - { label: high, devices.nic.arrivals.rate: 9kHz, guests.web.timer: 1kHz }";

static const char *const sample = "sample: draws machines at random instead, for irqpath sweep:\n"
                                  "  sample:\n"
                                  "    n: 4000               # machines\n"
                                  "    costs: [ estimate ]   # draws every cost with this tag from its range\n"
                                  "    axes:\n"
                                  "      devices.nic.arrivals.rate: { log: [500Hz, 20000Hz] }\n"
                                  "      hz: { choice: [tickless, 100Hz, 1kHz] }\n"
                                  "    set: { guests.web.timer: \"{hz}\" }";

static const char *const expectations =
    "expect: a list of 'METRIC OP VALUE', with OP one of < <= > >= == !=, or 'METRIC == VALUE +- TOLERANCE': irqpath "
    "run ends with exit code 1 unless all of them hold. For irqpath explore, expect: clean, or expect: violation KIND. "
    "headline: up to four metrics that answer the question. irqpath list metrics has their names.";

static const char *column(const json_t *row, const char *name) { return json_string_value(json_object_get(row, name)); }

/* The section of "guests.NAME.vcpus" is "guests.NAME". */
static size_t section_bytes(const char *key)
{
    const char *dot = strrchr(key, '.');

    return dot != NULL ? (size_t)(dot - key) : 0;
}

static void add_section_heading(struct document *document, const char *key)
{
    char name[128];

    (void)snprintf(name, sizeof(name), "%.*s", (int)section_bytes(key), key);
    document_subheading(document, *name != '\0' ? name : "top level");
}

static void add_key(struct document *document, const json_t *row)
{
    const char *key = column(row, "name"), *given = column(row, "default"), *readers = column(row, "families");
    size_t section = section_bytes(key);
    char *text;

    CHECK(asprintf(&text, "%s. Value: %s.%s%s%s%s%s", column(row, "meaning"), column(row, "value"),
                   strcmp(given, "-") != 0 ? " Default: " : "", strcmp(given, "-") != 0 ? given : "",
                   strcmp(given, "-") != 0 ? "." : "", strcmp(readers, "all") != 0 ? " Families: " : "",
                   strcmp(readers, "all") != 0 ? readers : "") > 0);
    document_item(document, key + section + (section > 0), text);
    free(text);
}

static void add_keys(const struct cli *cli, struct document *document)
{
    json_t *rows = list_rows(cli, "keys"), *row;
    const char *before = NULL;
    size_t i;

    CHECK(rows != NULL);
    document_heading(document, "KEYS");
    document_text(document,
                  "A family is the kind of the chosen design; a key that its family does not have is an error. "
                  "irqpath list designs has the designs.");
    json_array_foreach(rows, i, row)
    {
        const char *key = column(row, "name");

        if (before == NULL || section_bytes(key) != section_bytes(before) ||
            strncmp(key, before, section_bytes(key)) != 0)
            add_section_heading(document, key);
        add_key(document, row);
        before = key;
    }
    json_decref(rows);
}

static void add_actions(const struct cli *cli, struct document *document)
{
    json_t *rows = list_rows(cli, "actions"), *row;
    size_t i;

    CHECK(rows != NULL);
    document_heading(document, "ACTIONS");
    json_array_foreach(rows, i, row)
    {
        char *text;

        CHECK(asprintf(&text, "%s. On a %s; family %s", column(row, "meaning"), column(row, "on"),
                       column(row, "family")) > 0);
        document_item(document, column(row, "name"), text);
        free(text);
    }
    json_decref(rows);
}

void manual_scenario(const struct cli *cli, struct document *document)
{
    document_init(document, "irqpath-scenario", 5, "what irqpath simulates");
    document_heading(document, "DESCRIPTION");
    document_text(document, introduction);
    document_heading(document, "EXAMPLE");
    document_literal(document, example);
    document_heading(document, "BASE");
    document_text(document, base);
    document_heading(document, "MATRIX AND SAMPLE");
    document_text(document, matrix);
    document_text(document, sample);
    document_heading(document, "EXPECTATIONS");
    document_text(document, expectations);
    add_keys(cli, document);
    add_actions(cli, document);
    document_heading(document, "SEE ALSO");
    document_text(document,
                  "irqpath(1), irqpath-validate(1), irqpath-explain(1), irqpath-init(1), irqpath-experiment(5)");
}
