/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrays that grow by one element at a time.
 */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>

/* Makes room behind `count` elements for one more, which is all zeros, and returns the array, which may have moved.
 * The capacity is the least power of two that is enough: an array must have grown by this alone, from NULL. To be freed
 * with free(). */
void *array_grown(void *array, size_t count, size_t element_bytes);

#endif
