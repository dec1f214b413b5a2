/* SPDX-License-Identifier: Apache-2.0
 *
 * The pause instruction for loops of native code that poll memory while they wait for another CPU. Empty on other
 * architectures than x86.
 */
#ifndef BASE_PAUSE_H
#define BASE_PAUSE_H

#if defined(__x86_64__)
static inline void native_pause(void) { __asm__ volatile("pause" ::: "memory"); }
#else
static inline void native_pause(void) { __asm__ volatile("" ::: "memory"); }
#endif

#endif
