/* SPDX-License-Identifier: Apache-2.0
 *
 * How much work the simulation of a scenario is expected to be, before anything has run: for the order of a sweep's
 * cells (sweep/order.h), and for nothing else.
 */
#ifndef SWEEP_WORK_H
#define SWEEP_WORK_H

struct scenario;

/* About the number of interrupts and ticks that are simulated, of 1000 Hz each of pCPUs and vCPUs: simulated time times
 * the machine's size and its load. What one of them takes depends on design and lock, which only a run shows. */
double sweep_work(const struct scenario *scenario);

#endif
