# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Debian's source package of Xen for tests, to be sourced: xen_source DIRECTORY copies its folder xen/ there. XEN_TREE
# names a tree to be taken instead. Otherwise apt-get takes the package by source lines derived from the machine's own,
# once for all tests (build/test-sources). Prints a reason and returns 1 where it cannot be had.

# The machine's own archives, as archives of sources.
xen_source_lists() { # DIRECTORY
  local file
  mkdir -p "$1/parts" "$1/lists/partial" "$1/cache/archives/partial"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$file" ] && sed -n 's/^deb /deb-src /p' "$file"
  done >"$1/sources.list"
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] && sed 's/^Types:.*/Types: deb-src/' "$file" >"$1/parts/$(basename "$file")"
  done
}

xen_source_download() { # DIRECTORY
  local apt=$1/apt options release
  release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  xen_source_lists "$apt"
  options=(-qq -o "Dir::Etc::SourceList=$apt/sources.list" -o "Dir::Etc::SourceParts=$apt/parts"
    -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update >"$1/log" 2>&1 &&
    (cd "$1" && { apt-get "${options[@]}" source --download-only "xen/$release" ||
      apt-get "${options[@]}" source --download-only xen; } >>log 2>&1) &&
    rm -rf "$apt" && compgen -G "$1/xen_*.orig.tar.*" >/dev/null
}

xen_source() { # DIRECTORY
  local kept archive
  mkdir -p "$1"
  if [ -n "${XEN_TREE:-}" ]; then
    cp -a "$XEN_TREE/xen" "$1/" && return 0
    echo "XEN_TREE has no folder xen"
    return 1
  fi
  kept=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/test-sources
  mkdir -p "$kept"
  exec 9>"$kept/lock"
  flock 9
  archive=$(compgen -G "$kept/xen_*.orig.tar.*" | head -n 1)
  if [ -z "$archive" ]; then
    xen_source_download "$kept" || {
      echo "apt-get cannot have the source package xen ($kept/log)"
      return 1
    }
    archive=$(compgen -G "$kept/xen_*.orig.tar.*" | head -n 1)
  fi
  exec 9>&-
  tar xf "$archive" -C "$1" --strip-components=1 --wildcards '*/xen' && [ -d "$1/xen/common" ] && return 0
  echo "$archive has no folder xen"
  return 1
}
