/* SPDX-License-Identifier: Apache-2.0
 *
 * Recognises the format of a recording by its first bytes. What is packed is unpacked by the program that packed it,
 * and perf.data is printed by perf itself.
 */
#include "formats/recordings.h"

#include <errno.h>
#include <string.h>

#include "formats/other_text.h"
#include "formats/readers.h"
#include "formats/xentrace.h"

enum { LAYERS_MAX = 3 };

typedef bool reader(struct source *source, const struct recording_choice *choice, struct recorded *recorded,
                    char *message, size_t message_bytes);

/* Kinds of files by their first bytes. One that a program turns into another kind has its arguments; one that nothing
 * here reads says what it is and what to do. */
struct kind {
    const char *magic;
    size_t bytes;
    const char *program[12], *package;
    reader *read;
    const char *advice;
};

static const struct kind kinds[] = {
    { "\x1f\x8b", 2, { "gzip", "-dc" }, "gzip", NULL, NULL },
    { "\xfd"
      "7zXZ",
      5,
      { "xz", "-dc" },
      "xz-utils",
      NULL,
      NULL },
    { "\x28\xb5\x2f\xfd", 4, { "zstd", "-dc" }, "zstd", NULL, NULL },
    { "BZh", 3, { "bzip2", "-dc" }, "bzip2", NULL, NULL },
    { "\x04\x22\x4d\x18", 4, { "lz4", "-dc" }, "lz4", NULL, NULL },
    { "PERFILE2",
      8,
      { "perf", "script", "--ns", "-f", "--show-lost-events", "-F", "comm,pid,tid,cpu,time,event,trace", "-i",
        "/proc/self/fd/0" },
      "linux-perf, or linux-tools-$(uname -r) of Ubuntu; or print it where it was recorded: perf script --ns -F "
      "comm,pid,tid,cpu,time,event,trace >FILE.txt",
      NULL,
      NULL },
    { "\x17\x08\x44tracing", 10, { NULL }, NULL, tracedat_read, NULL },
    { "\x7f"
      "ELF",
      4,
      { NULL },
      NULL,
      NULL,
      "an ELF file: a program, not a recording" },
    { "\xc1\x1f\xfc\xc1",
      4,
      { NULL },
      NULL,
      NULL,
      "a part of a CTF trace (LTTng): `babeltrace2 DIRECTORY` prints it, in a form that is not read here" },
    { "\x07\x41\x61\x65", 4, { NULL }, NULL, NULL, "a blktrace file: it has no interrupts and no threads" },
    { "\xff\xfe", 2, { "iconv", "-f", "UTF-16", "-t", "UTF-8" }, "libc-bin", NULL, NULL },
    { "\xfe\xff", 2, { "iconv", "-f", "UTF-16", "-t", "UTF-8" }, "libc-bin", NULL, NULL },
    { "PK\x03\x04", 4, { NULL }, NULL, NULL, "a zip archive: unpack it first" },
    { "%PDF", 4, { NULL }, NULL, NULL, "a PDF document" },
    { "\x89PNG", 4, { NULL }, NULL, NULL, "a picture" },
};

static bool is_text(const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] == '\0' || (bytes[i] < ' ' && strchr("\n\t\r\f\033", bytes[i]) == NULL))
            return false;
    return count > 0;
}

/* A trace packet is field 1 of the trace, with a length. */
static bool is_perfetto(const struct source *source)
{
    const unsigned char *head = source->head;

    return source->head_bytes > 4 && head[0] == 0x0a && !is_text(head, source->head_bytes) &&
           memcmp(head, "\x0a\x00\x00\x00", 4) != 0;
}

static bool is_tar(const struct source *source)
{
    enum { MAGIC_AT = 257 };

    return source->head_bytes > MAGIC_AT + 5 && !memcmp(source->head + MAGIC_AT, "ustar", 5);
}

static bool is_xentrace(const struct source *source)
{
    static const unsigned char window[4] = { XENTRACE_CPU_CHANGE & 0xff, XENTRACE_CPU_CHANGE >> 8 & 0xff,
                                             XENTRACE_CPU_CHANGE >> 16, 0x20 };

    return source->head_bytes >= 4 && !memcmp(source->head, window, 4);
}

static const struct kind *kind_of(const struct source *source)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (source->head_bytes >= kinds[i].bytes && !memcmp(source->head, kinds[i].magic, kinds[i].bytes))
            return &kinds[i];
    return NULL;
}

static bool refuse(char *message, size_t message_bytes, const char *text)
{
    snprintf(message, message_bytes, "%s", text);
    return false;
}

/* What was not read is named if it is a known kind of text. */
static bool read_text(struct source *source, const struct recording_choice *choice, struct recorded *recorded,
                      char *message, size_t message_bytes)
{
    bool is_of_interrupts = interrupts_is_head((const char *)source->head, source->head_bytes);
    char head[SOURCE_HEAD_BYTES + 1] = "";

    if ((is_of_interrupts ? interrupts_read : linux_text_read)(source, choice, recorded, message, message_bytes))
        return true;
    memcpy(head, source->head, source->head_bytes);
    const char *kind = recorded->count == 0 ? other_text(head) : NULL;
    return kind != NULL && refuse(message, message_bytes, kind);
}

static bool read_source(struct source *source, const struct recording_choice *choice, struct recorded *recorded,
                        char *message, size_t message_bytes)
{
    const struct kind *kind = kind_of(source);

    for (int layer = 0; kind != NULL && kind->program[0] != NULL; layer++) {
        if (layer == LAYERS_MAX)
            return refuse(message, message_bytes, "packed in itself again and again");
        if (!source_through(source, kind->program, kind->package, message, message_bytes))
            return false;
        kind = kind_of(source);
    }
    if (kind != NULL && kind->read == NULL)
        return refuse(message, message_bytes, kind->advice);
    if (kind != NULL)
        return kind->read(source, choice, recorded, message, message_bytes);
    if (source->head_bytes == 0)
        return refuse(message, message_bytes, "byte 0: the file is empty");
    if (is_tar(source))
        return refuse(message, message_bytes, "a tar archive: unpack it first");
    if (is_xentrace(source))
        return xentrace_records_read(source, choice, recorded, message, message_bytes);
    if (is_perfetto(source))
        return refuse(message, message_bytes,
                      "a trace of Perfetto, which is not read here: record with `trace-cmd "
                      "record` or `perf record`, or `irqpath run --trace FILE.xentrace`");
    if (!is_text(source->head, source->head_bytes))
        return xentrace_records_read(source, choice, recorded, message, message_bytes);
    return read_text(source, choice, recorded, message, message_bytes);
}

bool recorded_read(const char *path, const struct recording_choice *choice, struct recorded *recorded, char *message,
                   size_t message_bytes)
{
    struct source source;

    recorded_init(recorded);
    if (!source_open(&source, path, message, message_bytes)) {
        recorded->is_unreadable = source.error != 0;
        return false;
    }
    bool is_good = read_source(&source, choice, recorded, message, message_bytes);
    if (!is_good && source.error == 0 && source.file != NULL && ferror(source.file)) {
        source.error = EIO; /* what reads it goes on to the next line or record before it sees that */
        (void)snprintf(message, message_bytes, "%s", strerror(source.error));
    }
    recorded->is_unreadable = !is_good && source.error != 0;
    char closing[300] = "";
    bool is_closed = source_close(&source, is_good, closing, sizeof closing);
    if (!is_closed && !recorded->is_unreadable)
        (void)snprintf(message, message_bytes, "%s", closing);
    recorded->is_unreadable |= !is_closed && source.error != 0;
    return is_closed && is_good;
}
