# SPDX-License-Identifier: Apache-2.0
#
# Left: latency and the host's CPU time of one interrupt, by design. Right: transactions gained over QEMU's main loop.
width = 1000; height = 420
load 'bench/results.gp'
set label 1 'What an INTx interrupt costs where nobody shares its line' at screen 0.02,title_y \
    font ',15' textcolor rgb '#111111'
set label 2 'Left: one interrupt. Right: request-response transactions over those of QEMU''s main loop; dashed: as published.' \
    at screen 0.02,subtitle_y font ',10.5' textcolor rgb pale
set multiplot
set tmargin at screen top - 0.06; set bmargin at screen 0.15
set lmargin at screen 0.15; set rmargin at screen 0.52
set xrange [0:*]; set yrange [7.6:0.4]
set xlabel 'µs' textcolor rgb ink offset 0,0.3
unset grid
set grid xtics back ls 81
set border 1
set ytics scale 0 font ',10.5'
set label 11 'latency' at graph 0.0,1.06 left textcolor rgb blue font ',11'
set label 12 'host''s CPU time' at graph 0.3,1.06 left textcolor rgb orange font ',11'
plot data.'/alone.dat' using 2:1:ytic(4) with points lc rgb blue pt 7 ps 1, \
    '' using 3:1 with points lc rgb orange pt 5 ps 1
unset label 1; unset label 2; unset label 11; unset label 12
set lmargin at screen 0.62; set rmargin at screen 0.86
set border 3
unset grid
set grid ytics back ls 81
set xrange [8:110]; set logscale x; set xtics (10, 25, 50, 100); set yrange [0:*]; set ytics autofreq scale 0.6
set xlabel 'Wire and peer (µs)' textcolor rgb ink offset 0,0.3
set ylabel 'Gained (%)' textcolor rgb ink offset 0.8,0
set label 21 'KVM, published +60 %' at graph 1.02, first 60 left textcolor rgb blue font ',10'
set label 22 'split, published +46 %' at graph 1.02, first 46 left textcolor rgb green font ',10'
plot 60 with lines lc rgb blue dt 2 lw 1, 46 with lines lc rgb green dt 2 lw 1, \
    data.'/trips.dat' using 1:2 with linespoints lc rgb blue pt 7 ps 0.7 lw 1.4, \
    '' using 1:3 with linespoints lc rgb green pt 9 ps 0.7 lw 1.4
unset multiplot
