/* SPDX-License-Identifier: Apache-2.0
 *
 * Command lines of every subcommand, in a directory that has the files that they read, and what each may do when one
 * of its calls fails.
 */
#ifndef FAULTS_CASES_H
#define FAULTS_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "supervise.h"

enum fault_files {
    FILES_WHOLE,    /* what a failed run leaves is as it was, or complete */
    FILES_RESUMED,  /* the same command goes on from it, to the bytes of one run */
    FILES_MEASURED, /* a run writes and prints other bytes each time */
};

struct fault_case {
    const char *subcommand; /* of the table's row */
    const char *arguments;  /* words, separated by blanks */
    const char *file;       /* in out/, that is there before with other contents and is replaced; or NULL */
    bool explores;          /* needs the explorer */
    enum fault_files files;
};

extern const struct fault_case fault_cases[];
extern const size_t fault_case_count;

/* What an undisturbed run did. */
struct fault_calm {
    int status;
    long calls[FAULT_KINDS];
    char *output, *files; /* printed; a line for each file of out/ with its hash */
};

enum fault_outcome {
    FAULT_NOT_REACHED, /* it made fewer calls */
    FAULT_WENT_ON,     /* the same output and files as without the fault */
    FAULT_REFUSED,     /* a documented exit code and a message; every file is as it was, or complete */
    FAULT_WRONG,
};

/* Makes the directory with all inputs, and returns false where faults cannot be injected on this system. */
bool faults_begin(void);

/* Runs a case without a fault. The caller frees it with fault_calm_free. */
void fault_calm_run(const struct fault_case *row, struct fault_calm *calm);
void fault_calm_free(struct fault_calm *calm);

/* Runs a case with the fault. FAULT_WRONG: the reason is in `reason`. */
enum fault_outcome fault_inject(const struct fault_case *row, const struct fault_calm *calm, const struct fault *fault,
                                char *reason, size_t reason_bytes);

/* Command lines with several threads and processes, to be killed. */
extern const struct fault_case fault_kill_cases[];
extern const size_t fault_kill_case_count;

/* Kills a process of the case (fault->victim). Then every file is as it was, or complete, or a temporary that the next
 * run removes; no process is left; and the next run leaves what an undisturbed one does. */
enum fault_outcome fault_kill(const struct fault_case *row, const struct fault_calm *calm, const struct fault *fault,
                              char *reason, size_t reason_bytes);

/* The errors that a call of this kind is given, and how many there are. */
size_t fault_errors(enum fault_kind kind, const int **errors);

#endif
