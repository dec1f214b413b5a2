/* SPDX-License-Identifier: Apache-2.0
 *
 * What a file is, by its first bytes: a report takes some kinds, and says of the others what they are and what to do
 * with them.
 */
#ifndef REPORT_KIND_H
#define REPORT_KIND_H

#include <stddef.h>
#include <stdint.h>

enum kind {
    KIND_RESULT,    /* CBOR */
    KIND_RECORDING, /* a trace of a machine or of a run, compressed or not */
    KIND_JSON,      /* a replay, an experiment.json, or something else */
    KIND_OTHER,
};

#define KIND_HEAD_BYTES 4096 /* as many bytes of a file suffice */

/* Finds the kind. Of KIND_OTHER and KIND_RECORDING, *what is a phrase that says what the file is and what to do, "a
 * trace for KernelShark (trace.dat): ..."; `bytes` is the size of the whole file. */
enum kind kind_of(const uint8_t *head, size_t count, const char **what);

#endif
