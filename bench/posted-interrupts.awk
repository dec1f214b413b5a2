# SPDX-License-Identifier: Apache-2.0
#
# From the sweeps, a file each: data.csv, summary.md, verdict.md, and what the figures read, in `out`.

BEGIN {
    data = results "/data.csv"; summary = results "/summary.md"; verdict = results "/verdict.md"
    print "experiment,case,posted,latency_p50_ns,latency_p99_ns,exits_per_interrupt,wakeup_p50_ns,list_max," \
        "idle_steal_percent,lock_acquisitions_per_s,unseen_per_interrupt,guest_cpu_percent,lazy,lazy_again" > data
    FS = ","
}

FNR == 1 {
    name = FILENAME
    sub(/^.*\//, "", name); sub(/\.csv$/, "", name)
    for (i in column)
        delete column[i]
    for (i = 1; i <= NF; i++)
        column[$i] = i
    next
}

function of(key) { return key in column ? $column[key] : "" }

# Cells go by what varies, in the order of the columns' names below.
{
    cell = of("guests.guest.load") "|" of("guests.others.pin") "|" of("guests.others.count") "|" \
        of("guests.sleepers.vcpus") * of("guests.sleepers.count") "|" of("devices.nic.destination") "|" \
        (name == "headline" ? of("design") : "") "|" of("hypervisor.posted_with") of("hypervisor.posted_without") "|" \
        of("hypervisor.posted")
    value[name, cell, of("metric")] = of("value")
    if (!((name, cell) in seen)) {
        seen[name, cell] = 1
        cells[name, ++count[name]] = cell
    }
}

function get(part, cell, metric) { return value[part, cell, metric] }

function exits(part, cell) { return get(part, cell, "xen.vmexits") / get(part, cell, "irq.delivered") }

function us(ns) { return sprintf("%.2f us", ns / 1e3) }

function row(experiment, label, posted, p50, p99, each, wakeup, longest, steal, takes, unseen, share, lazy, again) {
    printf("%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", experiment, label, posted, p50, p99, each, wakeup, longest, steal, \
        takes, unseen, share, lazy, again) > data
}

function states_cell(load, pin, posted) { return load "|" pin "||0||||" posted }

# The state of the target: what the interrupt met.
function print_state(label, load, pin, state, index_,   off, on, p50, p99, o, n) {
    off = states_cell(load, pin, "off"); on = states_cell(load, pin, "on")
    o = get("states", off, "irq.latency_" state ".p50_ns"); n = get("states", on, "irq.latency_" state ".p50_ns")
    p50[0] = o; p50[1] = n
    printf("| %s | %s | %s | %s | %s | %.2f | %.3f |\n", label, us(o), us(n), \
        us(get("states", off, "irq.latency_" state ".p99_ns")), us(get("states", on, "irq.latency_" state ".p99_ns")), \
        exits("states", off), exits("states", on)) > summary
    row("states", label, "off", o, get("states", off, "irq.latency_" state ".p99_ns"), sprintf("%.4f", exits("states", off)))
    row("states", label, "on", n, get("states", on, "irq.latency_" state ".p99_ns"), sprintf("%.4f", exits("states", on)))
    printf("%d %.3f %.3f %.4f %.4f \"%s\"\n", index_, o / 1e3, n / 1e3, exits("states", off), exits("states", on), label) \
        > (out "/states.dat")
}

function print_states() {
    print "By what the target was doing when the message came (10 kHz, one vector; exits of all vCPUs in the run):\n" > summary
    print "| target | latency p50 off | on | p99 off | on | VM exits an interrupt, off | on |" > summary
    print "|---|---|---|---|---|---|---|" > summary
    print_state("running", "compute", "pu:2", "running", 1)
    print_state("blocked", "halt", "pu:2", "blocked", 2)
    print_state("blocked, pCPU busy", "halt", "pu:1", "blocked", 3)
    print_state("preempted", "compute", "pu:1", "preempted", 4)
}

function print_remapped(   c, i, label, parts, n) {
    print "\nWhere the saving comes from, on a target that runs:\n" > summary
    print "| | latency p50 | VM exits an interrupt |\n|---|---|---|" > summary
    for (i = 1; i <= count["remapped"]; i++) {
        c = cells["remapped", i]
        n = split(c, parts, "|")
        label = parts[8] == "off" ? (parts[5] == "all" ? "" : "off: exit for the interrupt and for the EOI") \
            : parts[5] == "all" ? "remapped, posted by software: exit for the interrupt" : "posted"
        if (label == "")
            continue
        printf("| %s | %s | %.3f |\n", label, us(get("remapped", c, "irq.latency.p50_ns")), exits("remapped", c)) > summary
        row("remapped", parts[5], parts[8], get("remapped", c, "irq.latency.p50_ns"), \
            get("remapped", c, "irq.latency.p99_ns"), sprintf("%.4f", exits("remapped", c)))
    }
}

function print_headline(   i, c, parts, takes) {
    print "\nThe headline, eight sockets:\n" > summary
    print "| design | posted | idle guests' steal | tasklet_lock takes/s | busy: interrupts/s | latency p50 | VM exits an interrupt |" > summary
    print "|---|---|---|---|---|---|---|" > summary
    for (i = 1; i <= count["headline"]; i++) {
        c = cells["headline", i]
        split(c, parts, "|")
        takes = get("headline", c, "locks.tasklet_lock.acquisitions") / seconds["headline"]
        printf("| %s | %s | %.2f %% | %d | %d | %s | %.2f |\n", parts[6], parts[8], \
            get("headline", c, "guests.idle.steal.percent"), takes, get("headline", c, "irq.delivered") / seconds["headline"], \
            us(get("headline", c, "irq.latency.p50_ns")), exits("headline", c)) > summary
        row("headline", parts[6], parts[8], get("headline", c, "irq.latency.p50_ns"), get("headline", c, "irq.latency.p99_ns"), \
            sprintf("%.4f", exits("headline", c)), "", "", get("headline", c, "guests.idle.steal.percent"), \
            sprintf("%.0f", takes))
        headline[parts[6], parts[8]] = get("headline", c, "guests.idle.steal.percent")
        takes_of[parts[6], parts[8]] = takes
    }
}

function print_list(   i, c, n, time, first, last, first_n, last_n) {
    print "\nA wake-up interrupt by the length of the blocking list:\n" > summary
    print "| sleepers | list | handler p50 | latency p50 |\n|---|---|---|---|" > summary
    for (i = 1; i <= count["list"]; i++) {
        c = cells["list", i]
        n = get("list", c, "posted.list.max"); time = get("list", c, "posted.wakeup.time.p50_ns")
        list_time[n] = time; list_latency[n] = get("list", c, "devices.nic.latency.p50_ns")
        lengths[i] = n
    }
    sort_numbers(lengths, count["list"])
    for (i = 1; i <= count["list"]; i++) {
        n = lengths[i]
        printf("| %d | %d | %d ns | %s |\n", n - 1, n, list_time[n], us(list_latency[n])) > summary
        row("list", n - 1, "on", list_latency[n], "", "", list_time[n], n)
        printf("%d %d %.3f\n", n, list_time[n], list_latency[n] / 1e3) > (out "/list.dat")
    }
    step = (list_time[lengths[count["list"]]] - list_time[lengths[1]]) / (lengths[count["list"]] - lengths[1])
}

function sort_numbers(list, n,   i, j, kept) {
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && list[j] < list[j - 1]; j--) {
            kept = list[j]; list[j] = list[j - 1]; list[j - 1] = kept
        }
}

# VM entries that leave such bits behind, for each interrupt that met its vCPU preempted.
function unseen(part, cell) {
    return get(part, cell, "irq.latency_preempted.count") == 0 ? 0 : \
        get(part, cell, "posted.unnoticed_sn") / get(part, cell, "irq.latency_preempted.count")
}

function print_overcommit(   i, c, r, k, others, counts) {
    split("1 3 7", counts, " ")
    print "\nAn interrupt that meets its vCPU preempted (1 kHz), by vCPUs on its pCPU:\n" > summary
    print "| vCPUs | off: p50 | on: p50 | on: VM entries that do not see it, for each | with recheck-pir: p50 | VM entries that do not see it |\n|---|---|---|---|---|---|" > summary
    for (i = 1; i <= 3; i++) {
        c = "||" counts[i] "|0||||"
        printf("| %d | %.2f ms | %.2f ms | %.2f | %.2f ms | %.2f |\n", counts[i] + 1, \
            get("overcommit", c "off", "irq.latency_preempted.p50_ns") / 1e6, \
            get("overcommit", c "on", "irq.latency_preempted.p50_ns") / 1e6, unseen("overcommit", c "on"), \
            get("recheck", c "on", "irq.latency_preempted.p50_ns") / 1e6, unseen("recheck", c "on")) > summary
        row("overcommit", counts[i] + 1, "off", get("overcommit", c "off", "irq.latency_preempted.p50_ns"), \
            get("overcommit", c "off", "irq.latency_preempted.p99_ns"))
        row("overcommit", counts[i] + 1, "on", get("overcommit", c "on", "irq.latency_preempted.p50_ns"), \
            get("overcommit", c "on", "irq.latency_preempted.p99_ns"), "", "", "", "", "", sprintf("%.2f", unseen("overcommit", c "on")))
        row("overcommit", counts[i] + 1, "recheck-pir", get("recheck", c "on", "irq.latency_preempted.p50_ns"), \
            get("recheck", c "on", "irq.latency_preempted.p99_ns"), "", "", "", "", "", sprintf("%.2f", unseen("recheck", c "on")))
    }
}

# The guest's share of its pCPU: one of two, the other idles.
function print_share(   c, s) {
    c = "|||0||||"
    share[0] = 2 * get("share", c "off", "cpus.guest.percent"); share[1] = 2 * get("share", c "on", "cpus.guest.percent")
    row("share", "48.8 kHz", "off", get("share", c "off", "irq.latency.p50_ns"), "", sprintf("%.4f", exits("share", c "off")), \
        "", "", "", "", "", sprintf("%.2f", share[0]))
    row("share", "48.8 kHz", "on", get("share", c "on", "irq.latency.p50_ns"), "", sprintf("%.4f", exits("share", c "on")), \
        "", "", "", "", "", sprintf("%.2f", share[1]))
}

function print_rest(   i, c, parts) {
    print "\nDevices, pCPUs and affinities that change:\n" > summary
    print "| | delivered | latency p50 | p99 | max |\n|---|---|---|---|---|" > summary
    for (part = 1; part <= 3; part++) {
        which = part == 1 ? "hotplug" : part == 2 ? "offline" : "affinity"
        for (i = 1; i <= count[which]; i++) {
            c = cells[which, i]
            split(c, parts, "|")
            label = parts[7] == "" ? "" : parts[7] == "F5" ? "without F5" : parts[7] ~ /recheck/ ? "all proposals" : "as it is"
            printf("| %s%s%s | %d | %s | %s | %s |\n", which, label == "" ? "" : ", " label, \
                parts[8] == "" ? "" : ", posted " parts[8], get(which, c, "irq.delivered"), \
                us(get(which, c, "irq.latency.p50_ns")), us(get(which, c, "irq.latency.p99_ns")), \
                us(get(which, c, "irq.latency.max_ns"))) > summary
            row(which, label, parts[8] == "" ? "on" : parts[8], get(which, c, "irq.latency.p50_ns"), \
                get(which, c, "irq.latency.p99_ns"))
        }
    }
}

# Published: what the papers say; the last column says whether the comparison is fair.
function print_published(   off, on, alone, saved, latency) {
    alone = "|||0|single|||"
    off = states_cell("compute", "pu:2", "off"); on = states_cell("compute", "pu:2", "on")
    saved = 100 * (1 - exits("remapped", alone "on") / exits("remapped", alone "off"))
    latency = 100 * (1 - get("states", on, "irq.latency_running.p50_ns") / get("states", off, "irq.latency_running.p50_ns"))
    print "\nBeside published results (none is of VT-d posted interrupts on Xen: there is none):\n" > summary
    print "| quantity | published | here | fair? |\n|---|---|---|---|" > summary
    printf("| VM exits saved, target running | DID -99 %% (exits/100) | -%.1f %% | yes: both take away the interrupt's and the EOI's exit; " \
        "what is left here are the scheduler's ticks |\n", saved) > summary
    printf("| the same | ELVIS -99.4 %% (142K to < 800/s) | -%.1f %% | partly: theirs polls the guest's requests, too |\n", saved) > summary
    printf("| interrupt latency saved, target running | DID -80 %% (abstract) | -%.0f %% | partly: theirs is cyclictest's, with a timer " \
        "and a wake-up in the guest; ours ends at the handler |\n", latency) > summary
    printf("| the guest's share of its CPU | ELI 60-65 %% to 97-100 %% of bare metal (netperf) | %.0f %% to %.0f %% of the pCPU | no: " \
        "throughput against CPU time, and ELI's 102K exits/s are not all interrupts' |\n", share[0], share[1]) > summary
    print "| exit handling | ES2 < 2.5 % (TCP), < 0.1 % (UDP) of time | - | no: ES2 polls I/O requests as well |" > summary
    printf("1 99 %.2f \"VM exits: DID\" 1\n2 99.44 %.2f \"VM exits: ELVIS\" 1\n3 80 %.2f \"latency: DID\" 2\n" \
        "4 %.2f %.2f \"lost CPU: ELI\" 3\n", saved, saved, latency, 100 * (1 - 1.5 / 37.5), \
        100 * (1 - (100 - share[1]) / (100 - share[0]))) > (out "/published.dat")
    printf("- A target that runs: %s instead of %s, %.3f VM exits an interrupt instead of %.2f. One that sleeps: %s instead of %s. One that " \
        "waits for its pCPU gains nothing: nothing makes the scheduler hurry.\n", \
        us(get("states", on, "irq.latency_running.p50_ns")), us(get("states", off, "irq.latency_running.p50_ns")), \
        exits("states", on), exits("states", off), \
        us(get("states", states_cell("halt", "pu:2", "on"), "irq.latency_blocked.p50_ns")), \
        us(get("states", states_cell("halt", "pu:2", "off"), "irq.latency_blocked.p50_ns"))) > verdict
}

END {
    for (i in count)
        seconds[i] = 1
    if (get("headline", cells["headline", 1], "irq.raised") < 60000 && get("states", states_cell("compute", "pu:2", "on"), \
        "irq.delivered") < 10000)
        seconds["headline"] = 0.1
    print_states(); print_remapped(); print_headline(); print_list(); print_overcommit(); print_share(); print_rest()
    lazy_cell = cells["lazy", 1]
    print_published()
    printf("- Posted interrupts alone cure the headline: with the tasklet the idle guests' steal falls from %.1f %% to %.2f %%, and the " \
        "%d takes a second of the global lock that are left are VIRQ_TIMER's.\n", headline["domain-tasklet", "off"], \
        headline["domain-tasklet", "on"], takes_of["domain-tasklet", "on"]) > verdict
    printf("- Each vCPU on a blocking list makes every wake-up on that pCPU %.1f ns longer, interrupts off; whoever runs there pays.\n", \
        step) > verdict
    printf("- Of the notifications that hit an idle pCPU which held its vCPU lazily (%d in a second with a pause each millisecond), %d came " \
        "twice in one cycle of ON.\n", get("lazy", lazy_cell, "posted.spurious.lazy"), \
        get("lazy", lazy_cell, "posted.spurious.lazy_again")) > verdict
    row("lazy", "pause each ms", "on", "", "", "", "", "", "", "", "", "", get("lazy", lazy_cell, "posted.spurious.lazy"), \
        get("lazy", lazy_cell, "posted.spurious.lazy_again"))
}
