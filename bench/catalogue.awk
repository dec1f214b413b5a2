# SPDX-License-Identifier: Apache-2.0
#
# Reads bench/catalogue. Without `name`: the names. With it: the values of `field`, one a line.

/^#/ || /^[ \t]*$/ { next }

/^[^ ]/ {
    block = $1
    if (name == "")
        print block
    next
}

name == "" || block != name { next }

/^    [a-z]/ {
    finish()
    is_wanted = $1 == field
    value = $0
    sub(/^ *[a-z]+ +/, "", value)
    next
}

{
    sub(/^ +/, " ")
    value = value $0
}

END { finish() }

function finish() {
    if (is_wanted)
        print value
    is_wanted = 0
}
