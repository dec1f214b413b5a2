/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of fixes and proposals. The numbers are the model's own; the source of each fix is its commit. F10 and F13 to
 * F16 (e489eb6138, 782cf8ba46, c7bdecae42, 607e8494c4, cb587f620a) are missing, because they concern what the model
 * leaves out (a machine without APICv, an assertion in dom0, vpt timers, save and restore, error paths).
 */
#include "models/xen/posted_fixes.h"

#include <string.h>

const struct posted_name posted_fix_names[POSTED_FIX_COUNT] = {
    [POSTED_F0] = { "F0", "e78c98f727", "a notification in root mode raises a softirq; software posts heed SN" },
    [POSTED_F1] = { "F1", "b151125b4d", "a software post always sends its IPI" },
    [POSTED_F2] = { "F2", "7c00de1756", "the switch_to hook stays when the last device is detached" },
    [POSTED_F3] = { "F3", "17ee5853e2", "hooks are installed in an order that makes NDST valid first" },
    [POSTED_F4] = { "F4", "9152b5f8d9", "detaching takes every vCPU off its blocking list" },
    [POSTED_F5] = { "F5", "92fc8d10f5", "the blocking list of a pCPU that goes offline moves" },
    [POSTED_F6] = { "F6", "1066331913", "a migrating vCPU leaves the affinity of posted MSIs alone" },
    [POSTED_F7] = { "F7", "a5e25908d1", "an affinity change keeps the format of the IRTE" },
    [POSTED_F8] = { "F8", "220e0b033d", "an MSI to several vCPUs gets a remapped IRTE" },
    [POSTED_F9] = { "F9", "93358e8e83", "an IRTE is written in one piece" },
    [POSTED_F11] = { "F11", "f164d49881", "vector hashing may choose the last vCPU" },
    [POSTED_F12] = { "F12", "56348df32b", "the PIR is merged before anything else is considered for injection" },
};

const struct posted_name posted_proposal_names[POSTED_PROPOSAL_COUNT] = {
    [POSTED_RECHECK_PIR] = { "recheck-pir", "", "ON is set when SN has been cleared and the PIR is not empty" },
    [POSTED_WAKE_ON_ASSIGN] = { "wake-on-assign", "", "installing the hooks wakes the vCPUs that are blocked" },
    [POSTED_KEEP_ON] = { "keep-on", "", "VM entry leaves ON and PIR of a vCPU alone that is about to block" },
};

static bool is_word(const char *name, const char *text, size_t bytes)
{
    return strlen(name) == bytes && bytes > 0 && strncmp(name, text, bytes) == 0;
}

bool posted_names_parse(const struct posted_name *rows, size_t count, const char *text, uint32_t *bits,
                        const char **wrong, size_t *wrong_bytes)
{
    *bits = 0;
    if (strcmp(text, "none") == 0 || *text == '\0')
        return true;
    for (const char *word = text;; word++) {
        word += strspn(word, " ");
        size_t bytes = strcspn(word, ", "), row = 0;
        while (row < count && !is_word(rows[row].name, word, bytes) && !is_word(rows[row].commit, word, bytes))
            row++;
        if (row == count) {
            *wrong = word;
            *wrong_bytes = bytes;
            return false;
        }
        *bits |= 1u << row;
        word += bytes + strspn(word + bytes, " ");
        if (*word == '\0')
            return true;
        if (*word != ',') {
            *wrong = word;
            *wrong_bytes = strcspn(word, ",");
            return false;
        }
    }
}
