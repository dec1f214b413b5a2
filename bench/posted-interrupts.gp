# SPDX-License-Identifier: Apache-2.0
#
# Left: latency by the target's state, off and on. Middle: VM exits of one interrupt. Right: a wake-up by list length.
width = 1000; height = 400
load 'bench/results.gp'
set label 1 'What posting an interrupt saves depends on what its vCPU is doing' at screen 0.02,title_y \
    font ',15' textcolor rgb '#111111'
set label 2 'Left: device to handler, median. Middle: VM exits of an interrupt. Right: handler of a wake-up interrupt.' \
    at screen 0.02,subtitle_y font ',10.5' textcolor rgb pale
set multiplot
set tmargin at screen top - 0.06; set bmargin at screen 0.17
set lmargin at screen 0.15; set rmargin at screen 0.44
set logscale x; set xrange [0.5:200000]; set yrange [4.6:0.4]
set xtics ('1 µs' 1, '100' 100, '10 ms' 10000)
unset grid
set grid xtics back ls 81
set border 1
set ytics scale 0 font ',10.5'
set xlabel 'Latency, median' textcolor rgb ink offset 0,0.3
set label 11 'off' at graph 0.0,1.06 left textcolor rgb orange font ',11'
set label 12 'posted' at graph 0.15,1.06 left textcolor rgb blue font ',11'
plot data.'/states.dat' using 2:1:ytic(6) with points lc rgb orange pt 5 ps 1, \
    '' using 3:1 with points lc rgb blue pt 7 ps 1
unset label 1; unset label 2; unset label 11; unset label 12
unset logscale x
set lmargin at screen 0.48; set rmargin at screen 0.66
set xrange [-0.4:14.5]; set xtics autofreq 2
set xlabel 'VM exits of an interrupt' textcolor rgb ink offset 0,0.3
set ytics ('' 1, '' 2, '' 3, '' 4)
plot data.'/states.dat' using 4:1 with points lc rgb orange pt 5 ps 1, '' using 5:1 with points lc rgb blue pt 7 ps 1
set lmargin at screen 0.75; set rmargin at screen 0.97
set border 3
unset grid
set grid ytics back ls 81
set xrange [0:420]; set xtics autofreq 100; set yrange [0:*]; set ytics autofreq scale 0.6
set xlabel 'vCPUs on the list' textcolor rgb ink offset 0,0.3
set label 31 'Handler of a wake-up (ns)' at graph -0.12,1.06 left textcolor rgb ink font ',11'
plot data.'/list.dat' using 1:2 with linespoints lc rgb blue pt 7 ps 0.7 lw 1.4
unset multiplot
