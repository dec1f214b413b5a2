# SPDX-License-Identifier: Apache-2.0
#
# results/data.csv (a row for each run), summary.md and verdict.md of the headline, from `irqpath show --csv` of the
# comparison, of the sweeps over designs and locks, over the phases of ticks, and with chosen and typical costs, and from the
# list of the latter.
# Variables: results (the folder), seconds (measured in each run).

BEGIN {
    FS = ","
    count = split("guests.idle.steal.percent guests.idle.steal_top.percent guests.idle.steal_tick.percent" \
        " guests.idle.steal_overlap.percent guests.idle.running.percent guests.idle.running_lock.percent" \
        " guests.idle.running_lock_u1.percent guests.idle.running_lock_u2.percent guests.idle.running_lock_u3.percent" \
        " guests.idle.running_lock_u4.percent guests.idle.running_lock_u5.percent" \
        " guests.idle.running_lock_u6.percent guests.idle.lock_running.percent guests.idle.lock_runnable.percent" \
        " guests.idle.lock_blocked.percent guests.idle.ticks.handled guests.idle.ticks.skipped" \
        " guests.busy.running_lock.percent irq.delivered_per_s irq.lost irq.latency.p50_ns irq.latency.p99_ns" \
        " locks.tasklet_lock.acquisitions locks.tasklet_lock.wait.mean_ns locks.tasklet_lock.waiters.max", name, " ")
}

FNR == 1 && ++file < 5 { next }

file == 5 {
    split($0, part, " ")
    cost_name[++costs] = part[1]
    cost_text[costs] = "| " part[1] " | " part[2] " | " part[3] " | " part[4] " .. " part[5] " |"
    next
}

{
    key = (file == 1 ? "compare," $2 ",ttas" : file == 2 ? "designs," $2 "," axis("^(ttas|ticket|mcs|spinlock)$") : \
        file == 3 ? axis("^(guest|random|aligned)$") " ticks," $2 "," axis("^(ttas|ticket|mcs)$") : $7 " costs," $2 ",ttas")
    run = key "," $3
    if (!(key in runs))
        keys[++key_count] = key
    if (!(run in known)) {
        known[run] = 1
        order[++run_count] = run
        runs[key]++
    }
    add($4, $5)
    if ($4 == "irq.delivered")
        add("irq.delivered_per_s", $5 / seconds)
}

# The coordinate of the cell that matches.
function axis(pattern,   i) {
    for (i = 7; i <= NF && $i !~ pattern; i++)
        ;
    return $i
}

function add(metric, number) {
    value[run, metric] = number
    sum[key, metric] += number
    squares[key, metric] += number * number
}

function mean(key, metric) { return sum[key, metric] / runs[key] }

function half(key, metric) { return half_interval(runs[key], sum[key, metric], squares[key, metric]) }

function row(text, metric, factor, format,   tasklet, softirq) {
    tasklet = "compare,domain-tasklet,ttas"
    softirq = "compare,softirq-requeue,ttas"
    printf("| %s | " format " +- " format " | " format " +- " format " |\n", text, factor * mean(tasklet, metric), \
        factor * half(tasklet, metric), factor * mean(softirq, metric), factor * half(softirq, metric)) > summary
}

function print_data(   i, r) {
    printf "experiment,design,lock,seed" > data
    for (i = 1; i <= count; i++)
        printf(",%s", name[i]) > data
    print "" > data
    for (r = 1; r <= run_count; r++) {
        printf("%s", order[r]) > data
        for (i = 1; i <= count; i++)
            printf(",%.6g", value[order[r], name[i]]) > data
        print "" > data
    }
}

function print_headline() {
    printf("Means of %d seeds of %g s with 95 %% intervals; nothing differs between the columns but the design.\n\n", \
        runs["compare,domain-tasklet,ttas"], seconds) > summary
    print "| | domain-tasklet | softirq-requeue |\n|---|---|---|" > summary
    row("idle guests: steal (RUNNABLE), % of wall time", "guests.idle.steal.percent", 1, "%.2f")
    row("the same as top prints it, %", "guests.idle.steal_top.percent", 1, "%.2f")
    row("the same in whole ticks, %", "guests.idle.steal_tick.percent", 1, "%.2f")
    row("the same where idle overlaps it, %", "guests.idle.steal_overlap.percent", 1, "%.2f")
    row("idle guests: lock time, % of RUNNING", "guests.idle.running_lock.percent", 1, "%.3f")
    row("of it by an expired timer (U1)", "guests.idle.running_lock_u1.percent", 1, "%.3f")
    row("of it by the rest of a list (U2)", "guests.idle.running_lock_u2.percent", 1, "%.3f")
    row("of it by another wake (U4)", "guests.idle.running_lock_u4.percent", 1, "%.3f")
    row("idle guests: lock time in RUNNING, % of wall time", "guests.idle.lock_running.percent", 1, "%.3f")
    row("in RUNNABLE (this is steal)", "guests.idle.lock_runnable.percent", 1, "%.3f")
    row("in BLOCKED (this only delays)", "guests.idle.lock_blocked.percent", 1, "%.3f")
    row("idle guests: ticks handled", "guests.idle.ticks.handled", 1, "%.0f")
    row("busy guests: interrupts a second", "irq.delivered_per_s", 1, "%.0f")
    row("busy guests: median latency, us", "irq.latency.p50_ns", 0.001, "%.2f")
    row("busy guests: 99th percentile, us", "irq.latency.p99_ns", 0.001, "%.1f")
    row("busy guests: lock time, % of RUNNING", "guests.busy.running_lock.percent", 1, "%.2f")
    row("mean wait for the tasklet lock, us", "locks.tasklet_lock.wait.mean_ns", 0.001, "%.3f")
    row("most waiters", "locks.tasklet_lock.waiters.max", 1, "%.0f")
}

function print_designs(   i, part) {
    print "\nEvery design with every lock:\n" > summary
    print "| design | lock | idle: steal, % | as top, % | lock of RUNNING, % | interrupts/s | median, us | 99 %, us |" \
        " lost | lock wait, us |\n|---|---|---|---|---|---|---|---|---|---|" > summary
    for (i = 1; i <= key_count; i++) {
        split(keys[i], part, ",")
        if (part[1] != "designs")
            continue
        printf("| %s | %s | %.2f | %.2f | %.3f | %.0f | %.2f | %.1f | %.0f | %.3f |\n", part[2], part[3], \
            mean(keys[i], "guests.idle.steal.percent"), mean(keys[i], "guests.idle.steal_top.percent"), \
            mean(keys[i], "guests.idle.running_lock.percent"), mean(keys[i], "irq.delivered_per_s"), \
            mean(keys[i], "irq.latency.p50_ns") / 1000, mean(keys[i], "irq.latency.p99_ns") / 1000, \
            mean(keys[i], "irq.lost"), mean(keys[i], "locks.tasklet_lock.wait.mean_ns") / 1000) > summary
    }
}

# Steal by the phases of the guests' ticks: "independent", "each guest's together", "all together".
function print_ticks(   i, j, p, phases, cases, key) {
    split("random guest aligned", phases, " ")
    split("domain-tasklet,ttas domain-tasklet,ticket domain-tasklet,mcs softirq-requeue,ttas", cases, " ")
    print "\nIdle guests' steal, %, by the phases of the guests' ticks:\n\n| design | lock | independent | together in each guest |" \
        " all together |\n|---|---|---|---|---|" > summary
    for (i = 1; i <= 4; i++) {
        split(cases[i], p, ",")
        printf("| %s | %s |", p[1], p[2]) > summary
        for (j = 1; j <= 3; j++)
            printf(" %.2f |", steal_at(phases[j], cases[i])) > summary
        print "" > summary
    }
}

function steal_at(phase, design_and_lock) { return mean(phase " ticks," design_and_lock, "guests.idle.steal.percent") }

function print_costs(   i, key) {
    print "\nCosts that were chosen to fit:\n\n| cost | chosen | typical | range |\n|---|---|---|---|" > summary
    for (i = 1; i <= costs; i++)
        print cost_text[i] > summary
}

function print_verdict(   tasklet, softirq, typical) {
    tasklet = "compare,domain-tasklet,ttas"
    softirq = "compare,softirq-requeue,ttas"
    typical = "typical costs,domain-tasklet,ttas"
    printf("- Idle guests, `domain-tasklet`: steal %.1f +- %.1f %% of wall time (%.1f %% as top prints it), lock time" \
        " %.1f +- %.1f %% of RUNNING. `softirq-requeue`: %.2f %% (%.2f %%) and %.4f %%.\n", \
        mean(tasklet, "guests.idle.steal.percent"), half(tasklet, "guests.idle.steal.percent"), \
        mean(tasklet, "guests.idle.steal_top.percent"), mean(tasklet, "guests.idle.running_lock.percent"), \
        half(tasklet, "guests.idle.running_lock.percent"), mean(softirq, "guests.idle.steal.percent"), \
        mean(softirq, "guests.idle.steal_top.percent"), mean(softirq, "guests.idle.running_lock.percent")) > verdict
    printf("- Busy guests: %.0f instead of %.0f interrupts a second, median latency %.0f instead of %.1f us, %.0f %% of" \
        " their time goes to the lock.\n", mean(tasklet, "irq.delivered_per_s"), mean(softirq, "irq.delivered_per_s"), \
        mean(tasklet, "irq.latency.p50_ns") / 1000, mean(softirq, "irq.latency.p50_ns") / 1000, \
        mean(tasklet, "guests.busy.running_lock.percent")) > verdict
    printf("- Those are independent ticks. With the ticks of each guest's vCPUs together, as Linux has them: `domain-tasklet`" \
        " %.1f %%, `softirq-requeue` %.2f %%, tasklets with a ticket lock %.2f %%; with all ticks together %.1f, %.1f and %.1f %%." \
        " VIRQ_TIMER keeps its tasklet with every design.\n", steal_at("guest", "domain-tasklet,ttas"), \
        steal_at("guest", "softirq-requeue,ttas"), steal_at("guest", "domain-tasklet,ticket"), \
        steal_at("aligned", "domain-tasklet,ttas"), steal_at("aligned", "softirq-requeue,ttas"), \
        steal_at("aligned", "domain-tasklet,ticket")) > verdict
    printf("- With the typical instead of the chosen value of each of the %d costs: steal %.1f %% (%.1f %% as top prints" \
        " it), lock time %.1f %% of RUNNING, %.0f interrupts a second.\n", costs, \
        mean(typical, "guests.idle.steal.percent"), mean(typical, "guests.idle.steal_top.percent"), \
        mean(typical, "guests.idle.running_lock.percent"), mean(typical, "irq.delivered_per_s")) > verdict
}

END {
    data = results "/data.csv"
    summary = results "/summary.md"
    verdict = results "/verdict.md"
    print_data()
    print_headline()
    print_designs()
    print_ticks()
    print_costs()
    print_verdict()
}
