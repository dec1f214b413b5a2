# SPDX-License-Identifier: Apache-2.0
#
# What the awk programs of the benches share: intervals, numbers with units, the resolved scenario as paths, quantities of a group.

# Half of the 95 % interval of the mean of n values with this sum and this sum of squares; the quantile of t by Hill's
# expansion, good to 0.2 % from 5 values on.
function half_interval(n, sum, squares,   variance, z, t) {
    variance = (squares - sum * sum / n) / (n - 1)
    z = 1.959964
    t = z + (z ^ 3 + z) / (4 * (n - 1)) + (5 * z ^ 5 + 16 * z ^ 3 + 3 * z) / (96 * (n - 1) ^ 2)
    return t * sqrt((variance > 0 ? variance : 0) / n)
}

# The number of "300cy", "1kHz", "30us"; 0 where nothing happens at all; "" when the text is no number.
function number_of(text,   unit) {
    if (text == "none" || text == "tickless" || text == "off")
        return 0
    if (text !~ /^-?[0-9]/)
        return ""
    unit = text
    sub(/^-?[0-9.]+/, "", unit)
    return (text + 0) * (unit == "kHz" ? 1e3 : unit == "MHz" ? 1e6 : unit == "GHz" ? 1e9 : unit == "mHz" ? 1e-3 \
        : unit == "ms" ? 1e-3 : unit == "us" ? 1e-6 : unit == "ns" ? 1e-9 : 1)
}

function is_same(a, b) {
    return a == b || (number_of(a) != "" && number_of(b) != "" && number_of(a) == number_of(b))
}

# Reads one line of `irqpath explain` into chosen[path], when its comment begins with `origin`, or whatever it is when there
# is no `origin`; items of a list are called by their name.
function explain_line(chosen, line, origin,   indent, key, value, path, i, is_wanted) {
    is_wanted = origin == "" || index(line, origin) > 0
    sub(/[ ]*#.*$/, "", line)
    if (line !~ /^[ ]*(- )?[a-z0-9_]+:/)
        return
    match(line, /^[ ]*(- )?/)
    indent = RLENGTH
    key = value = substr(line, indent + 1)
    sub(/:.*/, "", key)
    sub(/^[^:]*:[ ]*/, "", value)
    gsub(/^"|"$/, "", value)
    explain_key[indent] = key
    if (key == "name" && indent == 4)
        explain_item = value
    path = ""
    for (i = 0; i <= indent; i += 2) {
        path = path (path == "" ? "" : ".") (i == 2 && explain_is_list ? explain_item : explain_key[i])
    }
    if (indent == 0)
        explain_is_list = key == "guests" || key == "devices"
    if (value != "" && is_wanted)
        chosen[path] = value
}

# Reads one line of a profile. True when it is a cost of one number: cost_path is its path in a scenario, cost_value, cost_low
# and cost_high are its value and range, cost_tag is its tag.
function cost_line(file, line,   section) {
    if (line !~ /^  [a-z0-9_]+: \{ value: [0-9]/)
        return 0
    section = file
    sub(/\/[^\/]*$/, "", section)
    sub(/.*\//, "", section)
    cost_path = line
    sub(/:.*/, "", cost_path)
    sub(/^ */, "", cost_path)
    cost_path = (section == "machines" ? "machine" : section) ".costs." cost_path
    cost_value = cost_field(line, "value")
    cost_low = cost_field(line, "low")
    cost_high = cost_field(line, "high")
    cost_tag = cost_field(line, "tag")
    return 1
}

function cost_field(line, name) {
    if (!match(line, name ": [0-9a-z]+"))
        return ""
    return substr(line, RSTART + length(name) + 2, RLENGTH - length(name) - 2)
}
