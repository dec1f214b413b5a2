# SPDX-License-Identifier: Apache-2.0
#
# What the figures of the sensitivity study read, from its ranking (the first file) and data.csv (the second), into the
# directory `out`: swing.dat, responses.dat, load-grid.dat, cost-grid.dat,
# guest-grid.dat, ramp.dat, and names.gp with their texts.
# Blocks of a file stand for gnuplot's `index`: one for each parameter and lock, or each start and lock.

function quoted(text) { return "\"" text "\"" }

# Without the unit of cycles: six values stand below a narrow panel.
function short(text) {
    sub(/cy$/, "", text)
    return text
}

# Means over seeds of the cells of an experiment, in the order of the file.
function add(key, steal, running, median,   i) {
    if (!(key in runs)) {
        cells[++cell_count] = key
        least[key] = most[key] = steal
    }
    runs[key]++
    steals[key] += steal
    runnings[key] += running
    medians[key] += log(median > 0 ? median : 1)
    least[key] = steal < least[key] ? steal : least[key]
    most[key] = steal > most[key] ? steal : most[key]
}

function mean(key) { return steals[key] / runs[key] }

BEGIN {
    FS = "\t"
    lock_count = split("ttas ticket mcs", locks, " ")
    start_count = split("cold loaded", starts, " ")
}

FNR == 1 { file++ }

file == 1 && $1 == "chosen" && $3 == "ttas" {
    ranked[++ranked_count] = $2
    swing[ranked_count] = $5 " " $6 " " $7 " " $9 " " $10 " " $11
}
file == 1 { next }

FNR == 1 {
    FS = ","
    $0 = $0
    for (i = 1; i <= NF; i++)
        column[$i] = i
    next
}

{
    key = $1 SUBSEP $2 SUBSEP $3 SUBSEP $5 SUBSEP $6
    if (!(key in runs) && !(($2, $3) in position)) {
        position[$2, $3] = ++values[$2]
        value[$2, values[$2]] = $3
    }
    if ($4 == "chosen") {
        chosen[$2] = $3
        if ($5 == "ttas") {
            widen("steal", $column["guests.idle.steal.percent"])
            widen("lock", $column["guests.idle.running_lock.percent"])
        }
    }
    add(key, $column["guests.idle.steal.percent"], $column["guests.idle.running_lock.percent"], \
        $column["irq.latency.p50_ns"])
    if ($1 ~ /-grid$/)
        grid_name[$1] = $2
}

function print_swing(   i, name) {
    printf "swing_labels = \"" > (out "/names.gp")
    for (i = 1; i <= ranked_count; i++) {
        name = ranked[i]
        print i, swing[i] > (out "/swing.dat")
        printf("%s%s|%s|%s", (i > 1 ? " " : ""), name, value[name, 1], value[name, values[name]]) > (out "/names.gp")
    }
    printf("\"\nswing_count = %d\n", ranked_count) > (out "/names.gp")
    printf("base_steal_low = %g\nbase_steal_high = %g\n", base_least["steal"], base_most["steal"]) > (out "/names.gp")
    printf("base_lock_low = %g\nbase_lock_high = %g\n", base_least["lock"], base_most["lock"]) > (out "/names.gp")
}

function widen(what, number) {
    if (!(what in base_least) || number < base_least[what])
        base_least[what] = number
    if (!(what in base_most) || number > base_most[what])
        base_most[what] = number
}

function print_responses(   p, l, v, name, key) {
    printf "response_names = \"" > (out "/names.gp")
    for (p = 1; p <= ranked_count; p++) {
        name = ranked[p]
        printf("%s%s", (p > 1 ? " " : ""), name) > (out "/names.gp")
        for (l = 1; l <= lock_count; l++) {
            for (v = 1; v <= values[name]; v++) {
                key = "chosen" SUBSEP name SUBSEP value[name, v] SUBSEP locks[l] SUBSEP "domain-tasklet"
                if (key in runs)
                    print v, mean(key), least[key], most[key], quoted(short(value[name, v])), value[name, v] == chosen[name] \
                        > (out "/responses.dat")
            }
            print "\n" > (out "/responses.dat")
        }
    }
    printf "\"\nresponse_count = %d\n", ranked_count > (out "/names.gp")
}

function print_grid(grid,   names, count, i, part, key, x, y, xs, ys) {
    count = split(grid_name[grid], names, " ")
    if (count != 2)
        return
    for (i = 1; i <= values[grid_name[grid]]; i++) {
        split(value[grid_name[grid], i], part, " ")
        if (!((1, part[1]) in place))
            place[1, part[1]] = ++xs
        if (!((2, part[2]) in place))
            place[2, part[2]] = ++ys
        key = grid SUBSEP grid_name[grid] SUBSEP value[grid_name[grid], i] SUBSEP "ttas" SUBSEP "domain-tasklet"
        print place[1, part[1]], place[2, part[2]], mean(key), quoted(part[1]), quoted(part[2]), runnings[key] / runs[key] \
            > (out "/" grid ".dat")
    }
    sub(/-/, "_", grid)
    printf("%s_x = '%s'\n%s_y = '%s'\n", grid, names[1], grid, names[2]) > (out "/names.gp")
    for (i in place)
        delete place[i]
}

function print_ramp(   s, l, v, name, key) {
    for (s = 1; s <= start_count; s++)
        for (l = 1; l <= lock_count; l++) {
            name = starts[s] " start"
            for (v = 1; v <= values[name]; v++) {
                key = "ramp" SUBSEP name SUBSEP value[name, v] SUBSEP locks[l] SUBSEP "domain-tasklet"
                if (key in runs)
                    print number_of(value[name, v]), mean(key), least[key], most[key], exp(medians[key] / runs[key]) \
                        > (out "/ramp.dat")
            }
            print "\n" > (out "/ramp.dat")
        }
}

END {
    print_swing()
    print_responses()
    print_grid("load-grid")
    print_grid("cost-grid")
    print_grid("guest-grid")
    print_ramp()
}
