/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of the fixes to Xen's posted interrupts, each of which can be left out (hypervisor.posted_without), and of
 * proposals that Xen does not have (hypervisor.posted_with).
 */
#ifndef MODELS_XEN_POSTED_FIXES_H
#define MODELS_XEN_POSTED_FIXES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers are the model's own; posted/fixes.c has the commits. */
enum posted_fix {
    POSTED_F0,
    POSTED_F1,
    POSTED_F2,
    POSTED_F3,
    POSTED_F4,
    POSTED_F5,
    POSTED_F6,
    POSTED_F7,
    POSTED_F8,
    POSTED_F9,
    POSTED_F11,
    POSTED_F12,
    POSTED_FIX_COUNT,
};

enum posted_proposal {
    POSTED_RECHECK_PIR,
    POSTED_WAKE_ON_ASSIGN,
    POSTED_KEEP_ON,
    POSTED_PROPOSAL_COUNT,
};

struct posted_name {
    const char *name, *commit, *summary; /* commit: "" for a proposal */
};

extern const struct posted_name posted_fix_names[POSTED_FIX_COUNT], posted_proposal_names[POSTED_PROPOSAL_COUNT];

/* Parses a list such as "F1,F5", by name or commit, or "none" or "", into *bits, with one bit for each of the `count`
 * rows. Returns false if a word is unknown; *wrong then points to it in `text`, and it is *wrong_bytes long. */
bool posted_names_parse(const struct posted_name *rows, size_t count, const char *text, uint32_t *bits,
                        const char **wrong, size_t *wrong_bytes);

#endif
