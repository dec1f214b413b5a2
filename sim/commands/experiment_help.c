/* SPDX-License-Identifier: Apache-2.0
 *
 * What `irqpath experiment --help` says of the file.
 */
#include "commands/experiment_help.h"

#include <stddef.h>

const char *const experiment_help[] = {
    "Runs the experiment in FILE and writes to the directory of -o (default: NAME.experiment): data.csv with "
    "a row\n"
    "for each run, summary.md (tables), verdict.md, notes.md, experiment.json (all of it), manifest.json, "
    "and the\n"
    "figures as SVG and PNG. Run the command again to continue an interrupted experiment; --shard I/N runs "
    "one of N\n"
    "parts. The exit code is 1 if an expectation does not hold; an aim that is missed is a result. An "
    "experiment:",
    "  # How much does each design delay an interrupt?\n"
    "  runs:   { alone: { scenario: vfio-alone, seeds: 3 } }\n"
    "  derive: { exits: guests.a.exits / devices.dev.delivered }\n"
    "  tables: [ { rows: path, columns: [devices.dev.latency.p50_ns, exits] } ]\n"
    "  expect: [ 'exits where path=direct-eoi < exits where path=automask' ]",
    "The first comment is the question. The sections, of which only `runs` must be there:",
    "  runs: NAME: SCENARIO, or NAME: { scenario: SCENARIO or a list, ... } with\n"
    "      set: { run.duration: 50ms }   keys of the scenario, as for --set; one with a dot may also stand "
    "alone\n"
    "      matrix: { devices.nic.registers: [3, 6], load: [ { label: low, devices.nic.arrivals.rate: 1kHz }, "
    "... ] }\n"
    "      designs: [A, B] or all; seeds: N; sample: { n: 100 } and other keys of the section `sample`\n"
    "      costs: [typical, low, high]   an axis over the ranges of the profiles; or { values: [low, high], "
    "of: [PATHS\n"
    "                                    like host.costs.*] or chosen, not: [PATHS], each: on: one at a time "
    "}\n"
    "      explore: SCENARIO             instead of `scenario`: every interleaving; max_states: N, "
    "preemptions: N,\n"
    "                                    and replays: on, which writes each violating trace to replays/\n"
    "      attribute: SCENARIO           instead of `scenario`: who took whose time. Rows with the axes "
    "guest, copy, loss,\n"
    "                                    cause, what, culprit, culprit_copy; lost_cycles, copy_cycles, "
    "kind_cycles\n"
    "      quick: { seeds: 1, run.duration: 50ms }   what is different with --quick; skip: on leaves the run "
    "out\n"
    "  derive: NAME: FORMULA, or NAME: { formula:, unit:, title:, meaning:, better: lower or higher }\n"
    "      + - * / ( ) min(a, b) max(a, b) first(a, b), the first with a value, over metrics (irqpath list "
    "metrics),\n"
    "      axes, keys like run.duration (in s, Hz, bytes), derived names; of one run, exact until the last "
    "division.\n"
    "      NAME at AXIS=VALUE is that of the run that differs in this axis alone: per_s / per_s at "
    "irqchip=userspace.\n"
    "      published NAME is the value that `published` has for the run; is CONDITIONS is 1 or 0.\n"
    "  keep: [METRIC, ...]               columns that data.csv has although nothing else names them",
    "  tables: - { title:, run:, where: CONDITIONS, rows: AXIS or [AXES], columns: [FORMULA, ...], "
    "intervals: on }\n"
    "      A column may be { value: FORMULA, title:, unit: us, decimals: 1 }. across: AXIS makes a column of "
    "each of\n"
    "      its values, and relative_to: VALUE compares them; without rows, each quantity has a line. A table\n"
    "      { run:, costs: [host.costs.wake, ...] or chosen } says what the costs of a run rest on.\n"
    "  figures: - { kind:, title:, run:, where:, x:, y:, series: AXIS, relative_to: VALUE, log: x } or "
    "panels: [...]\n"
    "      kinds: lines (x: AXIS, y: FORMULA), bars, dots, stack, forest (y: AXIS, x: FORMULA or a list), "
    "heat\n"
    "      (x: AXIS, y: AXIS, value: FORMULA), ccdf (x: a quantity, or a distribution like "
    "devices.nic.latency)\n"
    "      name: of the files; subtitle:, x_title:, y_title:\n"
    "  published: - { run:, where: CONDITIONS, quantity: NAME, value: 60 % or [LOW, HIGH], source:, tag: }\n"
    "  expect, aim: - '[RUN:] FORMULA OP FORMULA', or - WORDS: the same; OP is < <= > >= != or ==, and == X "
    "+- Y\n"
    "  verdict, notes: Markdown; {FORMULA} is replaced by its value, {FORMULA | 1 us} by that in us with one "
    "digit\n"
    "      after the point, {FORMULA | 2 +-} with its 95 % interval, {FORMULA | +0} with its sign",
    "In tables, figures, expectations and texts, a NAME is the mean over all runs that have it and fulfil the\n"
    "conditions after it: [mean, median, min, max, sum, count or published] NAME [where] AXIS=VALUE "
    "AXIS!=VALUE\n"
    "AXIS=A,B NAME>NUMBER. `share NAME>NUMBER ...` is the share of them, `slope NAME over AXIS ...` (or "
    "intercept)\n"
    "that of a line through them. VALUE alone is enough where only one axis has it. Axes are those of the "
    "matrix,\n"
    "called by the last part of their path (irqchip for hypervisor.irqchip), and run, scenario, design, "
    "seed; those\n"
    "of explorations also verdict (clean, violation, incomplete) and outcome (the kind of violation), with "
    "the\n"
    "numbers states, transitions, depth and bound. A column { label: outcome } shows labels instead of numbers.",
    NULL,
};
