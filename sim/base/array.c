/* SPDX-License-Identifier: Apache-2.0
 *
 * See array.h: an array is full exactly when it has a power of two of elements, or none.
 */
#include "base/array.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

void *array_grown(void *array, size_t count, size_t element_bytes)
{
    if ((count & (count - 1)) == 0)
        array = realloc(array, (count > 0 ? 2 * count : 1) * element_bytes);
    CHECK(array != NULL);
    memset((char *)array + count * element_bytes, 0, element_bytes);
    return array;
}
