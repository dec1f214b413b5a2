/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests that what people paste in place of a recording is named, and that each name says how to get a recording.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "formats/other_text.h"
#include "formats/recordings.h"
#include "temporary.h"

static bool read_text(const char *text, char *message, size_t message_bytes)
{
    const char *path = temporary_path("other.txt");
    struct recorded recorded;
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    bool is_good = recorded_read(path, &(struct recording_choice){ 0 }, &recorded, message, message_bytes);
    recorded_free(&recorded);
    return is_good;
}

static const struct {
    const char *tool, *text, *advice;
} rows[] = {
    { "perftrace",
      "     0.000 ( 0.012 ms): qemu-system-x8/2346 ioctl(fd: 12<anon_inode:kvm-vcpu:0>, cmd: KVM_RUN)              "
      "= 0\n"
      "     0.021 (         ): CPU 0/KVM/2346 ioctl(fd: 12, cmd: KVM_RUN) ...\n"
      "     0.500 ( 0.003 ms): CPU 0/KVM/2346  ... [continued]: ioctl())                                          "
      "= 0\n",
      "perf trace: system calls, without the CPU they were on; `perf record -a" },
    { "perftrace-ev",
      "     0.000 swapper/0 irq:irq_handler_entry(irq: 40, name: \"vfio-msi[0](0000:06:00.0)\")\n"
      "     0.002 :0/0 sched:sched_waking(comm: \"CPU 0/KVM\", pid: 2346, prio: 120, target_cpu: 1)\n"
      "     0.004 swapper/0 irq:irq_handler_exit(irq: 40, ret: 1)\n",
      "perf trace: events without the CPU they were on; `perf script --ns" },
    { "perftrace-sched",
      "\n"
      " Summary of events:\n"
      "\n"
      " qemu-system-x86 (2346), 1234 events, 99.1%, 812.422 msec\n",
      "a summary of perf trace: how often and how long, not when; `perf record -a" },
    { "timehist",
      "           time    cpu  task name                       wait time  sch delay   run time\n"
      "                        [tid/pid]                          (msec)     (msec)     (msec)\n"
      "   79371.874569 [0011]  gcc[31949]                          0.014      0.000      1.148\n",
      "perf sched timehist: states, rounded to 1 us, without wakers and interrupts; `perf script" },
    { "schedlat",
      "\n"
      " -----------------------------------------------------------------------------------------------------------"
      "--------------------------------\n"
      "  Task                  |   Runtime ms  |  Count   | Avg delay ms    | Max delay ms    | Max delay start    "
      "       | Max delay end          |\n"
      " -----------------------------------------------------------------------------------------------------------"
      "--------------------------------\n",
      "perf sched latency: sums for each thread; `perf script" },
    { "schedmap",
      "            *A0               79371.874569 secs A0 => migration/0:17\n"
      "             A0      *B0      79371.874591 secs B0 => CPU 0/KVM:2346\n",
      "perf sched map: who ran, without wakers and interrupts; `perf script" },
    { "perfkvmstat",
      "\n"
      "\n"
      "Analyze events for all VMs, all VCPUs:\n"
      "\n",
      "perf kvm stat: sums for each exit; `perf script" },
    { "perfreport",
      "# To display the perf.data header info, please use --header/--header-only options.\n"
      "#\n"
      "# Samples: 12K of event 'cycles'\n"
      "# Event count (approx.): 8123456789\n"
      "#\n"
      "# Overhead  Command          Shared Object      Symbol\n"
      "# ........  ...............  .................  ......................\n"
      "#\n"
      "    45.12%  CPU 0/KVM        [kernel.kallsyms]  [k] vmx_vcpu_run\n",
      "perf report: shares of functions, not when; `perf script" },
    { "perfstat",
      "\n"
      " Performance counter stats for 'system wide':\n"
      "\n"
      "            12,345      kvm:kvm_exit\n",
      "perf stat: counters, not when; `perf record" },
    { "funcgraph",
      "# tracer: function_graph\n"
      "#\n"
      "# CPU  DURATION                  FUNCTION CALLS\n"
      "# |     |   |                     |   |   |   |\n"
      " 0)               |  handle_irq_event() {\n"
      " 0)   0.123 us    |    _raw_spin_lock();\n"
      " 0) + 12.345 us   |  }\n",
      "a tracer of ftrace whose lines are no events: `echo nop >" },
    { "osnoise",
      "# tracer: osnoise\n"
      "#\n"
      "            <...>-859     [000] ....    81.637220: 1000000        190  99.98100       9     18      0   "
      "1007     18      1\n",
      "a tracer of ftrace whose lines are no events: `echo nop >" },
    { "wakeup",
      "# tracer: wakeup_rt\n"
      "# wakeup_rt latency trace v1.1.5 on 6.1.0\n"
      "  <idle>-0       3dNh4.    0us :      0:120:R   + [003]  1123: 49:R irq/40-nic\n",
      "ftrace's latency tracer: the functions of one latency; `perf record" },
    { "bpfhist",
      "@usecs:\n"
      "[0]                   12 |@@@                                                 |\n"
      "[2, 4)               174 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
      "[4, 8)                33 |@@@@@@@@@                                           |\n",
      "a histogram of bpftrace: how often, not when; `perf record" },
    { "trace-cmd hist", "  %15.51  (0) <idle>                   lock_release #476\n         |\n",
      "trace-cmd hist: shares of events, not when; `trace-cmd report -t`" },
    { "trace-cmd report --stat", "cpus=4\n\nKernel buffer statistics:\n  Note: \"entries\" are the entries left\n",
      "trace-cmd report --stat: no events; `trace-cmd report -t`" },
    { "bpftrace", "Attaching 3 probes...\n", "the output of bpftrace: sums in the kernel, not when; `perf record" },
    { "bpfmap",
      "@[vfio_msihandler]: 1042\n"
      "@wakes[CPU 0/KVM]: 12\n",
      "a map of bpftrace: how often, not when; `perf record" },
    { "bcc",
      "Tracing run queue latency... Hit Ctrl-C to end.\n"
      "^C\n"
      "     usecs               : count     distribution\n"
      "         0 -> 1          : 233      |***********                             |\n",
      "a histogram of bcc: how often, not when; `perf record" },
    { "babeltrace",
      "[14:30:11.123456789] (+0.000001234) host sched_switch: { cpu_id = 1 }, { prev_comm = \"swapper/1\", "
      "prev_tid = 0, prev_prio = 20, prev_state = 0, next_comm = \"CPU 0/KVM\", next_tid = 2346, next_prio = 20 "
      "}\n",
      "events of LTTng, as babeltrace prints them; `perf record" },
    { "xentrace_format",
      "CPU0  3219587230 (+       0)  VMEXIT      [ exitcode = 0x00000001, rIP  = 0xffffffff810013aa ]\n"
      "CPU0  3219589230 (+    2000)  vlapic_accept_pic_intr [ i8259_target = 1, accept_pic_int = 1 ]\n"
      "CPU1  3219589330 (+    2100)  __enter_scheduler [ prev<dom:vcpu> = 0x00000001, next<dom:vcpu> = 0x00000000 "
      "]\n",
      "the output of xentrace_format: the file that xentrace -D -e 0x0ffff000 FILE wrote" },
    { "xenalyze-a",
      "] 0.000123456 -x- d1v0 vmexit exit_reason VMCALL eip ffffffff8100122a\n"
      "  0.000125001 |x- d32767v1 runstate_change d1v0 blocked->runnable\n",
      "a dump of xenalyze: the file that xentrace -D" },
    { "xenalyze-s",
      "Total time: 0.02 seconds (using cpu speed 2.40 GHz)\n"
      "--- Log volume summary ---\n",
      "a summary of xenalyze: the file that xentrace -D" },
    { "xentop",
      "      NAME  STATE   CPU(sec) CPU(%)     MEM(k) MEM(%)  MAXMEM(k) MAXMEM(%) VCPUS NETS NETTX(k) NETRX(k) "
      "VBDS   VBD_OO   VBD_RD   VBD_WR  VBD_RSECT  VBD_WSECT SSID\n"
      "  Domain-0 -----r        123   12.0    1048576   12.5    1048576      12.5     4    0        0        0    "
      "0        0        0        0          0          0    0\n",
      "xentop: sums for each domain; `xentrace -D" },
    { "xlvcpu",
      "Name                                ID  VCPU   CPU State   Time(s) Affinity (Hard / Soft)\n"
      "Domain-0                             0     0    0   -b-      12.3  all / all\n",
      "xl vcpu-list: a state, not a recording; `xentrace -D" },
    { "domstats",
      "Domain: 'vm1'\n"
      "  state.state=1\n"
      "  state.reason=5\n"
      "  cpu.time=31292384732\n",
      "virsh domstats: counters of guests, not when; on their host, `perf record" },
    { "kvmstat",
      "kvm statistics - summary\n"
      "\n"
      " Event                                         Total %Total CurAvg/s\n"
      " kvm_entry                                     12345   20.1     1234\n",
      "kvm_stat: how often, not when; `perf record" },
    { "softirqs",
      "                    CPU0       CPU1\n"
      "          HI:          1          0\n"
      "       TIMER:      12345      54321\n"
      "      NET_TX:          3          2\n",
      "/proc/softirqs: how often each CPU ran softirqs" },
    { "procstat",
      "cpu  2255 34 2290 22625563 6290 127 456 123 0 0\n"
      "cpu0 1132 34 1441 11311718 3675 127 438 61 0 0\n",
      "/proc/stat: sums for each CPU; `perf record" },
    { "schedstat",
      "version 15\n"
      "timestamp 4295123456\n"
      "cpu0 0 0 0 0 0 0 123456 23456 7890\n",
      "/proc/schedstat: sums for each CPU; `perf record" },
    { "top",
      "top - 10:12:01 up 12 days,  3:11,  2 users,  load average: 1.20, 0.98, 0.77\n"
      "Tasks: 312 total,   1 running, 311 sleeping,   0 stopped,   0 zombie\n"
      "%Cpu(s):  3.1 us,  1.2 sy,  0.0 ni, 75.4 id,  0.1 wa,  0.0 hi,  0.2 si, 20.0 st\n",
      "top: shares, not when; `perf record" },
    { "vmstat",
      "procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----\n"
      " r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n"
      " 1  0      0 123456  12345 123456    0    0     1     2  123  456  1  1 78  0 20\n",
      "vmstat: shares, not when; `perf record" },
    { "mpstat",
      "Linux 6.1.0-18-amd64 (host) \t11/30/2026 \t_x86_64_\t(4 CPU)\n"
      "\n"
      "10:12:01 AM  CPU    %usr   %nice    %sys %iowait    %irq   %soft  %steal  %guest  %gnice   %idle\n"
      "10:12:02 AM  all    1.00    0.00    0.50    0.00    0.00    0.25   20.00    0.00    0.00   78.25\n",
      "a table of sysstat (mpstat, pidstat, sar): shares, not when; `perf record" },
    { "turbostat", "Core\tCPU\tAvg_MHz\tBusy%\tBzy_MHz\tTSC_MHz\tIRQ\tSMI\tC1\n",
      "turbostat: sums for each CPU; `perf record" },
    { "cyclictest",
      "# /dev/cpu_dma_latency set to 0us\n"
      "policy: fifo: loadavg: 0.23 0.30 0.35 1/612 12345           \n"
      "\n"
      "T: 0 (12345) P:80 I:1000 C:  10000 Min:      1 Act:    2 Avg:    3 Max:      41\n",
      "cyclictest: latencies of its own timer; `perf record" },
    { "dmesg",
      "[    0.000000] Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)\n"
      "[    0.000000] Command line: BOOT_IMAGE=/boot/vmlinuz\n",
      "the kernel's log; `perf record" },
    { "strace", "2346  14:30:11.123456 ioctl(12, KVM_RUN, 0) = 0\n",
      "strace: system calls, without the CPU they were on; `perf record" },
    { "html",
      "<!DOCTYPE html>\n"
      "<html>\n",
      "a page of HTML" },
    { "chrome", "{\"traceEvents\":[\n", "a JSON document" },
};

static void texts_of_other_tools_are_named(void **state)
{
    char message[512];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_false(read_text(rows[i].text, message, sizeof message));
        if (strncmp(message, rows[i].advice, strlen(rows[i].advice)) != 0)
            fail_msg("%s: '%s'", rows[i].tool, message);
    }
}

/* A pattern that takes too much would hide the line at which a recording is damaged. */
static void damaged_recordings_are_no_other_text(void **state)
{
    static const char *const texts[] = {
        "",
        "hello\n",
        "a 1 [001] 700.1: sched:sched_waking: comm=b pid=2 prio=120\n",
        "[001] 700.000001: sched:sched_waking: comm=@a: pid=2 prio=120 target_cpu=001\n",
        "# tracer: nop\n#\n <idle>-0 [001] d.h2. 7.268257: irq_handler_entry: irq=40 name=a ||x\n",
        " perf 2340 [001] 79371.874569:       sched:sched_switch: prev_comm=perf next_comm=x ==> (1) = 0\n",
        "cpus=2\n  <idle>-0       1.....     0.500000000: sched_waking:         comm=a pid=2\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (other_text(texts[i]) != NULL)
            fail_msg("%s: %s", texts[i], other_text(texts[i]));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_other_tools_are_named),
        cmocka_unit_test(damaged_recordings_are_no_other_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
