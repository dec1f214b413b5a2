# SPDX-License-Identifier: Apache-2.0
#
# Reductions, published and simulated, with a word on whether the comparison is fair.
width = 820; height = 340
load 'bench/results.gp'
set label 1 'What others have reported of interrupts without exits, and what comes out here' at screen 0.02,title_y \
    font ',15' textcolor rgb '#111111'
set label 2 'Reduction in %; no published result is of VT-d posted interrupts on Xen.' at screen 0.02,subtitle_y \
    font ',10.5' textcolor rgb pale
set tmargin at screen top - 0.06; set bmargin at screen 0.18
set lmargin at screen 0.2; set rmargin at screen 0.7
set xrange [50:101]; set yrange [4.6:0.4]
unset grid
set grid xtics back ls 81
set border 1
set xlabel 'Reduction (%)' textcolor rgb ink offset 0,0.3
set ytics scale 0 font ',10.5'
set label 11 'published' at graph 0.0,1.06 left textcolor rgb orange font ',11'
set label 12 'here' at graph 0.25,1.06 left textcolor rgb blue font ',11'
set label 21 'fair: the same exits' at graph 1.03, first 1 left textcolor rgb green font ',10'
set label 22 'partly: theirs polls requests, too' at graph 1.03, first 2 left textcolor rgb ink font ',10'
set label 23 'partly: theirs has a timer and a wake-up' at graph 1.03, first 3 left textcolor rgb ink font ',10'
set label 24 'not fair: throughput against CPU time' at graph 1.03, first 4 left textcolor rgb orange font ',10'
plot data.'/published.dat' using 2:1:ytic(4) with points lc rgb orange pt 5 ps 1, \
    '' using 3:1 with points lc rgb blue pt 7 ps 1
