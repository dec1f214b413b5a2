/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of targets, and what they share.
 */
#define _GNU_SOURCE
#include "fuzz/targets.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"

const struct fuzz_target fuzz_targets[] = {
    { "scenario", fuzz_scenario },
    { "run", fuzz_run },
    { "set", fuzz_set },
    { "profile", fuzz_profile },
    { "times", fuzz_times },
    { "expect", fuzz_expect },
    { "experiment", fuzz_experiment },
    { "result", fuzz_result },
    { "replay", fuzz_replay },
    { "checkpoint", fuzz_checkpoint },
    { "plan", fuzz_plan },
    { "recording", fuzz_recording },
    { "tracedat", fuzz_tracedat },
    { "topology", fuzz_topology },
    { "code", fuzz_code },
    { NULL, NULL },
};

const char *fuzz_file(const uint8_t *bytes, size_t count)
{
    static char path[32];
    static int file = -1;

    if (file < 0) {
        file = memfd_create("fuzz", 0);
        CHECK(file >= 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    }
    CHECK(ftruncate(file, 0) == 0 && pwrite(file, bytes, count, 0) == (ssize_t)count);
    return path;
}

static char directory[64];

static void remove_directory(void)
{
    char path[sizeof(directory) + sizeof(((struct dirent *)NULL)->d_name)];
    DIR *stream = opendir(directory);
    struct dirent *entry;

    while (stream && (entry = readdir(stream)) != NULL) {
        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        (void)unlink(path);
    }
    if (stream)
        closedir(stream);
    (void)rmdir(directory);
}

const char *fuzz_directory(void)
{
    if (!directory[0]) {
        snprintf(directory, sizeof(directory), "%s/irqpath-fuzz-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"); /* memory, where there is some */
        CHECK(mkdtemp(directory) && atexit(remove_directory) == 0);
    }
    return directory;
}

char *fuzz_text_of(const char *path, size_t *count)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;

    CHECK(file >= 0 && fstat(file, &status) == 0);
    *count = (size_t)status.st_size;
    char *text = malloc(*count + 1);
    CHECK(text && read(file, text, *count) == (ssize_t)*count);
    text[*count] = '\0';
    close(file);
    return text;
}

#define DOCUMENT_BYTES_MAX ((size_t)64 << 20) /* an input has 64 KiB at most */

void fuzz_document_open(struct fuzz_document *document)
{
    document->out = open_memstream(&document->text, &document->bytes);
    CHECK(document->out);
}

void fuzz_document_close(struct fuzz_document *document)
{
    CHECK(fclose(document->out) == 0 && document->bytes <= DOCUMENT_BYTES_MAX);
    free(document->text);
}
