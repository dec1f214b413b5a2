/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree's <asm/atomic.h>; what it does by assembly is done by irqpath or is a volatile access.
 */
#ifndef IRQPATH_ASM_ATOMIC_H
#define IRQPATH_ASM_ATOMIC_H

#include_next <asm/atomic.h>
#include <irqpath/rmw.h>

#undef read_atomic
#define read_atomic(pointer) (*(const volatile __typeof__(*(pointer)) *)(pointer))
#undef write_atomic
#define write_atomic(pointer, value) ((void)(*(volatile __typeof__(*(pointer)) *)(pointer) = (value)))
#undef add_sized
#define add_sized(pointer, value) ((void)(*(volatile __typeof__(*(pointer)) *)(pointer) += (value)))

#undef atomic_read
#define atomic_read(v) read_atomic(&(v)->counter)
#undef atomic_set
#define atomic_set(v, i) write_atomic(&(v)->counter, (i))
#undef atomic_cmpxchg
#define atomic_cmpxchg(v, old, new) \
    ((int)irqpath_rmw(&(v)->counter, sizeof(int), IRQPATH_CAS, (unsigned)(new), (unsigned)(old)))
#undef atomic_compareandswap
#define atomic_compareandswap(old, new, v) ((atomic_t){ atomic_cmpxchg(v, (old).counter, (new).counter) })
#undef atomic_xchg
#define atomic_xchg(v, new) ((int)IRQPATH_RMW(&(v)->counter, IRQPATH_XCHG, (unsigned)(new)))
#undef atomic_add_return
#define atomic_add_return(i, v) \
    ({ \
        int irqpath_i_ = (i); \
        (int)IRQPATH_RMW(&(v)->counter, IRQPATH_ADD, (unsigned)irqpath_i_) + irqpath_i_; \
    })
#undef atomic_add
#define atomic_add(i, v) ((void)atomic_add_return((i), (v)))
#undef atomic_sub_return
#define atomic_sub_return(i, v) atomic_add_return(-(i), (v))
#undef atomic_sub
#define atomic_sub(i, v) ((void)atomic_sub_return((i), (v)))
#undef atomic_sub_and_test
#define atomic_sub_and_test(i, v) (atomic_sub_return((i), (v)) == 0)
#undef atomic_inc
#define atomic_inc(v) ((void)atomic_add_return(1, (v)))
#undef atomic_inc_return
#define atomic_inc_return(v) atomic_add_return(1, (v))
#undef atomic_inc_and_test
#define atomic_inc_and_test(v) (atomic_add_return(1, (v)) == 0)
#undef atomic_dec
#define atomic_dec(v) ((void)atomic_add_return(-1, (v)))
#undef atomic_dec_return
#define atomic_dec_return(v) atomic_add_return(-1, (v))
#undef atomic_dec_and_test
#define atomic_dec_and_test(v) (atomic_add_return(-1, (v)) == 0)
#undef atomic_add_negative
#define atomic_add_negative(i, v) (atomic_add_return((i), (v)) < 0)
#undef atomic_and
#define atomic_and(m, v) ((void)IRQPATH_RMW(&(v)->counter, IRQPATH_AND, (unsigned)(m)))
#undef atomic_add_unless
#define atomic_add_unless(v, a, u) \
    ({ \
        int irqpath_c_ = atomic_read(v), irqpath_old_; \
        while (irqpath_c_ != (u) && (irqpath_old_ = atomic_cmpxchg((v), irqpath_c_, irqpath_c_ + (a))) != irqpath_c_) \
            irqpath_c_ = irqpath_old_; \
        irqpath_c_; \
    })

#endif
