/* SPDX-License-Identifier: Apache-2.0
 *
 * The sections of a report. A section is one file, sim/report/NAME.c, that defines `const struct report_section
 * section_NAME`, and a row in the array of sections.c, whose order is that of the page. It prints through page.h; its
 * script NAME.js and style NAME.css, if it has any, stand beside it and are asked for with page_script and page_style.
 */
#ifndef REPORT_SECTIONS_H
#define REPORT_SECTIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "compare/groups.h"
#include "explore/replay.h"
#include "result/result.h"

struct page;
struct values;

/* An experiment that `irqpath experiment -o DIR` ran: its document experiment.json. */
struct report_experiment {
    char *path; /* of the document */
    json_t *json;
};

/* An interleaving that `irqpath explore -o FILE` wrote. */
struct report_replay {
    char *path;
    struct replay replay;
    json_t *json; /* its steps, as `irqpath replay --json` prints them; NULL until they were taken */
};

/* What the trace of a result, or a recording, shows. */
struct report_trace {
    const char *label;   /* of the column whose first result it is */
    const char *path;    /* of a file with this result alone; NULL: there is none */
    const char *window;  /* that was asked for; NULL: the one around the slowest interrupt */
    json_t *answer;      /* answer_json of a recording; NULL: of a result */
    json_t *slowest;     /* slowest_json */
    json_t *attribution; /* attribution_json; NULL: the designs of the family do not report runstates */
    json_t *timeline;    /* timeline_json; NULL: no interrupt reached a handler */
};

/* What a report is about. All of it is borrowed by the sections. */
struct report {
    const struct result_set *set;
    const struct compare_groups *groups; /* of the set */
    const struct values *values;         /* of the groups */
    const struct report_experiment *experiments;
    size_t experiment_count;
    const struct report_replay *replays;
    size_t replay_count;
    const struct report_trace *traces;
    size_t trace_count;
};

struct report_section {
    const char *id, *title;
    bool (*has_content)(const struct report *report); /* the page leaves out a section without content */
    void (*print)(struct page *page, const struct report *report);
};

/* Prints the page: all sections that have content. `title` may be NULL: the name of the first experiment, the scenario
 * of the first result, or the design of the first replay. */
void report_print(const struct report *report, const char *title, FILE *out);

/* Prints the page of one experiment's document, experiment.json, which is borrowed. */
void report_print_experiment(json_t *json, FILE *out);

#endif
