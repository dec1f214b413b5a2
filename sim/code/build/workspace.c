/* SPDX-License-Identifier: Apache-2.0
 *
 * A temporary folder of a build.
 */
#define _GNU_SOURCE
#include "code/build/workspace.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"

char *workspace_make(void)
{
    const char *parent = getenv("TMPDIR");
    char *path;

    CHECK(asprintf(&path, "%s/irqpath-build-XXXXXX", parent && *parent ? parent : "/tmp") > 0);
    if (mkdtemp(path))
        return path;
    free(path);
    return NULL;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

void workspace_remove(const char *path) { nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS); }

bool workspace_write(const char *path, const char *name, const char *text)
{
    char *full;
    FILE *stream = NULL;
    bool is_written = true;

    CHECK(asprintf(&full, "%s/%s", path, name) > 0);
    for (char *slash = strchr(full + strlen(path) + 1, '/'); slash && is_written; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        is_written = mkdir(full, 0777) == 0 || errno == EEXIST;
        *slash = '/';
    }
    if (is_written)
        stream = fopen(full, "w");
    is_written = stream && fputs(text, stream) >= 0;
    if (stream && fclose(stream) != 0)
        is_written = false;
    free(full);
    return is_written;
}

bool file_exists(const char *path) { return access(path, R_OK) == 0; }

char *file_read(const char *path)
{
    FILE *stream = fopen(path, "r");
    char *text = NULL;
    size_t bytes = 0;

    if (!stream)
        return NULL;
    if (getdelim(&text, &bytes, '\0', stream) < 0) {
        bool is_empty = feof(stream) != 0;
        free(text);
        text = is_empty ? text_copy("") : NULL;
    }
    int error = errno;
    fclose(stream);
    errno = error;
    return text;
}
