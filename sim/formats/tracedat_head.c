/* SPDX-License-Identifier: Apache-2.0
 *
 * The head of a trace.dat: the layout of pages and events, the format of each event, and the names of the tasks.
 */
#include "formats/tracedat_parts.h"

#include <stdio.h>
#include <string.h>

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
    /* Of a Linux host. */
    { "kvm", "kvm_entry", ID_ENTRY,
      "\tfield:unsigned int vcpu_id;\toffset:8;\tsize:4;\tsigned:0;\n"
      "\tfield:unsigned long rip;\toffset:16;\tsize:8;\tsigned:0;\n",
      "\"vcpu %u, rip 0x%lx\", REC->vcpu_id, REC->rip" },
    { "kvm", "kvm_exit", ID_EXIT,
      "\tfield:unsigned int exit_reason;\toffset:8;\tsize:4;\tsigned:0;\n"
      "\tfield:unsigned long guest_rip;\toffset:16;\tsize:8;\tsigned:0;\n"
      "\tfield:u32 isa;\toffset:24;\tsize:4;\tsigned:0;\n"
      "\tfield:unsigned int vcpu_id;\toffset:28;\tsize:4;\tsigned:0;\n",
      "\"vcpu %u reason %s rip 0x%lx\", REC->vcpu_id, __print_symbolic(REC->exit_reason, "
      "{ 1, \"EXTERNAL_INTERRUPT\" }, { 7, \"INTERRUPT_WINDOW\" }, { 12, \"HLT\" }, { 18, \"VMCALL\" }, "
      "{ 32, \"MSR_WRITE\" }, { 45, \"EOI_INDUCED\" }, { 49, \"EPT_MISCONFIG\" }), REC->guest_rip" },
    { "kvm", "kvm_vcpu_wakeup", ID_WAKEUP,
      "\tfield:__u64 ns;\toffset:8;\tsize:8;\tsigned:0;\n"
      "\tfield:bool waited;\toffset:16;\tsize:1;\tsigned:0;\n"
      "\tfield:bool valid;\toffset:17;\tsize:1;\tsigned:0;\n",
      "\"%s time %llu ns, polling %s\", REC->waited ? \"wait\" : \"poll\", REC->ns, "
      "REC->valid ? \"valid\" : \"invalid\"" },
};

const char *const tracedat_our_names[TRACE_KIND_COUNT] = {
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
    struct event_format format = { "irqpath", TRACEDAT_SIMULATED, ID_SIMULATED, OUR_FIELDS,
                                   "\"%s flow=%u value=%u who=%s\", REC->what, REC->flow, REC->value, REC->who" };
    uint32_t count = 1;

    for (uint32_t kind = 0; kind < TRACE_KIND_COUNT; kind++)
        count += tracedat_our_names[kind] != NULL;
    bytes_put_text(head, "irqpath");
    bytes_put_u32(head, count);
    put_format(head, &format);
    for (uint32_t kind = 0; kind < TRACE_KIND_COUNT; kind++) {
        format.name = tracedat_our_names[kind];
        format.id = ID_OURS + kind;
        if (format.name != NULL)
            put_format(head, &format);
    }
}

static void put_tasks(struct bytes *head, const struct task_table *tasks)
{
    struct bytes text = { 0 };
    char line[64];

    for (uint32_t i = 0; i < tasks->count; i++) {
        int count = snprintf(line, sizeof line, "%d %s\n", tasks->rows[i].pid, tasks->rows[i].name);
        bytes_put(&text, line, (size_t)count);
    }
    bytes_put_u64(head, text.count);
    bytes_put(head, text.data, text.count);
    bytes_free(&text);
}

void tracedat_put_head(struct bytes *head, const struct task_table *tasks)
{
    const struct trace_world *world = tasks->world;

    bytes_put(head, "\x17\x08\x44tracing", 10);
    bytes_put_text(head, "6");
    bytes_put(head, "\0\x08", 2); /* little-endian; bytes of a long */
    bytes_put_u32(head, TRACEDAT_PAGE_BYTES);
    bytes_put_text(head, "header_page");
    bytes_put_u64(head, strlen(page_format));
    bytes_put(head, page_format, strlen(page_format));
    bytes_put_text(head, "header_event");
    bytes_put_u64(head, strlen(event_head));
    bytes_put(head, event_head, strlen(event_head));
    bytes_put_u32(head, 0); /* ftrace's own formats */
    bytes_put_u32(head, tracedat_is_linux(world) ? 4 : 3);
    put_system(head, "sched");
    put_system(head, "irq");
    if (tracedat_is_linux(world))
        put_system(head, "kvm");
    put_our_system(head);
    bytes_put_u32(head, 0); /* kallsyms */
    bytes_put_u32(head, 0); /* printk */
    put_tasks(head, tasks);
    bytes_put_u32(head, world->cpu_count);
    bytes_put(head, "options  \0\0", 12); /* none */
    bytes_put_text(head, "flyrecord");
}
