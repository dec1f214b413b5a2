/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenarios from text, and the messages they get, for tests.
 */
#ifndef SCENARIO_SAMPLES_H
#define SCENARIO_SAMPLES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/scenario.h"

#define SAMPLE_PATH "s.yaml"

/* The smallest good scenario, to be followed by more sections. */
#define SAMPLE "name: x\nguests: [ { name: g } ]\n"

/* All messages as diag_print gives them, without the lines of text and caret and without "s.yaml:". To be freed. */
static inline char *sample_messages(struct diag *diag)
{
    char *printed = NULL, *messages, *line, *rest;
    size_t bytes = 0, used = 0;
    FILE *stream = open_memstream(&printed, &bytes);

    diag_print(diag, stream, false);
    fclose(stream);
    messages = calloc(1, bytes + 1);
    for (rest = printed; (line = strsep(&rest, "\n")) != NULL && (*line || rest);) {
        const char *start = line;

        if (!strncmp(line, "    ", 4))
            continue;
        if (!strncmp(line, SAMPLE_PATH ":", strlen(SAMPLE_PATH) + 1))
            start += strlen(SAMPLE_PATH) + 1;
        while (*start == ' ')
            start++;
        used += (size_t)sprintf(messages + used, "%s\n", start);
    }
    free(printed);
    return messages;
}

/* Loads the text; *messages (to be freed) unless NULL is passed. */
static inline enum scenario_status sample_load(struct scenario *scenario, const char *text, const char *const *sets,
                                               size_t set_count, char **messages)
{
    enum scenario_status status;
    struct diag diag;

    diag_init(&diag);
    status = scenario_load_text(scenario, SAMPLE_PATH, text, strlen(text), sets, set_count, &diag);
    if (messages)
        *messages = sample_messages(&diag);
    diag_free(&diag);
    return status;
}

#endif
