/* SPDX-License-Identifier: Apache-2.0
 *
 * The declarations of all sections; each is defined in the file of its name.
 */
#ifndef REPORT_SECTION_LIST_H
#define REPORT_SECTION_LIST_H

#include "report/sections.h"

extern const struct report_section section_verdict;
extern const struct report_section section_experiment;
extern const struct report_section section_figures;
extern const struct report_section section_metrics;
extern const struct report_section section_replay;
extern const struct report_section section_attribution;
extern const struct report_section section_recording;
extern const struct report_section section_slowest;
extern const struct report_section section_slowest_recorded;
extern const struct report_section section_timeline;
extern const struct report_section section_provenance;

#endif
