# SPDX-License-Identifier: Apache-2.0
#
# From the sweep: results/data.csv, summary.md, verdict.md, and what the figure reads, in `out`. Means over the seeds.

BEGIN {
    count = split("F1 F2 F3 S1 S2 S3 S3-rebind send send-lockless", labels, " ")
    # The path whose latency a cell is about.
    for (i = 1; i <= count; i++)
        path[labels[i]] = substr(labels[i], 1, 2)
    path["send"] = path["send-lockless"] = "S2"
    print "path,vcpus,seeds,events,p50_ns,p99_ns,bql_wait_mean_ns,bql_wait_p99_ns,port_lock_wait_mean_ns,port_lock_wait_p99_ns" \
        > (results "/data.csv")
}

FNR == 1 {
    FS = ","
    $0 = $0
    for (i = 1; i <= NF; i++)
        column[$i] = i
    next
}

{
    cell = $column["path"] "," $column["vcpus"]
    prefix = "qemu.paths." path[$column["path"]] "."
    name = $4
    if (index(name, prefix) == 1)
        name = substr(name, length(prefix) + 1)
    else if (name !~ /^locks\.(BQL|port_lock)\.wait\./ && name != "irq.lost")
        next
    sum[cell, name] += $5
    if (name == "count")
        seeds[cell]++
    if (name == "irq.lost")
        lost += $5
}

function mean(cell, name) { return seeds[cell] ? sum[cell, name] / seeds[cell] : 0 }

END {
    print "Fire to guest handler, median and 99th percentile in us, and the mean wait for the lock that counts, in ns:\n" \
        > (results "/summary.md")
    print "| path | 1 vCPU | 8 | 64 | 99th, 64 | BQL wait, 64 | port_lock wait, 64 |\n|---|---|---|---|---|---|---|" > (results "/summary.md")
    for (i = 1; i <= count; i++) {
        for (vcpus = 1; vcpus <= 64; vcpus *= 2) {
            cell = labels[i] "," vcpus
            printf("%s,%d,%d,%.0f,%.0f,%.0f,%.1f,%.0f,%.1f,%.0f\n", labels[i], vcpus, seeds[cell], \
                mean(cell, "count"), mean(cell, "latency.p50_ns"), mean(cell, "latency.p99_ns"), \
                mean(cell, "locks.BQL.wait.mean_ns"), mean(cell, "locks.BQL.wait.p99_ns"), \
                mean(cell, "locks.port_lock.wait.mean_ns"), mean(cell, "locks.port_lock.wait.p99_ns")) > (results "/data.csv")
            print vcpus, mean(cell, "latency.p50_ns") / 1000, mean(cell, "latency.p99_ns") / 1000, \
                mean(cell, "locks.port_lock.wait.mean_ns") > (out "/paths.dat")
        }
        print "\n" > (out "/paths.dat")
        printf("| %s | %.2f | %.2f | %.2f | %.2f | %.0f | %.0f |\n", labels[i], mean(labels[i] ",1", "latency.p50_ns") / 1000, \
            mean(labels[i] ",8", "latency.p50_ns") / 1000, mean(labels[i] ",64", "latency.p50_ns") / 1000, \
            mean(labels[i] ",64", "latency.p99_ns") / 1000, mean(labels[i] ",64", "locks.BQL.wait.mean_ns"), \
            mean(labels[i] ",64", "locks.port_lock.wait.mean_ns")) > (results "/summary.md")
    }
    printf("- With 64 vCPUs, median and 99th percentile from fire to handler: F1 %.1f and %.1f us, F2 %.1f and %.1f, S3 %.1f and %.1f; while one vCPU rebinds 16 vectors every 10 ms, S3 %.1f and %.1f.\n", \
        mean("F1,64", "latency.p50_ns") / 1000, mean("F1,64", "latency.p99_ns") / 1000, \
        mean("F2,64", "latency.p50_ns") / 1000, mean("F2,64", "latency.p99_ns") / 1000, \
        mean("S3,64", "latency.p50_ns") / 1000, mean("S3,64", "latency.p99_ns") / 1000, \
        mean("S3-rebind,64", "latency.p50_ns") / 1000, mean("S3-rebind,64", "latency.p99_ns") / 1000) > (results "/verdict.md")
    printf("- Sends between vCPUs through QEMU wait %.0f ns for port_lock on the average of 64 vCPUs, %.0f of 2; their 99th percentile is %.1f us, %.1f with lockless ports. KVM takes them in %.1f us.\n", \
        mean("send,64", "locks.port_lock.wait.mean_ns"), mean("send,2", "locks.port_lock.wait.mean_ns"), \
        mean("send,64", "latency.p99_ns") / 1000, mean("send-lockless,64", "latency.p99_ns") / 1000, \
        mean("F3,64", "latency.p50_ns") / 1000) > (results "/verdict.md")
    printf("- Interrupts lost, all cells: %d.\n", lost) > (results "/verdict.md")
}
