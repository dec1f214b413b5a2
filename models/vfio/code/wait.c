/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * kernel/sched/wait.c, behind the headers that the file which includes it in a kernel has included.
 */
#include <linux/kthread.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#define WF_SYNC 0x10
#define WF_CURRENT_CPU 0x40

#include "kernel/sched/wait.c"
