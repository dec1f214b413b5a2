/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Forgets what <irqpath/bug.h> and the tree's headers define.
 */
#undef BUG_ON
#undef ASSERT
#undef ASSERT_UNREACHABLE
