/* SPDX-License-Identifier: Apache-2.0
 *
 * See kind.h. Formats of traces begin with bytes of their own: trace.dat(5) of trace-cmd; xentrace with the record
 * TRC_TRACE_CPU_CHANGE (Xen, xen/include/public/trace.h); Perfetto's trace with field 1 of message Trace
 * (protos/perfetto/trace/trace.proto).
 */
#define _GNU_SOURCE
#include "report/kind.h"

#include <stdbool.h>
#include <ctype.h>
#include <string.h>

#define ABOUT_TRACES "; a report takes the result (run -o FILE.cbor), and with --trace repeats its run"

/* The first bytes of compressed files: gzip (RFC 1952), xz, zstd (RFC 8878). */
static const struct {
    const char *bytes;
    size_t count;
} compressed[] = { { "\x1f\x8b", 2 }, { "\xfd\x37\x7a\x58\x5a", 5 }, { "\x28\xb5\x2f\xfd", 4 } };

static bool is_text(const uint8_t *head, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (head[i] < ' ' && head[i] != '\n' && head[i] != '\t' && head[i] != '\r')
            return false;
    return count > 0;
}

/* Whether a line begins with the word. */
static bool has_line(const uint8_t *head, size_t count, const char *word)
{
    size_t length = strlen(word);

    for (size_t i = 0; i + length <= count; i++)
        if ((i == 0 || head[i - 1] == '\n') && memcmp(head + i, word, length) == 0)
            return true;
    return false;
}

static const char *text_kind(const uint8_t *head, size_t count)
{
    if (has_line(head, count, "runs:"))
        return "an experiment that has not run: irqpath experiment FILE -o DIR, then irqpath report DIR";
    if (has_line(head, count, "name:") || has_line(head, count, "machine:"))
        return "a scenario: irqpath run FILE -o FILE.cbor makes a result of it";
    if (has_line(head, count, "<!doctype html>"))
        return "a page already";
    if (has_line(head, count, "scenario,design,seed,"))
        return "the CSV of results; a report takes the result itself (run -o FILE.cbor)";
    return "text, but neither a replay nor anything else that a report takes";
}

/* What the recording is called; NULL: it is none. */
static const char *recording_kind(const uint8_t *head, size_t count)
{
    static const char dat[] = "\x17\x08\x44tracing";

    if (count >= sizeof dat - 1 && memcmp(head, dat, sizeof dat - 1) == 0)
        return "a trace for KernelShark (trace.dat)";
    if (count >= 4 && head[0] == 0x03 && head[1] == 0xf0 && head[2] == 0x01 && (head[3] & 0x0f) == 0)
        return "a trace for xenalyze (xentrace)";
    if (count >= 8 && memcmp(head, "PERFILE2", 8) == 0)
        return "a recording of perf (perf.data)";
    for (size_t i = 0; i < sizeof compressed / sizeof *compressed; i++)
        if (count >= compressed[i].count && memcmp(head, compressed[i].bytes, compressed[i].count) == 0)
            return "a compressed file";
    if (is_text(head, count) && memmem(head, count, "] ", 2) != NULL &&
        (memmem(head, count, " [0", 3) != NULL || memmem(head, count, ": sched_", 8) != NULL))
        return "a recording as text";
    return NULL;
}

enum kind kind_of(const uint8_t *head, size_t count, const char **what)
{
    size_t after = count > 0 ? 1 : 0;

    *what = NULL;
    while (after < count && head[after] == ' ')
        after++;
    if (after < count && (head[0] == '{' || (head[0] == '[' && !isdigit(head[after])))) /* "[001]" is an event's CPU */
        return KIND_JSON;
    if (count > 0 && head[0] >= 0xa0 && head[0] <= 0xbf) /* a map of CBOR */
        return KIND_RESULT;
    *what = recording_kind(head, count);
    if (*what != NULL)
        return KIND_RECORDING;
    if (count == 0)
        *what = "empty";
    else if (head[0] == 0x0a && !is_text(head, count))
        *what = "a trace for Perfetto (.pftrace)" ABOUT_TRACES;
    else if (count >= 4 && memcmp(head,
                                  "\x7f"
                                  "ELF",
                                  4) == 0)
        *what = "a program or code object; a report takes results of runs with it (--code)";
    else
        *what = is_text(head, count) ? text_kind(head, count) : "of an unknown kind";
    return KIND_OTHER;
}
