/* SPDX-License-Identifier: Apache-2.0
 *
 * The instruction of a loop that polls memory: it tells a real CPU that another one is awaited.
 */
#ifndef BASE_PAUSE_H
#define BASE_PAUSE_H

#if defined(__x86_64__)
static inline void native_pause(void) { __asm__ volatile("pause" ::: "memory"); }
#else
static inline void native_pause(void) { __asm__ volatile("" ::: "memory"); }
#endif

#endif
