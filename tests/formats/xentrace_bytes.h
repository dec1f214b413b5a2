/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of xentrace, record by record. Include cmocka.h first.
 */
#ifndef TESTS_FORMATS_XENTRACE_BYTES_H
#define TESTS_FORMATS_XENTRACE_BYTES_H

#include <stdio.h>

#include "formats/output.h"
#include "formats/xentrace.h"

/* Appends a record with its time, in cycles after that at which our own files begin, and at most 7 words. */
static inline void xentrace_put(struct bytes *records, uint32_t event, uint64_t tsc, uint32_t count,
                                const uint32_t *words)
{
    bytes_put_u32(records, event | count << 28 | UINT32_C(1) << 31);
    bytes_put_u64(records, XENTRACE_TSC_BASE + tsc);
    for (uint32_t i = 0; i < count; i++)
        bytes_put_u32(records, words[i]);
}

/* Writes a file whose only records are these, of pCPU 0, and frees them. */
static inline void xentrace_write(const char *path, struct bytes *records)
{
    struct bytes head = { 0 };
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    bytes_put_u32(&head, XENTRACE_CPU_CHANGE | UINT32_C(2) << 28);
    bytes_put_u32(&head, 0);
    bytes_put_u32(&head, (uint32_t)records->count);
    assert_int_equal(fwrite(head.data, 1, head.count, file), head.count);
    assert_int_equal(fwrite(records->data, 1, records->count, file), records->count);
    assert_int_equal(fclose(file), 0);
    bytes_free(records);
    bytes_free(&head);
}

#endif
