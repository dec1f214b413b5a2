# SPDX-License-Identifier: Apache-2.0
#
# Left: median latency over mapped PIRQs. Right: when two interrupts were handled that came 200 ns apart.
load data.'/names.gp'
width = 1000; height = 420
load 'bench/results.gp'
set label 1 'Every mapped PIRQ costs each interrupt a step, and low numbers are served first' at screen 0.02,title_y \
    font ',15' textcolor rgb '#111111'
set label 2 'Left: the highest PIRQ fires alone. Right: the lowest and the highest of 1024 fire 200 ns apart. Medians.' \
    at screen 0.02,subtitle_y font ',10.5' textcolor rgb pale
set multiplot
set tmargin at screen top - 0.03; set bmargin at screen 0.15
set lmargin at screen 0.07; set rmargin at screen 0.42
set xrange [0:1024]; set yrange [0:*]
set xtics 256
set xlabel 'Mapped PIRQs of the guest' textcolor rgb ink offset 0,0.3
set ylabel 'Interrupt latency (µs)' textcolor rgb ink offset 0.8,0
end(slope, intercept) = (intercept + 1024*slope)/1000
set label 11 'domain-tasklet' at graph 1.02, first end(slope_1, intercept_1) left textcolor rgb orange font ',11'
set label 12 'pirq-tasklet' at graph 1.02, first end(slope_2, intercept_2) left textcolor rgb green font ',11'
set label 13 'softirq-requeue' at graph 1.02, first end(slope_3, intercept_3) left textcolor rgb blue font ',11'
set label 14 sprintf('%.1f ns for each PIRQ', slope_1) at 560, (intercept_1 + 560*slope_1)/1000 + 3 right \
    textcolor rgb pale font ',10.5'
plot (intercept_1 + x*slope_1)/1000 with lines lc rgb orange lw 1.4, \
    (intercept_2 + x*slope_2)/1000 with lines lc rgb green lw 1.4, \
    (intercept_3 + x*slope_3)/1000 with lines lc rgb blue lw 1.4, \
    data.'/walk.dat' index 0 with points lc rgb orange pt 7 ps 0.8, \
    '' index 1 with points lc rgb green pt 9 ps 0.8, \
    '' index 2 with points lc rgb blue pt 5 ps 0.7
unset label 1; unset label 2; unset label 11; unset label 12; unset label 13; unset label 14
set lmargin at screen 0.76; set rmargin at screen 0.97
set logscale x
set xrange [3:40]; set yrange [6.6:0.4]
set xtics (3, 5, 10, 20, 40)
set xlabel 'Handled after the first raise (µs)'
unset ylabel
unset grid
set grid xtics back ls 81
set border 1
set ytics scale 0 ('domain-tasklet, low fires first' 1, 'high first' 2, 'pirq-tasklet, low fires first' 3, 'high first' 4, \
    'softirq-requeue, low fires first' 5, 'high first' 6) font ',10.5'
set label 21 'low PIRQ' at graph 0.0,1.05 left textcolor rgb purple font ',11'
set label 22 'high PIRQ' at graph 0.42,1.05 left textcolor rgb ink font ',11'
plot data.'/order.dat' using 2:1:($3-$2):(0) with vectors nohead lc rgb grey lw 1.5, \
    '' using 3:1 with points lc rgb ink pt 7 ps 1, '' using 2:1 with points lc rgb purple pt 7 ps 1
unset multiplot
