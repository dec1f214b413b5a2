/* SPDX-License-Identifier: Apache-2.0
 *
 * See experiment_parts.h. A key that is missing is an empty text or list: the document may be of a later version.
 */
#define _GNU_SOURCE
#include "report/experiment_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/chart_json.h"
#include "report/markdown.h"
#include "report/page.h"
#include "report/sections.h"

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static bool is_met(const json_t *expectation) { return strcmp(text_of(expectation, "outcome"), "met") == 0; }

static bool is_aim(const json_t *expectation) { return strcmp(text_of(expectation, "kind"), "aim") == 0; }

/* "4 of 5 expectations met" */
static void print_count(struct page *page, const json_t *expectations, bool aims, const char *one, const char *many)
{
    size_t index, count = 0, met = 0;
    json_t *each;

    json_array_foreach(expectations, index, each) if (is_aim(each) == aims)
    {
        count++;
        met += is_met(each);
    }
    if (count > 0)
        page_print(page, "<p class=\"%s\">%zu of %zu %s met.</p>\n",
                   met == count ? "good"
                   : aims       ? "warn"
                                : "bad",
                   met, count, count == 1 ? one : many);
}

void experiment_print_verdict(struct page *page, const struct report_experiment *experiment)
{
    const json_t *json = experiment->json, *expectations = json_object_get(json, "expectations");

    page_print(page, "<p class=\"question\">%s</p>\n<div class=\"answer\">\n", text_of(json, "question"));
    markdown_print(page, text_of(json, "verdict"));
    page_markup(page, "</div>\n");
    if (json_is_true(json_object_get(json, "quick")))
        page_markup(page, "<p class=\"warn\">A quick run (--quick): shorter and with fewer cells.</p>\n");
    print_count(page, expectations, false, "expectation is", "expectations are");
    print_count(page, expectations, true, "aim is", "aims are");
}

/* --- tables --- */

static bool has_word(const char *text, const char *word)
{
    size_t bytes = strlen(word);

    for (const char *at = text; bytes > 0 && (at = strstr(at, word)) != NULL; at++)
        if ((at == text || at[-1] == ' ') && strchr(" ,", at[bytes]) != NULL) /* the end, too */
            return true;
    return false;
}

/* The unit of a column for its heading: "" where the title or the texts have it already, or where it is a count. */
static const char *heading_unit(const json_t *table, size_t column)
{
    const json_t *description = json_array_get(json_object_get(table, "columns"), column);
    const char *title = text_of(description, "title"), *unit = text_of(description, "unit");
    size_t index;
    json_t *row;

    if (strcmp(unit, "count") == 0 || strcmp(unit, "ratio") == 0 || has_word(title, unit))
        return "";
    json_array_foreach(json_object_get(table, "rows"), index, row)
    {
        for (const char *text = text_of(json_array_get(row, column), "text"); *text != '\0'; text++)
            if (*text == '%' || isalpha((unsigned char)*text))
                return "";
    }
    return unit;
}

static void print_table(struct page *page, const json_t *table)
{
    const json_t *columns = json_object_get(table, "columns");
    size_t labels = (size_t)json_integer_value(json_object_get(table, "label_columns")), index, at;
    json_t *each, *cell;

    page_print(page, "<h3>%s</h3>\n<div class=\"scroll\"><table class=\"cards\"><thead><tr>", text_of(table, "title"));
    json_array_foreach(columns, index, each)
    {
        const char *unit = heading_unit(table, index);
        page_print(page, "<th scope=\"col\" class=\"%s\">%s%s%s</th>", index < labels ? "label" : "value",
                   text_of(each, "title"), unit[0] != '\0' ? ", " : "", unit);
    }
    page_markup(page, "</tr></thead>\n<tbody>\n");
    json_array_foreach(json_object_get(table, "rows"), index, each)
    {
        page_markup(page, "<tr>");
        json_array_foreach(each, at, cell)
        {
            const json_t *column = json_array_get(columns, at);
            if (at < labels) {
                page_print(page, "<th scope=\"row\">%s</th>", text_of(cell, "text"));
                continue;
            }
            char *value = json_dumps(json_object_get(cell, "value"), JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
            page_print(page, "<td data-label=\"%s\" data-value=\"%s\" title=\"%s %s\">%s</td>",
                       text_of(column, "title"), value != NULL ? value : "", value != NULL ? value : "",
                       text_of(column, "unit"), text_of(cell, "text"));
            free(value);
        }
        page_markup(page, "</tr>\n");
    }
    page_markup(page, "</tbody></table></div>\n");
}

/* --- expectations and published values --- */

static void print_number(struct page *page, const json_t *number)
{
    char text[32] = "-";

    if (json_is_number(number))
        snprintf(text, sizeof text, "%.6g", json_number_value(number));
    page_print(page, "%s", text);
}

static void print_expectations(struct page *page, const json_t *expectations)
{
    size_t index;
    json_t *each;

    if (json_array_size(expectations) == 0)
        return;
    page_markup(page,
                "<h3>Expectations and aims</h3>\n<div class=\"scroll\"><table class=\"cards\"><thead><tr>"
                "<th scope=\"col\">what is expected</th><th scope=\"col\">outcome</th><th scope=\"col\">found</th>"
                "<th scope=\"col\">wanted</th></tr></thead>\n<tbody>\n");
    json_array_foreach(expectations, index, each)
    {
        const char *condition = text_of(each, "condition"), *text = text_of(each, "text");
        page_print(page, "<tr><th scope=\"row\">%s%s", is_aim(each) ? "aim: " : "", text[0] != '\0' ? text : condition);
        if (text[0] != '\0' && strcmp(text, condition) != 0)
            page_print(page, " <small><code>%s</code></small>", condition);
        page_print(page, "</th><td data-label=\"outcome\" class=\"%s\">%s</td><td data-label=\"found\">",
                   is_met(each)   ? "good"
                   : is_aim(each) ? "warn"
                                  : "bad",
                   text_of(each, "outcome"));
        print_number(page, json_object_get(each, "found"));
        page_print(page, "</td><td data-label=\"wanted\">%s ", text_of(each, "relation"));
        print_number(page, json_object_get(each, "wanted"));
        page_markup(page, "</td></tr>\n");
    }
    page_markup(page, "</tbody></table></div>\n");
}

/* Prints "40 %", or "30 to 50 %" where there is no value. */
static void print_range(struct page *page, const json_t *object, const char *value, const char *low, const char *high)
{
    if (json_is_number(json_object_get(object, value)) || !json_is_number(json_object_get(object, low))) {
        print_number(page, json_object_get(object, value));
        return;
    }
    print_number(page, json_object_get(object, low));
    page_markup(page, " to ");
    print_number(page, json_object_get(object, high));
}

static void print_published(struct page *page, const json_t *published)
{
    size_t index;
    const char *label;
    json_t *each, *where;

    if (json_array_size(published) == 0)
        return;
    page_markup(page, "<h3>Published values</h3>\n<div class=\"scroll\"><table class=\"cards\"><thead><tr>"
                      "<th scope=\"col\">quantity</th><th scope=\"col\">published</th><th scope=\"col\">found here</th>"
                      "<th scope=\"col\" class=\"label\">source</th></tr></thead>\n<tbody>\n");
    json_array_foreach(published, index, each)
    {
        page_print(page, "<tr><th scope=\"row\"><code>%s</code> <small>%s", text_of(each, "quantity"),
                   text_of(each, "run"));
        json_object_foreach(json_object_get(each, "where"), label, where)
            page_print(page, ", %s %s", label, json_string_value(where) != NULL ? json_string_value(where) : "");
        page_markup(page, "</small></th><td data-label=\"published\">");
        print_range(page, each, "value", "low", "high");
        page_print(page, " %s</td><td data-label=\"found here\">", text_of(each, "unit"));
        print_range(page, each, "found", "found_low", "found_high");
        page_print(page, " %s</td><td data-label=\"source\" class=\"text\">%s (%s)</td></tr>\n", text_of(each, "unit"),
                   text_of(each, "source"), text_of(each, "tag"));
    }
    page_markup(page, "</tbody></table></div>\n");
}

/* --- runs and quantities --- */

static void print_runs(struct page *page, const json_t *json)
{
    size_t index, at;
    json_t *each, *scenario;

    page_markup(page, "<details><summary>Runs, quantities and their meanings</summary>\n<h3>Runs</h3>\n<ul>\n");
    json_array_foreach(json_object_get(json, "runs"), index, each)
    {
        page_print(page, "<li><strong>%s</strong>, %s", text_of(each, "name"), text_of(each, "kind"));
        json_array_foreach(json_object_get(each, "scenarios"), at, scenario)
            page_print(page, "%s <code>%s</code>: %s", at == 0 ? ":" : ";", text_of(scenario, "name"),
                       text_of(scenario, "question"));
        page_print(page, " <small>%zu seeds a cell, %zu rows</small></li>\n",
                   (size_t)json_integer_value(json_object_get(each, "seeds")),
                   (size_t)json_integer_value(json_object_get(each, "rows")));
    }
    page_markup(page, "</ul>\n<h3>Quantities</h3>\n<ul>\n");
    json_array_foreach(json_object_get(json, "quantities"), index, each)
        page_print(page, "<li><code>%s</code>%s%s%s%s %s</li>\n", text_of(each, "name"),
                   text_of(each, "formula")[0] != '\0' ? " = " : "", text_of(each, "formula"),
                   text_of(each, "unit")[0] != '\0' ? ", " : "", text_of(each, "unit"), text_of(each, "meaning"));
    page_markup(page, "</ul>\n</details>\n");
}

void experiment_print_body(struct page *page, const struct report_experiment *experiment, size_t number)
{
    const json_t *json = experiment->json;
    char id[40];
    size_t index;
    json_t *each;

    snprintf(id, sizeof id, "experiment-%zu", number);
    if (json_array_size(json_object_get(json, "figures")) > 0)
        chart_show(page, id, json_deep_copy(json_object_get(json, "figures")));
    json_array_foreach(json_object_get(json, "tables"), index, each) print_table(page, each);
    print_expectations(page, json_object_get(json, "expectations"));
    print_published(page, json_object_get(json, "published"));
    if (text_of(json, "notes")[0] != '\0') {
        page_markup(page, "<h3>Notes</h3>\n");
        markdown_print(page, text_of(json, "notes"));
    }
    if (json_array_size(json_object_get(json, "messages")) > 0) {
        page_markup(page, "<h3>What did not go as hoped</h3>\n<ul>\n");
        json_array_foreach(json_object_get(json, "messages"), index, each) page_print(
            page, "<li class=\"warn\">%s</li>\n", json_string_value(each) != NULL ? json_string_value(each) : "");
        page_markup(page, "</ul>\n");
    }
    print_runs(page, json);
}
