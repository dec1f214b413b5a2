# SPDX-License-Identifier: Apache-2.0
#
# What the awk programs of the benches share: numbers with units, the resolved scenario as paths, quantities of a group.

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

# Reads one line of `irqpath explain` into chosen[path]; items of a list are called by their name.
function explain_line(chosen, line,   indent, key, value, path, i) {
    sub(/[ ]*#.*$/, "", line)
    if (line !~ /^[ ]*(- )?[a-z_]+:/)
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
    if (value != "")
        chosen[path] = value
}
