# SPDX-License-Identifier: Apache-2.0
#
# From the two sweeps: results/data.csv, summary.md, verdict.md, and what the figure reads, in `out`. The measured figures
# are those of QEMU dc580d51f7; for the batched functions it gives "2 to 4 ms" and the sum.

BEGIN {
    split("8 15 22 24 36 44 51 58", measured, " ")
    measured_sum["refresh-all"] = 258
    measured_sum["batched"] = 21
    data = results "/data.csv"
    summary = results "/summary.md"
    verdict = results "/verdict.md"
    print "experiment,routes,functions,vectors,simulated_ms,measured_ms,error_percent" > data
}

FNR == 1 {
    file++
    FS = ","
    $0 = $0
    for (i = 1; i <= NF; i++)
        column[file, $i] = i
    next
}

file == 1 && $4 == "qemu.bind_ns" { bind[$column[1, "qemu.routes"], $column[1, "function"]] = $5 / 1e6 }
file == 2 && $4 == "qemu.routes.refresh_ns" { growth[$column[2, "qemu.routes"], $column[2, "devices"]] = $5 / 1e6 }

function vectors_of(devices) { return devices == 1 ? 63 : 64 * (devices - 1) + 63 }

function error_of(simulated, real) { return (simulated / real - 1) * 100 }

END {
    print "Binding function after function of 65 vectors, one commit a vector; ms:\n" > summary
    print "| function | measured | simulated | error | |\n|---|---|---|---|---|" > summary
    for (f = 1; f <= 8; f++) {
        simulated = bind["refresh-all", f]
        sum["refresh-all"] += simulated
        sum["batched"] += bind["batched", f]
        fitted = f == 1 || f == 8
        printf("| %d | %d | %.1f | %+.1f %% | %s |\n", f, measured[f], simulated, error_of(simulated, measured[f]), \
            fitted ? "fitted" : "predicted") > summary
        printf("bind,refresh-all,%d,65,%.4f,%d,%.2f\n", f, simulated, measured[f], error_of(simulated, measured[f])) > data
        printf("bind,batched,%d,65,%.4f,,\n", f, bind["batched", f]) > data
        print f, measured[f], simulated, bind["batched", f] > (out "/bind.dat")
        if (!fitted && error_of(simulated, measured[f]) ^ 2 > worst ^ 2) {
            worst = error_of(simulated, measured[f])
            worst_function = f
        }
    }
    for (f = 1; f <= 2; f++) {
        routes = f == 1 ? "refresh-all" : "batched"
        printf("sum,%s,8,520,%.3f,%d,%.2f\n", routes, sum[routes], measured_sum[routes], \
            error_of(sum[routes], measured_sum[routes])) > data
        printf("| all, %s | %d | %.1f | %+.1f %% | |\n", f == 1 ? "one by one" : "batched", measured_sum[routes], sum[routes], \
            error_of(sum[routes], measured_sum[routes])) > summary
    }
    printf("- Eight functions of 65 vectors: %.0f ms simulated, 258 measured (%+.1f %%); batched %.1f ms, 21 measured (%+.1f %%). Worst of the six predicted: function %d, %+.0f %%.\n", \
        sum["refresh-all"], error_of(sum["refresh-all"], 258), sum["batched"], error_of(sum["batched"], 21), \
        worst_function, worst) > verdict
    print "\nClosing 63 vectors and binding them again, one by one; ms in route updates, all together:\n" > summary
    print "| devices | vectors | refresh-all | a call | batched | on-demand |\n|---|---|---|---|---|---|" > summary
    for (devices = 1; devices <= 64; devices *= 2) {
        n = vectors_of(devices)
        call = growth["refresh-all", devices] / 126
        printf("| %d | %d | %.1f | %.3f | %.2f | %.1f |\n", devices, n, growth["refresh-all", devices], call, \
            growth["batched", devices], growth["on-demand", devices]) > summary
        for (f = 1; f <= 3; f++) {
            routes = f == 1 ? "refresh-all" : f == 2 ? "batched" : "on-demand"
            printf("growth,%s,%d,%d,%.4f,,\n", routes, devices, n, growth[routes, devices]) > data
        }
        print n, call, growth["batched", devices], growth["on-demand", devices] / 63 > (out "/growth.dat")
        at[devices] = call
    }
    # A quadratic through three points says how much of the last is quadratic.
    x1 = vectors_of(4); x2 = vectors_of(16); x3 = vectors_of(64)
    c2 = ((at[64] - at[16]) / (x3 - x2) - (at[16] - at[4]) / (x2 - x1)) / (x3 - x1)
    printf("- One close or bind with 4095 vectors costs %.1f ms under `refresh-all`, of which %.0f %% grow with the square of the vectors; under `on-demand` %.1f ms when the vector next fires and nothing for one that does not; `batched` %.0f ms for all 63.\n", \
        at[64], c2 * x3 * x3 / at[64] * 100, growth["on-demand", 64] / 63, growth["batched", 64]) > verdict
    printf("c2 = %g\n", c2) > (out "/names.gp")
}
