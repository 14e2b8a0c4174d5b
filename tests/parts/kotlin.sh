# shellcheck shell=bash
# The Kotlin part: the Maven build with its tests on the JVM and on Robolectric's Androids, and its documentation.
# Sourced by tests/run, after steps.sh.

: "${repo:?}" "${cache:?}"

# shellcheck source=tests/parts/cargo.sh
source "$repo/tests/parts/cargo.sh"
# shellcheck source=tests/parts/swift-root.sh
source "$repo/tests/parts/swift-root.sh"

readonly java_minimum=17

part_kotlin() {
  cd "$repo" || return
  choose_target
  if ! find_rust || ! find_c_compiler || ! find_java || ! find_maven; then
    return
  fi
  kotlin_native || return 0
  choose_maven_words
  # Compiles, tests and lints each module.
  step build 1800 "${maven_words[@]}" verify || true
  kotlin_packages || true
}

# Every module and its tests, whatever fails.
choose_maven_words() {
  maven_words=(
    mvn --batch-mode --no-transfer-progress --fail-at-end --file android-aar/pom.xml
    "-Dfault-server=${CARGO_TARGET_DIR:-$repo/target}/debug/backhaul-fault-server"
  )
}

# The AAR and the jar as they are published, whether what checks them notices a broken one, and who uses them.
kotlin_packages() {
  local published=$repo/android-aar/target/repository
  local server=${CARGO_TARGET_DIR:-$repo/target}/debug/backhaul-fault-server obstacle
  if ! host_has_swift && obstacle=$(swift_root_obstacle); then
    skip android-check "no clang and no sources of Rust: $obstacle"
  else
    step android-check 1800 tests/in-swift-root android-aar/build-native --check || true
  fi
  step assemble 120 android-aar/assemble-aar --out "$published" || return
  step aar-product 120 android-aar/check-aar "$published" || true
  step aar-checks 300 env PYTHONDONTWRITEBYTECODE=1 "BACKHAUL_REPOSITORY=$published" \
    python3 -m unittest discover android-aar/aar || true
  step consumers 900 tests/parts/kotlin-consumers "$published" "$server"
}

# The library for this machine, and the server of the tests.
kotlin_native() {
  step native 1800 "${rust_words[@]}" android-aar/build-host-native &&
    step fault-server 900 "${cargo_words[@]}" build --quiet --package backhaul-fault-server
}

has_java() {
  local version
  version=$(javac -version 2>&1 | sed -nE 's/^javac ([0-9]+).*/\1/p')
  [[ -n $version ]] && ((version >= java_minimum))
}

find_java() {
  has_java || { install_packages openjdk-17-jdk-headless && has_java; } && return 0
  skip java "no JDK $java_minimum or newer; Debian's package is openjdk-17-jdk-headless"
  return 1
}

find_maven() {
  command -v mvn >/dev/null || install_packages maven && return 0
  skip maven "no Maven; Debian's package is maven"
  return 1
}
