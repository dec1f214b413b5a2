/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A bug ends the run with its text; a warning does not. In place of what <asm/bug.h> does by assembly.
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
