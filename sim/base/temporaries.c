/* SPDX-License-Identifier: Apache-2.0
 *
 * A temporary is left over when nobody holds a lock on it.
 */
#define _GNU_SOURCE
#include "base/temporaries.h"

#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"

#define RANDOM_DIGITS 16
#define HOST_BYTES 65
#define FOREIGN_AGE_S 86400

/* dirname and basename change what they are given. */
static char *part_of(const char *path, char *(*part)(char *path))
{
    char *copy = text_copy(path);
    char *found = text_copy(part(copy));
    free(copy);
    return found;
}

char *path_directory(const char *path) { return part_of(path, dirname); }

char *path_name(const char *path) { return part_of(path, basename); }

/* This host's name, without dots and what is no part of a file name. */
static void host_name(char host[HOST_BYTES])
{
    if (gethostname(host, HOST_BYTES) != 0 || host[0] == '\0')
        strcpy(host, "localhost");
    host[HOST_BYTES - 1] = '\0';
    for (char *c = host; *c != '\0'; c++)
        if (*c == '.' || *c == '/' || *c <= ' ' || *c > '~')
            *c = '-';
}

/* How much of a file's name a temporary's name has room for. */
static int name_bytes_max(const char *host)
{
    return NAME_MAX - (int)strlen(host) - RANDOM_DIGITS - (int)strlen("....tmp");
}

char *temporary_name(const char *path)
{
    char host[HOST_BYTES], *directory = path_directory(path), *name = path_name(path), *temporary;
    uint64_t number;

    host_name(host);
    CHECK(getentropy(&number, sizeof number) == 0);
    CHECK(asprintf(&temporary, "%s/.%.*s.%s.%016llx.tmp", directory, name_bytes_max(host), name, host,
                   (unsigned long long)number) > 0);
    free(directory);
    free(name);
    return temporary;
}

/* Whether `entry` is the name of a temporary, of the file `name` unless that is NULL; and of which host. */
static bool is_temporary(const char *entry, const char *name, const char *host, bool *is_foreign)
{
    size_t length = strlen(entry), digits = strlen(".tmp") + RANDOM_DIGITS;

    if (entry[0] != '.' || length < digits + 4 || strcmp(entry + length - 4, ".tmp") != 0 ||
        strspn(entry + length - digits, "0123456789abcdef") != RANDOM_DIGITS || entry[length - digits - 1] != '.')
        return false;
    const char *end = entry + length - digits - 1, *dot = memrchr(entry + 1, '.', (size_t)(end - entry - 1));
    if (dot == NULL || dot == entry + 1)
        return false;
    *is_foreign = (size_t)(end - dot - 1) != strlen(host) || memcmp(dot + 1, host, strlen(host)) != 0;
    size_t name_bytes = (size_t)(dot - entry - 1);
    size_t kept = name != NULL ? strnlen(name, (size_t)name_bytes_max(host)) : 0;
    return name == NULL || (name_bytes == kept && memcmp(entry + 1, name, kept) == 0);
}

static void remove_dead(int directory, const char *entry, bool is_foreign)
{
    int file = openat(directory, entry, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;

    if (file < 0)
        return;
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
        (!is_foreign || time(NULL) - status.st_mtime > FOREIGN_AGE_S) && flock(file, LOCK_EX | LOCK_NB) == 0)
        (void)unlinkat(directory, entry, 0);
    close(file);
}

void temporaries_remove(const char *directory, const char *name)
{
    char host[HOST_BYTES];
    DIR *stream = opendir(directory);

    if (stream == NULL)
        return;
    host_name(host);
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        bool is_foreign;
        if (is_temporary(entry->d_name, name, host, &is_foreign))
            remove_dead(dirfd(stream), entry->d_name, is_foreign);
    }
    closedir(stream);
}

/* --- those of this process --- */

static struct {
    pthread_mutex_t mutex;
    struct temporary *first;
    pid_t process; /* whose they are */
} own = { PTHREAD_MUTEX_INITIALIZER, NULL, 0 };

void temporaries_keep(struct temporary *temporary, const char *path)
{
    pthread_mutex_lock(&own.mutex);
    if (own.process != getpid())
        own.first = NULL;
    own.process = getpid();
    *temporary = (struct temporary){ path, own.first };
    own.first = temporary;
    pthread_mutex_unlock(&own.mutex);
}

void temporaries_release(struct temporary *temporary)
{
    pthread_mutex_lock(&own.mutex);
    for (struct temporary **at = &own.first; *at != NULL; at = &(*at)->next)
        if (*at == temporary) {
            *at = temporary->next;
            break;
        }
    pthread_mutex_unlock(&own.mutex);
}

/* The process ends: what another thread does to the list in this moment does not matter any more, but for its end. */
void temporaries_abandon(void)
{
    if (own.process != getpid() || pthread_mutex_trylock(&own.mutex) != 0)
        return;
    for (struct temporary *at = own.first; at != NULL; at = at->next)
        (void)unlink(at->path);
}
