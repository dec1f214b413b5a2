/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the section `sample` of a scenario and reports its errors. Combinations of drawn values are checked when their
 * machine is loaded.
 */
#define _GNU_SOURCE
#include "scenario/sample.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "models/family/keys.h"
#include "result/expect.h"
#include "sample/sobol.h"
#include "scenario/build.h"
#include "scenario/profile.h"

#define MACHINES_MAX 1000000

struct sample_head {
    uint64_t machines, seed;
    enum sample_method method;
    bool is_redrawn;
};

static const struct option_name method_names[] = {
    { "sobol", SAMPLE_SOBOL, "Sobol' sequence: any number of first machines is a sample" },
    { "lhs", SAMPLE_LHS, "Latin hypercube" },
    { NULL, 0, NULL },
};

static const struct option head_rows[] = {
    { "n", OPTION_INTEGER, KEY_FIELD(struct sample_head, machines), NULL, 1, MACHINES_MAX, NULL, NULL,
      "number of machines" },
    { "seed", OPTION_INTEGER, KEY_FIELD(struct sample_head, seed), "1", 0, 0, NULL, NULL, "seed of the draws" },
    { "method", OPTION_ENUM, KEY_FIELD(struct sample_head, method), "sobol", 0, 0, NULL, method_names,
      "how the machines are spread" },
    { "redraw", OPTION_BOOL, KEY_FIELD(struct sample_head, is_redrawn), "off", 0, 0, NULL, NULL,
      "of each of the n machines one for each axis, with that drawn anew; all costs count as one axis" },
};

static const struct option_table head_table = KEY_ROWS(head_rows);

static struct sample_axis *add_axis(struct scenario_sample *sample, const char *name)
{
    sample->axes = realloc(sample->axes, (sample->axis_count + 1) * sizeof(*sample->axes));
    CHECK(sample->axes != NULL);
    struct sample_axis *axis = &sample->axes[sample->axis_count++];
    *axis = (struct sample_axis){ .name = text_copy(name), .count = 1 };
    return axis;
}

/* --- axes --- */

/* Parses "12", "1.5" or "20kHz" to a whole number of 1/10^digits and its unit. */
static bool parse_end(const char *text, uint64_t *value, uint32_t *digits, const char **unit)
{
    size_t whole = strspn(text, "0123456789");
    size_t fraction = whole > 0 && text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;

    *digits = (uint32_t)fraction;
    *unit = text + whole + (fraction > 0 ? fraction + 1 : 0);
    if (whole == 0 || whole + fraction > 15)
        return false;
    *value = 0;
    for (size_t i = 0; i < whole + fraction; i++)
        *value = *value * 10 + (uint64_t)(text[i < whole ? i : i + 1] - '0');
    for (const char *letter = *unit; *letter != '\0'; letter++)
        if (!isalpha((unsigned char)*letter))
            return false;
    return strlen(*unit) < sizeof(((struct sample_axis *)0)->unit);
}

static void read_range(const struct binder *binder, const struct node *node, struct sample_axis *axis)
{
    const struct node *list = bind_list(binder, node, "the lowest and the highest value");
    const char *low, *high, *low_unit, *high_unit;
    uint32_t digits;

    if (list == NULL)
        return;
    if (list->child_count != 2) {
        bind_error(binder, list, NULL, "a range is [LOWEST, HIGHEST]");
        return;
    }
    low = bind_text(binder, list->first, "a number");
    high = bind_text(binder, list->last, "a number");
    if (low == NULL || high == NULL)
        return;
    if (!parse_end(low, &axis->low[0], &axis->digits, &low_unit) ||
        !parse_end(high, &axis->high[0], &digits, &high_unit)) {
        bind_error(binder, list, NULL, "expected numbers, with a unit where the key has one");
        return;
    }
    if (strcmp(low_unit, high_unit) != 0 || digits != axis->digits) {
        bind_error(binder, list, NULL, "both ends need the same unit and the same number of decimals");
        return;
    }
    strcpy(axis->unit, low_unit);
    if (axis->low[0] > axis->high[0] || (axis->kind == SAMPLE_LOG && axis->low[0] == 0))
        bind_error(binder, list, NULL, axis->low[0] == 0 ? "a logarithmic range begins above 0" : "the range is empty");
}

static void read_choice(const struct binder *binder, const struct node *node, struct sample_axis *axis)
{
    const struct node *list = bind_list(binder, node, "values");

    if (list == NULL)
        return;
    if (list->child_count == 0) {
        bind_error(binder, list, NULL, "no value to choose");
        return;
    }
    axis->choices = calloc(list->child_count, sizeof(*axis->choices));
    CHECK(axis->choices != NULL);
    for (const struct node *child = list->first; child != NULL; child = child->next) {
        const char *text = bind_text(binder, child, "a value");
        axis->choices[axis->choice_count++] = text_copy(text != NULL ? text : "");
    }
}

static void read_axis(const struct binder *binder, const struct node *node, struct scenario_sample *sample)
{
    static const char *const kinds[] = { "range", "log", "choice", NULL };
    const struct option_table none = { NULL, 0 };
    struct sample_axis *axis = add_axis(sample, node->key);

    if (bind_map(binder, node, "`range`, `log` or `choice`") == NULL)
        return;
    if (node->child_count != 1) {
        bind_error(binder, node, NULL, "an axis has one of `range`, `log` and `choice`");
        return;
    }
    const char *kind = node->first->key;
    if (strcmp(kind, "choice") == 0) {
        axis->kind = SAMPLE_CHOICE;
        read_choice(binder, node->first, axis);
    } else if (strcmp(kind, "range") == 0 || strcmp(kind, "log") == 0) {
        axis->kind = strcmp(kind, "log") == 0 ? SAMPLE_LOG : SAMPLE_UNIFORM;
        read_range(binder, node->first, axis);
    } else {
        bind_unknown_key(binder, node->first, &none, kinds);
    }
}

/* --- costs --- */

static bool has_axis(const struct scenario_sample *sample, const char *name)
{
    for (size_t i = 0; i < sample->axis_count; i++)
        if (strcmp(sample->axes[i].name, name) == 0)
            return true;
    return false;
}

static void add_cost(const struct build *build, const struct profile *profile, const struct profile_cost *cost,
                     const char *section, const struct node *written)
{
    char path[160];
    const struct option *option = cost->option;
    uint32_t count = option->count > 1 ? option->count : 1;

    snprintf(path, sizeof(path), "%s.%s", section, option->key);
    if (node_find(written, option->key) != NULL || has_axis(build->scenario->sample, path))
        return; /* the scenario gives this cost itself */
    CHECK(count <= SAMPLE_ELEMENTS_MAX);
    struct sample_axis *axis = add_axis(build->scenario->sample, path);
    axis->kind = SAMPLE_COST;
    axis->cost_type = option->type;
    axis->count = count;
    for (uint32_t i = 0; i < count; i++) {
        axis->low[i] = option_value(option, profile_record(profile->low, cost->table), i);
        axis->middle[i] = option_value(option, profile_record(profile->value, cost->table), i);
        axis->high[i] = option_value(option, profile_record(profile->high, cost->table), i);
    }
}

/* Adds an axis for each cost of the profile that has one of the tags and a range. */
static void add_costs(const struct build *build, const struct profile_kind *kind, const char *name, uint32_t tags,
                      const struct node *written)
{
    uint64_t frequency = kind->has_machine ? 0 : build->scenario->setup.machine.costs.frequency_hz;
    struct profile profile;

    if (profile_load_kept(&profile, kind, name, build->path, NULL, frequency, build->inputs, NULL, build->diag))
        for (size_t i = 0; i < profile.cost_count; i++)
            if (profile.costs[i].has_range && (tags >> profile.costs[i].tag) & 1u)
                add_cost(build, &profile, &profile.costs[i], kind->section, written);
    profile_free(&profile);
}

static uint32_t read_tags(const struct binder *binder, const struct node *node)
{
    const struct node *list = bind_list(binder, node, "tags of costs");
    uint32_t tags = 0;

    for (const struct node *child = list != NULL ? list->first : NULL; child != NULL; child = child->next) {
        const char *text = bind_text(binder, child, "a tag");
        const struct option option = { .key = "costs", .type = OPTION_ENUM, .bytes = 4, .names = cost_tag_names };
        struct option_problem problem;
        uint32_t tag = 0;

        if (text == NULL)
            continue;
        if (!option_parse(&option, text, &tag, 0, &problem))
            bind_error(binder, child, problem.suggestion, "%s", problem.message);
        else
            tags |= 1u << tag;
    }
    return tags;
}

static void read_costs(const struct build *build, const struct binder *binder, const struct node *node)
{
    const struct setup *setup = &build->scenario->setup;
    uint32_t tags = read_tags(binder, node);

    if (tags == 0 || build->diag->error_count > 0)
        return;
    add_costs(build, &machine_profile, setup->machine.profile, tags,
              node_find(node_find(build->root, "machine"), "costs"));
    for (int i = 0; build->family->software != NULL && build->family->software[i] != NULL; i++) {
        struct profile_kind kind = software_profile(build->family->software[i]);
        add_costs(build, &kind, setup->software[i].profile, tags,
                  node_find(node_find(build->root, build->family->software[i]->name), "costs"));
    }
}

/* --- what follows from the draws, and what is reported --- */

static void read_settings(const struct build *build, const struct binder *binder, const struct node *node)
{
    struct scenario_sample *sample = build->scenario->sample;
    char **ones = calloc(sample->axis_count + 1, sizeof(*ones)), unknown[64];

    CHECK(ones != NULL);
    sample->settings = calloc(node->child_count + 1, sizeof(*sample->settings));
    CHECK(sample->settings != NULL);
    for (size_t i = 0; i < sample->axis_count; i++)
        ones[i] = "1";
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        const char *text = bind_text(binder, child, "a value with {NAMES} of axes");
        if (text == NULL)
            continue;
        sample->settings[sample->setting_count++] = (struct sample_setting){ text_copy(child->key), text_copy(text) };
        char *expanded = sample_expand(sample, text, ones, unknown);
        if (expanded == NULL) {
            char suggestion[SUGGEST_TEXT_BYTES];
            struct suggest suggest;

            suggest_init(&suggest, unknown);
            for (size_t i = 0; i < sample->axis_count; i++)
                suggest_offer(&suggest, sample->axes[i].name);
            bind_error(binder, child, suggest_text(&suggest, suggestion), "no axis has the name '%s'", unknown);
        }
        if (strchr(child->key, '.') == NULL)
            diag_error(build->diag, child->key_place, "'%.60s' is no path like guests.idle.vcpus", child->key);
        free(expanded);
    }
    free(ones);
}

static void read_metrics(const struct build *build, const struct binder *binder, const struct node *node)
{
    struct scenario_sample *sample = build->scenario->sample;

    sample->metrics = calloc(node->child_count + 1, sizeof(*sample->metrics));
    CHECK(sample->metrics != NULL);
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        const char *text = bind_text(binder, child, "the name of a metric");

        if (text == NULL)
            continue;
        sample->metrics[sample->metric_count++] = text_copy(text);
        expect_check_name(text, child->place, build->diag);
    }
}

static void check_size(const struct binder *binder, const struct node *node, const struct scenario_sample *sample)
{
    if (sample->axis_count == 0)
        bind_error(binder, node, NULL, "nothing is drawn: there is neither an axis nor a cost");
    else if (sample->method == SAMPLE_SOBOL && sample->axis_count > SOBOL_DIMENSIONS)
        bind_error(binder, node, NULL, "%zu axes and costs are drawn, but the Sobol' sequence has %d dimensions",
                   sample->axis_count, SOBOL_DIMENSIONS);
    else if (sample->is_redrawn && sample->method != SAMPLE_SOBOL)
        bind_error(binder, node_find(node, "redraw"), NULL, "machines are drawn anew with the method sobol only");
    if (sample->metric_count == 0)
        bind_error(binder, node, NULL, "`metrics` names none");
}

void scenario_build_sample(const struct build *build)
{
    static const char *const others[] = { "costs", "axes", "set", "metrics", NULL };
    struct binder binder = { build->diag, NULL, 0 };
    struct section section = scenario_section(build, &binder, "sample", "n, axes and metrics");
    struct sample_head head = { 1, 1, SAMPLE_SOBOL, false };

    if (section.node == NULL)
        return;
    section.others = others;
    struct scenario_sample *sample = calloc(1, sizeof(*sample));
    CHECK(sample != NULL);
    build->scenario->sample = sample;
    bind_section(&binder, &head_table, &section, &head);
    *sample = (struct scenario_sample){
        .machines = head.machines, .seed = head.seed, .method = head.method, .is_redrawn = head.is_redrawn
    };
    const struct node *axes = bind_map(&binder, node_find(section.node, "axes"), "names of axes");
    for (const struct node *axis = axes != NULL ? axes->first : NULL; axis != NULL; axis = axis->next)
        read_axis(&binder, axis, sample);
    if (node_find(section.node, "costs") != NULL)
        read_costs(build, &binder, node_find(section.node, "costs"));
    const struct node *set = bind_map(&binder, node_find(section.node, "set"), "paths and their values");
    if (set != NULL)
        read_settings(build, &binder, set);
    const struct node *metrics = bind_list(&binder, node_find(section.node, "metrics"), "names of metrics");
    if (metrics != NULL)
        read_metrics(build, &binder, metrics);
    check_size(&binder, section.node, sample);
    if (sample->is_redrawn)
        sample->machines *= sample_group_count(sample);
}
