/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes trace.dat. Full pages go to a temporary file and are copied to the output at the end, when the size of each
 * pCPU's section is known. Records with an equivalent among the kernel's events (sched, irq) become those; each other
 * kind of record is an event of irqpath's own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "formats/tracedat.h"

enum {
    PAGE_BYTES = 4096,
    PAGE_HEAD_BYTES = 16,
    WORDS_MAX = 28, /* largest event whose length fits the type_len field */
    TIME_EXTEND = 30,
    DELTA_BITS = 27,
};

enum {
    ID_SWITCH = 300,
    ID_WAKING,
    ID_IRQ_ENTRY,
    ID_IRQ_EXIT,
    ID_SOFTIRQ_RAISE,
    ID_SOFTIRQ_ENTRY,
    ID_SOFTIRQ_EXIT,
    ID_OURS = 320
};

struct tracedat_cpu {
    struct bytes body; /* of the page being filled */
    uint64_t page_ns, last_ns;
    uint32_t *pages; /* numbers of its pages in the spool */
    uint32_t page_count, page_capacity;
    uint32_t irq; /* of the interrupt in progress */
};

/* --- the head --- */

static const char page_format[] = "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
                                  "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
                                  "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
                                  "\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;\n";

static const char event_head[] = "# compressed entry header\n"
                                 "\ttype_len    :    5 bits\n\ttime_delta  :   27 bits\n\tarray       :   32 bits\n\n"
                                 "\tpadding     : type == 29\n\ttime_extend : type == 30\n\ttime_stamp : type == 31\n"
                                 "\tdata max type_len  == 28\n";

static const char common_fields[] = "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
                                    "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
                                    "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
                                    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n";

struct event_format {
    const char *system, *name;
    uint32_t id;
    const char *fields, *print;
};

#define OUR_FIELDS \
    "\tfield:char who[16];\toffset:8;\tsize:16;\tsigned:0;\n" \
    "\tfield:char what[24];\toffset:24;\tsize:24;\tsigned:0;\n" \
    "\tfield:unsigned int flow;\toffset:48;\tsize:4;\tsigned:0;\n" \
    "\tfield:unsigned int value;\toffset:52;\tsize:4;\tsigned:0;\n"

static const struct event_format formats[] = {
    { "sched", "sched_switch", ID_SWITCH,
      "\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
      "\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n"
      "\tfield:int prev_prio;\toffset:28;\tsize:4;\tsigned:1;\n"
      "\tfield:long prev_state;\toffset:32;\tsize:8;\tsigned:1;\n"
      "\tfield:char next_comm[16];\toffset:40;\tsize:16;\tsigned:0;\n"
      "\tfield:pid_t next_pid;\toffset:56;\tsize:4;\tsigned:1;\n"
      "\tfield:int next_prio;\toffset:60;\tsize:4;\tsigned:1;\n",
      "\"prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s ==> next_comm=%s next_pid=%d next_prio=%d\", "
      "REC->prev_comm, REC->prev_pid, REC->prev_prio, REC->prev_state ? __print_flags(REC->prev_state, \"|\", "
      "{ 1, \"S\" }, { 2, \"D\" }) : \"R\", REC->next_comm, REC->next_pid, REC->next_prio" },
    { "sched", "sched_waking", ID_WAKING,
      "\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
      "\tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;\n"
      "\tfield:int prio;\toffset:28;\tsize:4;\tsigned:1;\n"
      "\tfield:int target_cpu;\toffset:32;\tsize:4;\tsigned:1;\n",
      "\"comm=%s pid=%d prio=%d target_cpu=%03d\", REC->comm, REC->pid, REC->prio, REC->target_cpu" },
    { "irq", "irq_handler_entry", ID_IRQ_ENTRY,
      "\tfield:int irq;\toffset:8;\tsize:4;\tsigned:1;\n"
      "\tfield:__data_loc char[] name;\toffset:12;\tsize:4;\tsigned:0;\n",
      "\"irq=%d name=%s\", REC->irq, __get_str(name)" },
    { "irq", "irq_handler_exit", ID_IRQ_EXIT,
      "\tfield:int irq;\toffset:8;\tsize:4;\tsigned:1;\n"
      "\tfield:int ret;\toffset:12;\tsize:4;\tsigned:1;\n",
      "\"irq=%d ret=%s\", REC->irq, REC->ret ? \"handled\" : \"unhandled\"" },
    { "irq", "softirq_raise", ID_SOFTIRQ_RAISE, "\tfield:unsigned int vec;\toffset:8;\tsize:4;\tsigned:0;\n",
      "\"vec=%u\", REC->vec" },
    { "irq", "softirq_entry", ID_SOFTIRQ_ENTRY, "\tfield:unsigned int vec;\toffset:8;\tsize:4;\tsigned:0;\n",
      "\"vec=%u\", REC->vec" },
    { "irq", "softirq_exit", ID_SOFTIRQ_EXIT, "\tfield:unsigned int vec;\toffset:8;\tsize:4;\tsigned:0;\n",
      "\"vec=%u\", REC->vec" },
};

/* The names of irqpath's own events by kind of record; NULL for kinds that become kernel events or are not written. */
static const char *const our_names[TRACE_KIND_COUNT] = {
    [TRACE_RAISE] = "device_raise",
    [TRACE_DO_IRQ] = "do_irq",
    [TRACE_FOR] = "work_for",
    [TRACE_LOCK_WAIT] = "lock_wait",
    [TRACE_LOCK_ACQUIRE] = "lock_acquire",
    [TRACE_LOCK_RELEASE] = "lock_release",
    [TRACE_VMEXIT] = "vmexit",
    [TRACE_VMENTRY] = "vmentry",
    [TRACE_PEND] = "virq_pend",
    [TRACE_INJECT] = "virq_inject",
    [TRACE_HANDLER] = "guest_handler",
    [TRACE_IPI] = "ipi_send",
    [TRACE_DROPPED] = "records_dropped",
};

static void put_format(struct bytes *head, const struct event_format *format)
{
    struct bytes text = { 0 };
    char first[128];

    int count = snprintf(first, sizeof first, "name: %s\nID: %u\nformat:\n", format->name, format->id);
    bytes_put(&text, first, (size_t)count);
    bytes_put(&text, common_fields, strlen(common_fields));
    bytes_put(&text, format->fields, strlen(format->fields));
    bytes_put(&text, "\nprint fmt: ", strlen("\nprint fmt: "));
    bytes_put(&text, format->print, strlen(format->print));
    bytes_put(&text, "\n", 1);
    bytes_put_u64(head, text.count);
    bytes_put(head, text.data, text.count);
    bytes_free(&text);
}

static void put_system(struct bytes *head, const char *system)
{
    uint32_t count = 0;

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        count += !strcmp(formats[i].system, system);
    bytes_put_text(head, system);
    bytes_put_u32(head, count);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (!strcmp(formats[i].system, system))
            put_format(head, &formats[i]);
}

static void put_our_system(struct bytes *head)
{
    uint32_t count = 0;

    for (uint32_t kind = 0; kind < TRACE_KIND_COUNT; kind++)
        count += our_names[kind] != NULL;
    bytes_put_text(head, "irqpath");
    bytes_put_u32(head, count);
    for (uint32_t kind = 0; kind < TRACE_KIND_COUNT; kind++) {
        struct event_format format = { "irqpath", our_names[kind], ID_OURS + kind, OUR_FIELDS,
                                       "\"%s flow=%u value=%u who=%s\", REC->what, REC->flow, REC->value, REC->who" };
        if (our_names[kind] != NULL)
            put_format(head, &format);
    }
}

static void put_tasks(struct bytes *head, const struct trace_world *world)
{
    struct bytes text = { 0 };
    char line[64], name[TASK_NAME_BYTES];

    for (uint32_t d = 0; d < world->domain_count; d++)
        for (uint32_t v = 0; v < world->domains[d].vcpu_count; v++) {
            uint32_t who = trace_who(d, v);
            int count = snprintf(line, sizeof line, "%d %s\n", task_pid(who), task_name(world, who, name));
            bytes_put(&text, line, (size_t)count);
        }
    bytes_put_u64(head, text.count);
    bytes_put(head, text.data, text.count);
    bytes_free(&text);
}

static void put_head(struct bytes *head, const struct trace_world *world)
{
    bytes_put(head, "\x17\x08\x44tracing", 10);
    bytes_put_text(head, "6");
    bytes_put(head, "\0\x08", 2); /* little-endian; bytes of a long */
    bytes_put_u32(head, PAGE_BYTES);
    bytes_put_text(head, "header_page");
    bytes_put_u64(head, strlen(page_format));
    bytes_put(head, page_format, strlen(page_format));
    bytes_put_text(head, "header_event");
    bytes_put_u64(head, strlen(event_head));
    bytes_put(head, event_head, strlen(event_head));
    bytes_put_u32(head, 0); /* ftrace's own formats */
    bytes_put_u32(head, 3);
    put_system(head, "sched");
    put_system(head, "irq");
    put_our_system(head);
    bytes_put_u32(head, 0); /* kallsyms */
    bytes_put_u32(head, 0); /* printk */
    put_tasks(head, world);
    bytes_put_u32(head, world->cpu_count);
    bytes_put(head, "options  \0\0", 12); /* none */
    bytes_put_text(head, "flyrecord");
}

/* --- pages --- */

static void close_page(struct tracedat_writer *writer, struct tracedat_cpu *cpu)
{
    static const uint8_t zeros[PAGE_BYTES];
    struct bytes head = { 0 };

    if (cpu->body.count == 0)
        return;
    bytes_put_u64(&head, cpu->page_ns);
    bytes_put_u64(&head, cpu->body.count);
    bytes_put(&head, cpu->body.data, cpu->body.count);
    bytes_put(&head, zeros, PAGE_BYTES - head.count);
    writer->has_failed |= fwrite(head.data, PAGE_BYTES, 1, writer->spool) != 1;
    bytes_free(&head);
    cpu->body.count = 0;
    if (cpu->page_count == cpu->page_capacity) {
        cpu->page_capacity = cpu->page_capacity * 2 + 16;
        cpu->pages = realloc(cpu->pages, cpu->page_capacity * sizeof *cpu->pages);
        CHECK(cpu->pages != NULL);
    }
    cpu->pages[cpu->page_count++] = writer->page_count++;
}

static void put_event(struct tracedat_writer *writer, uint32_t cpu_id, cycles when, struct bytes *data)
{
    struct tracedat_cpu *cpu = &writer->cpus[cpu_id];
    uint64_t ns = cycles_to_ns(when, writer->world->frequency_hz);

    bytes_pad(data, 4);
    CHECK(data->count / 4 <= WORDS_MAX);
    if (cpu->body.count + 12 + data->count > PAGE_BYTES - PAGE_HEAD_BYTES)
        close_page(writer, cpu);
    if (cpu->body.count == 0)
        cpu->page_ns = cpu->last_ns = ns;
    uint64_t delta = ns - cpu->last_ns;
    if (delta >> DELTA_BITS != 0) {
        bytes_put_u32(&cpu->body, TIME_EXTEND | (uint32_t)(delta << 5));
        bytes_put_u32(&cpu->body, (uint32_t)(delta >> DELTA_BITS));
        delta = 0;
    }
    bytes_put_u32(&cpu->body, (uint32_t)(data->count / 4) | (uint32_t)(delta << 5));
    bytes_put(&cpu->body, data->data, data->count);
    cpu->last_ns = ns;
    writer->events++;
    data->count = 0;
}

/* --- events --- */

static void put_common(struct bytes *data, uint32_t id, int32_t pid)
{
    bytes_put_u16(data, (uint16_t)id);
    bytes_put_u16(data, 0);
    bytes_put_u32(data, (uint32_t)pid);
}

/* A character array padded with zeros; longer text is cut. */
static void put_chars(struct bytes *data, const char *text, size_t field_bytes)
{
    char field[24] = "";

    CHECK(field_bytes <= sizeof field);
    memcpy(field, text, strlen(text) < field_bytes ? strlen(text) : field_bytes - 1);
    bytes_put(data, field, field_bytes);
}

enum { PRIORITY = 120 };

static void put_task_event(struct tracedat_writer *writer, struct bytes *data, const struct trace_record *record,
                           const struct task_event *event)
{
    char name[TASK_NAME_BYTES];
    bool is_switch = event->kind == TASK_SWITCH;

    put_common(data, is_switch ? ID_SWITCH : ID_WAKING, task_pid(event->from));
    if (is_switch) {
        put_chars(data, task_name(writer->world, event->from, name), TASK_NAME_BYTES);
        bytes_put_u32(data, (uint32_t)task_pid(event->from));
        bytes_put_u32(data, PRIORITY);
        bytes_put_u64(data, event->from_state);
    }
    put_chars(data, task_name(writer->world, event->to, name), TASK_NAME_BYTES);
    bytes_put_u32(data, (uint32_t)task_pid(event->to));
    bytes_put_u32(data, PRIORITY);
    if (!is_switch)
        bytes_put_u32(data, event->cpu);
    put_event(writer, event->cpu, record->time, data);
}

static void put_interrupt(struct tracedat_writer *writer, struct bytes *data, const struct trace_record *record)
{
    bool is_entry = record->kind == TRACE_IRQ_ENTRY;
    char name[16];

    put_common(data, is_entry ? ID_IRQ_ENTRY : ID_IRQ_EXIT, task_pid(writer->view.current[record->cpu]));
    bytes_put_u32(data, record->a);
    if (is_entry) {
        snprintf(name, sizeof name, "vector-%02x", record->a);
        bytes_put_u32(data, (uint32_t)(strlen(name) + 1) << 16 | 16);
        bytes_put_text(data, name);
    } else {
        bytes_put_u32(data, 1);
    }
    put_event(writer, record->cpu, record->time, data);
}

static void put_softirq(struct tracedat_writer *writer, struct bytes *data, const struct trace_record *record)
{
    put_common(data, ID_SOFTIRQ_RAISE + record->kind - TRACE_SOFTIRQ_RAISE,
               task_pid(writer->view.current[record->cpu]));
    bytes_put_u32(data, record->a);
    put_event(writer, record->cpu, record->time, data);
}

static const char *what_of(const struct trace_world *world, const struct trace_record *record,
                           char text[TRACE_TEXT_BYTES])
{
    switch (record->kind) {
    case TRACE_LOCK_WAIT:
    case TRACE_LOCK_ACQUIRE:
    case TRACE_LOCK_RELEASE:
        return trace_lock_text(world, record->a, text);
    case TRACE_VMEXIT:
        return trace_exit_text(world, record->a);
    case TRACE_IPI:
        snprintf(text, TRACE_TEXT_BYTES, "vector-%02x to cpu", record->a);
        return text;
    case TRACE_RAISE:
        snprintf(text, TRACE_TEXT_BYTES, "vector-%02x", record->a % 256);
        return text;
    case TRACE_PEND:
    case TRACE_INJECT:
    case TRACE_HANDLER:
        return record->a == 0 ? "event channel" : "vector";
    default:
        return "";
    }
}

/* The event's number: the holder's or the target's pCPU, a vector, a count or an interrupt. */
static uint32_t value_of(const struct trace_record *record)
{
    switch (record->kind) {
    case TRACE_LOCK_WAIT:
    case TRACE_IPI:
    case TRACE_DO_IRQ:
        return (uint32_t)record->b;
    case TRACE_RAISE:
        return record->a / 256;
    default:
        return record->a;
    }
}

static void put_ours(struct tracedat_writer *writer, struct bytes *data, const struct trace_record *record)
{
    char name[TASK_NAME_BYTES], text[TRACE_TEXT_BYTES];

    if (our_names[record->kind] == NULL)
        return;
    put_common(data, ID_OURS + record->kind, task_pid(writer->view.current[record->cpu]));
    put_chars(data, record->who == TRACE_NOBODY ? "-" : task_name(writer->world, record->who, name), TASK_NAME_BYTES);
    put_chars(data, what_of(writer->world, record, text), 24);
    bytes_put_u32(data, record->flow);
    bytes_put_u32(data, value_of(record));
    put_event(writer, record->cpu, record->time, data);
}

static void write_record(struct tracedat_writer *writer, const struct trace_record *record, struct bytes *data)
{
    struct task_event event;

    switch (record->kind) {
    case TRACE_VCPU:
    case TRACE_RUNSTATE:
        if (task_view_follow(&writer->view, record, &event))
            put_task_event(writer, data, record, &event);
        break;
    case TRACE_IRQ_ENTRY:
    case TRACE_IRQ_EXIT:
        put_interrupt(writer, data, record);
        break;
    case TRACE_SOFTIRQ_RAISE:
    case TRACE_SOFTIRQ_ENTRY:
    case TRACE_SOFTIRQ_EXIT:
        put_softirq(writer, data, record);
        break;
    default:
        put_ours(writer, data, record);
    }
}

/* --- the sink --- */

static bool writer_begin(struct trace_sink *sink, const struct trace_world *world, char *message, size_t message_bytes)
{
    struct tracedat_writer *writer = (struct tracedat_writer *)sink;

    writer->world = world;
    writer->cpu_count = world->cpu_count;
    writer->spool = tmpfile();
    if (writer->spool == NULL) {
        snprintf(message, message_bytes, "no temporary file: %s", strerror(errno));
        return false;
    }
    task_view_init(&writer->view, world->cpu_count);
    writer->cpus = calloc(world->cpu_count, sizeof *writer->cpus);
    CHECK(writer->cpus != NULL);
    return true;
}

static void writer_records(struct trace_sink *sink, const struct trace_record *records, size_t count)
{
    struct tracedat_writer *writer = (struct tracedat_writer *)sink;
    struct bytes data = { 0 };

    for (size_t i = 0; i < count; i++)
        write_record(writer, &records[i], &data);
    bytes_free(&data);
}

static void copy_page(struct tracedat_writer *writer, uint32_t page)
{
    uint8_t bytes[PAGE_BYTES];

    if (fseeko(writer->spool, (off_t)page * PAGE_BYTES, SEEK_SET) != 0 ||
        fread(bytes, PAGE_BYTES, 1, writer->spool) != 1)
        writer->has_failed = true;
    output_write(writer->output, bytes, PAGE_BYTES);
}

static void writer_end(struct trace_sink *sink, const struct machine *machine, cycles now)
{
    struct tracedat_writer *writer = (struct tracedat_writer *)sink;
    struct bytes head = { 0 };

    (void)machine, (void)now;
    for (uint32_t i = 0; i < writer->cpu_count; i++)
        close_page(writer, &writer->cpus[i]);
    put_head(&head, writer->world);
    uint64_t offset = (head.count + 16 * (uint64_t)writer->cpu_count + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    for (uint32_t i = 0; i < writer->cpu_count; i++) {
        uint64_t bytes = (uint64_t)writer->cpus[i].page_count * PAGE_BYTES;
        bytes_put_u64(&head, offset);
        bytes_put_u64(&head, bytes);
        offset += bytes;
    }
    bytes_pad(&head, PAGE_BYTES);
    output_write(writer->output, head.data, head.count);
    bytes_free(&head);
    for (uint32_t i = 0; i < writer->cpu_count; i++)
        for (uint32_t page = 0; page < writer->cpus[i].page_count; page++)
            copy_page(writer, writer->cpus[i].pages[page]);
    if (writer->has_failed) {
        writer->output->has_failed = true;
        writer->output->error = EIO;
    }
}

void tracedat_writer_init(struct tracedat_writer *writer, struct output *output)
{
    *writer = (struct tracedat_writer){ .sink = { TRACE_ALL_KINDS, writer_begin, writer_records, writer_end },
                                        .output = output };
}

void tracedat_writer_free(struct tracedat_writer *writer)
{
    if (writer->cpus == NULL)
        return;
    for (uint32_t i = 0; i < writer->cpu_count; i++) {
        bytes_free(&writer->cpus[i].body);
        free(writer->cpus[i].pages);
    }
    free(writer->cpus);
    task_view_free(&writer->view);
    fclose(writer->spool);
}
