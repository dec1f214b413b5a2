/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the installation from the program's own path; paths and names of the scenarios and machines in it.
 */
#define _GNU_SOURCE
#include "scenario/installation.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/text.h"

/* The directory that holds scenarios/ and code/; "" when there is none. */
static const char *share(void)
{
    static const char *const places[] = { "share/irqpath", IRQPATH_SHARE };
    static _Thread_local char path[PATH_MAX];
    char program[PATH_MAX], tried[2 * PATH_MAX];
    ssize_t bytes = path[0] == '\0' ? readlink("/proc/self/exe", program, sizeof(program) - 1) : 0;

    while (bytes > 0 && program[bytes - 1] != '/')
        bytes--;
    for (size_t i = 0; bytes > 0 && path[0] == '\0' && i < sizeof(places) / sizeof(*places); i++) {
        snprintf(tried, sizeof(tried), "%.*s%s/scenarios", (int)bytes, program, places[i]);
        if (access(tried, F_OK) != 0)
            continue;
        snprintf(tried, sizeof(tried), "%.*s%s", (int)bytes, program, places[i]);
        if (realpath(tried, path) == NULL)
            path[0] = '\0';
    }
    return path;
}

bool installation_file(const char *name, char *path, size_t path_bytes)
{
    char plain[2 * PATH_MAX], resolved[PATH_MAX];
    bool fits = (size_t)snprintf(plain, sizeof(plain), "%s/%s", share(), name) < sizeof(plain);

    return fits &&
           (size_t)snprintf(path, path_bytes, "%s", realpath(plain, resolved) != NULL ? resolved : plain) < path_bytes;
}

const char *installation_code(void)
{
    static char path[PATH_MAX];
    const char *chosen = getenv("IRQPATH_CODE");

    if (chosen && *chosen)
        return chosen;
    if (path[0] == '\0' && !installation_file("code", path, sizeof(path)))
        path[0] = '\0';
    return path;
}

static const char *directory(void)
{
    static _Thread_local char path[PATH_MAX];
    const char *chosen = getenv("IRQPATH_SCENARIOS");

    if (chosen && *chosen)
        return chosen;
    if (path[0] == '\0' && !installation_file("scenarios", path, sizeof(path)))
        path[0] = '\0';
    return path;
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
    CHECK_SYSTEM(stream != NULL || file_is_misnamed(errno), "the directory of the scenarios cannot be read");
    while (stream && (errno = 0, entry = readdir(stream)) != NULL) {
        if (!is_yaml(entry->d_name) || entry->d_name[0] == '.')
            continue;
        names = realloc(names, (*count + 1) * sizeof(*names));
        CHECK(names != NULL);
        names[*count] = text_copy_bytes(entry->d_name, strlen(entry->d_name) - 5);
        (*count)++;
    }
    CHECK_SYSTEM(stream == NULL || errno == 0, "the directory of the scenarios cannot be read");
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
