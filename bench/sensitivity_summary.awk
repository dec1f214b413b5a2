# SPDX-License-Identifier: Apache-2.0
#
# results/summary.md and verdict.md of the sensitivity study, from its ranking (the first file) and data.csv (the second).

BEGIN {
    FS = "\t"
    collapsed = 5
    summary = results "/summary.md"
    verdict = results "/verdict.md"
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
    print "| parameter | range | steal, % | lock time of RUNNING, % |\n|---|---|---|---|" > summary
    for (i = 1; i <= count; i++)
        printf("| %s | %s .. %s | %.1f .. %.1f | %.1f .. %.1f |\n", name[i], first[name[i]], last[name[i]], \
            steal_least[name[i]], steal_most[name[i]], lock_least[name[i]], lock_most[name[i]]) > summary
}

# The parameters in whose range the swing is at least `share` of the largest, in the order of the ranking.
function strongest(swing, share,   i, most, text) {
    for (i = 1; i <= count; i++)
        most = swing[name[i]] > most ? swing[name[i]] : most
    for (i = 1; i <= count; i++)
        if (swing[name[i]] >= share * most)
            text = text (text == "" ? "" : ", ") sprintf("%s (%.0f)", name[i], swing[name[i]])
    return text
}

function ramp_text(lock_name,   cold, loaded) {
    cold = "cold start" SUBSEP lock_name
    loaded = "loaded start" SUBSEP lock_name
    if (!(cold in begins) && !(loaded in begins))
        return sprintf("%s: no collapse from either side (steal stays below %d %%).", lock_name, collapsed)
    return sprintf("%s: from a cold start some seed collapses from %s on, every seed above %s; from a loaded start some" \
        " seed stays collapsed from %s on, every seed above %s.", lock_name, \
        (cold in begins) ? rate_text(begins[cold]) : "no rate", rate_text(vanishes[cold]), rate_text(begins[loaded]), \
        (loaded in vanishes) ? rate_text(vanishes[loaded]) : "0 Hz")
}

function knee(key,   s) {
    for (s = 1; s <= most_sockets; s++)
        if (steals[key, s] / runs[key, s] > collapsed)
            return "from " s " sockets on"
    return "never"
}

function print_sockets(   lock_names, designs, l, d, key, s) {
    split("ttas ticket", lock_names, " ")
    split("domain-tasklet softirq-requeue", designs, " ")
    printf "| design, lock |" > summary
    for (s = 1; s <= most_sockets; s++)
        printf(" %d |", s) > summary
    printf "\n|---|" > summary
    for (s = 1; s <= most_sockets; s++)
        printf "---|" > summary
    print "" > summary
    printf("- 1 to %d sockets with the same load each, steal above %d %%:", most_sockets, collapsed) > verdict
    for (d = 1; d <= 2; d++)
        for (l = 1; l <= 2; l++) {
            key = designs[d] SUBSEP lock_names[l]
            printf("%s `%s` with %s %s", (d + l > 2 ? "," : ""), designs[d], lock_names[l], knee(key)) > verdict
            printf("| %s, %s: steal, %% |", designs[d], lock_names[l]) > summary
            for (s = 1; s <= most_sockets; s++)
                printf(" %.2f |", steals[key, s] / runs[key, s]) > summary
            printf "\n| wait for the tasklet lock, us |" > summary
            for (s = 1; s <= most_sockets; s++)
                printf(" %.2f |", waits[key, s] / runs[key, s] / 1000) > summary
            print "" > summary
        }
    print "." > verdict
}

END {
    printf("The scenario as it stands, ttas: steal %.1f +- %.1f %%, lock time %.1f +- %.1f %% of RUNNING" \
        " (standard deviation over %d runs of %s).\n\n", steal_sum / base_count, \
        deviation(steal_sum, steal_squares, base_count), lock_sum / base_count, \
        deviation(lock_sum, lock_squares, base_count), base_count, duration) > summary
    print "One parameter at a time, ttas, strongest first; means over the seeds of a value, least and most:\n" > summary
    print_ranking()
    printf("\nThe profiles' %d other estimates move steal by at most %.1f points and lock time by at most %.1f," \
        " as means of few seeds.\n", estimates, estimate_steal, estimate_lock) > summary
    printf("With the ticket lock steal reaches %.1f %% at most (%s), with MCS %.1f %% (%s).\n", fair_most["ticket"], \
        fair_name["ticket"], fair_most["mcs"], fair_name["mcs"]) > summary
    print "\nSockets:\n" > summary
    print "- Points of steal that a parameter moves over its range (ttas): " strongest(steal_swing, 0.15) "." > verdict
    print "- Points of lock time of RUNNING: " strongest(lock_swing, 0.3) "; the seeds alone: " \
        sprintf("%.1f", deviation(lock_sum, lock_squares, base_count)) "." > verdict
    printf("- Highest steal over all of that with a fair lock: ticket %.1f %% (%s), MCS %.1f %% (%s).\n", \
        fair_most["ticket"], fair_name["ticket"], fair_most["mcs"], fair_name["mcs"]) > verdict
    print "- Interrupts per second and vector, 50 Hz to 20 kHz. " ramp_text("ttas") " " ramp_text("ticket") " " \
        ramp_text("mcs") > verdict
    print_sockets()
}
