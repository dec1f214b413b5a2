/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a family's check of a setup says what it finds. The scenario layer knows in which line of which file a key
 * stands.
 */
#ifndef MODELS_FAMILY_REPORT_H
#define MODELS_FAMILY_REPORT_H

#include <stdbool.h>
#include <stdint.h>

enum report_severity { REPORT_ERROR, REPORT_WARNING };

/* A key of a setup: of the entry `index` of a list ("guests", "devices", "actions"), or of a section; key NULL: of the
 * entry as a whole; section "": of the scenario as a whole. */
struct setup_key {
    const char *section;
    uint32_t index;
    const char *key;
};

struct setup_report {
    void *context;
    void (*write)(void *context, enum report_severity severity, struct setup_key key, const char *text,
                  const char *suggestion);
    bool (*is_given)(void *context, struct setup_key key); /* whether the scenario has the key, or leaves it out */
};

/* `suggestion`: " (did you mean 'x'?)" or "". */
__attribute__((format(printf, 4, 5))) void report_error(const struct setup_report *report, struct setup_key key,
                                                        const char *suggestion, const char *format, ...);

/* Only where the key is given. */
__attribute__((format(printf, 3, 4))) void report_warning(const struct setup_report *report, struct setup_key key,
                                                          const char *format, ...);

#endif
