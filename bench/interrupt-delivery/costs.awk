# SPDX-License-Identifier: Apache-2.0
#
# The costs as one more axis of a matrix: those of the scenario's machine, without its cache lines, and of its host, as far as
# the design reads them and the scenario doesn't set them itself. Its cells are typical, all low and all high, over the ranges
# of the profiles. Reads the scenario, the same resolved (irqpath explain), and the profiles. Use with results.awk.

FNR == 1 {
    file++
    is_wanted = FILENAME !~ /\/machines\//
}

file == 1 { text = text $0 "\n" }

file == 2 { explain_line(chosen, $0) }

/ Hardware virtualisation/ { is_wanted = 1 }

file > 2 && is_wanted && cost_line(FILENAME, $0) && cost_path !~ /\.(software_cv_permille|msi_flight_ns)$/ {
    add(cost_path, cost_low, cost_value, cost_high)
}

function add(path, low, typical, high) {
    if (!(path in chosen) || index(text, path ":"))
        return
    if (!(path in number))
        number[path] = ++count
    paths[number[path]] = path
    costs["low", number[path]] = low
    costs["typical", number[path]] = typical
    costs["high", number[path]] = high
}

function cell(label,   c) {
    printf "    - { label: %s", label
    for (c = 1; c <= count; c++)
        printf ", %s: %s", paths[c], costs[label, c]
    print " }"
}

END {
    print "  costs:"
    cell("typical")
    cell("low")
    cell("high")
}
