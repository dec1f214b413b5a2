/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the headline back from canonical YAML: the line "headline:" at the top level, followed by lines "  - NAME".
 */
#define _GNU_SOURCE
#include "result/headline.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static void add_bytes(struct headline *headline, const char *metric, size_t bytes)
{
    CHECK(headline->count < HEADLINE_METRICS_MAX);
    headline->metrics[headline->count] = strndup(metric, bytes);
    CHECK(headline->metrics[headline->count++] != NULL);
}

void headline_add(struct headline *headline, const char *metric) { add_bytes(headline, metric, strlen(metric)); }

void headline_free(struct headline *headline)
{
    for (size_t i = 0; i < headline->count; i++)
        free(headline->metrics[i]);
    *headline = (struct headline){ .count = 0 };
}

bool headline_has(const struct headline *headline, const char *metric)
{
    for (size_t i = 0; i < headline->count; i++)
        if (strcmp(headline->metrics[i], metric) == 0)
            return true;
    return false;
}

struct headline headline_read(const char *resolved)
{
    static const char key[] = "headline:\n", item[] = "  - ";
    struct headline headline = { .count = 0 };
    const char *line = resolved;

    while (*line != '\0' && strncmp(line, key, strlen(key)) != 0) {
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    line += *line != '\0' ? strlen(key) : 0;
    while (strncmp(line, item, strlen(item)) == 0 && headline.count < HEADLINE_METRICS_MAX) {
        size_t bytes = strcspn(line, "\n");
        add_bytes(&headline, line + strlen(item), bytes - strlen(item));
        line += bytes + (line[bytes] == '\n');
    }
    return headline;
}
