# SPDX-License-Identifier: Apache-2.0
#
# What the commands of a fresh clone share: Debian packages, build trees, one line of progress a step. POSIX sh, to be
# sourced from the top of the tree. It needs nothing but a shell, apt-get and dpkg.

packages_build="gcc libc6-dev cmake ninja-build pkg-config libcmocka-dev libcbor-dev libhwloc-dev libyaml-dev \
libjansson-dev libdw-dev libcapstone-dev librandom123-dev gnuplot-nox"
packages_test="clang-14 clang-format-14 clang-tidy-14 valgrind xen-utils-common trace-cmd protobuf-compiler spin patch xz-utils libgsl-dev \
openmpi-bin libopenmpi-dev libtracecmd-dev libtracefs-dev libtraceevent-dev"

# say TEXT...: for people; documents alone go to standard output.
say() { printf '%s\n' "$*" >&2; }

# packages_install NAME...: installs what is missing, and touches nothing when nothing is.
packages_install() {
    missing=
    if ! command -v dpkg-query >/dev/null 2>&1; then
        say "No dpkg here. These Debian packages, or their like, are needed: $*"
        return 0
    fi
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        as_root=sudo
        if ! command -v sudo >/dev/null 2>&1; then
            say "Not root, and no sudo. As root: apt-get update && apt-get install -y --no-install-recommends$missing"
            return 1
        fi
    fi
    say "Installing Debian packages:$missing"
    mkdir -p build
    # shellcheck disable=SC2086
    step packages build/packages.log sh -c "
        $as_root apt-get update &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing"
}

# step NAME LOG COMMAND...: runs it with its output in LOG; on a terminal the last line of output shows how far it is.
# The end of LOG is shown when it fails.
step() {
    step_name=$1 step_log=$2
    shift 2
    step_from=$(date +%s)
    mkdir -p "$(dirname "$step_log")"
    if [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; then
        { "$@" 2>&1; echo $? >"$step_log.status"; } </dev/null | tee "$step_log" | while IFS= read -r line; do
            printf '\r%-22s %.55s\033[K' "$step_name" "$line" >&2
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
        tail -n 25 "$step_log" >&2
    fi
    return "$step_status"
}

# build_tree DIRECTORY TARGET [CMAKE-OPTION...]: configures when needed, and builds. A tree that stands keeps its
# generator and its compiler.
build_tree() {
    build_directory=$1 build_target=$2
    shift 2
    if [ ! -f "$build_directory/CMakeCache.txt" ]; then
        cmake -S . -B "$build_directory" -G Ninja -DCMAKE_BUILD_TYPE=Release "$@" || return
    fi
    cmake --build "$build_directory" --target "$build_target" --parallel
}
