# SPDX-License-Identifier: Apache-2.0
#
# The verdict of the sensitivity study in Markdown, from its ranking (the first file) and data.csv (the second).

BEGIN {
    FS = "\t"
    collapsed = 5
}

FNR == 1 { file++ }

file == 1 && $3 == "ttas" && $1 == "chosen" {
    name[++count] = $2
    steal_swing[$2] = $4; steal_least[$2] = $5; steal_most[$2] = $6
    lock_swing[$2] = $8; lock_least[$2] = $9; lock_most[$2] = $10
}
file == 1 && $1 == "estimate" {
    estimates++
    estimate_steal = $4 > estimate_steal ? $4 : estimate_steal
    estimate_lock = $8 > estimate_lock ? $8 : estimate_lock
}
file == 1 && $1 == "chosen" && $3 != "ttas" && $6 > fair_most[$3] {
    fair_most[$3] = $6
    fair_name[$3] = $2
}
file == 1 { next }

FNR == 1 {
    FS = ","
    $0 = $0
    for (i = 1; i <= NF; i++)
        column[$i] = i
    next
}

{ steal = $column["guests.idle.steal.percent"]; lock = $column["guests.idle.running_lock.percent"] }

$1 == "chosen" && !(($2, $3) in order) {
    order[$2, $3] = 1
    if (!($2 in first))
        first[$2] = $3
    last[$2] = $3
}
$1 == "chosen" && $4 == "chosen" && $5 == "ttas" && !($7 in base_seen) {
    base_seen[$7] = 1
    base_count++
    steal_sum += steal; steal_squares += steal * steal
    lock_sum += lock; lock_squares += lock * lock
}
$1 == "ramp" {
    key = $2 SUBSEP $5
    is_ramp[key] = 1
    rate = number_of($3)
    if (steal > collapsed) {
        if (!(key in begins) || rate < begins[key])
            begins[key] = rate
    } else if (!(key in vanishes) || rate > vanishes[key])
        vanishes[key] = rate
}
$1 == "sockets" {
    key = $6 SUBSEP $5
    runs[key, $3]++
    steals[key, $3] += steal
    waits[key, $3] += $column["locks.tasklet_lock.wait.mean_ns"]
    most_sockets = $3 > most_sockets ? $3 : most_sockets
}

function deviation(sum, squares, n) { return n > 1 ? sqrt((squares - sum * sum / n) / (n - 1)) : 0 }
function rate_text(rate) { return rate >= 1000 ? rate / 1000 " kHz" : rate " Hz" }

function print_ranking(   i) {
    print "| parameter | range | steal, % | lock time of RUNNING, % |\n|---|---|---|---|"
    for (i = 1; i <= count; i++)
        printf "| %s | %s .. %s | %.1f .. %.1f | %.1f .. %.1f |\n", name[i], first[name[i]], last[name[i]], \
            steal_least[name[i]], steal_most[name[i]], lock_least[name[i]], lock_most[name[i]]
}

function print_ramp(lock_name,   cold, loaded) {
    cold = "cold start" SUBSEP lock_name
    loaded = "loaded start" SUBSEP lock_name
    if (!(cold in begins) && !(loaded in begins)) {
        printf "- %s: no collapse between %s and %s from either side (steal stays below %d %%).\n", lock_name, "50 Hz", \
            "20 kHz", collapsed
        return
    }
    printf "- %s: from a cold start some seed collapses from %s on, and every seed above %s; from a loaded one some seed" \
        " stays collapsed from %s on, and every seed above %s.\n", lock_name, \
        (cold in begins) ? rate_text(begins[cold]) : "nowhere", rate_text(vanishes[cold]), rate_text(begins[loaded]), \
        (loaded in vanishes) ? rate_text(vanishes[loaded]) : "0"
}

function print_sockets(   lock_names, designs, l, d, key, s) {
    split("ttas ticket", lock_names, " ")
    split("domain-tasklet softirq-requeue", designs, " ")
    printf "| design, lock |"
    for (s = 1; s <= most_sockets; s++)
        printf " %d |", s
    printf "\n|---|"
    for (s = 1; s <= most_sockets; s++)
        printf "---|"
    print ""
    for (d = 1; d <= 2; d++)
        for (l = 1; l <= 2; l++) {
            key = designs[d] SUBSEP lock_names[l]
            printf "| %s, %s: steal, %% |", designs[d], lock_names[l]
            for (s = 1; s <= most_sockets; s++)
                printf " %.2f |", steals[key, s] / runs[key, s]
            if (d == 1) {
                printf "\n| wait for the tasklet lock, us |"
                for (s = 1; s <= most_sockets; s++)
                    printf " %.2f |", waits[key, s] / runs[key, s] / 1000
            }
            print ""
        }
}

END {
    printf "The scenario as it stands, ttas: steal %.1f +- %.1f %%, lock time %.1f +- %.1f %% of RUNNING" \
        " (standard deviation over %d runs of 0.5 s).\n\n", steal_sum / base_count, \
        deviation(steal_sum, steal_squares, base_count), lock_sum / base_count, \
        deviation(lock_sum, lock_squares, base_count), base_count
    print "One parameter at a time, ttas, strongest first:\n"
    print_ranking()
    printf "\nThe machine file's %d other estimates move steal by at most %.1f points and lock time by at most %.1f," \
        " as means of few seeds.\n", estimates, estimate_steal, estimate_lock
    printf "With the ticket lock steal reaches %.1f %% at most (%s), with MCS %.1f %% (%s).\n\n", fair_most["ticket"], \
        fair_name["ticket"], fair_most["mcs"], fair_name["mcs"]
    print "Interrupts per second and vector at which the collapse begins and ends:\n"
    print_ramp("ttas")
    print_ramp("ticket")
    print_ramp("mcs")
    print "\nSockets:\n"
    print_sockets()
}
