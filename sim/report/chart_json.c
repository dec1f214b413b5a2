/* SPDX-License-Identifier: Apache-2.0
 *
 * See chart_json.h.
 */
#include "report/chart_json.h"

#include <math.h>

#include "base/check.h"
#include "report/escape.h"
#include "report/page.h"
#include "result/report.h"

json_t *chart_figure(const char *name, const char *title, const char *subtitle)
{
    return json_pack("{s:s, s:o, s:o, s:[], s:[]}", "name", name, "title", escape_json_text(title), "subtitle",
                     escape_json_text(subtitle), "files", "panels");
}

static json_t *axis_json(struct chart_axis_text axis)
{
    return json_pack("{s:o, s:s, s:b}", "title", escape_json_text(axis.title), "unit", axis.unit, "log", axis.is_log);
}

json_t *chart_panel(json_t *figure, const char *kind, struct chart_axis_text key, struct chart_axis_text value)
{
    json_t *panel = json_pack("{s:s, s:s, s:o, s:o, s:s, s:[], s:[], s:[], s:[], s:[]}", "kind", kind, "title", "",
                              "key", axis_json(key), "value", axis_json(value), "row_title", "", "keys", "groups",
                              "series", "published", "references");

    CHECK(panel != NULL && json_array_append_new(json_object_get(figure, "panels"), panel) == 0);
    return panel;
}

size_t chart_key(json_t *panel, const char *name, const char *group)
{
    json_t *keys = json_object_get(panel, "keys");

    json_array_append_new(keys, escape_json_text(name));
    json_array_append_new(json_object_get(panel, "groups"), escape_json_text(group != NULL ? group : ""));
    return json_array_size(keys) - 1;
}

json_t *chart_series(json_t *panel, const char *name, const char *colour)
{
    json_t *series = json_pack("{s:o, s:[], s:s*}", "name", escape_json_text(name), "points", "colour", colour);

    CHECK(series != NULL && json_array_append_new(json_object_get(panel, "series"), series) == 0);
    return series;
}

void chart_point(json_t *series, double x, double y, double half_width)
{
    json_t *point = json_pack("{s:o, s:o}", "x", json_from_double(x), "y", json_from_double(y));

    if (isfinite(half_width)) {
        json_object_set_new(point, "low", json_from_double(y - half_width));
        json_object_set_new(point, "high", json_from_double(y + half_width));
    }
    json_array_append_new(json_object_get(series, "points"), point);
}

void chart_scripts(struct page *page)
{
    page_style(page, "uplot/uPlot.min.css");
    page_style(page, "figures.css");
    page_script(page, "uplot/uPlot.iife.min.js");
    page_script(page, "lines.js");
    page_script(page, "bars.js");
    page_script(page, "figures.js");
}

void chart_show(struct page *page, const char *id, json_t *figures)
{
    chart_scripts(page);
    page_print(page, "<div class=\"figures\" data-figures=\"%s\"></div>\n", id);
    page_print(page, "<noscript><p class=\"note\">The figures need JavaScript; the tables do not.</p></noscript>\n");
    page_data(page, id, figures);
}
