# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154
#
# What the benches that write results/ share: finding the program, sweeps that are kept, manifests, figures. POSIX sh, to
# be sourced from the top of the tree after .ci/newcomer.sh.

# catalogue NAME FIELD: the values of a field of bench/catalogue, one a line.
catalogue() { awk -v name="$1" -v field="$2" -f bench/catalogue.awk bench/catalogue; }

# experiment_question NAME: of the catalogue, or of its scenario, or else of the manifest that its script wrote.
experiment_question() {
    asked=$(catalogue "$1" question)
    asker=$(catalogue "$1" scenario)
    [ ! -f "bench/experiments/$1.yaml" ] || asker=bench/experiments/$1.yaml
    if [ -n "$asked" ]; then
        echo "$asked"
    elif [ -n "$asker" ]; then
        question "$asker"
    else
        field question "results/$1/manifest.json" 2>/dev/null
    fi
}

# field NAME MANIFEST: the value of a text field.
field() { sed -n "s/^ *\"$1\": \"\(.*\)\",*\$/\1/p" "$2" | head -n 1; }

# bench_open NAME [--quick]: sets $work, $results and $is_quick, and makes the directories. Quick runs leave results/ alone.
bench_open() {
    bench_name=$1
    shift
    : "${is_quick:=false}"
    for argument in "$@"; do
        [ "$argument" = --quick ] || { say "usage: $0 [--quick]"; return 2; }
        is_quick=true
    done
    work=build/$bench_name results=results/$bench_name
    ! $is_quick || work=build/$bench_name/quick results=build/$bench_name/quick/results
    mkdir -p "$work" "$results" || return 4
}

# find_irqpath: sets $irqpath to IRQPATH of the environment, or else to build/irqpath, which is built first.
find_irqpath() {
    irqpath=${IRQPATH:-}
    if [ -z "$irqpath" ]; then
        # shellcheck disable=SC2154,SC2086
        packages_install $packages_build || return 4
        step build build/build.log build_tree build irqpath || return 4
        irqpath=build/irqpath
    fi
    [ -x "$irqpath" ] || { say "$irqpath is no program"; return 4; }
}

# explain SCENARIO [OPTION...]: the scenario, resolved.
explain() { "$irqpath" explain "$@"; }

# profiles EXPLAINED: the files that a resolved scenario takes its costs from, of the machine and of each software; one that
# another is like comes before that one.
profiles() {
    awk '/^[a-z]/ { section = $1; sub(/:.*/, "", section) } /^  profile: / { print section, $2 }' "$1" |
        while read -r section name; do
            folder=scenarios/costs/$section
            [ "$section" != machine ] || folder=scenarios/machines
            like=$(sed -n 's/^like: *//p' "$folder/$name.yaml") || return 4
            [ -z "$like" ] || echo "$folder/$like.yaml"
            echo "$folder/$name.yaml"
        done
}

# sweep NAME SCENARIO OPTION...: runs the matrix of SCENARIO and sets $swept to the directory of its cells. Cells of the
# same program, scenario and options are not run again.
sweep() {
    sweep_name=$1 sweep_scenario=$2
    shift 2
    sweep_key=$({ cat "$irqpath" "$sweep_scenario"; explain "$sweep_scenario"; echo "$@"; } | cksum | cut -d' ' -f1) ||
        return 4
    swept=$work/$sweep_name-$sweep_key
    "$irqpath" sweep "$sweep_scenario" -o "$swept" "$@"
}

# draw SCRIPT STEM [gnuplot -e statements]: STEM.svg and STEM.png; the script sees `ext`, `stem`, and the directory
# `data` of its inputs.
draw() {
    draw_script=$1 draw_stem=$2
    for ext in svg png; do
        LC_ALL=C.UTF-8 gnuplot -d -e "ext='$ext'; stem='$draw_stem'; data='$work'; ${3:-}" "$draw_script" || return 4
        [ -s "$draw_stem.$ext" ] || { say "$draw_stem.$ext: gnuplot drew nothing"; return 4; }
    done
}

# question SCENARIO: its first comment.
question() { sed -n '1s/^# *//p' "$1"; }

# manifest FILE QUESTION COMMAND NOTE INPUT...: what made a folder of results, and what for.
manifest() {
    manifest_file=$1 manifest_question=$2 manifest_command=$3 manifest_note=$4
    shift 4
    revision=$(git rev-parse HEAD 2>/dev/null) || revision=unknown
    is_modified=false
    git diff --quiet HEAD -- sim models scenarios CMakeLists.txt 2>/dev/null || is_modified=true
    {
        printf '{\n  "question": "%s",\n' "$manifest_question"
        printf '  "command": "%s",\n  "note": "%s",\n' "$manifest_command" "$manifest_note"
        printf '  "version": "%s",\n  "revision": "%s",\n  "modified": %s,\n' \
            "$("$irqpath" --version | cut -d' ' -f2)" "$revision" "$is_modified"
        printf '  "files": ['
        separator=
        for file in "$@"; do
            printf '%s\n    { "path": "%s", "sha256": "%s" }' "$separator" "$file" "$(sha256sum <"$file" | cut -d' ' -f1)"
            separator=,
        done
        printf '\n  ]\n}\n'
    } >"$manifest_file"
}

# list_names KIND: the names of `irqpath list KIND`, separated by commas.
list_names() {
    "$irqpath" list "$1" | sed 's/ .*//' | paste -sd, - | sed 's/,/, /g'
}

# find_bench NAME: sets $bench to the program bench_NAME beside $irqpath, which is built first if it is ours.
find_bench() {
    bench=$(dirname "$irqpath")/bench_$1
    [ -n "${IRQPATH:-}" ] || step "build $1" build/build.log build_tree build "bench_$1" || return 4
    [ -x "$bench" ] || { say "$bench is no program"; return 4; }
}

# loop_cells CELLS CSV OPTION...: the cells through $bench on all cores; what is there already is not run again.
loop_cells() {
    cells_in=$1 cells_out=$2
    shift 2
    cells_key=$({ cat "$bench" "$cells_in" scenarios/machines/*; echo "$@"; } | cksum | cut -d' ' -f1) || return 4
    [ "$(cat "$cells_out.key" 2>/dev/null)" != "$cells_key" ] || return 0
    rm -f "$cells_in".part.*
    split -n "r/$(nproc)" "$cells_in" "$cells_in".part. || return 4
    # shellcheck disable=SC2016
    for part in "$cells_in".part.*; do echo "$part"; done |
        xargs -P "$(nproc)" -I '{}' sh -c 'part=$1; shift; "$@" <"$part" >"$part.out"' loop '{}' "$bench" "$@" || return 4
    cat "$cells_in".part.*.out >"$cells_out"
    [ "$(wc -l <"$cells_out")" -eq "$(wc -l <"$cells_in")" ] || { say "$cells_out: cells are missing"; return 4; }
    echo "$cells_key" >"$cells_out.key"
}
