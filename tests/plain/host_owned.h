/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of owned.h for the families on a Linux host.
 */
#ifndef PLAIN_HOST_OWNED_H
#define PLAIN_HOST_OWNED_H

#include <stdint.h>

struct cpu;

uint64_t host_mutexes(const struct cpu *cpu);
uint32_t host_runner(const struct cpu *cpu);

#endif
