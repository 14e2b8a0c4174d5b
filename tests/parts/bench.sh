# shellcheck shell=bash
# The benchmarks: builds both programs and hands over to tests/src/bin/bench.
# Sourced by tests/run.

: "${repo:?}"

# shellcheck source=tests/parts/debian.sh
source "$repo/tests/parts/debian.sh"
# shellcheck source=tests/parts/swift-root.sh
source "$repo/tests/parts/swift-root.sh"

# The whole table takes some minutes; past this something hangs.
readonly bench_limit_s=3600

find_peers() {
  local missing=()
  # nginx is in a folder that is not on everybody's path.
  PATH=$PATH:/usr/sbin
  command -v nginx >/dev/null || missing+=(nginx-light)
  command -v aria2c >/dev/null || missing+=(aria2)
  command -v curl >/dev/null || missing+=(curl)
  ((${#missing[@]} == 0)) && return
  printf 'installing %s\n' "${missing[*]}" >&2
  # The benchmark itself says which rows it cannot measure.
  install_packages "${missing[@]}" || printf 'could not be installed: %s\n' "${missing[*]}" >&2
}

# build_jvm TARGET: sets `jvm_words` to where the programs for the JVM and their library are, if they can be built. The
# library as it is published, which takes minutes the first time.
build_jvm() {
  command -v java >/dev/null && command -v mvn >/dev/null || return 0
  cargo build --quiet --profile mobile -p backhaul-ffi >&2
  mvn --batch-mode --no-transfer-progress --quiet -f android-aar/pom.xml -Pbench -pl bench -am package -Dmaven.test.skip >&2
  jvm_words=(
    --jvm-class-path "$repo/android-aar/bench/target/classes:$repo/android-aar/bench/target/lib/*"
    --jvm-library-path "$1/mobile"
  )
}

# build_swift TARGET: sets `swift_words` to how the program in Swift is called, if it can be built.
build_swift() {
  local scratch=$1/swift-bench
  host_has_swift || ! swift_root_obstacle >/dev/null || return 0
  bindings/install --prefix "$1/install" >/dev/null
  tests/in-swift-root env "PKG_CONFIG_PATH=$1/install/lib/pkgconfig" \
    swift build -c release --package-path swift-package/Benchmarks --scratch-path "$scratch" >&2
  swift_words=(--swift-calls "$repo/tests/in-swift-root" --swift-calls "$scratch/release/Calls")
}

# wants TOPIC OPTION...: whether these options of the benchmark include it.
wants() {
  local topic=$1
  shift
  [[ " $* " == *' --help '* ]] && return 1
  [[ " $* " != *' --only '* && " $* " != *' --only='* ]] || [[ " ${*/=/ } " == *" --only $topic "* ]]
}

run_bench() {
  local target jvm_words=() swift_words=()
  cd "$repo" || return
  [[ -d $HOME/.cargo/bin ]] && PATH=$PATH:$HOME/.cargo/bin
  cargo build --quiet --release -p backhaul --example backhaul -p backhaul-tests --bin bench >&2
  target=${CARGO_TARGET_DIR:-$repo/target}
  find_peers
  if wants jvm "$@"; then build_jvm "$target"; fi
  if wants swift "$@"; then build_swift "$target"; fi
  # In a file system that is a real disk: /tmp is memory on many machines, where a sync costs nothing.
  exec timeout --foreground --kill-after=10 "$bench_limit_s" \
    "$target/release/bench" --backhaul "$target/release/examples/backhaul" --dir "$target" "${jvm_words[@]}" "${swift_words[@]}" "$@"
}
