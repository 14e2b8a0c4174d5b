# shellcheck shell=bash
# A Debian 13 root in the cache: Swift for machines that have none that is new enough, and the minimum Rust.
# Sourced by tests/in-swift-root and the parts of tests/run, after debian.sh.

: "${repo:?}" "${cache:?}"
# More than one part needs it.
declare -F make_swift_root >/dev/null && return

# On both sides, so that crates are fetched once.
export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo}
# Where debootstrap is, which is not on everybody's path.
PATH=$PATH:/usr/sbin

readonly swift_minimum=6.0
readonly swift_root=$cache/swift-root
readonly swift_root_release=trixie
# Swift and the C++ library that it links, git and pkg-config for SwiftPM; for Apple's libraries a Rust with its sources,
# LLVM's tools, and python3, which puts the framework together; and C headers for the checks for Android.
readonly swift_root_packages='swiftlang libc6-dev libstdc++-14-dev g++ pkg-config git ca-certificates rustc cargo rust-src llvm python3 libc6-dev-arm64-cross libc6-dev-armel-cross'
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

# swift_root_obstacle: whether there can be no root here, and prints why.
swift_root_obstacle() {
  if ((EUID != 0)); then
    printf '%s\n' "the Debian root that has it can only be entered as root"
  elif ! swift_root_is_ready && ! command -v apt-get >/dev/null; then
    printf '%s\n' "there is no apt to make a Debian root with"
  else
    return 1
  fi
}

# swift_root_dirs: what is at its own path in the root, DIR[:DIR]...
swift_root_dirs() {
  local dir
  for dir in "$CARGO_HOME" "${CARGO_TARGET_DIR:-}"; do
    [[ -n $dir ]] && mkdir -p "$dir" && printf '%s:' "$dir"
  done
  printf '%s:%s:%s:%s\n' "$repo" "$cache" "${TMPDIR:-/tmp}" "$PWD"
}

# run_in_swift_root DIRS COMMAND...: as with-root does it.
run_in_swift_root() { "$repo/tests/parts/with-root" "$swift_root" "$@"; }

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
  # What a power loss would leave half written has no stamp, and is made again.
  # shellcheck disable=SC2086 # one word a package
  in_new_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Options::=--force-unsafe-io $swift_root_packages || return
  in_new_root apt-get clean
  # The certificates that this machine trusts, which may be more than Debian's.
  cp -L /etc/ssl/certs/ca-certificates.crt "$swift_root/etc/ssl/certs/"
  printf '%s\n' "$swift_root_packages" >"$swift_root_stamp"
}

in_new_root() { (cd / && run_in_swift_root /tmp "$@"); }

# begin_swift_root: the bare root, from the mirror that apt is configured with.
begin_swift_root() {
  local mirror
  command -v debootstrap >/dev/null || install_packages debootstrap || return
  # shellcheck disable=SC2016 # apt's own variable
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)
  rm -rf --one-file-system "$swift_root"
  debootstrap --variant=minbase "$swift_root_release" "$swift_root" "$mirror"
}
