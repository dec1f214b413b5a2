# SPDX-License-Identifier: Apache-2.0
#
# House style of the figures in results/: thin grey frame, no key, labels at the lines, colours that colour-blind people
# tell apart. The caller sets ext, stem, width and height.
set encoding utf8
if (ext eq 'svg') {
    set terminal svg size width,height font 'DejaVu Sans,13' noenhanced background '#FFFFFF' dynamic name 'figure'
} else {
    set terminal pngcairo size 2*width,2*height font 'DejaVu Sans,13' fontscale 1.45 linewidth 2 pointscale 2 noenhanced \
        background '#FFFFFF'
}
set output stem.'.'.ext
orange = '#D55E00'; blue = '#0072B2'; green = '#009E73'; purple = '#CC79A7'; grey = '#999999'
ink = '#333333'; pale = '#666666'
set border 3 back lc rgb ink lw 1
set tics nomirror out scale 0.6 textcolor rgb ink
set style line 81 lc rgb '#DDDDDD' lw 0.8 dt 1
set grid ytics back ls 81
unset key
set bars 0.35
title_y = 1 - 21.0/height; subtitle_y = 1 - 44.0/height; top = 1 - 69.0/height
