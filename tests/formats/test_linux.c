/* SPDX-License-Identifier: Apache-2.0
 *
 * Tests what recordings of real machines become: each row is a text as people paste it, and the records made of it.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "recorded_text.h"

/* --- the host's threads and vCPUs --- */

static void events_become_records(void **state)
{
    static const struct row rows[] = {
        { "one interrupt",
          "swapper 0/0 [001] 700.000000000: irq:irq_handler_entry: irq=40 name=vfio-a\n"
          "swapper 0/0 [001] 700.000000800: sched:sched_waking: comm=vcpu3 pid=501 prio=120 target_cpu=001\n"
          "swapper 0/0 [001] 700.000001200: irq:irq_handler_exit: irq=40 ret=handled\n"
          "swapper 0/0 [001] 700.000002400: sched:sched_switch: prev_comm=swapper/1 prev_pid=0 prev_prio=120 "
          "prev_state=R ==> next_comm=vcpu3 next_pid=501 next_prio=120\n"
          "vcpu3 501/501 [001] 700.000022400: sched:sched_switch: prev_comm=vcpu3 prev_pid=501 prev_prio=120 "
          "prev_state=S ==> next_comm=swapper/1 next_pid=0 next_prio=120\n",
          0,
          "0@1 irq 40 0 #1\n0@1 line vfio-a #1\n"
          "800@1 wake vcpu3 v3 #1\n800@1 state vcpu3 v3 Sw@1\n"
          "1200@1 action vfio-a 1 #1\n1200@1 /irq 40 0 #1\n"
          "2400@1 /idle\n2400@1 state idle cpu1 Rw@1\n2400@1 state vcpu3 v3 wR@1\n"
          "2400@1 switch vcpu3 v3 <- idle cpu1\n"
          "22400@1 state vcpu3 v3 RS@1\n22400@1 state idle cpu1 wR@1\n22400@1 switch idle cpu1 <- vcpu3 v3\n"
          "22400@1 idle\n" },
        { "a shared line",
          "a 1 [001] 1.000000000: irq:irq_handler_entry: irq=16 name=uhci_hcd:usb3\n"
          "a 1 [001] 1.000000300: irq:irq_handler_exit: irq=16 ret=unhandled\n"
          "a 1 [001] 1.000000400: irq:irq_handler_entry: irq=16 name=vfio-intx(0000:06:00.0)\n"
          "a 1 [001] 1.000001600: irq:irq_handler_exit: irq=16 ret=handled\n"
          "a 1 [001] 1.000002000: irq:irq_handler_entry: irq=16 name=uhci_hcd:usb3\n"
          "a 1 [001] 1.000002300: irq:irq_handler_exit: irq=16 ret=unhandled\n"
          "a 1 [001] 1.000002400: irq:irq_handler_entry: irq=16 name=vfio-intx(0000:06:00.0)\n"
          "a 1 [001] 1.000002500: irq:irq_handler_exit: irq=16 ret=unhandled\n",
          INTERRUPTS,
          "0@1 irq 16 0 #1\n0@1 line uhci_hcd:usb3, vfio-intx(0000:06:00.0) #1\n300@1 action uhci_hcd:usb3 0 #1\n"
          "1600@1 action vfio-intx(0000:06:00.0) 1 #1\n1600@1 /irq 16 0 #1\n"
          "2000@1 irq 16 0 #2\n2000@1 line uhci_hcd:usb3, vfio-intx(0000:06:00.0) #2\n2300@1 action uhci_hcd:usb3 0 "
          "#2\n2500@1 action vfio-intx(0000:06:00.0) 0 #2\n2500@1 /irq 16 0 #2\n" },
        { "through vhost",
          "swapper 0/0 [000] 1.000000000: irq:irq_handler_entry: irq=40 name=nic\n"
          "swapper 0/0 [000] 1.000000800: sched:sched_waking: comm=vhost-2340 pid=2351 prio=120 target_cpu=000\n"
          "swapper 0/0 [000] 1.000001200: irq:irq_handler_exit: irq=40 ret=handled\n"
          "swapper 0/0 [000] 1.000002000: sched:sched_switch: prev_comm=swapper/0 prev_pid=0 prev_prio=120 "
          "prev_state=R ==> next_comm=vhost-2340 next_pid=2351 next_prio=120\n"
          "vhost-2340 2351/2351 [000] 1.000012000: sched:sched_waking: comm=CPU 0/KVM pid=2346 prio=120 "
          "target_cpu=001\n",
          STATES,
          "800@0 wake vhost-2340 #1\n800@0 state vhost-2340 Sw@0\n2000@0 state idle cpu0 Rw@0\n"
          "2000@0 state vhost-2340 wR@0\n12000@0 wake guest v0 #1\n12000@0 state guest v0 Sw@1\n" },
        { "a thread is renamed",
          "a 1 [001] 1.000000000: sched:sched_waking: comm=b pid=2 prio=120 target_cpu=001\n"
          "a 1 [001] 1.000000100: sched:sched_waking: comm=c pid=3 prio=120 target_cpu=001\n"
          "b 2 [001] 1.000000200: task:task_rename: pid=2 oldcomm=b newcomm=helper of q oom_score_adj=0\n"
          "c 3 [001] 1.000000300: task:task_rename: pid=3 oldcomm=c newcomm=last\n",
          STATES, "0@1 wake helper of q\n0@1 state helper of q Sw@1\n100@1 wake last\n100@1 state last Sw@1\n" },
        { "a wake-up that is told twice is one",
          "a 1 [000] 1.000000000: sched:sched_waking: comm=b pid=2 prio=120 target_cpu=000\n"
          "a 1 [001] 1.000000100: sched:sched_wakeup: comm=b pid=2 prio=120 target_cpu=001\n"
          "a 1 [001] 1.000000200: sched:sched_wakeup: comm=c pid=3 prio=120 target_cpu=001\n",
          STATES, "0@0 wake b\n0@0 state b Sw@0\n100@1 state b ww@1\n200@1 wake c\n200@1 state c Sw@1\n" },
    };

    (void)state;
    check_rows(rows, sizeof rows / sizeof *rows);
}

/* --- the shapes in which people paste it --- */

/* Each says that thread b, of number 2, is woken on CPU 1, or by which other event. */
#define WAKING "sched:sched_waking: comm=b pid=2 prio=120 target_cpu=001"
#define WOKEN "0@1 wake b\n0@1 state b Sw@1\n"
static const struct row shapes[] = {
    { "perf script", "      a b    1 [001]   700.000001: " WAKING "\n", STATES, WOKEN },
    { "process and thread", "a 10/1 [001] 700.000000001: " WAKING "\n", STATES, WOKEN },
    { "numbers alone", "    1 [001] 700.000001:   " WAKING "\n", STATES, WOKEN },
    { "no numbers", "vhost-12 [001] 700.000001: " WAKING "\n", STATES, WOKEN },
    { "a period", "a 1 [001] 700.000001:          1 " WAKING "\n", STATES, WOKEN },
    { "mode of the CPU", "a 1 [001] K     700.000001: " WAKING "\n", STATES, WOKEN },
    { "no system", "a 1 [001] 700.000001: sched_waking: comm=b pid=2 prio=120 target_cpu=001\n", STATES, WOKEN },
    { "a modifier", "a 1 [001] 700.1: sched:sched_waking:k: comm=b pid=2 prio=120 target_cpu=001\n", STATES, WOKEN },
    { "terms", "a 1 [001] 700.1: sched:sched_waking/call-graph=no/: comm=b pid=2 prio=120 target_cpu=001\n", STATES,
      WOKEN },
    { "no thread", "[001] 700.000001: " WAKING "\n", STATES, WOKEN },
    { "not to be formatted",
      "a 1 [001] 700.1: sched_waking: [FAILED TO PARSE] comm=b pid=2 prio=120 success=1 target_cpu=001\n", STATES,
      WOKEN },
    { "trace-cmd report -l",
      "cpus=2\n  a-1       1dNh2.   700.000001: sched_waking:         comm=b pid=2 prio=120 target_cpu=001\n", STATES,
      WOKEN },
    { "trace-cmd report --ts-diff", "a-1 [001] 700.1: (+300)  " WAKING "\n", STATES, WOKEN },
    { "an instance's buffer, and again the same of another one",
      "                 web:    a b: c-1 [001] 700.1: " WAKING "\n"
      "web:           a b: c-1     [001] 700.1: " WAKING "\n           a b: c-1     [001] 700.1: " WAKING "\n",
      STATES, WOKEN "0@1 wake b\n" },
    { "Ubuntu 6.8",
      "CPU 0/KVM 9/10 [003]  7.000000000: sched:sched_switch: prev_comm=CPU 0/KVM prev_pid=10 prev_prio=120 "
      "prev_state=S|K ==> next_comm=swapper/3 next_pid=0 next_prio=120\n"
      "swapper 0/0 [003]  7.000000100: sched:sched_switch: prev_comm=swapper/3 prev_pid=0 prev_prio=120 "
      "prev_state=R+ ==> next_comm=b next_pid=2 next_prio=120\n",
      STATES, "0@3 state guest v0 RS@3\n0@3 state idle cpu3 wR@3\n100@3 state idle cpu3 Rw@3\n100@3 state b SR@3\n" },
    { "a line's names with blanks, commas and brackets",
      "<idle>-0 [001] d.h1. 7.000000000: irq_handler_entry: irq=16 name=ehci_hcd:usb1, uhci_hcd:usb3 (x [001] 7.1: "
      "y)\n",
      INTERRUPTS, "0@1 irq 16 0 #1\n0@1 line ehci_hcd:usb1, uhci_hcd:usb3 (x [001] 7.1: y) #1\n0@1 /irq 16 0 #1\n" },
    { "a call chain",
      "a 1 [001] 700.1: " WAKING "\n\tffffffff813a89c4 try_to_wake_up+0x3a4 ([kernel.kallsyms])\n"
      "\t             400 [unknown] ([unknown])\n\n",
      STATES, WOKEN },
    { "ftrace",
      "# tracer: nop\n#\n# entries-in-buffer/entries-written: 3/3   #P:2\n"
      "          <idle>-0       [001] d.h2.  700.268257: sched_waking: comm=b pid=2 prio=120 target_cpu=001\n",
      STATES, WOKEN },
    { "ftrace with processes",
      " a-1       (    10) [001] d.h2.  700.268257: sched_waking: comm=b pid=2 prio=120 target_cpu=001\n"
      " a-1       (-------) [001] d.h2.  700.268258: other: x\n",
      STATES, WOKEN },
    { "ftrace's stacks",
      " a-1 [001] d.h2.  700.268257: sched_waking: comm=b pid=2 prio=120 target_cpu=001\n"
      " a-1 [001] d.h2.  700.268258: <stack trace>\n => try_to_wake_up\n => 0xffffffff\n",
      STATES, WOKEN },
    { "trace-cmd report",
      "cpus=2\nCPU 0 is empty\n"
      "            a-1     [001]   700.003664944: sched_waking:         comm=b pid=2 prio=120 target_cpu=001\n",
      STATES, WOKEN },
    { "a wake-up by plugin", "a 1 [001] 700.1: sched:sched_wakeup: b:2 [120] success=1 CPU:001\n", STATES, WOKEN },
    { "a wake-up without a priority", "a 1 [001] 700.1: sched:sched_wakeup: comm=b pid=2\n", STATES, WOKEN },
    { "a wake-up with the CPU in the priority's place", "a 1 [000] 700.1: sched:sched_wakeup: comm=b pid=2 cpu=001\n",
      STATES, "0@0 wake b\n0@0 state b Sw@1\n" },
    { "a line's name with blanks behind it", "a 1 [001] 7.0: irq_handler_entry: irq=16 name=ehci \t\n", INTERRUPTS,
      "0@1 irq 16 0 #1\n0@1 line ehci #1\n0@1 /irq 16 0 #1\n" },
    { "an older kernel's wake-up",
      "a 1 [001] 700.1: sched:sched_wakeup: comm=b pid=2 prio=120 success=1 target_cpu=001\n", STATES, WOKEN },
    { "names with everything",
      "a [1] 2: b=c 1 [001] 700.1: sched:sched_waking: comm=x pid=7 ==> \xc3\xa9[0] pid=2 prio=120 target_cpu=1\n",
      STATES, "0@1 wake x pid=7 ==> \xc3\xa9[0]\n0@1 state x pid=7 ==> \xc3\xa9[0] Sw@1\n" },
    { "lines of DOS", "a 1 [001] 700.1: " WAKING "\r\n", STATES, WOKEN },
    { "a switch by plugin", "a:b 1 [001] 700.000000: sched:sched_switch: a:b:1 [120] S ==> c ==> d:2 [120]\n", STATES,
      "0@1 state a:b RS@1\n0@1 state c ==> d SR@1\n" },
    { "a raw state",
      "a 1 [001] 700.1: sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=0x100 ==> next_comm=b "
      "next_pid=2 next_prio=120\n",
      STATES, "0@1 state a Rw@1\n0@1 state b SR@1\n" },
    { "names that look like keys",
      "a 1 [001] 700.1: sched_switch: prev_comm=x prev_pid=9 prev_pid=1 prev_prio=120 prev_state=D|W ==> "
      "next_comm= next_pid=8 next_pid=2 next_prio=120\n",
      STATES, "0@1 state x prev_pid=9 RS@1\n0@1 state  next_pid=8 SR@1\n" },
    { "a thread that exits",
      "a 1 [001] 700.1: sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=X ==> next_comm=b "
      "next_pid=2 next_prio=120\n",
      STATES, "0@1 state a RO@1\n0@1 state b SR@1\n" },
    { "irqpath's own events, and the same by trace-cmd report -R",
      "<idle>-0 [001] 700.1: simulated: vfio-msi flow=0 value=0 who=-\n"
      "<idle>-0 [001] 700.1: sched_waking: comm=bv0 pid=1000 prio=120 target_cpu=1\n"
      "<idle>-0 [001] 700.1: virq_pend: vector flow=3 value=37 who=bv0\n"
      "<idle>-0 [001] 700.1: virq_pend:             who=bv0 what=vector flow=4 value=38\n",
      KIND(TRACE_PEND), "0@1 pend b v0 37 0 #3\n0@1 pend b v0 38 0 #4\n" },
    { "trace-cmd report -R",
      "   a-1     [001]   700.1: sched_switch:          prev_comm=a prev_pid=1 prev_prio=120 prev_state=1 "
      "next_comm=CPU "
      "0/KVM next_pid=2 next_prio=120\n"
      "   CPU 0/KVM-2     [001]   700.1: kvm_exit:              exit_reason=0xc guest_rip=0xff isa=1 info1=0x0\n",
      STATES | KIND(TRACE_VMEXIT), "0@1 state a RS@1\n0@1 state guest v0 SR@1\n0@1 exit guest v0 HLT\n" },
    { "perf's own records",
      "a 1 [000] 0.000000: PERF_RECORD_COMM: b:2/2\na 1 [001] 700.1: " WAKING "\n"
      "a 1 [001] 700.2: PERF_RECORD_SWITCH_CPU_WIDE OUT preempt next pid/tid: 1/1\n",
      STATES, WOKEN },
};

static void every_shape_is_read(void **state)
{

    (void)state;
    check_rows(shapes, sizeof shapes / sizeof *shapes);
}

static const struct row of_kvm[] = {
    { "polled, then blocked",
      "s 901/901 [000] 1.000000000: kvm:kvm_msi_set_irq: dst 0 vec 37 (Fixed|physical|edge)\n"
      "vcpu0 902/902 [001] 1.000009000: kvm:kvm_vcpu_wakeup: poll time 4000 ns, polling valid\n"
      "vcpu0 902/902 [001] 1.000309000: kvm:kvm_vcpu_wakeup: wait time 200000 ns, polling valid\n",
      0,
      "0@0 raise vcpu0 v0 37 0 #1\n9000@1 wake vcpu0 v0 #1\n9000@1 poll vcpu0 v0 1 4000\n"
      "109000@1 state vcpu0 v0 RS@1\n309000@1 wake vcpu0 v0\n309000@1 state vcpu0 v0 Sw@1\n"
      "309000@1 state vcpu0 v0 wR@1\n" },
    { "polled until it blocked, as the switches tell",
      "vcpu0 902/902 [001] 1.000000000: sched:sched_switch: prev_comm=vcpu0 prev_pid=902 prev_prio=120 "
      "prev_state=S ==> next_comm=swapper/1 next_pid=0 next_prio=120\n"
      "swapper 0/0 [001] 1.000100000: sched:sched_switch: prev_comm=swapper/1 prev_pid=0 prev_prio=120 "
      "prev_state=R ==> next_comm=vcpu0 next_pid=902 next_prio=120\n"
      "vcpu0 902/902 [001] 1.000101000: kvm:kvm_vcpu_wakeup: wait time 100500 ns, polling valid\n"
      "vcpu0 902/902 [001] 1.000201000: sched:sched_switch: prev_comm=vcpu0 prev_pid=902 prev_prio=120 "
      "prev_state=S ==> next_comm=swapper/1 next_pid=0 next_prio=120\n"
      "swapper 0/0 [001] 1.000300000: sched:sched_switch: prev_comm=swapper/1 prev_pid=0 prev_prio=120 "
      "prev_state=R ==> next_comm=vcpu0 next_pid=902 next_prio=120\n"
      "vcpu0 902/902 [001] 1.000301000: kvm:kvm_vcpu_wakeup: wait time 140000 ns, polling valid\n",
      STATES | KIND(TRACE_POLL),
      "0@1 state vcpu0 v0 RS@1\n0@1 state idle cpu1 wR@1\n"
      "100000@1 state idle cpu1 Rw@1\n100000@1 state vcpu0 v0 Sw@1\n100000@1 state vcpu0 v0 wR@1\n"
      "201000@1 poll vcpu0 v0 0 40000\n201000@1 state vcpu0 v0 RS@1\n201000@1 state idle cpu1 wR@1\n"
      "300000@1 state idle cpu1 Rw@1\n300000@1 state vcpu0 v0 Sw@1\n300000@1 state vcpu0 v0 wR@1\n" },
    { "QEMU's threads keep their numbers",
      "x 7/8 [000] 1.000000000: kvm:kvm_msi_set_irq: dst 1 vec 37 (Fixed|physical|edge)\n"
      "qemu-system-x86 7/7 [000] 1.000000001: sched:sched_waking: comm=CPU 1/KVM pid=9 prio=120 target_cpu=002\n"
      "CPU 1/KVM 7/9 [002] 1.000000002: kvm:kvm_entry: vcpu 1, rip 0xfff\n"
      "CPU 1/KVM 7/9 [002] 1.000000009: kvm:kvm_exit: reason HLT rip 0xffffffff81 info 0 0\n",
      0,
      "0@0 raise qemu-system-x86 v1 37 0 #1\n1@0 wake qemu-system-x86 v1 #1\n"
      "1@0 state qemu-system-x86 v1 Sw@2\n2@2 entry qemu-system-x86 v1\n9@2 exit qemu-system-x86 v1 HLT\n" },
    { "events that cannot be formatted",
      "CPU 0/KVM 7/9 [002] 1.000000000: kvm_msi_set_irq: [FAILED TO PARSE] address=0xfee00000 data=0x4025\n"
      "CPU 0/KVM 7/9 [002] 1.000000001: kvm_entry: [FAILED TO PARSE] vcpu_id=0 rip=0xffffffff81\n"
      "CPU 0/KVM 7/9 [002] 1.000000002: kvm_exit: [FAILED TO PARSE] exit_reason=12 guest_rip=0x1 isa=1\n"
      "CPU 0/KVM 7/9 [002] 1.000000003: kvm_exit: [FAILED TO PARSE] exit_reason=0x60 guest_rip=0x1 isa=0x2\n"
      "CPU 0/KVM 7/9 [002] 1.000000004: kvm_exit: [FAILED TO PARSE] exit_reason=99 guest_rip=0x1 isa=0x1\n"
      "CPU 0/KVM 7/9 [002] 1.000000009: kvm_vcpu_wakeup: [FAILED TO PARSE] ns=4 waited=0 valid=1\n",
      KIND(TRACE_RAISE) | KIND(TRACE_VMENTRY) | KIND(TRACE_VMEXIT) | KIND(TRACE_POLL),
      "0@2 raise guest v0 37 0 #1\n1@2 entry guest v0\n2@2 exit guest v0 HLT\n"
      "3@2 exit guest v0 EXTERNAL_INTERRUPT\n4@2 exit guest v0 reason_99\n9@2 poll guest v0 1 4\n" },
    { "the last vector",
      "CPU 0/KVM 7/9 [002] 1.000000000: kvm:kvm_msi_set_irq: dst 0 vec 255 (Fixed|physical|edge)\n"
      "CPU 0/KVM 7/9 [002] 1.000000001: kvm:kvm_apic_accept_irq: apicid 0 vec 255 (Fixed|edge)\n"
      "CPU 0/KVM 7/9 [002] 1.000000002: kvm:kvm_inj_virq: IRQ 0xff\n",
      KIND(TRACE_RAISE) | KIND(TRACE_PEND) | KIND(TRACE_INJECT),
      "0@2 raise guest v0 255 0 #1\n1@2 pend guest v0 255 0 #1\n2@2 inject guest v0 255 0 #1\n" },
    { "an MSI that vhost sends is its owner's",
      "vhost-7 99/99 [000] 1.000000000: kvm:kvm_msi_set_irq: dst 0 vec 37 (Fixed|physical|edge)\n"
      "CPU 0/KVM 7/9 [002] 1.000000002: kvm:kvm_inj_virq: IRQ 0x25\n"
      "CPU 0/KVM 7/9 [002] 1.000000003: kvm:kvm_entry: vcpu 0\n"
      "CPU 0/KVM 17/19 [002] 1.000000004: kvm:kvm_entry: vcpu 0\n",
      0,
      "0@0 raise guest v0 37 0 #1\n2@2 inject guest v0 37 0 #1\n3@2 entry guest v0\n3@2 handler guest v0 37 0 #1\n"
      "4@2 entry guest-17 v0\n" },
    { "any thread but the idle one",
      "init 1/1 [002] 1.000000000: kvm:kvm_entry: vcpu 0\nswapper 0/0 [002] 1.000000001: kvm:kvm_entry: vcpu 0\n",
      KIND(TRACE_VMENTRY), "0@2 entry init v0\n" },
};

static void halts_and_exits_of_kvm(void **state)
{
    (void)state;
    check_rows(of_kvm, sizeof of_kvm / sizeof *of_kvm);
}

/* --- what is refused --- */

static const struct {
    const char *text, *error;
} damaged[] = {
    { "hello\n", "line 1: no CPU in brackets, as in [001]: not a line of perf script, trace-cmd report or ftrace" },
    { "a 1 [001] 1.5: x: y\nb 1 [001] nine: x: y\n", "line 2: no time as in 1284.265615366: after the CPU: perf "
                                                     "script -F comm,pid,tid,cpu,time,event,trace has both" },
    { "a 1 1.5: x: y\n", "line 1: no CPU in brackets, as in [001]: perf script -F comm,pid,tid,cpu,time,event,trace "
                         "has it" },
    { "# tracer: nop\n <idle>-0  1dNh2.  7us : sched_waking: comm=b pid=2 prio=120 target_cpu=001\n",
      "line 2: ftrace's latency format: `echo 0 >/sys/kernel/tracing/options/latency-format` gives the other one" },
    { "host.dat:           <idle>-0     [001]   700.1: x: y\n",
      "line 1: lines of several files, which may be of several machines: `trace-cmd report -t -i` one of them" },
    { "a 1 [001] 1.5: x\n", "line 1: no event as in irq:irq_handler_entry: after the time" },
    { "a 1 [001] 1.5: irq:irq_handler_entry: name=x\n", "line 1: no irq=" },
    { "a 1 [001] 1.5: sched:sched_switch: prev_pid=1\n", "line 1: no prev_pid=, prev_state= or next_pid=" },
    { "a 1 [001] 1.5: kvm:kvm_msi_set_irq: dst\n", "line 1: no 'dst N vec N'" },
    { "a 1 [001] 1.5: kvm:kvm_msi_set_irq: dst 0 vec 256 (Fixed|physical|edge)\n", "line 1: a vector above 255" },
    { "a 1 [001] 1.5: kvm:kvm_apic_accept_irq: apicid 0 vec 256 (Fixed|edge)\n", "line 1: a vector above 255" },
    { "a 1 [001] 1.5: kvm:kvm_apic_accept_irq: apicid 0\n", "line 1: no 'apicid N vec N'" },
    { "a 1 [001] 1.5: kvm:kvm_inj_virq: IRQ 0x100\n", "line 1: a vector above 255" },
    { "a 1 [001] 1.5: kvm:kvm_inj_virq: IRQ\n", "line 1: no vector" },
    { "a 1 [001] 1.5: sched:sched_wakeup: comm=b\n", "line 1: no pid=" },
    { "a 1 [001] 1.5: sched:sched_wakeup: b [120] success=1 CPU:001\n", "line 1: no pid=" },
    { "a 1 [001] 1.5: sched:sched_wakeup: comm=b pid=2 prio=120 target_cpu=-1\n", "line 1: no target_cpu=" },
    { "a 1 [001] 1.5: sched:sched_wakeup: comm=b pid=0 prio=120 target_cpu=1\n",
      "line 1: a thread number that cannot be woken" },
    { "a 1 [001] 1.5: sched:sched_wakeup: comm=b pid=2 prio=120 target_cpu=1024\n",
      "line 1: a target CPU beyond the limit" },
    { "a 1 [001] 1.5: sched:sched_migrate_task: comm=b pid=2 prio=120 orig_cpu=1\n", "line 1: no pid= or dest_cpu=" },
    { "a 1 [001] 1.5: sched:sched_migrate_task: comm=b pid=2 prio=120 orig_cpu=1 dest_cpu=1024\n",
      "line 1: a thread or CPU that cannot be" },
    { "a 1 [001] 1.5: kvm:kvm_vcpu_wakeup: x\n", "line 1: no 'wait time N ns' or 'poll time N ns'" },
    { "a 1 [001] 2.5: x: y\na 1 [001] 1.5: x: y\n", "line 2: time goes back by 1000000000 ns: not in the order of "
                                                    "time, or with the times between events (--deltatime)" },
    { "a 1 [001] 1.5: x: y\na 1 [001] 2", "line 2: the file is cut off in the middle of a line" },
    { "a 1 [9999] 1.5: x: y\n", "line 1: a CPU beyond the limit of 1024" },
    { "a 1 [001] 77156668: x: y\n",
      "line 1: the time has no fraction: the clock counts cycles; --cpu-hz gives its frequency, as in --cpu-hz "
      "2.4GHz" },
    { "# nothing\n", "line 1: no line of perf script, trace-cmd report or ftrace" },
    { "a 1 [001] 1.5: x: y\na 1 [001] 1.6: PERF_RECORD_LOST lost 34\n",
      "line 2: 34 events lost here (--allow-lost reads the recording without them)" },
    { "a 1 [001] 1.5: x: y\nCPU:1 [LOST 12 EVENTS]\n",
      "line 2: 12 events lost here (--allow-lost reads the recording without them)" },
    { "Processed 15000 events and lost 3 chunks!\na 1 [001] 1.5: x: y\n",
      "line 1: events lost here (--allow-lost reads the recording without them)" },
    { "a 1 [001] 1.5: x: y\nCPU:1 [EVENTS DROPPED]\n",
      "line 2: events lost here (--allow-lost reads the recording without them)" },
    { "1.5\n  CPU0\n 4: 1 PCI x\n", "line 3: one snapshot of /proc/interrupts; rates take two, each after its time" },
    { "  CPU0\n 4: 1 PCI x\n",
      "line 1: no time before this snapshot: make it with `cat /proc/uptime /proc/interrupts; sleep 10; cat "
      "/proc/uptime /proc/interrupts`" },
    { "1.5\n  CPU0\n 4: 2 PCI x\n2.5\n  CPU0\n 4: 1 PCI x\n", "line 6: a count that is less than before" },
};

static void damage_is_named_with_its_line(void **state)
{

    (void)state;
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        struct recorded recorded;
        assert_false(read_text(damaged[i].text, &(struct recording_choice){ 0 }, &recorded));
        assert_string_equal(message, damaged[i].error);
        recorded_free(&recorded);
    }
}

/* A line of more than 65536 bytes, behind what tells the kind of file. */
static void a_line_without_an_end_is_named(void **state)
{
    static const struct {
        const char *before, *error;
    } rows[] = {
        { "1.5\n  CPU0\n 4: 1 PCI x\n2.5\n  CPU0\n 4: 1 PCI ", "line 6: the file cannot be read" },
        { "a 1 [001] 1.5: x: y\na 1 [001] 1.6: x: ",
          "line 2: longer than 65536 bytes: not the text of perf script or trace-cmd report" },
    };
    enum { LONG = 70000 };
    char *text = malloc(LONG + 200);

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct recorded recorded;
        int bytes = sprintf(text, "%s", rows[i].before);

        memset(text + bytes, 'y', LONG);
        strcpy(text + bytes + LONG, "\n");
        assert_false(read_text(text, &(struct recording_choice){ 0 }, &recorded));
        assert_string_equal(message, rows[i].error);
        recorded_free(&recorded);
    }
    free(text);
}

static void lost_events_are_counted(void **state)
{
    static const char text[] = "a 1 [001] 1.000000000: x: y\na 1 [001] 1.000000007: PERF_RECORD_LOST lost 34\n"
                               "CPU:1 [LOST 2 EVENTS]\na 1 [001] 1.000000009: x: y\n";
    struct recorded recorded;

    (void)state;
    assert_true(read_text(text, &(struct recording_choice){ .allows_lost = true }, &recorded));
    assert_records(&recorded, 0, "0@1 dropped 34 0\n0@1 dropped 2 0\n");
    assert_int_equal(recorded.lost, 36);
    assert_string_equal(recorded.ignored[0].what, "x");
    assert_int_equal(recorded.ignored[0].count, 2);
    recorded_free(&recorded);
}

/* What each thread was before the part is told at its beginning. */
static void a_part_has_first_states(void **state)
{
    static const char text[] =
        "a 1 [000] 1.000000000: sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b "
        "next_pid=2 next_prio=120\n"
        "b 2 [000] 1.000000100: x: y\n"
        "b 2 [000] 1.000000150: sched_waking: comm=a pid=1 prio=120 target_cpu=000\n"
        "b 2 [000] 1.000000300: x: y\n";
    struct recorded recorded;

    (void)state;
    assert_true(read_text(text, &(struct recording_choice){ .from_ns = 100, .until_ns = 200 }, &recorded));
    assert_records(&recorded, STATES | KIND(TRACE_SWITCH),
                   "0@0 vcpu idle cpu0 w@0\n0@0 vcpu a S@0\n0@0 vcpu b R@0\n50@0 wake a\n50@0 state a Sw@0\n");
    recorded_free(&recorded);
}

static void interrupts_become_rates(void **state)
{
    static const char text[] = "100.50 7.00\n"
                               "           CPU0       CPU2       \n"
                               "  9:         10          5   IO-APIC    9-fasteoi   acpi\n"
                               " 40:          0       1000  IR-PCI-MSI 524288-edge      nvme0q1, eth 0\n"
                               "LOC:         10         10   Local timer interrupts\n"
                               "110.50 7.00\n"
                               "           CPU0       CPU2       \n"
                               "  9:         10          5   IO-APIC    9-fasteoi   acpi\n"
                               " 40:          0       1500  IR-PCI-MSI 524288-edge      nvme0q1, eth 0\n"
                               " 41:          3          0  IR-PCI-MSI 524289-edge      new\n"
                               "LOC:         20         20   Local timer interrupts\n";
    struct recorded recorded;

    (void)state;
    assert_true(read_text(text, &(struct recording_choice){ 0 }, &recorded));
    assert_int_equal(recorded.world.end, 10000000000);
    assert_int_equal(recorded.rate_count, 2);
    assert_int_equal(recorded.rates[0].irq, 40);
    assert_int_equal(recorded.rates[0].cpu, 2);
    assert_int_equal(recorded.rates[0].count, 500);
    assert_string_equal(recorded.world.irq_names[40], "nvme0q1, eth 0");
    assert_int_equal(recorded.rates[1].count, 3);
    assert_string_equal(recorded.ignored[0].what, "LOC");
    recorded_free(&recorded);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_become_records),          cmocka_unit_test(every_shape_is_read),
        cmocka_unit_test(halts_and_exits_of_kvm),         cmocka_unit_test(damage_is_named_with_its_line),
        cmocka_unit_test(a_line_without_an_end_is_named), cmocka_unit_test(lost_events_are_counted),
        cmocka_unit_test(a_part_has_first_states),        cmocka_unit_test(interrupts_become_rates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
