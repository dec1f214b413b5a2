# SPDX-License-Identifier: Apache-2.0
#
# The verdict of bench/mutations: awk -f bench/mutations.awk WORDS data.csv
# WORDS: name, what the fault is, why it survives, separated by tabs.

FNR == NR {
    split($0, words, "\t")
    what[words[1]] = words[2]
    why[words[1]] = words[3]
    next
}

FNR == 1 { FS = ","; next }

{
    split($0, row, ",")
    count++
    outcome = row[3]
    outcomes[outcome]++
    if (outcome == "found") {
        kinds[row[6]]++
        found_by = row[6] " in " row[4] ", " row[5]
    } else if (outcome == "check") {
        found_by = "a CHECK of ours in " row[4] ", " row[5]
    } else if (outcome == "changed") {
        found_by = "verdict " row[6] " in " row[4] ", " row[5] \
            (why[row[1]] == "" ? "" : ": " why[row[1]])
    } else {
        found_by = "**no**: " (why[row[1]] == "" ? "not explained" : why[row[1]])
        if (why[row[1]] ~ /^equivalent/)
            equivalent++
    }
    lines[count] = "| `" row[1] "` | " what[row[1]] " | " found_by " |"
}

END {
    noticed = outcomes["found"] + outcomes["check"] + outcomes["changed"]
    printf "explore notices **%d of %d** seeded faults: %d make a clean scenario a violation, %d another violation or " \
        "none of one, %d fail a CHECK of ours.\n%d of the %d others change nothing that there is to notice.\n", \
        noticed, count, outcomes["found"], outcomes["changed"], outcomes["check"], equivalent, count - noticed
    order = "lost-interrupt list-corruption modelled-bug null-domain use-after-free deadlock endless-wait " \
        "double-delivery misdelivery reference-leak lock-order state-mismatch"
    n = split(order, names, " ")
    separator = "By "
    for (i = 1; i <= n; i++)
        if (kinds[names[i]] > 0) {
            printf "%s%s (%d)", separator, names[i], kinds[names[i]]
            separator = ", "
        }
    print ".\n\n| mutant | fault | noticed |\n|---|---|---|"
    for (i = 1; i <= count; i++)
        print lines[i]
}
