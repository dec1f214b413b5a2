# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154
#
# What the scripts of bench/measure/ share. POSIX sh, to be sourced from the top of the tree. Each of them prints a CSV, which
# the experiment of the same name in bench/experiments/ reads; `bench/run NAME` runs both.

# shellcheck source=.ci/newcomer.sh
. .ci/newcomer.sh

# measure_open NAME [--quick]: sets $is_quick, $work (a directory for what lies between) and $irqpath.
measure_open() {
    measured_name=$1 is_quick=false
    shift
    for argument in "$@"; do
        [ "$argument" = --quick ] || { say "usage: $0 [--quick]"; return 2; }
        is_quick=true
    done
    work=build/$measured_name
    ! $is_quick || work=$work/quick
    mkdir -p "$work" || return 4
    find_irqpath
}

# find_irqpath: sets $irqpath to IRQPATH of the environment, or else to build/irqpath, which is built first.
find_irqpath() {
    irqpath=${IRQPATH:-}
    if [ -z "$irqpath" ]; then
        # shellcheck disable=SC2086
        packages_install $packages_demo || return 4
        step build build/build.log build_tree build irqpath || return 4
        irqpath=build/irqpath
    fi
    [ -x "$irqpath" ] || { say "$irqpath is no program"; return 4; }
}

# find_bench NAME: sets $bench to the program bench_NAME beside $irqpath, which is built first if it is ours.
find_bench() {
    bench=$(dirname "$irqpath")/bench_$1
    [ -n "${IRQPATH:-}" ] || step "build $1" build/build.log build_tree build "bench_$1" || return 4
    [ -x "$bench" ] || { say "$bench is no program"; return 4; }
}

# host TEXT: the comment of a CSV that tells where and when it was measured.
host() {
    revision=$(git rev-parse --short=12 HEAD 2>/dev/null) || revision=unknown
    echo "# $1, measured at $revision; $(uptime | sed 's/.*load/load/'), $(nproc) CPUs"
}

# each FILE COMMAND...: COMMAND on all cores, with parts of the lines of FILE as standard input; prints what they print.
each() {
    each_lines=$1
    shift
    rm -f "$each_lines".part.*
    split -n "r/$(nproc)" "$each_lines" "$each_lines".part. || return 4
    # shellcheck disable=SC2016
    for part in "$each_lines".part.*; do echo "$part"; done |
        xargs -P "$(nproc)" -I '{}' sh -c 'part=$1; shift; "$@" <"$part" >"$part.out"' each '{}' "$@" || return 4
    cat "$each_lines".part.*.out
}

# rows OBJECT: the objects of a JSON document that begin with this key, one a line, without blanks.
rows() { { tr -d ' \n'; echo; } | sed 's/},{/}\n{/g' | grep -o "{\"$1\":[^{}]*}"; }

# value KEY: of the object on each line.
value() { sed "s/.*\"$1\":\"*\([^,\"}]*\).*/\1/"; }
