# SPDX-License-Identifier: Apache-2.0
#
# What is not known of the drives' machine, as cells of `unknown` (-v mode=cells): its clock; what part of an interrupt's own
# work a notification saves with each handler beyond the first; the handler's thirds of what an I/O costs; whether the IOMMU
# leaves a descriptor in memory or in the cache; how many completions a message waits for; what an I/O costs, in cycles.
# And the choice of the cells that may be that machine (-v mode=choose): NAME-drives are those in which the stock kernel does
# the I/Os a second that were measured, to 3 %; NAME-drives-posted, on which posted MSIs are judged, those of them in which
# an interrupt has as many I/Os as measured, to 10 %. What an I/O costs, and whom, is fitted to these two and nothing else.
#   awk -v mode=cells -f drives.awk /dev/null; awk -v mode=choose -f drives.awk rows
# rows: drives,delivery,metric,costs,unknown,value; out come those of the cells chosen, under each name that chose them.

BEGIN {
    FS = ","
    rate["four"] = 14.37e6 / 4
    rate["five"] = 21.41e6 / 5
    batch["four"] = 14.37 / 2.82
    batch["five"] = 5.8
    if (mode == "cells")
        write_cells()
}

function write_cells(   clock, once, third, memory, cost, held) {
    for (clock = 30; clock >= 21; clock -= 9)
        for (once = 25; once <= 75; once += 50)
            for (third = 1; third <= 2; third++)
                for (memory = 200; memory >= 60; memory -= 140)
                    for (held = 1; held <= 4; held *= 2)
                    for (cost = 30; cost <= 600; cost += 30)
                        printf "    - { label: %.1fGHz-%d-%d-%d-%d-%d, devices.drive.coalesce_threshold: %d, machine.frequency: %.1fGHz, host.costs.irq_once: %d, " \
                            "host.costs.io_submit: %dcy, host.costs.io_complete: %dcy, machine.costs.load_memory: %dcy }\n",
                            clock / 10, once, third, memory, cost, held, held, clock / 10, once, cost * (3 - third) / 3,
                            cost * third / 3, memory
}

mode == "choose" {
    row[++rows] = $0
    if ($2 == "msi" && $3 == "ios_per_s")
        ios[$4, $5] = $6
    if ($2 == "msi" && $3 == "ios_per_interrupt")
        per_interrupt[$4, $5] = $6
}

function is_near(value, aim, tolerance) { return value >= aim * (1 - tolerance) && value <= aim * (1 + tolerance) }

END {
    for (i = 1; i <= rows; i++) {
        split(row[i], field, ",")
        rest = substr(row[i], length(field[1]) + 1)
        for (name in rate) {
            if (!is_near(ios[field[4], field[5]], rate[name], .03))
                continue
            print name "-drives" rest
            if (is_near(per_interrupt[field[4], field[5]], batch[name], .1))
                print name "-drives-posted" rest
        }
    }
}
