# shellcheck shell=bash
# The Kotlin part: the Maven build with its tests on the JVM and on Robolectric's Androids, and its documentation.
# Sourced by tests/run, after steps.sh.

: "${repo:?}" "${cache:?}"

# shellcheck source=tests/parts/cargo.sh
source "$repo/tests/parts/cargo.sh"

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
}

# Every module and its tests, whatever fails.
choose_maven_words() {
  maven_words=(
    mvn --batch-mode --no-transfer-progress --fail-at-end --file android-aar/pom.xml
    "-Dfault-server=${CARGO_TARGET_DIR:-$repo/target}/debug/backhaul-fault-server"
  )
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
