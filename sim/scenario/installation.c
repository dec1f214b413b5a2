/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths and names of the installed scenarios and machines.
 */
#define _GNU_SOURCE
#include "scenario/installation.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static const char *directory(void)
{
    const char *chosen = getenv("IRQPATH_SCENARIOS");

    return chosen && *chosen ? chosen : IRQPATH_SCENARIOS;
}

bool installation_path(const char *subdirectory, const char *name, char *path, size_t path_bytes)
{
    return (size_t)snprintf(path, path_bytes, "%s/%s%s%s.yaml", directory(), subdirectory ? subdirectory : "",
                            subdirectory ? "/" : "", name) < path_bytes;
}

static bool is_yaml(const char *name)
{
    size_t bytes = strlen(name);

    return bytes > 5 && !strcmp(name + bytes - 5, ".yaml");
}

bool installation_is_path(const char *argument)
{
    return strchr(argument, '/') || is_yaml(argument) || !strcmp(argument, "-");
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

char **installation_names(const char *subdirectory, size_t *count)
{
    char path[4096], **names = NULL;
    struct dirent *entry;
    DIR *stream;

    *count = 0;
    snprintf(path, sizeof(path), "%s/%s", directory(), subdirectory ? subdirectory : "");
    stream = opendir(path);
    while (stream && (entry = readdir(stream)) != NULL) {
        if (!is_yaml(entry->d_name) || entry->d_name[0] == '.')
            continue;
        names = realloc(names, (*count + 1) * sizeof(*names));
        CHECK(names != NULL);
        names[*count] = strndup(entry->d_name, strlen(entry->d_name) - 5);
        CHECK(names[*count] != NULL);
        (*count)++;
    }
    if (stream)
        closedir(stream);
    if (*count)
        qsort(names, *count, sizeof(*names), compare_names);
    return names;
}

void installation_names_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}
