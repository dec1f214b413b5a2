# SPDX-License-Identifier: Apache-2.0
#
# One panel an application: throughput over nodes, measured (points) and predicted (lines, bands).
width = 1180; height = 440
load 'bench/results.gp'
set label 1 'Throughput of four locks on 4 x 12-core Haswell-EX, over MCS at one node' at screen 0.02,title_y font ',16' textcolor rgb ink
set label 2 'Points: LiTL, measured. Lines: simulated; hold by what the lock protects, think by the MCS column; bands: 5 to 95 % of what fits' at screen 0.02,subtitle_y font ',12' textcolor rgb pale
set label 3 'throughput (of MCS at one node = 1)' at screen 0.02,0.845 textcolor rgb ink
applications = 'radiosity_ll s_raytrace_ll pca_ll kyotocabinet upscaledb'
locks = 'mcs ticket ttas spinlock'
colours = blue.' '.green.' '.purple.' '.orange
set multiplot
set xrange [0.7:4.3]
set logscale y
set yrange [0.05:6]
set ytics (0.05, 0.1, 0.2, 0.5, 1, 2, 4)
set xtics 1,1,4
do for [a = 1:5] {
    set lmargin at screen 0.05 + 0.172 * (a - 1)
    set rmargin at screen 0.05 + 0.172 * (a - 1) + 0.15
    set bmargin at screen 0.15
    set tmargin at screen 0.75
    set title word(applications, a) offset 0,-0.6 textcolor rgb ink
    if (a == 2) { unset label 1; unset label 2; unset label 3; set format y '' }
    set xlabel 'nodes' offset 0,0.3 textcolor rgb ink
    if (a == 5) {
        do for [l = 1:4] {
            set label 10 + l word(locks, l) at screen 0.905,0.74 - 0.07 * l textcolor rgb word(colours, l)
        }
    }
    plot for [l = 1:4] data.'/'.word(applications, a).'.'.word(locks, l).'.dat' using 1:4:5 with filledcurves \
             fc rgb word(colours, l) fs transparent solid 0.13 noborder, \
         for [l = 1:4] data.'/'.word(applications, a).'.'.word(locks, l).'.dat' using 1:3 with lines lc rgb word(colours, l) lw 2, \
         for [l = 1:4] data.'/'.word(applications, a).'.'.word(locks, l).'.dat' using 1:2 with points pt 7 ps 0.7 lc rgb word(colours, l)
}
unset multiplot
