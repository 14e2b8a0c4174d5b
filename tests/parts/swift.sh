# shellcheck shell=bash
# The Swift part: the package on Linux against stand-ins, its documentation, type checks for Apple's platforms, and the
# libraries for them. Sourced by tests/run, after steps.sh.

: "${repo:?}" "${cache:?}"

# shellcheck source=tests/parts/cargo.sh
source "$repo/tests/parts/cargo.sh"
# shellcheck source=tests/parts/swift-root.sh
source "$repo/tests/parts/swift-root.sh"

part_swift() {
  cd "$repo" || return
  choose_target
  choose_swift_folders
  if ! find_swift || ! find_rust || ! find_c_compiler; then
    return
  fi
  step native 1800 "${rust_words[@]}" tests/parts/swift-native "$swift_native" || return 0
  step bindings 900 "${rust_words[@]}" bindings/generate --check || true
  swift_format || true
  # The longest, beside what compiles on one processor: never beside tests, which would wait for the disk.
  begin_step apple 3600 tests/in-swift-root swift-package/build-apple --target-dir "$swift_apple_target" \
    --out "$swift_apple_target/out"
  local is_built= has_threads=
  step build 900 "${swift_words[@]}" swift build --build-tests --scratch-path "$swift_scratch" && is_built=1
  step typecheck 600 tests/in-swift-root swift-package/typecheck-apple || true
  step typecheck-test 300 tests/in-swift-root swift-package/typecheck-apple --self-test || true
  step consumers 900 tests/parts/swift-consumers "$swift_native" || true
  step build-threads 900 "${swift_threads_words[@]}" swift build --build-tests "${swift_threads_options[@]}" &&
    has_threads=1
  if [[ -n $is_built ]]; then
    step docc 300 "${swift_words[@]}" swift-package/build-docs --scratch-path "$swift_scratch" || true
  fi
  finish_step apple && swift_apple || true
  if [[ -n $is_built ]]; then
    step test 420 "${swift_words[@]}" swift test --skip-build --scratch-path "$swift_scratch" || true
  fi
  if [[ -n $has_threads ]]; then
    step thread-sanitizer 300 "${swift_threads_words[@]}" swift test --skip-build "${swift_threads_options[@]}" \
      --filter '^BackhaulTests\.(Delegate|Task|Event|Leak|HTTP|SixSteps|Invalidation)' || true
  fi
}

# As for Rust: CI's clone is new each time, a developer's builds stay in the clone.
choose_swift_folders() {
  local folder=$repo/.build
  if is_ci; then
    folder=$cache/swift
    limit_folder "$folder"
  fi
  swift_scratch=$folder/tests
  swift_native=$folder/native
  swift_apple_target=$folder/apple
  swift_words=(
    tests/in-swift-root env
    BACKHAUL_STAND_INS=1 "PKG_CONFIG_PATH=$swift_native/lib/pkgconfig"
    "BACKHAUL_FAULT_SERVER=$swift_native/bin/backhaul-fault-server"
  )
  # The thread sanitizer sees Swift's threads, and those of the library through the locks of the bindings: the tests
  # where they meet. It does not know the locks of the main actor, on which the stand-ins' tests are: those are not
  # compiled. And the 100,000 events take too long under it. It counts as a leak that a session still lives when the
  # process ends.
  swift_threads_words=("${swift_words[@]}" BACKHAUL_STAND_INS=0 TSAN_OPTIONS=report_thread_leaks=0)
  swift_threads_options=(--sanitize=thread --scratch-path "$swift_scratch-threads")
}

find_swift() {
  local obstacle
  if ! host_has_swift && obstacle=$(swift_root_obstacle); then
    skip root "no Swift $swift_minimum or newer on PATH, and $obstacle"
    return 1
  fi
  step root 1200 tests/in-swift-root swift --version
}

# Ours; what UniFFI generates is as it is.
swift_format() {
  local files
  mapfile -t files < <(git ls-files '*.swift' ':!:swift-package/Sources/BackhaulGenerated')
  step format 120 tests/in-swift-root swift format lint --strict "${files[@]}"
}

# Apple's libraries are right, and what checks them notices a broken one.
swift_apple() {
  local out=$swift_apple_target/out
  step apple-product 300 tests/in-swift-root swift-package/check-apple "$out" || true
  step apple-checks 300 tests/in-swift-root env PYTHONDONTWRITEBYTECODE=1 \
    "BACKHAUL_FRAMEWORK=$out/Backhaul.xcframework" python3 -m unittest discover swift-package/apple
}
