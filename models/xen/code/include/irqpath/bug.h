/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * BUG and failed assertions end the run with their text; a warning does not. Read after each of the tree's headers that
 * define some of them, which differ between versions.
 */
#include "irqpath.h"

#undef BUG
#define BUG() irqpath_bug("BUG")
#undef WARN
#define WARN() ((void)0)
#undef run_in_exception_handler
#define run_in_exception_handler(function) ((void)(function))
#undef assert_failed
#define assert_failed(text) irqpath_bug("assertion failed: " text)
