/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the list `headline` of a scenario.
 */
#include "scenario/build.h"

void scenario_build_headline(const struct build *build, const struct binder *binder)
{
    const struct node *list = bind_list(binder, node_find(build->root, "headline"), "names of metrics");
    struct headline *headline = &build->scenario->headline;

    if (list != NULL && list->child_count > HEADLINE_METRICS_MAX) {
        bind_error(binder, list, NULL, "a headline has at most %d metrics", HEADLINE_METRICS_MAX);
        return;
    }
    for (const struct node *child = list != NULL ? list->first : NULL; child != NULL; child = child->next) {
        const char *metric = bind_text(binder, child, "the name of a metric");

        if (metric == NULL)
            continue;
        if (!expect_is_metric_name(metric)) {
            bind_error(binder, child, NULL, "'%.60s' is not the name of a metric", metric);
        } else if (headline_has(headline, metric)) {
            bind_error(binder, child, NULL, "'%s' occurs twice", metric);
        } else {
            scenario_check_metric(build, metric, child->place);
            headline_add(headline, metric);
        }
    }
}
