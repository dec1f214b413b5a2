# SPDX-License-Identifier: Apache-2.0
#
# Left: median latency of each path over the number of vCPUs. Right: 99th percentile of sends and of rebinds' victims.
width = 1000; height = 420
load 'bench/results.gp'
set label 1 'KVM posts in less time than the main loop needs to wake' at screen 0.02,title_y font ',15' \
    textcolor rgb '#111111'
set label 2 'From fire to the guest''s handler, one vector of 1 kHz a vCPU. Left: medians. Right: 99th percentiles.' \
    at screen 0.02,subtitle_y font ',10.5' textcolor rgb pale
set multiplot
set tmargin at screen top - 0.03; set bmargin at screen 0.15
set lmargin at screen 0.07; set rmargin at screen 0.40
set logscale x 2
set xrange [1:64]; set yrange [0:14]
set xtics (1, 2, 4, 8, 16, 32, 64)
set xlabel 'vCPUs' textcolor rgb ink offset 0,0.3
set ylabel 'Latency, median (µs)' textcolor rgb ink offset 0.8,0
set label 11 'F2 irqfd, page unmapped' at graph 1.02, first 11.3 left textcolor rgb purple font ',10.5'
set label 12 'S3 main loop' at graph 1.02, first 6.7 left textcolor rgb orange font ',10.5'
set label 13 'F3, S1, S2' at graph 1.02, first 4.9 left textcolor rgb green font ',10.5'
set label 14 'F1 irqfd' at graph 1.02, first 3.3 left textcolor rgb blue font ',10.5'
plot data.'/paths.dat' index 0 using 1:2 with linespoints lc rgb blue pt 7 ps 0.7, \
    '' index 1 using 1:2 with linespoints lc rgb purple pt 7 ps 0.7, \
    '' index 2 using 1:2 with linespoints lc rgb green pt 5 ps 0.6, \
    '' index 3 using 1:2 with linespoints lc rgb green pt 7 ps 0.6, \
    '' index 4 using 1:2 with linespoints lc rgb green pt 9 ps 0.6, \
    '' index 5 using 1:2 with linespoints lc rgb orange pt 7 ps 0.7
unset label 1; unset label 2; unset label 11; unset label 12; unset label 13; unset label 14
set lmargin at screen 0.63; set rmargin at screen 0.84
set yrange [3:*]; set logscale y
set ylabel 'Latency, 99th percentile (µs)' textcolor rgb ink offset 0.8,0
set ytics (5, 10, 20, 50, 100, 200, 500, 1000, 2000)
set xtics (1, 4, 16, 64)
set label 15 'S3, rebinds' at graph 0.05, graph 0.93 left textcolor rgb orange font ',10.5'
set label 16 'send by QEMU' at graph 1.02, first 9.8 left textcolor rgb ink font ',10.5'
set label 17 'lockless ports' at graph 1.02, first 6.3 left textcolor rgb grey font ',10.5'
set label 18 'send by KVM' at graph 1.02, first 4.6 left textcolor rgb green font ',10.5'
plot data.'/paths.dat' index 6 using 1:3 with linespoints lc rgb orange pt 7 ps 0.7, \
    '' index 7 using 1:3 with linespoints lc rgb ink pt 7 ps 0.7, \
    '' index 8 using 1:3 with linespoints lc rgb grey pt 7 ps 0.7, \
    '' index 2 using 1:3 with linespoints lc rgb green pt 5 ps 0.6
unset multiplot
