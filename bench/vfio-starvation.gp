# SPDX-License-Identifier: Apache-2.0
#
# Latency of the host's card over the time that one guest's vCPU is off its pCPU: median, 99th percentile, longest.
width = 1000; height = 420
load 'bench/results.gp'
set label 1 'A guest that is not running takes the host along, if its EOI is the host''s' at screen 0.02,title_y \
    font ',15' textcolor rgb '#111111'
set label 2 'A host''s network card on an INTx line shared with two guests. Interrupts served; those that pile up while none is count once.' \
    at screen 0.02,subtitle_y font ',10.5' textcolor rgb pale
set multiplot
set tmargin at screen top - 0.05; set bmargin at screen 0.15
set logscale y
set xrange [-0.5:31]; set yrange [1:60000]
set xtics 5
set xlabel 'vCPU off its pCPU, each time (ms)' textcolor rgb ink offset 0,0.3
set format y '%g'
do for [i=1:3] {
    set lmargin at screen 0.085 + (i-1)*0.305; set rmargin at screen 0.08 + (i-1)*0.305 + 0.255
    if (i == 1) { set ylabel 'Latency of the host''s card (µs)' textcolor rgb ink offset -0.6,0 } else { unset ylabel }
    set label 10 (i == 1 ? 'median' : i == 2 ? '99th percentile' : 'longest') at graph 0.03,1.04 left textcolor rgb ink font ',11'
    if (i == 3) {
        set label 11 'direct EOI' at 29,12000 right textcolor rgb orange font ',11'
        set label 12 'automask' at 29,9 right textcolor rgb blue font ',11'
        set label 13 'MSI' at 29,2.2 right textcolor rgb green font ',11'
    }
    plot data.'/latency.dat' index 1 using 1:i+1 with linespoints lc rgb orange pt 7 ps 0.6 lw 1.4, \
        '' index 0 using 1:i+1 with linespoints lc rgb blue pt 5 ps 0.6 lw 1.4, \
        '' index 2 using 1:i+1 with linespoints lc rgb green pt 9 ps 0.6 lw 1.4
    unset label 1; unset label 2; unset label 10
}
unset multiplot
