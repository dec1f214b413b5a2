# SPDX-License-Identifier: Apache-2.0
#
# Left: time to bind each function, measured and simulated. Right: one close or bind over the number of vectors.
width = 1000; height = 420
load 'bench/results.gp'
set label 1 'Each vector that is bound commits the whole route table' at screen 0.02,title_y font ',15' \
    textcolor rgb '#111111'
set label 2 'Left: eight functions of 65 vectors; bars as measured by QEMU dc580d51f7. Right: one close or bind.' \
    at screen 0.02,subtitle_y font ',10.5' textcolor rgb pale
set multiplot
set tmargin at screen top - 0.03; set bmargin at screen 0.15
set lmargin at screen 0.07; set rmargin at screen 0.45
set xrange [0.4:8.6]; set yrange [0:62]
set xtics 1
set xlabel 'Function' textcolor rgb ink offset 0,0.3
set ylabel 'Binding it (ms)' textcolor rgb ink offset 0.8,0
set boxwidth 0.6
set label 11 'one commit a vector' at 5.2,45 right textcolor rgb orange font ',11'
set label 12 'one a function' at 2.5,6 left textcolor rgb blue font ',11' front
plot data.'/bind.dat' using 1:2 with boxes fs solid 1 lc rgb '#DDDDDD', \
    '' using 1:3 with linespoints lc rgb orange pt 7 ps 0.8, '' using 1:4 with linespoints lc rgb blue pt 5 ps 0.7
unset label 1; unset label 2; unset label 11; unset label 12
set lmargin at screen 0.58; set rmargin at screen 0.86
set logscale xy
set xrange [50:5000]; set yrange [0.05:40]
set xtics (64, 256, 1024, 4096)
set ytics (0.1, 1, 10)
set xlabel 'Vectors of the guest' textcolor rgb ink offset 0,0.3
set ylabel 'Route updates (ms)' textcolor rgb ink offset 0.8,0
set label 13 'refresh-all, a call' at graph 1.02, first 24 left textcolor rgb orange font ',11'
set label 14 'on-demand, a call' at graph 1.02, first 7 left textcolor rgb green font ',11'
set label 15 'batched, 126 calls' at graph 1.02, first 15 left textcolor rgb blue font ',11'
plot data.'/growth.dat' using 1:2 with linespoints lc rgb orange pt 7 ps 0.8, \
    '' using 1:4 with linespoints lc rgb green pt 9 ps 0.8, '' using 1:3 with linespoints lc rgb blue pt 5 ps 0.5
unset multiplot
