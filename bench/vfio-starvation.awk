# SPDX-License-Identifier: Apache-2.0
#
# From the sweep over descheduled times and the runs with a guest that stops: data.csv, summary.md, verdict.md, and the
# medians over seeds that the figure reads, in `out`.

function number_of_ms(text) { return text ~ /us$/ ? text / 1000 : text + 0 }

# Median of the seeds' values.
function median(cell, metric,   n, i, j, swap, sorted) {
    for (n = 0; (cell, n + 1, metric) in value; n++)
        sorted[n + 1] = value[cell, n + 1, metric]
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && sorted[j] < sorted[j - 1]; j--) {
            swap = sorted[j]; sorted[j] = sorted[j - 1]; sorted[j - 1] = swap
        }
    return n == 0 ? "" : n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

function us(ns) { return ns >= 1e6 ? sprintf("%.2f ms", ns / 1e6) : sprintf("%.1f us", ns / 1e3) }

BEGIN {
    FS = ","
    design_count = split("vfio-automask vfio-direct-eoi vfio-msi vfio-exclusive", designs, " ")
    time_count = split("0s 1ms 2ms 5ms 10ms 20ms 30ms", times, " ")
    data = results "/data.csv"; summary = results "/summary.md"; verdict = results "/verdict.md"
    print "experiment,design,seed,descheduled_ms,device,delivered,latency_p50_ns,latency_p99_ns,latency_max_ns," \
        "starvation_max_ns,line_active_max_ns,refusals" > data
}

FNR == 1 { file++ }

$1 == "scenario" {
    for (i = 1; i <= NF; i++)
        column[$i] = i
    next
}

$4 ~ /^devices\.|^lines\.0\.active\.max/ {
    experiment = file == 1 ? "descheduled" : "stopped"
    cell = experiment SUBSEP $2 SUBSEP (file == 1 ? $column["guests.a.descheduled"] : "")
    value[cell, $3, $4] = $5
    if (!((cell, $3) in known)) {
        known[cell, $3] = 1
        runs[++run_count] = cell SUBSEP $3
    }
}

function row(run, device,   part, key) {
    split(run, part, SUBSEP)
    key = run SUBSEP "devices." device "."
    printf("%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", part[1], part[2], part[4], \
        part[3] == "" ? "" : number_of_ms(part[3]), device, value[key "delivered"], value[key "latency.p50_ns"], \
        value[key "latency.p99_ns"], value[key "latency.max_ns"], value[key "starvation.max_ns"], \
        value[run SUBSEP "lines.0.active.max_ns"], value[key "refusals"]) > data
}

function cell_of(experiment, design, time) { return experiment SUBSEP design SUBSEP time }

function print_descheduled(   d, t, cell) {
    print "Latency of the host's card, medians over the seeds; the longest the line was active:\n" > summary
    print "| design | descheduled | p50 | p99 | max | starved at most | line active at most |\n|---|---|---|---|---|---|---|" \
        > summary
    for (d = 1; d <= design_count; d++) {
        for (t = 1; t <= time_count; t++) {
            cell = cell_of("descheduled", designs[d], times[t])
            printf("| %s | %s | %s | %s | %s | %s | %s |\n", designs[d], times[t], \
                us(median(cell, "devices.host-nic.latency.p50_ns")), us(median(cell, "devices.host-nic.latency.p99_ns")), \
                us(median(cell, "devices.host-nic.latency.max_ns")), \
                us(median(cell, "devices.host-nic.starvation.max_ns")), us(median(cell, "lines.0.active.max_ns"))) > summary
            printf("%g %g %g %g\n", number_of_ms(times[t]), median(cell, "devices.host-nic.latency.p50_ns") / 1e3, \
                median(cell, "devices.host-nic.latency.p99_ns") / 1e3, \
                median(cell, "devices.host-nic.starvation.max_ns") / 1e3) > (out "/latency.dat")
        }
        print "\n" > (out "/latency.dat")
    }
    printf("- Guest a's vCPU off its pCPU for 0, 10 and 30 ms at a time: the host's card waits at most %s, %s and %s with " \
        "direct EOI, %s, %s and %s with automask. The line is active for %s at most where the vCPU is away for 30 ms.\n", \
        us(starved("vfio-direct-eoi", "0s")), us(starved("vfio-direct-eoi", "10ms")), us(starved("vfio-direct-eoi", "30ms")), \
        us(starved("vfio-automask", "0s")), us(starved("vfio-automask", "10ms")), us(starved("vfio-automask", "30ms")), \
        us(median(cell_of("descheduled", "vfio-direct-eoi", "30ms"), "lines.0.active.max_ns"))) > verdict
    printf("- `vfio-exclusive` (nointxmask) never gets that far: the host's driver has the line, and both guests are refused " \
        "it (%d and %d requests).\n", median(cell_of("descheduled", "vfio-exclusive", "10ms"), "devices.dev-a.refusals"), \
        median(cell_of("descheduled", "vfio-exclusive", "10ms"), "devices.dev-b.refusals")) > verdict
}

function starved(design, time) {
    return median(cell_of("descheduled", design, time), "devices.host-nic.starvation.max_ns")
}

function print_stopped(   d, i, cell, device, devices) {
    split("host-nic dev-a dev-b", devices, " ")
    print "\nGuest a stops for good at 100 ms of 520; interrupts served, and the longest wait:\n" > summary
    print "| design | host-nic | dev-a (stopped) | dev-b |\n|---|---|---|---|" > summary
    for (d = 1; d <= design_count; d++) {
        cell = cell_of("stopped", designs[d], "")
        printf("| %s", designs[d]) > summary
        for (i = 1; i <= 3; i++)
            printf(" | %d, %s", value[cell, 1, "devices." devices[i] ".delivered"], \
                us(value[cell, 1, "devices." devices[i] ".starvation.max_ns"])) > summary
        print " |" > summary
    }
    printf("- A guest that stops for good ends its own device's interrupts with every design; with direct EOI those of the " \
        "host's card (%s) and of the other guest (%s), too.\n", \
        us(value[cell_of("stopped", "vfio-direct-eoi", ""), 1, "devices.host-nic.starvation.max_ns"]), \
        us(value[cell_of("stopped", "vfio-direct-eoi", ""), 1, "devices.dev-b.starvation.max_ns"])) > verdict
}

END {
    for (i = 1; i <= run_count; i++) {
        row(runs[i], "host-nic")
        row(runs[i], "dev-a")
        row(runs[i], "dev-b")
    }
    print_descheduled()
    print_stopped()
}
