# SPDX-License-Identifier: Apache-2.0
#
# What the commands of a fresh clone share: Debian packages, build trees, one line of progress a step. POSIX sh, to be
# sourced from the top of the tree. It needs nothing but a shell, apt-get and dpkg.

# The demo also draws with gnuplot, which irqpath itself runs without.
packages_build="gcc libc6-dev cmake ninja-build pkg-config libcbor-dev libhwloc-dev libyaml-dev libjansson-dev libdw-dev \
libcapstone-dev librandom123-dev"
packages_demo="$packages_build gnuplot-nox"
packages_test="$packages_demo libcmocka-dev git clang-14|clang-19|clang-18|clang \
libclang-rt-14-dev|libclang-rt-19-dev|libclang-rt-18-dev| clang-format-14| clang-tidy-14| lld-14| \
valgrind xen-utils-common trace-cmd protobuf-compiler spin patch \
xz-utils libgsl-dev openmpi-bin libopenmpi-dev libtracecmd-dev libtracefs-dev libtraceevent-dev man-db mandoc groff \
python3-jsonschema python3-yaml dpkg-dev lintian"

# say TEXT...: for people; documents alone go to standard output.
say() { printf '%s\n' "$*" >&2; }

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

has_candidate() { apt-cache show "$1" >/dev/null 2>&1; }

# is_there "A|B|C": one of these packages is installed; or they may be missing ("A|"), and apt, which has its lists, knows
# of none.
is_there() {
    names=$1 is_known=false
    while [ -n "$names" ]; do
        ! is_installed "${names%%|*}" || return 0
        $is_known || ! has_candidate "${names%%|*}" || is_known=true
        case $names in *'|'*) names=${names#*|} ;; *) names= ;; esac
    done
    case $1 in
    *'|') ! $is_known && ls "${apt_lists:-/var/lib/apt/lists}"/*_Packages* >/dev/null 2>&1 ;;
    *) return 1 ;;
    esac
}

# choose "A|B|C"...: prints the first of each that can be had, else the last.
choose() {
    for names in "$@"; do
        while :; do
            name=${names%%|*} rest=${names#*|}
            [ "$rest" != "$names" ] && ! has_candidate "$name" || break
            names=$rest
        done
        printf ' %s' "$name"
    done
}

# packages_install NAME...: installs what is missing, and touches nothing when nothing is. NAME may be "A|B", the first of
# these that can be had, and "A|", which may be missing.
packages_install() {
    missing=
    if ! command -v dpkg-query >/dev/null 2>&1; then
        say "No dpkg here. Install these Debian packages, or their like, and run cmake as README.md says: $*"
        return 1
    fi
    for package in "$@"; do
        is_there "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        as_root=sudo
        if ! command -v sudo >/dev/null 2>&1; then
            # shellcheck disable=SC2086
            say "Not root, and no sudo. As root: apt-get update && apt-get install -y --no-install-recommends$(choose $missing)"
            return 1
        fi
    fi
    mkdir -p build
    step "package lists" build/package-lists.log $as_root apt-get update || return
    # shellcheck disable=SC2086
    missing=$(choose $missing)
    say "Installing Debian packages:$missing"
    # shellcheck disable=SC2086
    step packages build/packages.log \
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
}

# What apt says when it fails, in two lines at most.
explain_packages() {
    why=$(cat build/package-lists.log "$1" |
        grep -m 1 -E '(ould not resolve|Temporary failure|onnection (failed|timed out)|unreachable|not connect)')
    if [ -n "$why" ]; then
        say "No network? $why"
    elif grep -q 'Unable to locate package\|no installation candidate' "$1"; then
        say "$(grep -m 1 '^E: ' "$1")"
        ! grep -q '^ID=ubuntu' /etc/os-release || say "On Ubuntu this is in universe: add-apt-repository universe"
    else
        grep '^E: ' "$1" | head -n 2 >&2
    fi
}

step_return=$(printf '\r')

# step NAME LOG COMMAND...: runs it with its output in LOG; on a terminal the last line of output shows how far it is.
# The end of LOG is shown when it fails.
step() {
    step_name=$1 step_log=$2
    shift 2
    step_from=$(date +%s)
    mkdir -p "$(dirname "$step_log")"
    if [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; then
        { "$@" 2>&1; echo $? >"$step_log.status"; } </dev/null | tee "$step_log" | while IFS= read -r line; do
            line=${line%"$step_return"} # dpkg's lines end with it
            printf '\r%-22s %.55s\033[K' "$step_name" "${line##*"$step_return"}" >&2
        done
        printf '\r\033[K' >&2
    else
        { "$@"; echo $? >"$step_log.status"; } </dev/null >"$step_log" 2>&1
    fi
    read -r step_status <"$step_log.status"
    rm -f "$step_log.status"
    step_seconds=$(($(date +%s) - step_from))
    if [ "$step_status" -eq 0 ]; then
        [ "$step_seconds" -lt 2 ] || say "$(printf '%-22s ok, %d s' "$step_name" "$step_seconds")"
    else
        say "$(printf '%-22s failed, %d s; the end of %s:' "$step_name" "$step_seconds" "$step_log")"
        case $step_name in
        package*) explain_packages "$step_log" ;;
        *) tail -n 25 "$step_log" >&2 ;;
        esac
    fi
    return "$step_status"
}

# clang_command: prints the command of a clang, 14 if there is one; nothing when there is none.
clang_command() {
    for command in clang-14 clang-15 clang-16 clang-17 clang-18 clang-19 clang-20 clang; do
        ! command -v "$command" >/dev/null 2>&1 || { echo "$command"; return; }
    done
}

# build_tree DIRECTORY TARGET [CMAKE-OPTION...]: configures when needed, and builds. A tree that stands keeps its
# generator and its compiler.
build_tree() {
    build_directory=$1 build_target=$2
    shift 2
    # A tree that was moved or copied knows other paths: what it has compiled is of no use there.
    if [ -f "$build_directory/CMakeCache.txt" ] &&
        ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$(pwd -P)" "$build_directory/CMakeCache.txt" &&
        ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$(pwd)" "$build_directory/CMakeCache.txt"; then
        echo "$build_directory was configured in another place: it is configured again"
        rm -rf "$build_directory/CMakeCache.txt" "$build_directory/CMakeFiles" "$build_directory/headers" \
            "$build_directory/share"
    fi
    if [ ! -f "$build_directory/CMakeCache.txt" ]; then
        cmake -S . -B "$build_directory" -G Ninja -DCMAKE_BUILD_TYPE=Release "$@" || return
    fi
    cmake --build "$build_directory" --target "$build_target" --parallel
}
