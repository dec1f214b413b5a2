/* SPDX-License-Identifier: Apache-2.0
 *
 * Text that other tools print and that is no recording: what it is, and how to get one.
 */
#ifndef FORMATS_OTHER_TEXT_H
#define FORMATS_OTHER_TEXT_H

/* What the text is that begins so, or NULL if it is none that is known. */
const char *other_text(const char *head);

#endif
