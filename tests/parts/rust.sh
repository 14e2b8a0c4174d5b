# shellcheck shell=bash
# The Rust part: formatting, lints, every test of the workspace, documentation, the minimum version.
# Sourced by tests/run, after steps.sh.

: "${repo:?}" "${cache:?}"

# shellcheck source=tests/parts/cargo.sh
source "$repo/tests/parts/cargo.sh"
# shellcheck source=tests/parts/swift-root.sh
source "$repo/tests/parts/swift-root.sh"

part_rust() {
  cd "$repo" || return
  choose_target
  if ! find_rust || ! find_c_compiler; then
    return
  fi
  local locked=()
  # A lock file that is out of date is a mistake to be seen in CI, not to be mended there.
  if is_ci; then locked=(--locked); fi
  rust_format || true
  rust_begin_minimum_version || true
  rust_lints || true
  # Everything first, so that the seconds of `test` are those of the tests.
  local is_built=
  step build 1800 "${cargo_words[@]}" build --workspace --all-targets "${locked[@]}" && is_built=1
  ! has_begun msrv || finish_step msrv || true
  if [[ -n $is_built ]]; then
    step test 1800 "${cargo_words[@]}" test --workspace --all-targets --no-fail-fast || true
    step doctest 900 "${cargo_words[@]}" test --workspace --doc --no-fail-fast || true
    step doc 900 env RUSTDOCFLAGS='-D warnings' "${cargo_words[@]}" doc --workspace --no-deps || true
  fi
}

rust_format() {
  if "${cargo_words[@]}" fmt --version >/dev/null 2>&1; then
    step fmt 120 "${cargo_words[@]}" fmt --all --check
  else
    skip fmt "no rustfmt; rustup component add rustfmt"
  fi
}

rust_lints() {
  if ! "${cargo_words[@]}" clippy --version >/dev/null 2>&1; then
    skip clippy "no clippy; rustup component add clippy"
    return
  fi
  step clippy 1800 "${cargo_words[@]}" clippy --workspace --all-targets -- -D warnings || true
  # As apps build it: without the simulator, which the tests of the workspace turn on.
  step clippy-app 900 "${cargo_words[@]}" clippy -p backhaul --all-targets -- -D warnings || true
  # The shape that Apple's builds have: the platform's transfer service instead of our HTTP.
  step clippy-no-http 900 "${cargo_words[@]}" clippy -p backhaul --no-default-features --features bundled-sqlite \
    -- -D warnings || true
}

# Type checks are enough: what an old compiler accepts it also compiles.
rust_begin_minimum_version() {
  local words=()
  if ! find_minimum_rust; then
    skip msrv "no Rust $msrv: rustup toolchain install $msrv"
    return
  fi
  # A folder of its own: artefacts of two compilers in one folder would push each other out. The generator of the
  # bindings is a tool of ours, and needs a newer compiler. SQLite is compiled, but never runs.
  begin_step msrv 1800 "${words[@]}" CARGO_TARGET_DIR="$cache/target-$msrv" cargo check --workspace --all-targets \
    --exclude backhaul-bindgen --config profile.dev.package.libsqlite3-sys.opt-level=0
}

# Sets `words` to what runs a command, behind assignments to its environment, with the minimum version. Debian
# 13's Rust is it, so the root that Swift runs in serves.
find_minimum_rust() {
  local root
  if rustc "+$msrv" --version >/dev/null 2>&1; then
    words=(env "RUSTUP_TOOLCHAIN=$msrv")
  elif ((EUID == 0)) && swift_root_is_ready; then
    words=("$repo/tests/parts/with-root" "$swift_root" "$(swift_root_dirs)" env)
  elif root=$(fetch_rust "$msrv"); then
    mapfile -t words < <(rust_environment "$root")
    words=(env "${words[@]}")
  elif ! swift_root_obstacle >/dev/null && make_swift_root >/dev/null 2>&1; then
    words=("$repo/tests/parts/with-root" "$swift_root" "$(swift_root_dirs)" env)
  else
    return 1
  fi
}
