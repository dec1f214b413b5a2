/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a program whose n-th call of a kind fails, or at whose n-th call one of its processes is killed. Its system
 * calls of that kind are told to this process (seccomp's user notifications), which answers in the kernel's place. So
 * those of libraries and of all its processes are seen, and none but the chosen ones costs anything.
 */
#ifndef FAULTS_SUPERVISE_H
#define FAULTS_SUPERVISE_H

#include <stdbool.h>

enum fault_kind {
    FAULT_OPEN,
    FAULT_READ,
    FAULT_WRITE, /* not to standard error */
    FAULT_SHORT, /* write() writes half, without an error */
    FAULT_FSYNC,
    FAULT_RENAME,
    FAULT_CLOSE, /* close() closes, and fails */
    FAULT_MKDIR,
    FAULT_FORK, /* threads, too */
    FAULT_MMAP,
    FAULT_MALLOC,
    FAULT_KINDS,
};

extern const char *const fault_names[FAULT_KINDS];

/* Whom SIGKILL ends at the call, instead of its failing. Not of FAULT_SHORT, FAULT_CLOSE and FAULT_MALLOC. */
enum fault_victim {
    FAULT_KILLS_NOBODY,
    FAULT_KILLS_FIRST,  /* the program's first process */
    FAULT_KILLS_CALLER, /* the process that calls */
};

struct fault {
    enum fault_kind kind;
    long at;   /* 0: none, and the calls of all kinds are counted */
    int error; /* errno that the call gives */
    enum fault_victim victim;
};

/* How it ended. */
struct supervised {
    int status;        /* of waitpid, of the first process */
    bool has_injected; /* there was an n-th call */
    bool is_hung;      /* a process went on for ever, or outlived the first by long; all were killed then */
    long calls[FAULT_KINDS];
};

/* Whether this system can do it: the kernel has user notifications. */
bool supervise_is_supported(void);

/* Runs arguments[0] in the directory, with its output in the two files. The shim is the preloaded library. */
void supervise(const char *shim, const char *directory, char *const arguments[], const char *output, const char *errors,
               const struct fault *fault, struct supervised *result);

#endif
