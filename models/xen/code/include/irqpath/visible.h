/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Read after the tree's configuration, which may have hidden all names: what nothing implements must still link.
 */
#pragma GCC visibility push(default)
