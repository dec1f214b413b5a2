/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * In place of a header that the tree's own build generates: assembly that nothing here uses.
 */
