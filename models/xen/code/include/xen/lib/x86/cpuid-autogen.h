/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * In place of a header that the tree's own build generates: room for the words of CPU features; no file here looks at
 * single features.
 */
#define FEATURESET_NR_ENTRIES 32

#define CPUID_BITFIELD_0 \
    uint32_t: \
    32
#define CPUID_BITFIELD_1 \
    uint32_t: \
    32
#define CPUID_BITFIELD_2 \
    uint32_t: \
    32
#define CPUID_BITFIELD_3 \
    uint32_t: \
    32
#define CPUID_BITFIELD_4 \
    uint32_t: \
    32
#define CPUID_BITFIELD_5 \
    uint32_t: \
    32
#define CPUID_BITFIELD_6 \
    uint32_t: \
    32
#define CPUID_BITFIELD_7 \
    uint32_t: \
    32
#define CPUID_BITFIELD_8 \
    uint32_t: \
    32
#define CPUID_BITFIELD_9 \
    uint32_t: \
    32
#define CPUID_BITFIELD_10 \
    uint32_t: \
    32
#define CPUID_BITFIELD_11 \
    uint32_t: \
    32
#define CPUID_BITFIELD_12 \
    uint32_t: \
    32
#define CPUID_BITFIELD_13 \
    uint32_t: \
    32
#define CPUID_BITFIELD_14 \
    uint32_t: \
    32
#define CPUID_BITFIELD_15 \
    uint32_t: \
    32
#define CPUID_BITFIELD_16 \
    uint32_t: \
    32
#define CPUID_BITFIELD_17 \
    uint32_t: \
    32
#define CPUID_BITFIELD_18 \
    uint32_t: \
    32
#define CPUID_BITFIELD_19 \
    uint32_t: \
    32
#define CPUID_BITFIELD_20 \
    uint32_t: \
    32
#define CPUID_BITFIELD_21 \
    uint32_t: \
    32
#define CPUID_BITFIELD_22 \
    uint32_t: \
    32
#define CPUID_BITFIELD_23 \
    uint32_t: \
    32
#define CPUID_BITFIELD_24 \
    uint32_t: \
    32
#define CPUID_BITFIELD_25 \
    uint32_t: \
    32
#define CPUID_BITFIELD_26 \
    uint32_t: \
    32
#define CPUID_BITFIELD_27 \
    uint32_t: \
    32
#define CPUID_BITFIELD_28 \
    uint32_t: \
    32
#define CPUID_BITFIELD_29 \
    uint32_t: \
    32
#define CPUID_BITFIELD_30 \
    uint32_t: \
    32
#define CPUID_BITFIELD_31 \
    uint32_t: \
    32
