/* SPDX-License-Identifier: Apache-2.0
 *
 * A drive's driver and its thread. The handler (steps D) takes completions until it finds no more, as nvme_poll_cq
 * does, and moves the head of the queue once. The thread (steps T) is fio's t/io_uring: a system call submits up to one
 * batch, and waits for a batch of completions unless another batch may still be submitted. The cost of an I/O in the
 * thread and in the handler is one number each; left out: how it depends on the batch.
 */
#include "models/host/trace.h"
#include "models/nvme/nvme.h"

/* What handler and thread share, where they run on two CPUs. */
static void touch_shared(struct cpu *cpu, struct drive *drive)
{
    if (drive->vector.target != drive->thread.on->cpu)
        line_touch_write(cpu, &drive->line);
}

void drive_interrupt(struct cpu *cpu, void *argument)
{
    struct drive *drive = argument;
    struct nvme *nvme = nvme_of(cpu);
    uint64_t reaped = 0, count;

    host_trace_do_irq(cpu, drive->vector.vector, &drive->vector);
    cpu_spend_software(cpu, host_costs(cpu)->do_irq * (100 - host_costs(cpu)->irq_once) / 100);
    cpu_look(step(cpu, "D1"));
    host_handler_begin(cpu, &drive->vector);
    while ((count = host_handler_reap(cpu, &drive->vector)) > 0) {
        reaped += count;
        cpu_spend_software(cpu, count * host_costs(cpu)->io_complete);
        cpu_look(step(cpu, "D2"));
    }
    nvme->statistics.handlers++;
    nvme->statistics.empty += reaped == 0;
    if (reaped == 0)
        return;
    cpu_spend(cpu, host_costs(cpu)->mmio_write);
    touch_shared(cpu, drive);
    nvme->statistics.ios += reaped;
    drive->completed += reaped;
    if (drive->wanted > 0 && drive->completed >= drive->wanted)
        thread_wake(cpu, &drive->thread);
}

/* --- the thread --- */

static void submit(struct cpu *cpu, struct drive *drive, uint64_t count)
{
    cpu_spend_software(cpu, count * host_costs(cpu)->io_submit);
    cpu_spend(cpu, host_costs(cpu)->mmio_write);
    cpu_look(step(cpu, "T1"));
    drive->inflight += count;
    device_submit(&drive->vector, count);
}

static void wait(struct cpu *cpu, struct drive *drive, uint64_t count)
{
    cpu_look(step(cpu, "T2"));
    drive->wanted = count;
    while (drive->completed < count)
        thread_block(cpu);
    drive->wanted = 0;
}

void drive_main(struct cpu *cpu, struct thread *thread)
{
    struct drive *drive = thread->context;
    const struct nvme_device_setup *setup = nvme_device_setup(drive->setup);
    uint64_t depth = setup->depth, batch = setup->batch < depth ? setup->batch : depth;

    for (;;) {
        uint64_t room = depth - drive->inflight, count = room < batch ? room : batch;
        cpu_spend_software(cpu, host_costs(cpu)->syscall);
        if (count > 0)
            submit(cpu, drive, count);
        if (count == 0 || drive->inflight + count > depth)
            wait(cpu, drive, batch);
        touch_shared(cpu, drive);
        cpu_look(step(cpu, "T3"));
        drive->inflight -= drive->completed;
        drive->completed = 0;
    }
}
