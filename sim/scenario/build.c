/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds the sections of a scenario. An error in one section does not stop the others, so that all errors are reported
 * at once.
 */
#define _GNU_SOURCE
#include "scenario/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "machine/violation.h"
#include "models/registry.h"
#include "scenario/bind_keys.h"
#include "scenario/profile.h"
#include "scenario/installation.h"
#include "scenario/options.h"
#include "scenario/text_file.h"

#define TIME_LINE_BYTES 63 /* of "TIME WORK" */
#define TIMES_MAX 100000

/* Keys of the top level that are common to all families. */
static const char *const root_others[] = { "machine",  "hypervisor", "run",      "matrix", "sample",
                                           "headline", "expect",     "defaults", NULL };

static bool is_root_key(const struct build *build, const char *key)
{
    for (const char *const *other = root_others; *other; other++)
        if (!strcmp(*other, key))
            return true;
    return option_find(&head_options, key) || !strcmp(key, "devices") || family_has_section(build->family, key) ||
           family_has_own_section(build->family, key);
}

static void build_head(const struct build *build, const struct binder *binder)
{
    static const char *const suggested[] = { "machine",  "hypervisor", "run",      "matrix", "sample",
                                             "headline", "expect",     "defaults", "guests", "devices",
                                             "actions",  "base",       NULL };
    struct section section = { .node = build->root, .place = build->root->place, .path = "" };
    struct scenario_head head = { 1, "" };

    for (const struct node *child = build->root->first; child; child = child->next)
        if (!strcmp(child->key, "base"))
            diag_error(build->diag, child->key_place, "'base' can only stand in a file");
        else if (!is_root_key(build, child->key))
            bind_unread_key(binder, build->family, "", child, suggested);
    for (size_t i = 0; i < head_options.count; i++)
        bind_row(binder, &head_options.rows[i], &section, &head);
    build->scenario->name = text_copy(head.name);
}

struct section scenario_section(const struct build *build, const struct binder *binder, const char *name,
                                const char *what)
{
    const struct node *node = bind_map(binder, node_find(build->root, name), what);

    return (struct section){ .node = node, .place = node ? node->place : build->root->place, .path = name };
}

static void build_plain(const struct build *build, const struct binder *binder, const char *name)
{
    struct section section = scenario_section(build, binder, name, "keys");

    bind_keys(binder, build->family, name, &section, &build->scenario->setup);
}

static const struct node *find_defaults(const struct build *build, const struct binder *binder, const char *kind)
{
    const struct node *defaults = bind_map(binder, node_find(build->root, "defaults"), "guests and devices");
    const struct node *of_kind = bind_map(binder, node_find(defaults, kind), "keys");
    const struct node *name = node_find(of_kind, "name");

    if (name)
        bind_error(binder, name, NULL, "a name cannot have a default");
    return of_kind;
}

/* Writes "guests.idle", the path of an entry in origins. */
static void entry_path(const struct node *entry, const char *kind, char *path, size_t path_bytes)
{
    const struct node *name = node_find(entry, "name");

    snprintf(path, path_bytes, "%s.%.60s", kind, name && name->kind == NODE_SCALAR ? name->text : "");
}

static void build_guests(const struct build *build, const struct binder *binder)
{
    const struct node *guests = node_find(build->root, "guests"), *defaults = find_defaults(build, binder, "guests");
    struct setup *setup = &build->scenario->setup;
    char path[128];

    if (!family_has_section(build->family, "guests"))
        return;
    if (!guests) {
        diag_error(build->diag, build->root->place, "missing key 'guests': a list of guests");
        return;
    }
    if (!bind_list(binder, guests, "guests"))
        return;
    if (!guests->first)
        bind_error(binder, guests, NULL, "at least one guest is needed");
    for (const struct node *entry = guests->first; entry; entry = entry->next) {
        struct section section = { .node = entry, .fallback = defaults, .place = entry->place, .path = path };

        if (setup->guest_count == SETUP_GUESTS_MAX) {
            bind_error(binder, entry, NULL, "more than %d kinds of guests", SETUP_GUESTS_MAX);
            return;
        }
        entry_path(entry, "guests", path, sizeof(path));
        setup->guests[setup->guest_count].count = 1; /* where the family has no key for it */
        if (bind_map(binder, entry, "a guest's keys"))
            bind_keys(binder, build->family, "guests", &section, &setup->guests[setup->guest_count]);
        setup->guest_count++;
    }
}

static bool duration_of(const struct binder *binder, struct place place, const char *text, const char *at, uint64_t *ns)
{
    struct option_problem problem;
    bool is_good = option_parse_number(OPTION_DURATION, text, ns, &problem);

    if (!is_good)
        diag_error(binder->diag, place, "%s%s%s", problem.message, at, problem.suggestion);
    return is_good;
}

/* The guest's work for the time that comes next, which has none without a text. */
static bool add_work(const struct binder *binder, struct place place, const char *text, const char *at,
                     struct arrival_setup *arrivals)
{
    uint64_t ns = ARRIVAL_HANDLER;

    if (text != NULL && !duration_of(binder, place, text, at, &ns))
        return false;
    if (text != NULL && ns > 1000 * KEY_NS_PER_S) {
        diag_error(binder->diag, place, "the work '%.40s' is longer than 1000s%s", text, at);
        return false;
    }
    if (text == NULL && arrivals->works_ns == NULL)
        return true;
    if (arrivals->works_ns == NULL) {
        arrivals->works_ns = malloc(TIMES_MAX * sizeof(*arrivals->works_ns));
        CHECK(arrivals->works_ns != NULL);
        memset(arrivals->works_ns, 0xff, TIMES_MAX * sizeof(*arrivals->works_ns));
    }
    arrivals->works_ns[arrivals->time_count] = ns;
    return true;
}

/* Appends "TIME" or "TIME WORK" to the list of times, which must ascend. */
static bool add_time(const struct binder *binder, struct place place, const char *entry, const char *at,
                     struct arrival_setup *arrivals)
{
    char text[TIME_LINE_BYTES + 1];
    uint64_t ns;

    if (strlen(entry) > TIME_LINE_BYTES) {
        diag_error(binder->diag, place, "longer than a time and the work for it can be%s", at);
        return false;
    }
    strcpy(text, entry);
    char *work = strpbrk(text, " \t");
    if (work != NULL) {
        *work++ = '\0';
        work += strspn(work, " \t");
    }
    if (!duration_of(binder, place, text, at, &ns))
        return false;
    if (arrivals->time_count && ns < arrivals->times_ns[arrivals->time_count - 1]) {
        diag_error(binder->diag, place, "'%.40s' is before the previous time%s", text, at);
        return false;
    }
    if (arrivals->time_count == TIMES_MAX) {
        diag_error(binder->diag, place, "more than %d times%s", TIMES_MAX, at);
        return false;
    }
    if (!add_work(binder, place, work, at, arrivals))
        return false;
    arrivals->times_ns[arrivals->time_count++] = ns;
    return true;
}

static void build_times(const struct binder *binder, const struct node *times, struct arrival_setup *arrivals)
{
    char at[300], path[256];

    if (!bind_list(binder, times, "durations"))
        return;
    if (!times->first)
        bind_error(binder, times, NULL, "at least one time is needed");
    for (const struct node *child = times->first; child; child = child->next) {
        const char *text = bind_text(binder, child, "a time (ns, us, ms, s), or a time and the guest's work for it");

        snprintf(at, sizeof(at), " at %s", node_path(child, path, sizeof(path)));
        if (text)
            add_time(binder, child->place, text, at, arrivals);
    }
}

/* Whether a line looks like "TIME" or "TIME WORK". A file of something else is not quoted in a message: the scenario
 * may name any file. */
static bool looks_like_time(const char *line)
{
    for (int i = 0; i < 2 && (i == 0 || *line != '\0'); i++) {
        size_t number = strspn(line, "-.0123456789"), unit = strspn(line + number, "abcdefghijklmnopqrstuvwxyz");

        if (number == 0 || unit > 3 || (line[number + unit] != '\0' && strchr(" \t", line[number + unit]) == NULL))
            return false;
        line += number + unit;
        line += strspn(line, " \t");
    }
    return *line == '\0';
}

static bool add_line(const struct binder *binder, struct place place, const char *line, struct arrival_setup *arrivals)
{
    if (looks_like_time(line))
        return add_time(binder, place, line, "", arrivals);
    diag_error(binder->diag, place, "not a time: expected a duration (ns, us, ms, s), and perhaps another, the work");
    return false;
}

/* Reads a file with one time per line, and the work for it if it has any. Blank lines and lines that begin with # are
 * ignored. */
static void build_times_file(const struct build *build, const struct binder *binder, const struct node *node,
                             struct arrival_setup *arrivals)
{
    const char *name = bind_text(binder, node, "a file name");
    struct place place = { 0, 0, 1 };
    char path[4096], *copy, *rest, *line;
    const char *text;
    size_t bytes;

    if (!name)
        return;
    if (!*name || !text_file_beside(base_path(build->bases, node, build->path), name, path, sizeof(path))) {
        bind_error(binder, node, NULL, "this is not a file name");
        return;
    }
    if (inputs_text(build->inputs, path, node->place, build->diag, &text, &bytes) != TEXT_FILE_OK)
        return;
    place.source = diag_source_file(build->diag, path, "", 0); /* no line of it is printed */
    rest = copy = text_copy(text);
    while ((line = strsep(&rest, "\n")) != NULL) {
        size_t end = strlen(line), blanks = strspn(line, " \t");

        place.line++;
        place.column = 1 + (uint32_t)blanks;
        while (end > blanks && strchr(" \t\r", line[end - 1]))
            line[--end] = '\0';
        if (line[blanks] && line[blanks] != '#' && !add_line(binder, place, line + blanks, arrivals))
            break;
    }
    if (arrivals->time_count == 0)
        bind_error(binder, node, NULL, "the file contains no times");
    free(copy);
}

/* Warns of a key that the arrival process does not use, unless a matrix varies the process. */
static void warn_unread(const struct build *build, const struct node *arrivals, enum arrival_process process)
{
    struct binder binder = { build->diag, NULL, 0 };

    for (const struct node *child = arrivals ? arrivals->first : NULL; child; child = child->next) {
        uint32_t processes = arrival_processes(child->key);

        if (processes && !(processes >> process & 1) && family_key(build->family, "devices.arrivals", child->key))
            diag_warning(binder.diag, child->key_place, "'%s' has no effect with this arrival process", child->key);
    }
}

/* Whether the family has the arrival process `replay`. */
static bool can_replay(const struct family *family)
{
    const struct option_name *name = family_key(family, "devices.arrivals", "process")->names;

    while (name->name && name->value != ARRIVAL_REPLAY)
        name++;
    return name->name != NULL;
}

static void build_arrivals(const struct build *build, const struct binder *binder, const struct node *device,
                           const struct node *defaults, const char *path, struct device_setup *device_setup)
{
    struct arrival_setup *arrivals = &device_setup->arrivals;
    static const char *const others[] = { "times", "file", NULL };
    const struct node *own = node_find(device, "arrivals"), *node = bind_map(binder, own, "keys of arrivals");
    struct section section = {
        .node = node,
        .fallback = bind_map(binder, node_find(defaults, "arrivals"), "keys of arrivals"),
        .place = node ? node->place : device->place,
        .path = path,
    };
    const struct node *times = section_find(&section, "times"), *file = section_find(&section, "file");

    section.others = can_replay(build->family) ? others : NULL;
    bind_keys(binder, build->family, "devices.arrivals", &section, device_setup);
    if (own && !node)
        return;
    warn_unread(build, node, arrivals->process);
    if (times || file) {
        arrivals->times_ns = calloc(TIMES_MAX, sizeof(*arrivals->times_ns));
        CHECK(arrivals->times_ns != NULL);
    }
    if (times)
        build_times(binder, times, arrivals);
    if (times && file)
        bind_error(binder, file, NULL, "either 'times' or 'file', not both");
    else if (file)
        build_times_file(build, binder, file, arrivals);
    if (arrivals->process == ARRIVAL_REPLAY && !times && !file)
        diag_error(build->diag, section.place, "missing key 'times' or 'file' for the process replay");
}

uint32_t scenario_find_name(const struct build *build, const struct binder *binder, const struct section *section,
                            const char *what, const char *names, size_t record_bytes, uint32_t count)
{
    const struct node *node = section_find(section, what);
    char expected[64], suggestion[SUGGEST_TEXT_BYTES];
    struct suggest suggest;

    snprintf(expected, sizeof(expected), "the name of a %s", what);
    const char *name = node ? bind_text(binder, node, expected) : NULL;
    if (!node && count > 1)
        diag_error(build->diag, section->place, "missing key '%s': the scenario has more than one %s", what, what);
    if (!name)
        return 0;
    suggest_init(&suggest, name);
    for (uint32_t i = 0; i < count; i++) {
        if (!strcmp(names + i * record_bytes, name)) {
            origins_add(binder, section->path, what, node->place, NULL);
            return i;
        }
        suggest_offer(&suggest, names + i * record_bytes);
    }
    bind_error(binder, node, suggest_text(&suggest, suggestion), "unknown %s '%.60s'", what, name);
    return 0;
}

static void build_device(const struct build *build, const struct binder *binder, const struct node *entry,
                         const struct node *defaults, struct device_setup *device)
{
    static const char *const others[] = { "guest", "arrivals", NULL };
    bool has_guests = family_has_section(build->family, "guests");
    char path[128], arrivals_path[160];
    struct section section = { .node = entry, .fallback = defaults, .place = entry->place, .path = path };

    entry_path(entry, "devices", path, sizeof(path));
    snprintf(arrivals_path, sizeof(arrivals_path), "%s.arrivals", path);
    section.others = has_guests ? others : others + 1;
    device->vectors = 1; /* for families without the key */
    bind_keys(binder, build->family, "devices", &section, device);
    if (has_guests && ((device->driver == DEVICE_DRIVER_GUEST && build->scenario->setup.guest_count > 0) ||
                       section_find(&section, "guest")))
        device->guest = scenario_find_name(build, binder, &section, "guest", build->scenario->setup.guests[0].name,
                                           sizeof(struct guest_setup), build->scenario->setup.guest_count);
    build_arrivals(build, binder, entry, defaults, arrivals_path, device);
}

static void build_devices(const struct build *build, const struct binder *binder)
{
    const struct node *devices = bind_list(binder, node_find(build->root, "devices"), "devices");
    const struct node *defaults = find_defaults(build, binder, "devices");
    struct setup *setup = &build->scenario->setup;

    for (const struct node *entry = devices ? devices->first : NULL; entry; entry = entry->next) {
        if (setup->device_count == SETUP_DEVICES_MAX) {
            bind_error(binder, entry, NULL, "more than %d kinds of devices", SETUP_DEVICES_MAX);
            return;
        }
        if (bind_map(binder, entry, "a device's keys"))
            build_device(build, binder, entry, defaults, &setup->devices[setup->device_count]);
        setup->device_count++;
    }
}

/* Reads the verdict that explore is expected to give: clean, violation, or violation KIND. */
static void build_explore_expectation(const struct build *build, const struct binder *binder, const struct node *expect)
{
    bool is_known = !strcmp(expect->text, "clean") || !strcmp(expect->text, "violation");
    size_t prefix_bytes = strncmp(expect->text, "violation ", 10) == 0 ? 10 : 0;
    char suggestion[SUGGEST_TEXT_BYTES], text[64];
    struct suggest suggest;

    suggest_init(&suggest, expect->text + prefix_bytes);
    suggest_offer(&suggest, "clean");
    for (enum violation_kind kind = VIOLATION_NONE + 1; kind < VIOLATION_COUNT; kind++) {
        snprintf(text, sizeof(text), "violation %s", violation_name(kind));
        suggest_offer(&suggest, violation_name(kind));
        is_known = is_known || !strcmp(expect->text, text);
    }
    if (!is_known) {
        bind_error(binder, expect, suggest_text(&suggest, suggestion),
                   "expected a list of expectations, or of explore: clean, violation KIND");
        return;
    }
    /* What a file expects, it expects of its own design; what --set expects, of the design that is run. */
    bool is_own = expect == build->own_expect;
    const char *own =
        build->own_design ? build->own_design : option_find(&hypervisor_keys.options, "design")->default_text;
    build->scenario->explore_expectation = text_copy(expect->text);
    build->scenario->expected_design = text_copy(is_own ? own : build->scenario->setup.hypervisor.design);
}

static void build_expectations(const struct build *build, const struct binder *binder)
{
    const struct node *expect = node_find(build->root, "expect");
    struct scenario *scenario = build->scenario;

    if (expect && expect->kind == NODE_SCALAR) {
        build_explore_expectation(build, binder, expect);
        return;
    }
    expect = bind_list(binder, expect, "expectations");
    if (!expect || !expect->first)
        return;
    scenario->expectations = calloc(expect->child_count, sizeof(*scenario->expectations));
    CHECK(scenario->expectations != NULL);
    for (const struct node *child = expect->first; child; child = child->next) {
        const char *text = bind_text(binder, child, "'METRIC OP VALUE'");
        struct place place = child->place;

        place.column += child->is_quoted;
        if (text && expect_parse(&scenario->expectations[scenario->expectation_count], text, place, build->diag))
            scenario->expectation_count++;
    }
}

/* Returns the family of the scenario's design, of the design that is suggested for a misspelt name, or of the default
 * design. */
static const struct family *find_family(const struct build *build)
{
    const struct node *node = node_find(node_find(build->root, "hypervisor"), "design");
    const char *name = node && node->kind == NODE_SCALAR ? node->text : NULL;
    const struct design *design = name ? design_find(name) : NULL;
    struct suggest suggest;

    if (name && !design) {
        suggest_init(&suggest, name);
        for (size_t i = 0; i < design_count(); i++)
            suggest_offer(&suggest, design_at(i)->name);
        design = suggest.best ? design_find(suggest.best) : NULL;
    }
    return design ? design->family : families[0];
}

void scenario_build(struct build *build)
{
    struct binder binder = { build->diag, build->origins, 0 };
    static const char *const default_keys[] = { "guests", "devices", NULL };
    const struct node *defaults = node_find(build->root, "defaults");

    build->family = find_family(build);
    build_head(build, &binder);
    for (const struct node *child = defaults && defaults->kind == NODE_MAP ? defaults->first : NULL; child;
         child = child->next) {
        if (strcmp(child->key, "guests") != 0 && strcmp(child->key, "devices") != 0)
            bind_unknown_key(&binder, child, NULL, default_keys);
    }
    scenario_build_machine(build, &binder);
    build_plain(build, &binder, "hypervisor");
    build->scenario->design = design_find(build->scenario->setup.hypervisor.design);
    scenario_build_software(build, &binder);
    build_guests(build, &binder);
    build_devices(build, &binder);
    scenario_build_actions(build, &binder);
    build_plain(build, &binder, "run");
    scenario_build_headline(build, &binder);
    build_expectations(build, &binder);
    scenario_check(build);
}

void scenario_build_free(struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->setup.device_count; i++) {
        free(scenario->setup.devices[i].arrivals.times_ns);
        free(scenario->setup.devices[i].arrivals.works_ns);
    }
    for (size_t i = 0; i < scenario->expectation_count; i++)
        expect_free(&scenario->expectations[i]);
    free(scenario->expectations);
    headline_free(&scenario->headline);
    free(scenario->explore_expectation);
    free(scenario->expected_design);
    scenario->explore_expectation = scenario->expected_design = NULL;
    free(scenario->name);
    scenario->expectations = NULL;
    scenario->expectation_count = 0;
    scenario->setup.guest_count = scenario->setup.device_count = scenario->setup.action_count = 0;
    scenario->name = NULL;
}
