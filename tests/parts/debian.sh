# shellcheck shell=bash
# What Debian's packages can supply. Mirrors are those that apt is configured with.
# Sourced by tests/run's parts, after steps.sh.

: "${cache:?}"

# install_packages PACKAGE...: whether they are installed now. Needs root.
install_packages() {
  command -v apt-get >/dev/null && ((EUID == 0)) || return 1
  apt_install "$@" || { apt-get update -qq && apt_install "$@"; }
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# fetch_rust VERSION: puts rustc and cargo of this version (1.85) into the cache, installs nothing, and
# prints the folder.
fetch_rust() {
  local root=$cache/rust-$1
  if [[ ! -e $root/.complete ]]; then
    command -v apt-get >/dev/null || return 1
    if ! unpack_any_rust "$root" "$1"; then
      # The lists of a new machine may be missing or old.
      ((EUID == 0)) && apt-get update -qq && unpack_any_rust "$root" "$1" || return 1
    fi
    touch "$root/.complete"
  fi
  printf '%s\n' "$root"
}

# Debian names the packages differently from release to release.
unpack_any_rust() { unpack_rust "$1" "$2" -web || unpack_rust "$1" "$2" ''; }

# unpack_rust ROOT VERSION SUFFIX: the packages and whichever libraries of theirs this machine lacks.
unpack_rust() {
  local root=$1 archives=$1.archives package
  rm -rf "$root" "$archives"
  mkdir -p "$root" "$archives/partial"
  apt-get install -y -qq --download-only --no-install-recommends \
    -o Dir::Cache::archives="$archives" -o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)" \
    "rustc$3=$2*" "cargo$3=$2*" "libstd-rust$3-dev=$2*" >/dev/null 2>&1 || return 1
  for package in "$archives"/*.deb; do
    dpkg-deb --extract "$package" "$root" || return 1
  done
  rm -rf "$archives"
}

# rust_environment ROOT: what `env` needs to run that Rust, one word a line.
rust_environment() {
  local libraries
  libraries=$(find "$1/usr/lib" "$1/lib" -maxdepth 1 -type d -name '*-linux-gnu*' 2>/dev/null | paste -sd:)
  printf '%s\n' "RUSTC=$1/usr/bin/rustc"
  printf '%s\n' "RUSTDOC=$1/usr/bin/rustdoc"
  printf '%s\n' "LD_LIBRARY_PATH=$libraries"
  printf '%s\n' "PATH=$1/usr/bin:$PATH"
}
