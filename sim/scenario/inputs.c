/* SPDX-License-Identifier: Apache-2.0
 *
 * Two lists protected by a mutex. The mutex is held while a file is read, so that other threads wait for the contents
 * instead of reading the file again. Failures are not cached.
 */
#define _GNU_SOURCE
#include "scenario/inputs.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"

struct input_text {
    struct input_text *next;
    char *path, *text;
    size_t bytes;
};

struct input_topology {
    struct input_topology *next;
    char *text;
    enum interconnect interconnect;
    struct topology topology;
};

struct inputs {
    pthread_mutex_t mutex;
    struct input_text *texts;
    struct input_topology *topologies;
};

struct inputs *inputs_new(void)
{
    struct inputs *inputs = calloc(1, sizeof(*inputs));

    CHECK(inputs != NULL);
    CHECK(pthread_mutex_init(&inputs->mutex, NULL) == 0);
    return inputs;
}

void inputs_free(struct inputs *inputs)
{
    if (inputs == NULL)
        return;
    for (struct input_text *text = inputs->texts, *next; text != NULL; text = next) {
        next = text->next;
        free(text->path);
        free(text->text);
        free(text);
    }
    for (struct input_topology *topology = inputs->topologies, *next; topology != NULL; topology = next) {
        next = topology->next;
        topology_free(&topology->topology);
        free(topology->text);
        free(topology);
    }
    pthread_mutex_destroy(&inputs->mutex);
    free(inputs);
}

static struct input_text *find_text(const struct inputs *inputs, const char *path)
{
    struct input_text *text = inputs->texts;

    while (text != NULL && strcmp(text->path, path) != 0)
        text = text->next;
    return text;
}

static enum text_file_status read_text(struct inputs *inputs, const char *path, struct place place, struct diag *diag,
                                       struct input_text **read)
{
    size_t bytes;
    char *text;

    enum text_file_status status = text_file_read(path, path, place, diag, &text, &bytes);
    if (status != TEXT_FILE_OK)
        return status;
    *read = malloc(sizeof(**read));
    CHECK(*read != NULL);
    **read = (struct input_text){ inputs->texts, text_copy(path), text, bytes };
    inputs->texts = *read;
    return TEXT_FILE_OK;
}

enum text_file_status inputs_text(struct inputs *inputs, const char *path, struct place place, struct diag *diag,
                                  const char **text, size_t *bytes)
{
    enum text_file_status status = TEXT_FILE_OK;

    CHECK(pthread_mutex_lock(&inputs->mutex) == 0);
    struct input_text *found = find_text(inputs, path);
    if (found == NULL)
        status = read_text(inputs, path, place, diag, &found);
    CHECK(pthread_mutex_unlock(&inputs->mutex) == 0);
    *text = status == TEXT_FILE_OK ? found->text : NULL;
    *bytes = status == TEXT_FILE_OK ? found->bytes : 0;
    return status;
}

bool inputs_has_text(struct inputs *inputs, const char *path)
{
    CHECK(pthread_mutex_lock(&inputs->mutex) == 0);
    bool is_there = find_text(inputs, path) != NULL;
    CHECK(pthread_mutex_unlock(&inputs->mutex) == 0);
    return is_there;
}

void inputs_each_text(struct inputs *inputs,
                      void (*visit)(void *context, const char *path, const char *text, size_t bytes), void *context)
{
    const struct input_text *last = NULL, *next;

    CHECK(pthread_mutex_lock(&inputs->mutex) == 0);
    do {
        next = NULL;
        for (const struct input_text *text = inputs->texts; text != NULL; text = text->next)
            if ((last == NULL || strcmp(text->path, last->path) > 0) &&
                (next == NULL || strcmp(text->path, next->path) < 0))
                next = text;
        if (next != NULL)
            visit(context, next->path, next->text, next->bytes);
        last = next;
    } while (next != NULL);
    CHECK(pthread_mutex_unlock(&inputs->mutex) == 0);
}

static struct input_topology *find_topology(const struct inputs *inputs, const char *text,
                                            enum interconnect interconnect)
{
    struct input_topology *topology = inputs->topologies;

    while (topology != NULL && (topology->interconnect != interconnect || strcmp(topology->text, text) != 0))
        topology = topology->next;
    return topology;
}

static struct input_topology *read_topology(struct inputs *inputs, const char *text, enum interconnect interconnect,
                                            char *message, size_t message_bytes)
{
    struct topology topology;

    if (!topology_load(&topology, text, interconnect, message, message_bytes))
        return NULL;
    struct input_topology *read = malloc(sizeof(*read));
    CHECK(read != NULL);
    *read = (struct input_topology){ inputs->topologies, text_copy(text), interconnect, topology };
    inputs->topologies = read;
    return read;
}

const struct topology *inputs_topology(struct inputs *inputs, const char *text, enum interconnect interconnect,
                                       char *message, size_t message_bytes)
{
    CHECK(pthread_mutex_lock(&inputs->mutex) == 0);
    struct input_topology *found = find_topology(inputs, text, interconnect);
    if (found == NULL)
        found = read_topology(inputs, text, interconnect, message, message_bytes);
    CHECK(pthread_mutex_unlock(&inputs->mutex) == 0);
    return found != NULL ? &found->topology : NULL;
}
