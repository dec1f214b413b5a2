# SPDX-License-Identifier: Apache-2.0
#
# The costs that a scenario sets itself: path, chosen, the value of the profile, low, high. Reads the resolved scenario
# (irqpath explain), then the profiles. Variable: scenario, its path. Use with results.awk.

FNR == NR {
    explain_line(chosen, $0, "# " scenario)
    next
}

cost_line(FILENAME, $0) && (cost_path in chosen) { print cost_path, chosen[cost_path], cost_value, cost_low, cost_high }
