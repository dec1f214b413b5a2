/* SPDX-License-Identifier: Apache-2.0
 *
 * Recognises what people paste in place of a recording: summaries, counters, histograms, and events without what an
 * import needs. A pattern is to match a line of its tool only; the first one that matches anywhere tells the kind.
 */
#include "formats/other_text.h"

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"

#define EVENTS "irq:*,sched:*,kvm:*"
#define RECORD \
    "`perf record -a -k mono -e '" EVENTS "'` and `trace-cmd record -e irq -e sched -e kvm` record the events"
#define PRINT "`perf script --ns -F comm,pid,tid,cpu,time,event,trace` prints the events of its perf.data"
#define XENTRACE "the file that xentrace -D -e 0x0ffff000 FILE wrote is read as it is"

static const struct {
    const char *pattern; /* POSIX, extended; ^ and $ are those of a line */
    const char *advice;
} kinds[] = {
    /* perf(1) */
    { "^ *([0-9]+\\.[0-9]{3}|\\?) \\( *([0-9.]+ ms)?\\): ",
      "perf trace: system calls, without the CPU they were on; " RECORD },
    { "^ *[0-9]+\\.[0-9]{3} ([^ ].*/-?[0-9]+ )?[a-z_0-9]+:[a-z_0-9]+\\(.*\\)$",
      "perf trace: events without the CPU they were on; " PRINT },
    { "^ Summary of events:", "a summary of perf trace: how often and how long, not when; " RECORD },
    { "^ *time +cpu +task name",
      "perf sched timehist: states, rounded to 1 us, without wakers and interrupts; " PRINT },
    { "^ *[0-9]+\\.[0-9]{6} +\\[[0-9]{4}\\] .*\\[[0-9/]+\\] +[0-9.]+ +[0-9.]+ +[0-9.]+",
      "perf sched timehist: states, rounded to 1 us, without wakers and interrupts; " PRINT },
    { "^  Task +\\| +Runtime ms", "perf sched latency: sums for each thread; " PRINT },
    { "^[ *.A-Z0-9-]+ +[0-9]+\\.[0-9]{6} secs", "perf sched map: who ran, without wakers and interrupts; " PRINT },
    { "^Analyze events for all VMs", "perf kvm stat: sums for each exit; " PRINT },
    { "^# Samples: .* of event", "perf report: shares of functions, not when; " PRINT },
    { "^ Performance counter stats for", "perf stat: counters, not when; " RECORD },
    /* ftrace and bpf */
    { "^# tracer: (function_graph|osnoise|timerlat|hwlat|blk|mmiotrace)",
      "a tracer of ftrace whose lines are no events: `echo nop >/sys/kernel/tracing/current_tracer`; " RECORD },
    { "^# tracer: (wakeup|wakeup_rt|wakeup_dl|irqsoff|preemptoff|preemptirqsoff)$",
      "ftrace's latency tracer: the functions of one latency; " RECORD },
    { "^ *[0-9]+\\) .*\\|  ", "ftrace's function graph: its lines are no events; " RECORD },
    { "^Attaching [0-9]+ probe", "the output of bpftrace: sums in the kernel, not when; " RECORD },
    { "^[[(]-?[0-9]+[KMGT]?(\\]|, -?[0-9]+[KMGT]?\\)) +[0-9]+ \\|",
      "a histogram of bpftrace: how often, not when; " RECORD },
    { "^@[A-Za-z_0-9]*(\\[.*\\])?: ", "a map of bpftrace: how often, not when; " RECORD },
    { "^  %[0-9.]+ +\\([0-9]+\\) ",
      "trace-cmd hist: shares of events, not when; `trace-cmd report -t` prints the events" },
    { "^Kernel buffer statistics:", "trace-cmd report --stat: no events; `trace-cmd report -t` prints them" },
    { " : count +distribution$", "a histogram of bcc: how often, not when; " RECORD },
    { "Hit Ctrl-C to end", "the output of a tool of bcc: sums in the kernel, not when; " RECORD },
    { "^\\[[0-9:]+\\.[0-9]{9}\\] \\(\\+[?0-9.]+\\) ", "events of LTTng, as babeltrace prints them; " RECORD },
    /* Xen */
    { "^CPU[0-9]+ +[0-9]+ \\(\\+ *[0-9]+\\) ", "the output of xentrace_format: " XENTRACE },
    { "^[] ] *([0-9]+\\.[0-9]{9})? [-.|x>+]+ (\\.|d[0-9?]+v[0-9?]+) ", "a dump of xenalyze: " XENTRACE },
    { "^Total time: [0-9.]+ seconds \\(using cpu speed", "a summary of xenalyze: " XENTRACE },
    { "^ *NAME +STATE +CPU\\(sec\\)",
      "xentop: sums for each domain; `xentrace -D -e 0x0ffff000 FILE` records the events" },
    { "^Name +ID +VCPU +CPU",
      "xl vcpu-list: a state, not a recording; `xentrace -D -e 0x0ffff000 FILE` records the events" },
    /* counters of hosts and guests */
    { "^Domain: '.*\n +[a-z]+\\.", "virsh domstats: counters of guests, not when; on their host, " RECORD },
    { "^kvm statistics", "kvm_stat: how often, not when; " RECORD },
    { "^ +HI: +[0-9]", "/proc/softirqs: how often each CPU ran softirqs, not which device interrupted; of "
                       "/proc/interrupts, two snapshots "
                       "with their times are read" },
    { "^cpu +[0-9]+ [0-9]+ [0-9]+ ", "/proc/stat: sums for each CPU; " RECORD },
    { "^version [0-9]+\ntimestamp [0-9]+", "/proc/schedstat: sums for each CPU; " RECORD },
    { "^top - [0-9:]+ up ", "top: shares, not when; " RECORD },
    { "^procs -+memory-", "vmstat: shares, not when; " RECORD },
    { "^Linux [0-9][^ ]* \\(.*\\).*\\([0-9]+ CPU\\)",
      "a table of sysstat (mpstat, pidstat, sar): shares, not when; " RECORD },
    { "(^|\t)Avg_MHz\tBusy%", "turbostat: sums for each CPU; " RECORD },
    { "^T: ?[0-9]+ \\( *[0-9]+\\) P:", "cyclictest: latencies of its own timer; " RECORD },
    /* logs and documents */
    { "^\\[ *[0-9]+\\.[0-9]{6}\\] ", "the kernel's log; " RECORD },
    { "^([0-9]+ +)?([0-9:.]+ )?[a-z_0-9]+\\(.*\\) += -?[0-9?]",
      "strace: system calls, without the CPU they were on; " RECORD },
    { "^<\\?xml", "an XML document" },
    { "^<(!DOCTYPE|!doctype|html)", "a page of HTML" },
    { "^(\\{|\\[ *\\{)", "a JSON document: a result of irqpath, or a Chrome trace, which has no states of threads" },
};

static bool matches(const char *pattern, const char *text)
{
    regex_t regex;

    CHECK(regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE | REG_NOSUB) == 0);
    bool is_match = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return is_match;
}

const char *other_text(const char *head)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (matches(kinds[i].pattern, head))
            return kinds[i].advice;
    return NULL;
}
