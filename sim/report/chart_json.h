/* SPDX-License-Identifier: Apache-2.0
 *
 * Charts as JSON, which figures.js draws: the shape of "figure" and "panel" in sim/experiment/experiment.cddl, so that
 * the figures of results and of experiments are drawn by the same scripts. Beside that shape a series may have
 * "colour", a variable of page.css ("state-running"), and a panel "groups", one text for each key: keys of one group
 * stand below its heading.
 */
#ifndef REPORT_CHART_JSON_H
#define REPORT_CHART_JSON_H

#include <jansson.h>
#include <stdbool.h>

struct page;

struct chart_axis_text {
    const char *title, *unit;
    bool is_log;
};

/* A figure without panels, and a panel that is added to it. `kind` is "bars", "lines", "dots", "ccdf", "heat", "stack"
 * or "forest". What the functions return belongs to what it was added to. */
json_t *chart_figure(const char *name, const char *title, const char *subtitle);
json_t *chart_panel(json_t *figure, const char *kind, struct chart_axis_text key, struct chart_axis_text value);

/* Adds a name to the axis of keys; `group` may be NULL. Returns its index. */
size_t chart_key(json_t *panel, const char *name, const char *group);

/* Adds a series; `colour` may be NULL. */
json_t *chart_series(json_t *panel, const char *name, const char *colour);

/* Adds a point at a number or at the index of a key. `half_width` is that of the interval; infinite or NaN: none. */
void chart_point(json_t *series, double x, double y, double half_width);

/* Adds the scripts and styles that draw figures. */
void chart_scripts(struct page *page);

/* Prints the place in which figures.js draws the figures, and adds them to the page as the data `id`. Releases
 * `figures`, an array. */
void chart_show(struct page *page, const char *id, json_t *figures);

#endif
