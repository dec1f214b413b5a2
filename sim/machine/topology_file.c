/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a topology file whole and looks at its root element only; the rest is hwloc's.
 */
#include "machine/topology_file.h"

#include <errno.h>
#include <hwloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

#define FILE_BYTES_MAX (64u << 20)

bool message_fail(struct message message, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message.text, message.bytes, format, arguments);
    va_end(arguments);
    return false;
}

bool topology_is_file(const char *text)
{
    struct stat status;
    size_t length = strlen(text);

    return (length >= 4 && strcmp(text + length - 4, ".xml") == 0) || stat(text, &status) == 0;
}

/* The major number in <topology version="2.0">, with the rest of the version in `version`; 1 for the format that has
 * none. */
static unsigned long format_version(const char *xml, char *version, size_t version_bytes)
{
    const char *root = strstr(xml, "<topology"), *end = root ? strchr(root, '>') : NULL;
    const char *at = root ? strstr(root, "version=") : NULL;

    if (!at || !end || at > end)
        return 1;
    at += strlen("version=") + 1;
    snprintf(version, version_bytes, "%.*s", (int)strspn(at, "0123456789."), at);
    return strtoul(version, NULL, 10);
}

static bool version_check(const char *path, const char *xml, struct message message)
{
    const unsigned long newest = HWLOC_API_VERSION >> 16;
    char version[16] = "";

    if (format_version(xml, version, sizeof(version)) <= newest)
        return true;
    return message_fail(message,
                        "topology file %s: it is of hwloc's XML format %s, and this build reads up to %lu "
                        "(`lstopo --export-xml-flags V%lu FILE` of the newer hwloc writes that)",
                        path, version, newest, newest);
}

/* Reads the file here, because hwloc's XML backends differ in how they report a file that cannot be read. */
char *topology_file_read(const char *path, int *bytes, struct message message)
{
    char why[400];
    size_t count;
    char *text = file_read_bytes(path, FILE_BYTES_MAX, &count, why, sizeof(why));
    int error = errno;

    *bytes = (int)count + 1;
    if (text && version_check(path, text, message))
        return text;
    if (!text)
        message_fail(message, "topology file %s", why);
    free(text);
    errno = error;
    return NULL;
}
