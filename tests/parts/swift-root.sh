# shellcheck shell=bash
# Where Swift runs: on this machine, if it has one that is new enough, else in a Debian 13 root in the cache.
# Sourced by tests/in-swift-root and the swift part of tests/run, after debian.sh.

: "${repo:?}" "${cache:?}"

readonly swift_minimum=6.0
readonly swift_root=$cache/swift-root
readonly swift_root_release=trixie
# Swift and the C++ library that it links, git for SwiftPM; for Apple's libraries a Rust with its sources,
# LLVM's tools, and python3, which puts the framework together.
readonly swift_root_packages='swiftlang libc6-dev libstdc++-14-dev g++ git ca-certificates rustc cargo rust-src llvm python3'
# Holds the packages that are in the root; it is there once they all are.
readonly swift_root_stamp=$swift_root/.swift-root-ready

# Whether this machine's own Swift is new enough.
host_has_swift() {
  local version
  version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9.]+).*/\1/p' | head -n 1)
  [[ -n $version && $(printf '%s\n' "$swift_minimum" "$version" | sort -V | head -n 1) == "$swift_minimum" ]]
}

swift_root_is_ready() {
  [[ -e $swift_root_stamp && $(<"$swift_root_stamp") == "$swift_root_packages" ]]
}

# swift_root_obstacle: whether Swift cannot be run here, and prints why.
swift_root_obstacle() {
  host_has_swift && return 1
  if ((EUID != 0)); then
    say_no_swift "the Debian root that has one needs to be entered as root"
  elif ! swift_root_is_ready && ! command -v apt-get >/dev/null; then
    say_no_swift "no apt to get one with"
  else
    return 1
  fi
}

say_no_swift() { printf 'no Swift %s or newer on PATH, and %s\n' "$swift_minimum" "$1"; }

# run_in_swift_root DIRS COMMAND...: with DIRS (DIR[:DIR]...) at their own paths; see with-root.
run_in_swift_root() {
  local dirs=$1
  shift
  if host_has_swift; then
    "$@"
  else
    "$repo/tests/parts/with-root" "$swift_root" "$dirs" "$@"
  fi
}

# make_swift_root: quick when it is there. One process at a time.
make_swift_root() {
  swift_root_is_ready && return
  mkdir -p "$cache"
  (
    flock 9
    swift_root_is_ready || fill_swift_root
  ) 9>"$swift_root.lock"
}

fill_swift_root() {
  local configuration
  if [[ ! -e $swift_root/.debootstrapped ]]; then
    begin_swift_root || return
    touch "$swift_root/.debootstrapped"
  fi
  cp -L /etc/resolv.conf /etc/hosts "$swift_root/etc/"
  for configuration in /etc/apt/apt.conf.d/*; do
    # How this machine reaches the mirror.
    if grep -qi 'Acquire::.*prox' "$configuration"; then cp "$configuration" "$swift_root/etc/apt/apt.conf.d/"; fi
  done
  # No package may start a service.
  printf '#!/bin/sh\nexit 101\n' >"$swift_root/usr/sbin/policy-rc.d"
  chmod +x "$swift_root/usr/sbin/policy-rc.d"
  in_new_root apt-get update -qq || return
  # shellcheck disable=SC2086 # one word a package
  in_new_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    $swift_root_packages || return
  in_new_root apt-get clean
  # The certificates that this machine trusts, which may be more than Debian's.
  cp -L /etc/ssl/certs/ca-certificates.crt "$swift_root/etc/ssl/certs/"
  printf '%s\n' "$swift_root_packages" >"$swift_root_stamp"
}

in_new_root() { (cd / && "$repo/tests/parts/with-root" "$swift_root" /tmp "$@"); }

# begin_swift_root: the bare root, from the mirror that apt is configured with.
begin_swift_root() {
  local mirror
  command -v debootstrap >/dev/null || install_packages debootstrap || return
  # shellcheck disable=SC2016 # apt's own variable
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)
  rm -rf --one-file-system "$swift_root"
  debootstrap --variant=minbase "$swift_root_release" "$swift_root" "$mirror"
}
