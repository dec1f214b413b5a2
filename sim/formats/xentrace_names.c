/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers and names of VM exits: Intel SDM volume 3, appendix C; AMD APM volume 2, appendix C.
 */
#include "formats/xentrace_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/check.h"

enum { TEXTS_MAX = 1 << 20 };

static const char *const vmx_names[] = {
    [0] = "EXCEPTION_NMI",
    [1] = "EXTERNAL_INTERRUPT",
    [2] = "TRIPLE_FAULT",
    [3] = "INIT",
    [7] = "INTERRUPT_WINDOW",
    [8] = "NMI_WINDOW",
    [9] = "TASK_SWITCH",
    [10] = "CPUID",
    [12] = "HLT",
    [13] = "INVD",
    [14] = "INVLPG",
    [15] = "RDPMC",
    [16] = "RDTSC",
    [18] = "VMCALL",
    [28] = "CR_ACCESS",
    [29] = "DR_ACCESS",
    [30] = "IO_INSTRUCTION",
    [31] = "MSR_READ",
    [32] = "MSR_WRITE",
    [33] = "INVALID_GUEST_STATE",
    [36] = "MWAIT",
    [37] = "MONITOR_TRAP_FLAG",
    [39] = "MONITOR",
    [40] = "PAUSE",
    [41] = "MACHINE_CHECK",
    [43] = "TPR_BELOW_THRESHOLD",
    [44] = "APIC_ACCESS",
    [45] = "VIRTUALIZED_EOI",
    [48] = "EPT_VIOLATION",
    [49] = "EPT_MISCONFIG",
    [51] = "RDTSCP",
    [52] = "PREEMPTION_TIMER",
    [54] = "WBINVD",
    [55] = "XSETBV",
    [56] = "APIC_WRITE",
    [58] = "INVPCID",
    [59] = "VMFUNC",
    [62] = "PML_FULL",
    [74] = "BUS_LOCK",
    [75] = "NOTIFY",
};

static const struct {
    uint32_t reason;
    const char *name;
} svm_names[] = {
    { 0x60, "INTR" },          { 0x61, "NMI" },         { 0x62, "SMI" },
    { 0x64, "VINTR" },         { 0x6e, "RDTSC" },       { 0x6f, "RDPMC" },
    { 0x72, "CPUID" },         { 0x73, "RSM" },         { 0x74, "IRET" },
    { 0x75, "SWINT" },         { 0x76, "INVD" },        { 0x77, "PAUSE" },
    { 0x78, "HLT" },           { 0x79, "INVLPG" },      { 0x7b, "IOIO" },
    { 0x7c, "MSR" },           { 0x7d, "TASK_SWITCH" }, { 0x7f, "SHUTDOWN" },
    { 0x80, "VMRUN" },         { 0x81, "VMMCALL" },     { 0x87, "RDTSCP" },
    { 0x89, "WBINVD" },        { 0x8a, "MONITOR" },     { 0x8b, "MWAIT" },
    { 0x8d, "XSETBV" },        { 0x400, "NPF" },        { 0x401, "AVIC_INCOMPLETE_IPI" },
    { 0x402, "AVIC_NOACCEL" },
};

const char *const *xen_texts_of(struct xen_reader *reader, uint32_t what, uint32_t *count)
{
    *count = 0;
    for (size_t i = 0; i < reader->text_count; i++)
        if (reader->texts[i].what == what && reader->texts[i].index >= *count)
            *count = reader->texts[i].index + 1;
    if (*count == 0)
        return NULL;
    const char **list = calloc(*count, sizeof *list);
    CHECK(list != NULL);
    for (size_t i = 0; i < reader->text_count; i++)
        if (reader->texts[i].what == what)
            list[reader->texts[i].index] = reader->texts[i].text;
    const char *const *kept = recorded_names(reader->recorded, list, *count);
    free(list);
    return kept;
}

static const char *svm_name(uint32_t reason)
{
    for (size_t i = 0; i < sizeof svm_names / sizeof *svm_names; i++)
        if (svm_names[i].reason == reason)
            return svm_names[i].name;
    return NULL;
}

const char *const *xen_exit_names(struct xen_reader *reader, uint32_t *count)
{
    const char **list = calloc(reader->exits.count + 1, sizeof *list);

    CHECK(list != NULL);
    for (size_t i = 0; i < reader->exits.count; i++) {
        uint32_t reason = (uint32_t)reader->exits.rows[i].key;
        char number[32];
        list[i] = reader->is_svm                                  ? svm_name(reason)
                  : reason < sizeof vmx_names / sizeof *vmx_names ? vmx_names[reason]
                                                                  : NULL;
        snprintf(number, sizeof number, reader->is_svm ? "exit 0x%x" : "exit %u", reason);
        if (list[i] == NULL)
            list[i] = recorded_text(reader->recorded, number);
    }
    *count = (uint32_t)reader->exits.count;
    const char *const *kept = recorded_names(reader->recorded, list, *count);
    free(list);
    return kept;
}

/* The first word has what the name is of, and in its lower half the part's position; then the index, and the number or
 * 20 bytes of text. */
bool xen_text_add(struct xen_reader *reader, const struct xen_record *record)
{
    uint32_t what = record->extra[0] >> 16, part = record->extra[0] & 0xffff, index = record->extra[1];

    if (record->count != XENTRACE_EXTRA_MAX || what >= XENTRACE_TEXT_COUNT || index >= 1 << 16)
        return xen_fail(reader, record->at, "a name that irqpath does not write");
    uint32_t number = intern_number(&reader->text_numbers, (uint64_t)what << 32 | index, "");
    if (number == reader->text_count) {
        if (reader->text_count == TEXTS_MAX)
            return xen_fail(reader, record->at, "more than %d names", TEXTS_MAX);
        reader->texts = array_grown(reader->texts, reader->text_count, sizeof *reader->texts);
        reader->texts[reader->text_count++] = (struct xen_text){ .what = what, .index = index };
    }
    struct xen_text *text = &reader->texts[number];
    if (part == 0) {
        text->number = (uint64_t)record->extra[3] << 32 | record->extra[2];
        return true;
    }
    for (uint32_t byte = 0; byte < 20; byte++) {
        size_t at = 20 * (size_t)(part - 1) + byte;
        char c = (char)(record->extra[2 + byte / 4] >> 8 * (byte % 4));
        if (at < sizeof text->text - 1)
            text->text[at] = c;
    }
    return true;
}
