/* SPDX-License-Identifier: Apache-2.0
 *
 * What a report is made of: result files, directories of sweeps and experiments, experiment.json, replays, and
 * recordings, which are read later. A file is recognised by its first bytes and refused by its size before the rest is
 * read.
 */
#ifndef REPORT_SOURCES_H
#define REPORT_SOURCES_H

#include "report/sections.h"
#include "result/result.h"

#define SOURCES_RECORDING_BYTES_MAX ((uint64_t)512 << 20)
#define SOURCES_BYTES_MAX ((size_t)64 << 20) /* of a file, and of all files of a sweep */

struct sources {
    struct result_set set;
    struct report_experiment *experiments;
    size_t experiment_count;
    struct report_replay *replays;
    size_t replay_count;
    char **recordings; /* paths */
    size_t recording_count;
};

enum sources_status {
    SOURCES_OK,
    SOURCES_REFUSED,    /* of another kind, or too large: exit code 2 */
    SOURCES_UNREADABLE, /* damaged, missing, or not to be read: exit code 4 */
};

void sources_init(struct sources *sources);
void sources_free(struct sources *sources);

/* Adds what the path means; "-" is a result on standard input. Unless the status is SOURCES_OK, nothing was added and
 * the message names the path. */
enum sources_status sources_add(struct sources *sources, const char *path, char *message, size_t message_bytes);

#endif
