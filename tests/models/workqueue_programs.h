/* SPDX-License-Identifier: Apache-2.0
 *
 * What Linux's work queues do, as programs; and the programs that hang there, which must hang here.
 */
#ifndef TESTS_MODELS_WORKQUEUE_PROGRAMS_H
#define TESTS_MODELS_WORKQUEUE_PROGRAMS_H

#include "models/workqueue_scene.h"

#define WQ_SELF "kworker waits at f0 for a work item, which it itself runs"

static const struct wq_program wq_programs[] = {
    /* an item that sleeps lets the next one run, unless the queue is ordered */
    { "event", 1, false, { "q0 q1" }, { "e0", "E0" }, { 1, 1 }, { 1, 1 }, NULL },
    { "event, twice", 1, false, { "q0 q1 q2" }, { "e0", "e1 E0", "E1" }, { 1, 1, 1 }, { 1, 1, 1 }, NULL },
    { "event, ordered", 1, true, { "q0 q1" }, { "e0", "E0" }, { 0, 0 }, { 0, 0 }, NULL },
    { "event, ordered, other way", 1, true, { "q1 q0" }, { "e0", "E0" }, { 1, 1 }, { 1, 1 }, NULL },
    { "one runs at a time", 1, false, { "q0 q1 q2" }, { "e0", "E0 w0 w0", "d1" }, { 1, 1, 1 }, { 1, 1, 1 }, NULL },
    { "mutex", 2, false, { "l0 q0 q1 f1 d1 u0" }, { "l0 u0", "w0" }, { 1, 1 }, { 1, 1 }, NULL },
    /* an item never runs twice at a time, and as often as it was queued while it was not pending */
    { "two CPUs queue", 2, false, { "q0 w0", "q0 w0" }, { "w0" }, { 1 }, { 2 }, NULL },
    { "three queue", 3, false, { "q0", "q0", "q0" }, { "w0 w0" }, { 1 }, { 3 }, NULL },
    { "pending", 1, false, { "q0 n0 f0 d0" }, { "w0" }, { 1 }, { 1 }, NULL },
    { "again", 1, false, { "q0" }, { "r0 w0" }, { 3 }, { 3 }, NULL },
    { "again, ordered", 1, true, { "q0" }, { "r0 w0" }, { 3 }, { 3 }, NULL },
    { "again, asleep", 1, false, { "q0 q1" }, { "r0 e0", "E0" }, { 3, 1 }, { 3, 1 }, NULL },
    { "asleep elsewhere", 2, false, { "q0", "e1 q0 E0" }, { "E1 e0" }, { 2 }, { 2 }, NULL },
    /* flushes */
    { "flush", 2, false, { "q0 f0 d0", "f0" }, { "w0" }, { 1 }, { 1 }, NULL },
    { "flush of nothing", 1, false, { "f0" }, { "" }, { 0 }, { 0 }, NULL },
    { "flush, ordered", 2, true, { "q0 q1 f1 d0 d1", "f0" }, { "w0", "" }, { 1, 1 }, { 1, 1 }, NULL },
    { "flush by two", 2, false, { "q0 f0", "q0 f0" }, { "w0" }, { 1 }, { 2 }, NULL },
    { "flush of a queue", 2, true, { "q0 q1 F0 d0 d1", "F0" }, { "w0", "w0" }, { 1, 1 }, { 1, 1 }, NULL },
    { "flush of an empty queue", 1, true, { "F0 q0 F0 d0 F0" }, { "" }, { 1 }, { 1 }, NULL },
    { "flush of its own queue",
      1,
      true,
      { "q0" },
      { "F0" },
      { 0 },
      { 0 },
      "cleanup waits at F for a work item, which it" },
    { "flush in a queue of a pool's item", 2, true, { "p1 q0 F0 d0" }, { "f1 d1", "w0" }, { 1, 1 }, { 1, 1 }, NULL },
    { "flush in a pool", 1, false, { "q0 q1" }, { "f1 d1", "w0" }, { 1, 1 }, { 1, 1 }, NULL },
    { "flush in a pool of what runs", 1, false, { "q1 q0 w0 E0" }, { "f1 d1", "e0" }, { 1, 1 }, { 1, 1 }, NULL },
    { "flush of what comes again", 1, false, { "q0 f0 d0" }, { "r0" }, { 3 }, { 3 }, NULL },
    { "flush under a mutex", 2, false, { "l0 q0 f0 d0 u0" }, { "l1 u1" }, { 1 }, { 1 }, NULL },
    { "flush itself", 1, false, { "q0" }, { "f0" }, { 0 }, { 0 }, WQ_SELF },
    { "flush itself, again", 1, false, { "q0" }, { "r0 f0" }, { 0 }, { 0 }, WQ_SELF },
    { "flush each other", 1, false, { "q0 q1" }, { "f1", "f0" }, { 0 }, { 0 }, "for a work item, which kworker runs" },
    { "flush of the next, ordered",
      1,
      true,
      { "q0 q1" },
      { "f1", "" },
      { 0 },
      { 0 },
      "cleanup waits at f1 for a work item, which it itself runs" },
    { "flush under its mutex", 2, false, { "l0 q0 f0 u0" }, { "l0 u0" }, { 0 }, { 0 }, "for a work item, which kwo" },
    /* cancelling */
    { "cancel", 1, false, { "q0 c0 i0" }, { "w0" }, { 0 }, { 0 }, NULL },
    { "cancel what runs", 2, false, { "q0", "e0 c0 i0" }, { "E0 w0" }, { 1 }, { 1 }, NULL },
    { "cancel what comes again", 2, false, { "q0", "e0 c0 i0" }, { "E0 r0 w0" }, { 1 }, { 3 }, NULL },
    { "cancel by two", 2, false, { "q0 c0 i0", "c0" }, { "w0" }, { 0 }, { 1 }, NULL },
    { "cancel what runs by two", 3, false, { "q0", "e0 c0 i0", "e1 c0 i0" }, { "E0 E1 w0" }, { 1 }, { 1 }, NULL },
    { "cancel what runs by three",
      3,
      false,
      { "q0 e0 c0 i0", "e1 c0 i0", "e2 c0 i0" },
      { "E0 E1 E2 w0" },
      { 1 },
      { 1 },
      NULL },
    { "cancel by three", 3, false, { "q0 c0", "q0 c0", "c0" }, { "" }, { 0 }, { 2 }, NULL },
    { "cancel, then queue", 1, false, { "q0 c0 q0 f0 d0" }, { "" }, { 1 }, { 1 }, NULL },
    { "cancel what is flushed", 2, false, { "q0 f0 i0", "c0" }, { "" }, { 0 }, { 1 }, NULL },
    { "cancel what is flushed, ordered", 2, true, { "q1 q0 f0 i0", "c0" }, { "", "w0" }, { 0, 1 }, { 1, 1 }, NULL },
    { "cancel in a pool", 1, false, { "q0 q1" }, { "c1 i1", "w0" }, { 1, 0 }, { 1, 0 }, NULL },
    { "cancel itself", 1, false, { "q0" }, { "c0" }, { 0 }, { 0 }, "waits at c0 for a work item, which it itself" },
    { "cancel what cancels itself", 2, false, { "q0", "e0 c0" }, { "E0 w0 c0" }, { 0 }, { 0 }, "waits at c0" },
};

#endif
