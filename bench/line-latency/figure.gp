# SPDX-License-Identifier: Apache-2.0
#
# Simulated against published latency of one access.
width = 620; height = 520
load 'bench/results.gp'
set label 1 'One access of a cache line' at screen 0.02,title_y font ',16' textcolor rgb ink
set label 2 'Simulated over published; the grey band is 10 % either side' at screen 0.02,subtitle_y font ',12' textcolor rgb pale
set lmargin at screen 0.13
set rmargin at screen 0.76
set bmargin at screen 0.13
set tmargin at screen top - 0.055
set logscale xy
set xrange [30:800]
set yrange [30:800]
set xtics (30, 50, 100, 200, 400, 800)
set ytics (30, 50, 100, 200, 400, 800)
set xlabel 'published (cycles)' textcolor rgb ink
set label 3 'simulated (cycles)' at screen 0.02,top - 0.015 textcolor rgb ink
machines = 'westmere-ex-8s skylake-sp-8s epyc-2s haswell-ex-4s'
colours = blue.' '.orange.' '.green.' '.purple
do for [m = 1:4] {
    set label 10 + m word(machines, m) at screen 0.78,0.7 - 0.06 * m textcolor rgb word(colours, m)
}
plot '+' using 1:($1 / 1.1):($1 * 1.1) with filledcurves fc rgb '#E8E8E8' fs solid noborder, \
     x with lines lc rgb grey lw 1, \
     for [m = 1:4] data.'/'.word(machines, m).'.dat' using 1:2 with points pt 7 ps 0.8 lc rgb word(colours, m)
