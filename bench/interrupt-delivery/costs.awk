# SPDX-License-Identifier: Apache-2.0
#
# The costs as one more axis of a matrix: those of the scenario's machine, without its cache lines, and of its host, without
# the accesses of a device's registers, as far as the design reads them and the scenario doesn't set them itself. Its cells
# are typical, all low, all high, and all but those of host.csv low and high. Reads the scenario, the same resolved
# (irqpath explain), host.csv and the profiles; a range of host.csv stands for the profile's. Use with results.awk.

FNR == 1 {
    file++
    is_wanted = FILENAME !~ /\/machines\//
}

file == 1 { text = text $0 "\n" }

file == 2 { explain_line(chosen, $0) }

file == 3 && FNR > 1 {
    split($0, row, ",")
    is_host["host.costs." row[1]] = 1
    add("host.costs." row[1], row[2] "cy", row[3] "cy", row[4] "cy")
}

/ Hardware virtualisation/ { is_wanted = 1 }

file > 3 && is_wanted && cost_line(FILENAME, $0) {
    if (!(cost_path in is_host) && cost_path !~ /\.(software_cv_permille|msi_flight_ns|mmio_read|mmio_write)$/)
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

function cell(label, host, profile,   c) {
    printf "    - { label: %s", label
    for (c = 1; c <= count; c++)
        printf ", %s: %s", paths[c], costs[paths[c] in is_host ? host : profile, c]
    print " }"
}

END {
    print "  costs:"
    cell("typical", "typical", "typical")
    cell("low", "low", "low")
    cell("high", "high", "high")
    cell("machine-low", "typical", "low")
    cell("machine-high", "typical", "high")
}
