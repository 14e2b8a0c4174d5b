# shellcheck shell=bash
# The Rust and the C compiler at hand, and where they build. Sourced by tests/run's parts, after steps.sh.

: "${repo:?}" "${cache:?}"
# More than one part needs it.
declare -F find_rust >/dev/null && return

# shellcheck source=tests/parts/debian.sh
source "$repo/tests/parts/debian.sh"

readonly msrv=1.85

# CI's clone is new each time: with a target folder in the cache only what changed is built again.
# A developer's builds stay where cargo puts them.
readonly ci_target=$cache/target
# Folders of builds in the cache only grow.
readonly ci_folder_limit_mib=20000

# What runs a command that calls cargo, and cargo itself; `env` rather than exports, because the minimum
# version runs with another set.
# shellcheck disable=SC2034 # the parts use them
rust_words=(env)
cargo_words=(cargo)

choose_target() {
  is_ci || return 0
  # What nobody edits again need not be remembered in pieces.
  export CARGO_INCREMENTAL=0
  if [[ -z ${CARGO_TARGET_DIR:-} ]]; then
    export CARGO_TARGET_DIR=$ci_target
    limit_folder "$ci_target"
  fi
}

# limit_folder DIR: throws a cached folder away once it has grown past the limit.
limit_folder() {
  if [[ -d $1 ]] && (($(du -sm "$1" | cut -f1) > ci_folder_limit_mib)); then
    rm -rf "$1"
  fi
}

# Whether the Rust at hand is not older than the minimum.
has_rust() {
  local version
  version=$(rustc --version 2>/dev/null | cut -d' ' -f2) || return 1
  command -v cargo >/dev/null && [[ $(printf '%s\n' "$msrv" "$version" | sort -V | head -n 1) == "$msrv" ]]
}

find_rust() {
  local root words
  [[ -d $HOME/.cargo/bin ]] && PATH=$PATH:$HOME/.cargo/bin
  has_rust && return 0
  say "  no Rust $msrv or newer here; fetching Debian's, without its lints; rustup has newer ones"
  if ! root=$(fetch_rust "$msrv"); then
    skip rust "no Rust $msrv or newer, and apt has none; rustup has them"
    return 1
  fi
  mapfile -t words < <(rust_environment "$root")
  rust_words=(env "${words[@]}")
  # shellcheck disable=SC2034
  cargo_words=("${rust_words[@]}" cargo)
}

# SQLite and ring are compiled from C.
find_c_compiler() {
  command -v cc >/dev/null || install_packages gcc libc6-dev && return 0
  skip rust "no C compiler; install gcc and libc6-dev"
  return 1
}
